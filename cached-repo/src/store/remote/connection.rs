//! What all parts of a remote store work with.

use super::names::KeyNames;
use super::notice::Notices;
use super::transport::{Answer, Answers, Step, Transport};
use super::wakes::Wakes;
use crate::key::{Key, Space};
use crate::port::{Codec, Permit, StoreError};
use crate::protocol::CellOp;
use crate::schema::Schema;
use crate::stamp::Token;
use crate::time::millis;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// How long a lease lives unless it is renewed: so soon is a reader's death noticed.
pub(super) const LEASE: Duration = Duration::from_secs(1);

/// Times, sizes and switches of a remote store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RemoteSettings {
    /// Limit of a new connection.
    pub(crate) connect: Duration,
    /// Limit of one call.
    pub(crate) call: Duration,
    /// How long a lease may be renewed.
    pub(crate) lease: Duration,
    /// How long a new epoch refuses fills.
    pub(crate) settle: Duration,
    /// Largest envelope in bytes.
    pub(crate) value_limit: usize,
    /// Whether the server is to name every key that anybody changes.
    pub(crate) client_tracking: bool,
}

/// A transport, with the names and rows of a schema.
#[derive(Debug)]
pub(super) struct Connection<T> {
    pub(super) transport: T,
    pub(super) schema: Arc<Schema>,
    pub(super) codec: Arc<dyn Codec>,
    pub(super) settings: RemoteSettings,
    pub(super) names: KeyNames,
    pub(super) notices: Notices,
    pub(super) wakes: Wakes,
    /// Whether it was logged that a new namespace stores nothing at first.
    pub(super) said_unsettled: AtomicBool,
}

impl<T: Transport> Connection<T> {
    /// The transport is made for the token that names this process in its notices.
    pub(super) fn new(
        schema: Arc<Schema>,
        codec: Arc<dyn Codec>,
        settings: RemoteSettings,
        transport: impl FnOnce(Token) -> T,
    ) -> Self {
        let notices = Notices::new(&schema);
        Self {
            transport: transport(notices.sender),
            names: KeyNames::new(Arc::clone(&schema)),
            notices,
            wakes: Wakes::default(),
            schema,
            codec,
            settings,
            said_unsettled: AtomicBool::new(false),
        }
    }

    pub(super) async fn run(&self, steps: &[Step<'_>]) -> Result<Answers, StoreError> {
        self.transport.run(steps).await.map(Answers::of)
    }

    /// A step that does this to the key.
    pub(super) fn step<'a>(&'a self, key: &Key, op: CellOp<&'a [u8]>) -> Step<'a> {
        Step::Apply(self.names.of(key), op)
    }

    /// How long a lease lives unless it is renewed, in milliseconds.
    pub(super) fn lease_life(&self) -> u64 {
        millis(LEASE.min(self.settings.lease))
    }

    /// What the stamp of a tag says of its server: only the epoch's does.
    pub(super) fn server_of(&self, tag: &Key) -> Option<Arc<str>> {
        (tag.space() == Space::Epoch).then(|| self.transport.server())
    }

    /// Carries out the steps, and behind them publishes that these keys were invalidated: readers that receive the notice find
    /// the keys free of what was there.
    pub(super) async fn publish(
        &self,
        mut steps: Vec<Step<'_>>,
        keys: &[Key],
    ) -> Result<(), StoreError> {
        let notice = self.notices.write(&self.schema, keys);
        steps.push(Step::Publish(&notice));
        let answers = self.transport.run(&steps).await?;
        if let Some(Answer::Number(number)) = answers.last() {
            self.notices.sent(*number);
        }
        Ok(())
    }

    /// Gives back permits that will not be used. A lease that stays ends by itself.
    pub(super) async fn abandon(&self, permits: Vec<(Key, Permit)>) {
        let steps: Vec<_> = permits
            .iter()
            .map(|(key, permit)| {
                let holder = permit.lease;
                self.step(key, CellOp::Abandon { holder })
            })
            .collect();
        let _ = self.run(&steps).await;
    }
}
