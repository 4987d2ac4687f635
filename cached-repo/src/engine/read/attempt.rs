//! What a read does about an entry that the store does not simply serve.

use super::flight::Flights;
use super::limit::{Limits, WaitLimits};
use super::lists::ListReader;
use super::load_job::Jobs;
use super::lookup::{Fallback, Held, Lookup, StoreReader};
use super::plan::PlannedRead;
use super::row_reads::RowReads;
use super::stale::Refresher;
use super::waiter::{FlightOutcome, Waiter};
use crate::engine::SharedSource;
use crate::engine::ask::{Answer, Mode};
use crate::engine::load::Loaded;
use crate::engine::observer::Observer;
use crate::error::{Error, ErrorKind};
use crate::port::Observed;
use crate::receipt::Receipt;
use crate::stats::Count;
use std::sync::Arc;

/// A read whose entry was looked up and does not answer it yet.
pub(super) struct Attempt {
    read: Arc<PlannedRead>,
    /// When the read began, in flights.
    began: u64,
    lookup: Lookup,
    /// What answers if the load fails.
    fallback: Option<Fallback>,
}

impl Attempt {
    pub(super) fn new(
        read: Arc<PlannedRead>,
        began: u64,
        lookup: Lookup,
        fallback: Option<Fallback>,
    ) -> Self {
        Self {
            read,
            began,
            lookup,
            fallback,
        }
    }
}

/// Answers reads that the store does not simply serve.
pub(super) struct Seeker {
    pub(super) lookups: Arc<StoreReader>,
    pub(super) lists: Arc<ListReader>,
    pub(super) rows: Arc<RowReads>,
    pub(super) jobs: Arc<Jobs>,
    pub(super) refresher: Arc<Refresher>,
    pub(super) flights: Arc<Flights>,
    pub(super) observer: Arc<Observer>,
    pub(super) limits: Limits,
}

impl Seeker {
    /// Answers the read: by an entry that appears, by a flight, or by the fallback.
    pub(super) async fn seek(
        &self,
        attempt: Attempt,
        source: &SharedSource,
    ) -> Result<Answer, Error> {
        let Attempt {
            read,
            began,
            mut lookup,
            mut fallback,
        } = attempt;
        let ask = &read.ask;
        let mut has_waited = !self.lookups.waits_for_leases();
        let mut limits = None;
        loop {
            lookup = self.lists.look_through(&read, lookup, source).await?;
            let mut due = Vec::new();
            lookup = self.refresher.admit(&read, lookup, &mut fallback, &mut due);
            self.refresher.refresh_behind(due, source);
            let observed = match lookup {
                Lookup::Hit(rows) => {
                    self.observer.count_read(ask, self.lookups.hit());
                    return Ok(rows);
                }
                Lookup::Pointer(key) => match self.rows.follow(ask, key, source).await? {
                    Some(rows) => return Ok(rows),
                    None => Some(Observed::REPLACEABLE),
                },
                Lookup::Miss(observed) => Some(observed),
                Lookup::Leased if !has_waited && ask.options().mode == Mode::Through => {
                    // Once: a load that cannot be stored is not to be waited for by one process after the other.
                    has_waited = true;
                    let _ = self.lookups.wait_for_lease(&read).await;
                    lookup = self.lookups.look_up_one(&read).await;
                    continue;
                }
                Lookup::Keys(_)
                | Lookup::Leased
                | Lookup::Locked
                | Lookup::Unavailable
                | Lookup::Stale(_) => None,
            };
            if ask.options().mode == Mode::CacheOnly {
                self.observer.count_read(ask, Count::Miss);
                return Ok(Vec::new());
            }
            let count = match observed {
                Some(_) => Count::Miss,
                None => Count::Bypass,
            };
            let waiter = self.waiter(began, &mut limits, fallback.is_some());
            match self.fly(&read, observed, waiter, source).await {
                FlightOutcome::Ended(loaded) => {
                    self.observer.count_read(ask, count);
                    return self.loaded(&read, loaded, fallback, source).await;
                }
                FlightOutcome::TryAgain => lookup = self.lookups.look_up_one(&read).await,
            }
        }
    }

    /// Joins the flight for the key, or leads one.
    async fn fly(
        &self,
        read: &Arc<PlannedRead>,
        mut observed: Option<Observed>,
        waiter: Waiter,
        source: &SharedSource,
    ) -> FlightOutcome {
        let in_process = !self.lookups.capabilities().remote;
        let job = || {
            let seen = observed.take();
            // A second load beside the first is stored as well, unless the first one holds the key's lease.
            observed = (in_process && seen.is_some()).then(Observed::default);
            self.jobs.job(read, seen, source)
        };
        self.flights.fly(&read.request.key, waiter, job).await
    }

    /// A reader that waits for loads from its first one on.
    fn waiter(&self, began: u64, limits: &mut Option<WaitLimits>, has_fallback: bool) -> Waiter {
        let limits = limits.get_or_insert_with(|| self.limits.begin());
        Waiter {
            began,
            waits_for_fill: !self.lookups.capabilities().remote,
            until: limits.ends(has_fallback),
        }
    }

    /// What a load has brought, or what there is in its place.
    async fn loaded(
        &self,
        read: &PlannedRead,
        loaded: Result<Arc<Loaded>, Error>,
        fallback: Option<Fallback>,
        source: &SharedSource,
    ) -> Result<Answer, Error> {
        match loaded {
            Ok(loaded) => {
                read.ask.options().receipt.iter().for_each(Receipt::loaded);
                if fallback.is_some() {
                    self.refresher.recovered(&read.request.key);
                }
                Ok(loaded.rows.clone())
            }
            Err(error) => self.fall_back(read, error, fallback, source).await,
        }
    }

    /// What answers a read whose load has failed: the entry that was kept for it, if it is the database that has failed.
    async fn fall_back(
        &self,
        read: &PlannedRead,
        error: Error,
        fallback: Option<Fallback>,
        source: &SharedSource,
    ) -> Result<Answer, Error> {
        let Some(Fallback { held, age }) = fallback.filter(|_| is_of_source(&error)) else {
            return Err(error);
        };
        let ask = &read.ask;
        self.refresher.put_off(&read.request.key);
        self.observer.count_entry(ask, Count::StaleOnError);
        // Not its message: the database may repeat values in it.
        let kind = error.kind();
        tracing::warn!(
            ?kind,
            "the database has failed: a read is answered by an entry past its lifetime"
        );
        match held {
            Held::Rows(rows) => {
                self.lookups.stamp_receipt(ask, age);
                Ok(rows)
            }
            Held::Pointer(key) => self.rows.follow(ask, key, source).await?.ok_or(error),
        }
    }
}

/// Whether the database has failed, and not what was asked.
fn is_of_source(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Database | ErrorKind::LoadPanicked | ErrorKind::TimedOut
    )
}
