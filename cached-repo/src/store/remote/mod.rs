//! What is the same for every store that many processes reach over a network: the rules, over a [`Transport`].
//!
//! # What the keys hold
//! The first byte tells: 0 a lease, 1 an entry in its envelope, 2 the locks of writers, 3 a stamp. Every key stands alone
//! (rule 13), so they may lie on any nodes. [`CellOp`] is all that happens to one.
//!
//! A hit reads the entry and its tags at once, and once more if the entry names tags that the reader could not know.

mod connection;
mod fills;
mod lease_wait;
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

pub(crate) use connection::RemoteSettings;
pub(crate) use mark::mark;
pub(crate) use names::NameList;
pub(crate) use transport::{Answer, Message, Page, Receiver, Step, Transport};

use crate::key::Key;
use crate::port::{
    Capabilities, Codec, Fill, FillOutcome, Found, Listener, Observed, Permit, Request, Scan,
    Steps, Store, StoreError,
};
use crate::protocol::{CellAnswer, CellOp};
use crate::schema::Schema;
use crate::stamp::{Stamp, Token};
use crate::time::millis;
use async_trait::async_trait;
use connection::{Connection, LEASE};
use fills::Fills;
use lease_wait::LeaseWait;
use permits::Permits;
use reads::Reads;
use scan::steps;
use std::sync::Arc;
use std::time::Duration;

/// A store behind a transport.
#[derive(Debug)]
pub(crate) struct RemoteStore<T>(Arc<Connection<T>>);

impl<T: Transport> RemoteStore<T> {
    /// A store for this schema. The transport is made for the token that names this process in its notices.
    pub(crate) fn new(
        schema: Arc<Schema>,
        codec: Arc<dyn Codec>,
        settings: RemoteSettings,
        transport: impl FnOnce(Token) -> T,
    ) -> Self {
        Self(Arc::new(Connection::new(
            schema, codec, settings, transport,
        )))
    }
}

#[async_trait]
impl<T: Transport> Store for RemoteStore<T> {
    async fn read(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        Reads(&self.0).look_up(requests).await
    }

    async fn permit(
        &self,
        requests: Vec<(Request, Observed)>,
    ) -> Result<Vec<Option<Permit>>, StoreError> {
        Permits(&self.0).grant(requests).await
    }

    async fn fill(&self, fills: Vec<Fill>) -> Result<Vec<FillOutcome>, StoreError> {
        Fills(&self.0).land(fills).await
    }

    async fn abandon(&self, permits: Vec<(Key, Permit)>) {
        self.0.abandon(permits).await;
    }

    fn renewal(&self) -> Option<Duration> {
        Some(LEASE.min(self.0.settings.lease) / 3)
    }

    async fn renew(&self, leases: &[(&Key, Token)]) -> Result<(), StoreError> {
        let life = self.0.lease_life();
        let renew = |(key, holder): &(&Key, Token)| {
            let holder = *holder;
            self.0.step(key, CellOp::Renew { holder, life })
        };
        let steps: Vec<_> = leases.iter().map(renew).collect();
        self.0.run(&steps).await.map(drop)
    }

    async fn wait_for_lease(&self, key: &Key, limit: Duration) -> Result<(), StoreError> {
        LeaseWait(&self.0).until_free(key, limit).await
    }

    async fn claim(&self, claims: &[(&Key, Duration)]) -> Result<Vec<bool>, StoreError> {
        let steps: Vec<Step<'_>> = claims
            .iter()
            .map(|(key, lifetime)| {
                // No key of the protocol has such a name: scans and notices pass it over.
                let name = self.0.names.of(key);
                let (space, rest) = name.split_at(self.0.schema.namespace.len());
                let claim = CellOp::LeaseMissing {
                    holder: Token::unique(),
                    life: millis(*lifetime).max(1),
                };
                Step::Apply(format!("{space}:claim{rest}").into(), claim)
            })
            .collect();
        let mut answers = self.0.run(&steps).await?;
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
        let steps: Vec<_> = targets.map(|key| self.0.step(key, lock.clone())).collect();
        self.0.run(&steps).await.map(drop)
    }

    async fn release(&self, targets: &[Key], writer: Token) -> Result<(), StoreError> {
        let release = CellOp::Release { holder: writer };
        let steps = targets.iter().map(|key| self.0.step(key, release.clone()));
        self.0.publish(steps.collect(), targets).await
    }

    async fn publish(&self, targets: &[Key]) -> Result<(), StoreError> {
        self.0.publish(Vec::new(), targets).await
    }

    fn last_published(&self) -> u64 {
        self.0.notices.last()
    }

    fn scan(self: Arc<Self>, scan: Scan) -> Option<Steps> {
        Some(steps(Arc::clone(&self.0), scan))
    }

    async fn invalidate_namespace(&self) -> Result<(), StoreError> {
        let epoch = Key::epoch();
        let invalidate = CellOp::InvalidateNamespace {
            fresh: Stamp::unique(),
            server: Some(self.0.transport.server()),
        };
        let steps = vec![self.0.step(&epoch, invalidate)];
        self.0.publish(steps, &[Key::epoch()]).await
    }

    fn listen(self: Arc<Self>, listener: Arc<dyn Listener>, beat: Duration) {
        // In no span: it lasts as long as the store, and none would ever end that it was in.
        tokio::spawn(listen::supervise(Arc::downgrade(&self.0), listener, beat));
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::REMOTE
    }

    fn address(&self) -> Option<String> {
        self.0.transport.address()
    }
}

#[cfg(test)]
mod tests;
