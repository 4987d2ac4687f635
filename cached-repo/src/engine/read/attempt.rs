//! What a read does about an entry that the store does not simply serve.

use super::limit::WaitLimits;
use super::lookup::{Fallback, Held, Lookup};
use super::plan::PlannedRead;
use super::reader::Reader;
use super::waiter::{FlightOutcome, Waiter};
use crate::engine::SharedSource;
use crate::engine::ask::{Answer, Mode};
use crate::engine::load::Loaded;
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

impl Reader {
    /// Answers the read: by an entry that appears, by a flight, or by the fallback.
    pub(super) async fn seek(
        self: &Arc<Self>,
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
        let mut has_waited = !self.with.lookups.waits_for_leases();
        let mut limits = None;
        loop {
            lookup = self.with.lists.look_through(&read, lookup, source).await?;
            let mut due = Vec::new();
            lookup = self
                .with
                .refresher
                .admit(&read, lookup, &mut fallback, &mut due);
            self.with.refresher.refresh_behind(due, source);
            let observed = match lookup {
                Lookup::Hit(rows) => {
                    self.observer.count_read(ask, self.with.lookups.hit());
                    return Ok(rows);
                }
                Lookup::Pointer(key) => match self.with.rows.follow(ask, key, source).await? {
                    Some(rows) => return Ok(rows),
                    None => Some(Observed::REPLACEABLE),
                },
                Lookup::Miss(observed) => Some(observed),
                Lookup::Leased if !has_waited && ask.options().mode == Mode::Through => {
                    // Once: a load that cannot be stored is not to be waited for by one process after the other.
                    has_waited = true;
                    let _ = self.with.lookups.wait_for_lease(&read).await;
                    lookup = self.with.lookups.look_up_one(&read).await;
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
                FlightOutcome::TryAgain => lookup = self.with.lookups.look_up_one(&read).await,
            }
        }
    }

    /// Joins the flight for the key, or leads one.
    async fn fly(
        self: &Arc<Self>,
        read: &Arc<PlannedRead>,
        mut observed: Option<Observed>,
        waiter: Waiter,
        source: &SharedSource,
    ) -> FlightOutcome {
        let in_process = !self.with.lookups.capabilities().remote;
        let job = || {
            let seen = observed.take();
            // A second load beside the first is stored as well, unless the first one holds the key's lease.
            observed = (in_process && seen.is_some()).then(Observed::default);
            self.with.jobs.job(read, seen, source)
        };
        self.with.flights.fly(&read.request.key, waiter, job).await
    }

    /// A reader that waits for loads from its first one on.
    fn waiter(&self, began: u64, limits: &mut Option<WaitLimits>, has_fallback: bool) -> Waiter {
        let limits = limits.get_or_insert_with(|| self.with.limits.begin());
        Waiter {
            began,
            waits_for_fill: !self.with.lookups.capabilities().remote,
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
                    self.with.refresher.recovered(&read.request.key);
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
        self.with.refresher.put_off(&read.request.key);
        self.observer.count_entry(ask, Count::StaleOnError);
        // Not its message: the database may repeat values in it.
        let kind = error.kind();
        tracing::warn!(
            ?kind,
            "the database has failed: a read is answered by an entry past its lifetime"
        );
        match held {
            Held::Rows(rows) => {
                self.with.lookups.stamp_receipt(ask, age);
                Ok(rows)
            }
            Held::Pointer(key) => self.with.rows.follow(ask, key, source).await?.ok_or(error),
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
