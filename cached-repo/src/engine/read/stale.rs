//! Stale entries (RFC 5861): nothing that they depend on was invalidated, but their time has come. Some are served and refreshed
//! behind the reader, some are served if the load fails.
//!
//! # Rules
//! - An entry that was invalidated is not there, whatever its time: what is served here is no older than what a hit serves.
//! - It stays where it is until the new one takes its place, so that others are served it meanwhile. What voids a lease takes the
//!   entry away, and then there is no place to take (rule 4). Its stamps are obtained before the load (rule 1).
//! - One load for each key in a process, and, as a rule, in all of them (`Store::claim`).
//! - A refresh that fails is put off, twice as long each time, up to [`MAX_PAUSES`] pauses. So is a load whose failure was
//!   answered by an old entry: a sick database is not asked once for each read.

use super::Reader;
use super::lookup::{Fallback, Held, Lookup, StaleEntry};
use super::plan::PlannedRead;
use super::waiter::RefreshOutcome;
use crate::age::{Age, AgeDecision};
use crate::engine::SharedSource;
use crate::engine::ask::{Answer, Ask, Mode};
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::port::{Fetched, Observed};
use crate::receipt::AnsweredBy;
use crate::stats::Count;
use crate::time::millis;
use futures_util::future::join_all;
use quick_cache::sync::Cache;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Longest pause, as a multiple of the first.
const MAX_PAUSES: u64 = 64;

/// Keys whose failures are remembered.
const CAPACITY: usize = 4096;

/// How long other processes leave a refresh to the one that has claimed it, unless the entry lives for less than twice as long.
const CLAIM: Duration = Duration::from_secs(1);

/// The refreshes of a process.
#[derive(Debug)]
pub(super) struct Refreshes {
    running: Mutex<HashSet<Key>>,
    paused: Cache<Key, Pause>,
}

/// When a key may be tried again.
#[derive(Clone, Copy, Debug)]
struct Pause {
    failures: u32,
    until: u64,
}

impl Default for Refreshes {
    fn default() -> Self {
        Self {
            running: Mutex::default(),
            paused: Cache::new(CAPACITY),
        }
    }
}

impl Refreshes {
    fn is_paused(&self, key: &Key, now: u64) -> bool {
        self.paused.get(key).is_some_and(|pause| pause.until > now)
    }

    fn failed(&self, key: &Key, now: u64, first: Duration) {
        let before = self.paused.get(key).map_or(0, |pause| pause.failures);
        let times = 1_u64
            .checked_shl(before)
            .unwrap_or(MAX_PAUSES)
            .min(MAX_PAUSES);
        let pause = Pause {
            failures: before.saturating_add(1),
            until: now.saturating_add(millis(first).saturating_mul(times)),
        };
        self.paused.insert(key.clone(), pause);
    }

    fn succeeded(&self, key: &Key) {
        self.paused.remove(key);
    }

    fn running(&self) -> MutexGuard<'_, HashSet<Key>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A refresh that is due: the read, what the store has seen of its entry, and how long that lives.
pub(super) struct DueRefresh {
    read: Arc<PlannedRead>,
    observed: Observed,
    life: Duration,
}

/// The right to refresh a key in this process, given back when it is dropped.
struct RefreshGuard(Arc<Reader>, Key);

impl Drop for RefreshGuard {
    fn drop(&mut self) {
        self.0.refreshes.running().remove(&self.1);
    }
}

impl Reader {
    /// What is to be done with an entry that the store has served, and what its fill is to know of it.
    pub(super) fn judge_age(&self, ask: &Ask, fetched: &Fetched) -> (AgeDecision, Observed) {
        let aging = ask.aging(&self.entities);
        let draw = match aging.early_refresh > 0.0 {
            true => fastrand::f64(),
            false => 1.0,
        };
        let decision = aging.judge(fetched.age, draw);
        let observed = Observed {
            // One that may not be served is not worth keeping.
            held: fetched.held.filter(|_| decision != AgeDecision::Load),
            ..Observed::REPLACEABLE
        };
        (decision, observed)
    }

    /// Serves a stale entry, and says whether its refresh is due; or keeps it for the case that the load fails.
    pub(super) fn admit(
        &self,
        read: &Arc<PlannedRead>,
        lookup: Lookup,
        fallback: &mut Option<Fallback>,
        due: &mut Vec<DueRefresh>,
    ) -> Lookup {
        let Lookup::Stale(stale) = lookup else {
            return lookup;
        };
        let StaleEntry {
            held,
            decision,
            age,
            observed,
        } = *stale;
        let ask = &read.ask;
        match decision {
            AgeDecision::RefreshAhead => {}
            AgeDecision::Revalidate => self.observer.count_entry(ask, Count::StaleHit),
            _ if self.is_paused(&read.request.key) => {
                self.observer.count_entry(ask, Count::StaleOnError)
            }
            _ => {
                *fallback = Some(Fallback { held, age });
                return Lookup::Miss(observed);
            }
        }
        if decision != AgeDecision::LoadOrServe && ask.options().mode == Mode::Through {
            due.push(DueRefresh {
                read: read.quiet(),
                observed,
                life: age.life,
            });
        }
        match held {
            Held::Rows(rows) => {
                self.stamp_receipt(ask, age);
                Lookup::Hit(rows)
            }
            Held::Pointer(key) => Lookup::Pointer(key),
        }
    }

    /// What answers a read whose load has failed: the entry that was kept for it, if it is the database that has failed.
    pub(super) async fn fall_back(
        self: &Arc<Self>,
        read: &PlannedRead,
        error: Error,
        fallback: Option<Fallback>,
        source: &SharedSource,
    ) -> Result<Answer, Error> {
        let Some(Fallback { held, age }) = fallback.filter(|_| is_of_source(&error)) else {
            return Err(error);
        };
        let ask = &read.ask;
        self.put_off(&read.request.key);
        self.observer.count_entry(ask, Count::StaleOnError);
        // Not its message: the database may repeat values in it.
        let kind = error.kind();
        tracing::warn!(
            ?kind,
            "the database has failed: a read is answered by an entry past its lifetime"
        );
        match held {
            Held::Rows(rows) => {
                self.stamp_receipt(ask, age);
                Ok(rows)
            }
            Held::Pointer(key) => self.follow(ask, key, source).await?.ok_or(error),
        }
    }

    fn is_paused(&self, key: &Key) -> bool {
        self.refreshes.is_paused(key, self.clock.now())
    }

    fn put_off(&self, key: &Key) {
        let now = self.clock.now();
        self.refreshes.failed(key, now, self.settings.pause);
    }

    /// The database has answered again: the next failure is the first.
    pub(super) fn recovered(&self, key: &Key) {
        self.refreshes.succeeded(key);
    }

    /// Notes in the read's receipt that the store has answered.
    pub(super) fn stamp_receipt(&self, ask: &Ask, age: Age) {
        if let Some(receipt) = &ask.options().receipt {
            let by = match self.capabilities().shared {
                true => AnsweredBy::Store,
                false => AnsweredBy::Memory,
            };
            receipt.served(by, age);
        }
    }

    /// Refreshes entries on a task: one call for all claims, and then a flight for each, which load together.
    pub(super) fn refresh_behind(self: &Arc<Self>, due: Vec<DueRefresh>, source: &SharedSource) {
        let begun: Vec<_> = due
            .into_iter()
            .filter_map(|due| Some((self.begin_refresh(&due.read.request.key)?, due)))
            .collect();
        if begun.is_empty() {
            return;
        }
        let (reader, source) = (Arc::clone(self), Arc::clone(source));
        self.background.spawn(async move {
            let claimed = reader.claim(begun).await;
            let refreshes = claimed.into_iter().map(|(guard, due)| async {
                let _guard = guard;
                reader.refresh_entry(due, &source).await;
            });
            reader.joint.together(join_all(refreshes)).await;
        });
    }

    /// The right to refresh the key; `None` if its refresh is under way or put off.
    fn begin_refresh(self: &Arc<Self>, key: &Key) -> Option<RefreshGuard> {
        if self.is_paused(key) || !self.refreshes.running().insert(key.clone()) {
            return None;
        }
        Some(RefreshGuard(Arc::clone(self), key.clone()))
    }

    /// The refreshes that no other process is about to do. A store that does not answer leaves all of them to this one.
    async fn claim(
        &self,
        begun: Vec<(RefreshGuard, DueRefresh)>,
    ) -> Vec<(RefreshGuard, DueRefresh)> {
        let claims: Vec<_> = begun
            .iter()
            .map(|(guard, due)| (&guard.1, CLAIM.min(due.life / 2)))
            .collect();
        let Ok(claimed) = self.store.claim(&claims).await else {
            return begun;
        };
        let each = begun.into_iter().zip(claimed);
        each.filter_map(|(refresh, claimed)| claimed.then_some(refresh))
            .collect()
    }

    async fn refresh_entry(self: &Arc<Self>, due: DueRefresh, source: &SharedSource) {
        let DueRefresh { read, observed, .. } = due;
        let job = || self.load_job(&read, Some(observed), source);
        let key = &read.request.key;
        match self.flights.drive(key, job).await {
            RefreshOutcome::Loaded => self.refreshes.succeeded(key),
            RefreshOutcome::ByAnother => return,
            RefreshOutcome::Failed => {
                self.put_off(key);
                self.observer.count_entry(&read.ask, Count::FailedRefresh);
            }
        }
        self.observer.count_entry(&read.ask, Count::Refresh);
    }
}

/// Whether the database has failed, and not what was asked.
fn is_of_source(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Database | ErrorKind::LoadPanicked | ErrorKind::TimedOut
    )
}
