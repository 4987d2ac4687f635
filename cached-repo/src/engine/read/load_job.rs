//! The load and the fill of one read.

use super::fills::{FillEnd, Filler, PendingFill};
use super::flight::{LoadJob, Stored};
use super::lists::ListReader;
use super::loads::Loads;
use super::lookup::{Lookup, StoreReader};
use super::plan::{PlannedRead, Planner};
use super::row_reads::RowReads;
use crate::engine::SharedSource;
use crate::engine::ask::{Answer, Mode, What};
use crate::engine::load::{Entry, Loaded};
use crate::error::Error;
use crate::port::{Checkpoint, Found, Observed, Payload, Permit, Refusal};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::{Arc, Mutex, PoisonError};

/// Makes the loads and fills of reads.
pub(super) struct Jobs {
    pub(super) planner: Arc<Planner>,
    pub(super) lookups: Arc<StoreReader>,
    pub(super) lists: Arc<ListReader>,
    pub(super) rows: Arc<RowReads>,
    pub(super) filler: Arc<Filler>,
    pub(super) loads: Arc<Loads>,
}

impl Jobs {
    /// The load and fill of this read.
    pub(super) fn job(
        self: &Arc<Self>,
        read: &Arc<PlannedRead>,
        observed: Option<Observed>,
        source: &SharedSource,
    ) -> Arc<dyn LoadJob> {
        Arc::new(ReadJob {
            jobs: Arc::clone(self),
            read: Arc::clone(read),
            observed: Mutex::new(observed),
            permit: Mutex::new(None),
            stored: Mutex::new(None),
            source: Arc::clone(source),
        })
    }

    /// What another process has stored that was quicker to take the lease.
    async fn loaded_elsewhere(
        &self,
        read: &Arc<PlannedRead>,
        source: &SharedSource,
    ) -> Result<Option<Answer>, Error> {
        if !self.lookups.waits_for_leases()
            || !self.lookups.capabilities().shared
            || read.ask.options().mode != Mode::Through
            || self.lookups.wait_for_lease(read).await.is_err()
        {
            return Ok(None);
        }
        let lookup = self.lookups.look_up_one(read).await;
        match self.lists.look_through(read, lookup, source).await? {
            Lookup::Hit(rows) => Ok(Some(rows)),
            Lookup::Pointer(key) => {
                // Past L1: a reader that shares this flight may ask for more than L1 promises.
                let strict = read.strict();
                self.rows.follow(&strict.ask, key, source).await
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

    async fn abandon(&self, read: &PlannedRead, permit: Permit) {
        let permits = vec![(read.request.key.clone(), permit)];
        self.filler.abandon(permits).await;
    }
}

/// The load and fill of one read.
struct ReadJob {
    jobs: Arc<Jobs>,
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
            let loads = &self.jobs.loads;
            let fills = observed.is_some();
            let begun = loads.begin(&self.read, observed, &self.source).await;
            if fills && begun.permit.is_none() && begun.loaded.is_none() {
                let elsewhere = self.jobs.loaded_elsewhere(&self.read, &self.source);
                if let Some(rows) = elsewhere.await? {
                    let entry = Err(Refusal::Invalidated);
                    return Ok(Loaded { rows, entry });
                }
            }
            let leased = begun.permit.as_ref().filter(|permit| !permit.replaces);
            let lease = leased.map(|permit| permit.lease);
            put(&self.permit, begun.permit);
            put(&self.stored, begun.stored);
            if let Some(loaded) = begun.loaded {
                return Ok(loaded);
            }
            let load = async {
                loads.checkpoints.reach(Checkpoint::Permitted).await;
                let loaded = loads.loader.load(&self.read.ask, &*self.source).await;
                loads.checkpoints.reach(Checkpoint::Loaded).await;
                loaded
            };
            let key = &self.read.request.key;
            let leases: Vec<_> = lease.iter().map(|token| (key, *token)).collect();
            loads.while_leased(&leases, load).await
        }
        .boxed()
    }

    fn fail(self: Arc<Self>) -> BoxFuture<'static, ()> {
        async move {
            if let Some(permit) = take(&self.permit) {
                self.jobs.abandon(&self.read, permit).await;
            }
        }
        .boxed()
    }

    fn fill(self: Arc<Self>, loaded: Arc<Loaded>, sent: u64) -> BoxFuture<'static, Option<u64>> {
        async move {
            let loads = &self.jobs.loads;
            if let Some(stored) = take(&self.stored) {
                let sent = stored.await.ok().flatten();
                loads.checkpoints.reach(Checkpoint::Filled).await;
                return sent;
            }
            let permit = take(&self.permit)?;
            let entry = match loaded.entry.clone() {
                Ok(entry) => entry,
                Err(refusal) => {
                    self.jobs.filler.refuse(&self.read, refusal);
                    self.jobs.abandon(&self.read, permit).await;
                    return None;
                }
            };
            self.fill_rows(&loaded, &permit).await;
            let shared = loads.store.share_permit(&permit);
            let end = self.fill_entry(&self.read, permit, entry).await;
            loads.checkpoints.reach(Checkpoint::Filled).await;
            if end != FillEnd::Refused {
                self.fill_target(&loaded, shared).await;
            }
            // That a pointer is still valid says which row it is, and nothing about what is in the row.
            let is_pointer = matches!(self.read.ask.what, What::Unique(_));
            (end == FillEnd::AsLoaded && !is_pointer).then_some(sent)
        }
        .boxed()
    }
}

impl ReadJob {
    async fn fill_entry(&self, read: &Arc<PlannedRead>, permit: Permit, entry: Entry) -> FillEnd {
        let fill = PendingFill {
            read: Arc::clone(read),
            permit,
            entry,
            source: Arc::clone(&self.source),
        };
        self.jobs.filler.fill_one(fill).await
    }

    /// Stores the rows of a list that is about to be stored as keys, and keeps its lease alive meanwhile.
    async fn fill_rows(&self, loaded: &Loaded, permit: &Permit) {
        let lease = [(&self.read.request.key, permit.lease)];
        let leased = if permit.replaces { &[][..] } else { &lease[..] };
        let rows = (self.jobs.lists).fill_rows(&self.read.ask, loaded, permit, &self.source);
        self.jobs.loads.while_leased(leased, rows).await;
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
        let target = self.read.ask.row_behind(key.to_vec());
        let Ok(read) = self.jobs.planner.plan_through(target, self.read.joins) else {
            return;
        };
        let loads = &self.jobs.loads;
        if let Some(permit) = permit {
            if let Ok(entry) = loads.loader.entry(&read.ask, &loaded.rows) {
                self.fill_entry(&read, permit, entry).await;
            }
            return;
        }
        let request = std::slice::from_ref(&read.request);
        let found = loads.store.read(request).await;
        if let Some(Found::Miss(observed)) = found.ok().and_then(|mut found| found.pop()) {
            self.load_and_fill(&read, observed).await;
        }
    }

    /// Loads and stores a row that nobody waits for.
    async fn load_and_fill(&self, read: &Arc<PlannedRead>, observed: Observed) {
        let loads = &self.jobs.loads;
        let begun = loads.begin(read, Some(observed), &self.source).await;
        if let Some(stored) = begun.stored {
            let _ = stored.await;
            return;
        }
        let Some(permit) = begun.permit else {
            return;
        };
        match loads.loader.load(&read.ask, &*self.source).await {
            Ok(Loaded {
                entry: Ok(entry), ..
            }) => drop(self.fill_entry(read, permit, entry).await),
            _ => self.jobs.abandon(read, permit).await,
        }
    }
}

fn put<T>(slot: &Mutex<Option<T>>, value: Option<T>) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}
