//! The load and the fill of one read.

use super::Reader;
use super::fills::{FillEnd, PendingFill};
use super::flight::{LoadJob, Stored};
use super::lookup::Lookup;
use super::plan::PlannedRead;
use crate::engine::SharedSource;
use crate::engine::ask::{Ask, Mode, What};
use crate::engine::load::{Entry, Loaded};
use crate::error::Error;
use crate::key::Key;
use crate::port::{Checkpoint, Found, Observed, Payload, Permit, Refusal};
use crate::schema::Row;
use crate::stamp::Token;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either, pending, select};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

impl Reader {
    pub(super) fn load_job(
        self: &Arc<Self>,
        read: &Arc<PlannedRead>,
        observed: Option<Observed>,
        source: &SharedSource,
    ) -> Arc<dyn LoadJob> {
        Arc::new(ReadJob {
            reader: Arc::clone(self),
            read: Arc::clone(read),
            observed: Mutex::new(observed),
            permit: Mutex::new(None),
            stored: Mutex::new(None),
            source: Arc::clone(source),
        })
    }
}

/// The load and fill of one read.
struct ReadJob {
    reader: Arc<Reader>,
    read: Arc<PlannedRead>,
    /// What the store saw; `None` if nothing may be filled.
    observed: Mutex<Option<Observed>>,
    permit: Mutex<Option<Permit>>,
    /// The end of the fill, if the entry is stored with others.
    stored: Mutex<Option<Stored>>,
    source: SharedSource,
}

impl LoadJob for ReadJob {
    fn load(self: Arc<Self>) -> BoxFuture<'static, Result<Loaded, Error>> {
        async move {
            let observed = take(&self.observed);
            let reader = &self.reader;
            let fills = observed.is_some();
            let begun = reader.begin(&self.read, observed, &self.source).await;
            if fills
                && begun.permit.is_none()
                && begun.loaded.is_none()
                && let Some(rows) = self.loaded_elsewhere().await?
            {
                let entry = Err(Refusal::Invalidated);
                return Ok(Loaded { rows, entry });
            }
            let leased = begun.permit.as_ref().filter(|permit| !permit.replaces);
            let lease = leased.map(|permit| permit.lease);
            put(&self.permit, begun.permit);
            put(&self.stored, begun.stored);
            if let Some(loaded) = begun.loaded {
                return Ok(loaded);
            }
            let load = async {
                reader.checkpoints.reach(Checkpoint::Permitted).await;
                let loaded = reader.loader.load(&self.read.ask, &*self.source).await;
                reader.checkpoints.reach(Checkpoint::Loaded).await;
                loaded
            };
            let key = &self.read.request.key;
            let leases: Vec<_> = lease.iter().map(|token| (key, *token)).collect();
            reader.while_leased(&leases, load).await
        }
        .boxed()
    }

    fn fail(self: Arc<Self>) -> BoxFuture<'static, ()> {
        async move {
            if let Some(permit) = take(&self.permit) {
                self.abandon(permit).await;
            }
        }
        .boxed()
    }

    fn fill(self: Arc<Self>, loaded: Arc<Loaded>, sent: u64) -> BoxFuture<'static, Option<u64>> {
        async move {
            if let Some(stored) = take(&self.stored) {
                let sent = stored.await.ok().flatten();
                self.reader.checkpoints.reach(Checkpoint::Filled).await;
                return sent;
            }
            let permit = take(&self.permit)?;
            let ask = &self.read.ask;
            let entry = match loaded.entry.clone() {
                Ok(entry) => entry,
                Err(refusal) => {
                    self.reader
                        .observer
                        .fill_ended(ask.entity, ask.what.into(), Err(refusal));
                    self.abandon(permit).await;
                    return None;
                }
            };
            let lease = [(&self.read.request.key, permit.lease)];
            let leased = if permit.replaces { &[][..] } else { &lease[..] };
            let rows = (self.reader).fill_rows(ask, &loaded, &permit, &self.source);
            self.reader.while_leased(leased, rows).await;
            let shared = self.reader.store.share_permit(&permit);
            let end = self.fill_entry(&self.read, permit, entry).await;
            self.reader.checkpoints.reach(Checkpoint::Filled).await;
            if end != FillEnd::Refused {
                self.fill_target(&loaded, shared).await;
            }
            // That a pointer is still valid says which row it is, and nothing about what is in the row.
            let proves = end == FillEnd::AsLoaded && !matches!(ask.what, What::Unique(_));
            proves.then_some(sent)
        }
        .boxed()
    }
}

impl ReadJob {
    async fn abandon(&self, permit: Permit) {
        let permits = vec![(self.read.request.key.clone(), permit)];
        self.reader.store.abandon(permits).await;
    }

    async fn fill_entry(&self, read: &Arc<PlannedRead>, permit: Permit, entry: Entry) -> FillEnd {
        let pending = PendingFill {
            read: Arc::clone(read),
            permit,
            entry,
            source: Arc::clone(&self.source),
        };
        self.reader.fill_one(pending).await
    }

    /// What another process has stored that was quicker to take the lease.
    async fn loaded_elsewhere(&self) -> Result<Option<Vec<Row>>, Error> {
        let (reader, ask) = (&self.reader, &self.read.ask);
        let limit = reader.settings.wait_time;
        if limit.is_zero()
            || !reader.capabilities().shared
            || ask.options().mode != Mode::Through
            || (reader.store.leased(&self.read.request.key, limit).await).is_err()
        {
            return Ok(None);
        }
        let lookup = reader.look_up_one(&self.read).await;
        let lookup = reader.look_through(&self.read, lookup, &self.source);
        match lookup.await? {
            Lookup::Hit(rows) => Ok(Some(rows)),
            Lookup::Pointer(key) => {
                // Past L1: a reader that shares this flight may ask for more than L1 promises.
                let strict = self.read.strict();
                reader.follow(&strict.ask, key, &self.source).await
            }
            // A stale entry is loaded by this very reader.
            Lookup::Stale(_)
            | Lookup::Keys(_)
            | Lookup::Miss(_)
            | Lookup::Leased
            | Lookup::Locked
            | Lookup::Unavailable => Ok(None),
        }
    }

    /// The row that a unique lookup has found is worth caching too, so that the next lookup is a hit. Where it was loaded
    /// without a permit that covers it, it is read once more, off everybody's way.
    async fn fill_target(&self, loaded: &Loaded, permit: Option<Permit>) {
        let Ok(Entry {
            payload: Payload::Pointer(key),
            ..
        }) = &loaded.entry
        else {
            return;
        };
        let target = self.target(key.to_vec());
        let Ok(read) = self
            .reader
            .plan_through(target, self.read.is_one_of_several)
        else {
            return;
        };
        if let Some(permit) = permit {
            if let Ok(entry) = self.reader.loader.entry(&read.ask, &loaded.rows) {
                self.fill_entry(&read, permit, entry).await;
            }
            return;
        }
        let found = (self.reader.store)
            .read(std::slice::from_ref(&read.request))
            .await;
        if let Some(Found::Miss(observed)) = found.ok().and_then(|mut found| found.pop()) {
            self.fill_row(&read, observed).await;
        }
    }

    /// The row with this key, as the lookup asks for it.
    fn target(&self, key: Vec<sea_orm::Value>) -> Ask {
        self.read.ask.row_behind(key)
    }

    async fn fill_row(&self, read: &Arc<PlannedRead>, observed: Observed) {
        let reader = &self.reader;
        let begun = reader.begin(read, Some(observed), &self.source).await;
        if let Some(stored) = begun.stored {
            let _ = stored.await;
            return;
        }
        let Some(permit) = begun.permit else {
            return;
        };
        match reader.loader.load(&read.ask, &*self.source).await {
            Ok(Loaded {
                entry: Ok(entry), ..
            }) => drop(self.fill_entry(read, permit, entry).await),
            _ => {
                let permits = vec![(read.request.key.clone(), permit)];
                reader.store.abandon(permits).await;
            }
        }
    }
}

impl Reader {
    /// Does the work, and keeps these leases alive until it has ended, or for `lease_time`.
    pub(super) async fn while_leased<T>(
        &self,
        leases: &[(&Key, Token)],
        work: impl Future<Output = T>,
    ) -> T {
        let pause = self.store.renewal().filter(|_| !leases.is_empty());
        let Some(pause) = pause else {
            return work.await;
        };
        let renewal = async {
            let mut passed = pause;
            while passed < self.settings.lease_time {
                tokio::time::sleep(pause).await;
                // One that is lost refuses the fill, and no more.
                let _ = self.store.renew(leases).await;
                passed += pause;
            }
            pending().await
        };
        match select(pin!(work), pin!(renewal)).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => never,
        }
    }
}

fn put<T>(slot: &Mutex<Option<T>>, value: Option<T>) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[cfg(test)]
mod tests;
