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

use super::flight::Flights;
use super::load_job::Jobs;
use super::lookup::{Fallback, Held, Lookup, StaleEntry, StoreReader};
use super::plan::PlannedRead;
use super::waiter::RefreshOutcome;
use crate::age::AgeDecision;
use crate::engine::SharedSource;
use crate::engine::ask::Mode;
use crate::engine::background::Background;
use crate::engine::observer::Observer;
use crate::key::Key;
use crate::port::{Observed, Store};
use crate::stats::Count;
use crate::time::{Clock, millis};
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

/// The refreshes of a process: which are under way, and which are put off.
#[derive(Debug)]
pub(super) struct RefreshList {
    running: Mutex<HashSet<Key>>,
    paused: Cache<Key, Pause>,
}

/// When a key may be tried again.
#[derive(Clone, Copy, Debug)]
struct Pause {
    failures: u32,
    until: u64,
}

impl Default for RefreshList {
    fn default() -> Self {
        Self {
            running: Mutex::default(),
            paused: Cache::new(CAPACITY),
        }
    }
}

impl RefreshList {
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
struct RefreshGuard(Arc<Refresher>, Key);

impl Drop for RefreshGuard {
    fn drop(&mut self) {
        self.0.list.running().remove(&self.1);
    }
}

/// Serves stale entries, and refreshes them behind their readers.
pub(super) struct Refresher {
    pub(super) store: Arc<dyn Store>,
    pub(super) lookups: Arc<StoreReader>,
    pub(super) jobs: Arc<Jobs>,
    pub(super) flights: Arc<Flights>,
    pub(super) observer: Arc<Observer>,
    pub(super) background: Arc<Background>,
    pub(super) list: RefreshList,
    /// By which refreshes that failed are paused.
    pub(super) clock: Clock,
    /// First pause after a refresh that has failed.
    pub(super) pause: Duration,
}

impl Refresher {
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
                self.lookups.stamp_receipt(ask, age);
                Lookup::Hit(rows)
            }
            Held::Pointer(key) => Lookup::Pointer(key),
        }
    }

    fn is_paused(&self, key: &Key) -> bool {
        self.list.is_paused(key, self.clock.now())
    }

    /// The load of this key has failed: the next one has to wait.
    pub(super) fn put_off(&self, key: &Key) {
        let now = self.clock.now();
        self.list.failed(key, now, self.pause);
    }

    /// The database has answered again: the next failure is the first.
    pub(super) fn recovered(&self, key: &Key) {
        self.list.succeeded(key);
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
        let (refresher, source) = (Arc::clone(self), Arc::clone(source));
        self.background.spawn(async move {
            let claimed = refresher.claim(begun).await;
            let refreshes = claimed.into_iter().map(|(guard, due)| async {
                let _guard = guard;
                refresher.refresh_entry(due, &source).await;
            });
            let loads = &refresher.jobs.loads;
            loads.together(join_all(refreshes)).await;
        });
    }

    /// The right to refresh the key; `None` if its refresh is under way or put off.
    fn begin_refresh(self: &Arc<Self>, key: &Key) -> Option<RefreshGuard> {
        if self.is_paused(key) || !self.list.running().insert(key.clone()) {
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

    async fn refresh_entry(&self, due: DueRefresh, source: &SharedSource) {
        let DueRefresh { read, observed, .. } = due;
        let job = || self.jobs.job(&read, Some(observed), source);
        let key = &read.request.key;
        match self.flights.drive(key, job).await {
            RefreshOutcome::Loaded => self.recovered(key),
            RefreshOutcome::ByAnother => return,
            RefreshOutcome::Failed => {
                self.put_off(key);
                self.observer.count_entry(&read.ask, Count::FailedRefresh);
            }
        }
        self.observer.count_entry(&read.ask, Count::Refresh);
    }
}
