//! What is the same for every store that many processes reach over a network: the rules, over a [`Transport`].
//!
//! # What the keys hold
//! The first byte tells: 0 a lease, 1 an entry in its envelope, 2 the locks of writers, 3 a stamp. Every key stands alone
//! (rule 13), so they may lie on any nodes. [`CellOp`] is all that happens to one.
//!
//! A hit reads the entry and its tags at once, and once more if the entry names tags that the reader could not know.

mod fills;
mod listen;
mod mark;
mod names;
mod notice;
mod permits;
mod question;
mod reads;
mod scan;
mod transport;
mod wakes;

pub(crate) use mark::mark;
pub(crate) use names::NameList;
pub(crate) use transport::{Answer, Message, Page, Receiver, Step, Transport};

use crate::key::{Key, Space};
use crate::port::{
    Capabilities, Codec, Fill, Found, Landing, Listener, Observed, Permit, Request, Scan, Steps,
    Store, StoreError,
};
use crate::protocol::{CellAnswer, CellOp};
use crate::schema::Schema;
use crate::stamp::{Stamp, Token};
use crate::time::millis;
use async_trait::async_trait;
use names::KeyNames;
use notice::Notices;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use transport::Answers;
use wakes::Wakes;

/// How long a lease lives unless it is renewed: so soon is a reader's death noticed.
const LEASE: Duration = Duration::from_secs(1);

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

/// A store behind a transport, with the names and rows of a schema.
#[derive(Debug)]
pub(crate) struct RemoteStore<T> {
    transport: T,
    schema: Arc<Schema>,
    codec: Arc<dyn Codec>,
    settings: RemoteSettings,
    names: KeyNames,
    notices: Notices,
    wakes: Wakes,
    /// Whether it was logged that a new namespace stores nothing at first.
    said_unsettled: AtomicBool,
}

impl<T: Transport> RemoteStore<T> {
    /// A store for this schema. The transport is made for the token that names this process in its notices.
    pub(crate) fn new(
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

    async fn run(&self, steps: &[Step<'_>]) -> Result<Answers, StoreError> {
        self.transport.run(steps).await.map(Answers::of)
    }

    /// A step that does this to the key.
    fn step<'a>(&'a self, key: &Key, op: CellOp<&'a [u8]>) -> Step<'a> {
        Step::Apply(self.names.of(key), op)
    }

    /// How long a lease lives unless it is renewed, in milliseconds.
    fn lease_life(&self) -> u64 {
        millis(LEASE.min(self.settings.lease))
    }

    /// What the stamp of a tag says of its server: only the epoch's does.
    fn server_of(&self, tag: &Key) -> Option<Arc<str>> {
        (tag.space() == Space::Epoch).then(|| self.transport.server())
    }

    /// Carries out the steps, and behind them publishes that these keys were invalidated: readers that receive the notice find
    /// the keys free of what was there.
    async fn publish(&self, mut steps: Vec<Step<'_>>, keys: &[Key]) -> Result<(), StoreError> {
        let notice = self.notices.write(&self.schema, keys);
        steps.push(Step::Publish(&notice));
        let answers = self.transport.run(&steps).await?;
        if let Some(Answer::Number(number)) = answers.last() {
            self.notices.sent(*number);
        }
        Ok(())
    }
}

#[async_trait]
impl<T: Transport> Store for RemoteStore<T> {
    async fn read(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        self.look_up(requests).await
    }

    async fn permit(
        &self,
        requests: Vec<(Request, Observed)>,
    ) -> Result<Vec<Option<Permit>>, StoreError> {
        self.grant(requests).await
    }

    async fn fill(&self, fills: Vec<Fill>) -> Result<Vec<Landing>, StoreError> {
        self.land(fills).await
    }

    async fn abandon(&self, permits: Vec<(Key, Permit)>) {
        let steps: Vec<_> = permits
            .iter()
            .map(|(key, permit)| {
                let holder = permit.lease;
                self.step(key, CellOp::Abandon { holder })
            })
            .collect();
        // A lease that stays ends by itself.
        let _ = self.run(&steps).await;
    }

    fn renewal(&self) -> Option<Duration> {
        Some(LEASE.min(self.settings.lease) / 3)
    }

    async fn renew(&self, leases: &[(&Key, Token)]) -> Result<(), StoreError> {
        let life = self.lease_life();
        let renew = |(key, holder): &(&Key, Token)| {
            let holder = *holder;
            self.step(key, CellOp::Renew { holder, life })
        };
        let steps: Vec<_> = leases.iter().map(renew).collect();
        self.run(&steps).await.map(drop)
    }

    async fn leased(&self, key: &Key, limit: Duration) -> Result<(), StoreError> {
        self.until_free(key, limit).await
    }

    async fn claim(&self, claims: &[(&Key, Duration)]) -> Result<Vec<bool>, StoreError> {
        let steps: Vec<Step<'_>> = claims
            .iter()
            .map(|(key, lifetime)| {
                // No key of the protocol has such a name: scans and notices pass it over.
                let name = self.names.of(key);
                let (space, rest) = name.split_at(self.schema.namespace.len());
                let claim = CellOp::LeaseMissing {
                    holder: Token::unique(),
                    life: millis(*lifetime).max(1),
                };
                Step::Apply(format!("{space}:claim{rest}").into(), claim)
            })
            .collect();
        let mut answers = self.run(&steps).await?;
        let claimed = claims
            .iter()
            .map(|_| Ok(answers.cell()? == CellAnswer::Done(true)));
        claimed.collect()
    }

    async fn lock(
        &self,
        targets: &[Key],
        writer: Token,
        lifetime: Duration,
    ) -> Result<(), StoreError> {
        if targets.is_empty() {
            return Ok(());
        }
        let lock = CellOp::Lock {
            holder: writer,
            life: millis(lifetime),
        };
        let targets = targets.iter();
        let steps: Vec<_> = targets.map(|key| self.step(key, lock.clone())).collect();
        self.run(&steps).await.map(drop)
    }

    async fn release(&self, targets: &[Key], writer: Token) -> Result<(), StoreError> {
        let release = CellOp::Release { holder: writer };
        let steps = targets.iter().map(|key| self.step(key, release.clone()));
        self.publish(steps.collect(), targets).await
    }

    async fn announce(&self, targets: &[Key]) -> Result<(), StoreError> {
        self.publish(Vec::new(), targets).await
    }

    fn announced(&self) -> u64 {
        self.notices.last()
    }

    fn scan(self: Arc<Self>, scan: Scan) -> Option<Steps> {
        Some(self.steps(scan))
    }

    async fn renounce(&self) -> Result<(), StoreError> {
        let epoch = Key::epoch();
        let invalidate = CellOp::InvalidateNamespace {
            fresh: Stamp::unique(),
            server: Some(self.transport.server()),
        };
        let steps = vec![self.step(&epoch, invalidate)];
        self.publish(steps, &[Key::epoch()]).await
    }

    fn listen(self: Arc<Self>, listener: Arc<dyn Listener>, beat: Duration) {
        // In no span: it lasts as long as the store, and none would ever end that it was in.
        tokio::spawn(listen::supervise(Arc::downgrade(&self), listener, beat));
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::REMOTE
    }

    fn address(&self) -> Option<String> {
        self.transport.address()
    }
}

#[cfg(test)]
mod tests;
