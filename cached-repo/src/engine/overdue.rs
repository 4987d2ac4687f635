//! Entries whose time has come, while nothing that they depend on was invalidated: some are served and loaded anew behind the
//! reader, some are served if that fails.
//!
//! # Rules
//! - An entry that was invalidated is not there, whatever its time: what is served here is no older than what a hit serves.
//! - It stays where it is until the new one takes its place, so that others are served it meanwhile. What voids a lease takes the
//!   entry away, and then there is no place to take (rule 4). Its stamps are obtained before the load (rule 1).
//! - One load for each key in a process, and, as a rule, in all of them (`Store::claim`).
//! - A refresh that fails is put off, twice as long each time, up to [`MAX_PAUSES`] pauses. So is a load whose failure was
//!   answered by an old entry: a sick database is not asked once for each read.

use super::ask::{Answer, Ask, Mode};
use super::look::{Admitted, Kept, Look, Overdue, Spare};
use super::many::Wanted;
use super::waiter::Driven;
use super::{Engine, EntryKind, SharedSource};
use crate::age::{Age, AgeDecision};
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::port::{Fetched, Observed, Request};
use crate::receipt::AnsweredBy;
use crate::schema::Row;
use crate::stats::Count;
use crate::time::millis;
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

/// The right to refresh these keys in this process, given back when it is dropped.
struct Turn(Arc<Engine>, Vec<Key>);

impl Drop for Turn {
    fn drop(&mut self) {
        let mut running = self.0.refreshes.running();
        for key in &self.1 {
            running.remove(key);
        }
    }
}

impl Engine {
    /// What is to be done with an entry that the store has served; `None` if it is fresh.
    pub(super) fn overdue(&self, ask: &Ask, fetched: &Fetched) -> Option<Overdue> {
        let aging = ask.aging(self);
        let draw = match aging.early_refresh > 0.0 {
            true => fastrand::f64(),
            false => 1.0,
        };
        let decision = aging.judge(fetched.age, draw);
        (decision != AgeDecision::Serve).then(|| Overdue {
            decision,
            age: fetched.age,
            observed: Observed {
                replaceable: true,
                undecodable: false,
                // One that may not be served is not worth keeping.
                held: fetched.held.filter(|_| decision != AgeDecision::Load),
            },
        })
    }

    /// Serves an entry whose time has come, and has it loaded anew; or keeps it for the reader, who is to load.
    pub(super) fn admit(
        self: &Arc<Self>,
        (ask, request): (&Ask, &Request),
        kept: Kept,
        overdue: Overdue,
        source: &SharedSource,
        spare: &mut Option<Spare>,
    ) -> Look {
        let (entity, age) = (ask.entity, overdue.age);
        let count = match overdue.decision {
            AgeDecision::RefreshAhead => None,
            AgeDecision::Revalidate => Some(Count::StaleHit),
            _ if self.is_paused(&request.key) => Some(Count::StaleOnError),
            _ => {
                *spare = Some((kept, age));
                return Look::Miss(overdue.observed);
            }
        };
        count
            .into_iter()
            .for_each(|count| self.record(entity, ask.what.into(), count));
        if overdue.decision != AgeDecision::LoadOrServe && ask.options.mode == Mode::Through {
            self.refresh_behind(ask, request, overdue, source);
        }
        match kept {
            Kept::Rows(rows) => {
                self.tell(ask, age);
                Look::Rows(rows)
            }
            Kept::Pointer(key) => Look::Pointer(key),
        }
    }

    /// What answers a read whose load has failed: the entry that was kept for it, if it is the database that has failed.
    pub(super) async fn in_place_of(
        self: &Arc<Self>,
        (ask, request): (&Ask, &Request),
        error: Error,
        spare: Option<Spare>,
        source: &SharedSource,
    ) -> Result<Answer, Error> {
        let Some((kept, age)) = spare.filter(|_| is_of_source(&error)) else {
            return Err(error);
        };
        self.put_off(&request.key);
        self.record(ask.entity, ask.what.into(), Count::StaleOnError);
        // Not its message: the database may repeat values in it.
        let kind = error.kind();
        tracing::warn!(
            ?kind,
            "the database has failed: a read is answered by an entry past its lifetime"
        );
        match kept {
            Kept::Rows(rows) => {
                self.tell(ask, age);
                Ok(rows)
            }
            Kept::Pointer(key) => self.follow(ask, key, source).await?.ok_or(error),
        }
    }

    pub(super) fn is_paused(&self, key: &Key) -> bool {
        self.refreshes.is_paused(key, self.clock.now())
    }

    pub(super) fn put_off(&self, key: &Key) {
        let now = self.clock.now();
        self.refreshes.failed(key, now, self.settings.pause);
    }

    /// The database has answered again: the next failure is the first.
    pub(super) fn recovered(&self, key: &Key) {
        self.refreshes.succeeded(key);
    }

    /// Tells a receipt what the store has served.
    pub(super) fn tell(&self, ask: &Ask, age: Age) {
        if let Some(receipt) = &ask.options.receipt {
            let by = match self.capabilities().shared {
                true => AnsweredBy::Store,
                false => AnsweredBy::Memory,
            };
            receipt.served(by, age);
        }
    }

    /// Loads the entry anew, on a task of its own.
    fn refresh_behind(
        self: &Arc<Self>,
        ask: &Ask,
        request: &Request,
        Overdue { age, observed, .. }: Overdue,
        source: &SharedSource,
    ) {
        let life = age.life;
        let Some(turn) = self.turn(std::iter::once(&request.key)) else {
            return;
        };
        let (engine, source) = (Arc::clone(self), Arc::clone(source));
        let (ask, request) = (ask.quietly(), request.clone());
        self.background.spawn(async move {
            let _turn = turn;
            let key = request.key.clone();
            if !engine.claims(&key, life).await {
                return;
            }
            let (entity, kind) = (ask.entity, ask.what.into());
            let trip = || engine.trip(ask, request, Some(observed), &source);
            let driven = engine.flights.drive(&key, trip).await;
            match driven {
                Driven::Loaded => engine.refreshes.succeeded(&key),
                Driven::ByAnother => return,
                Driven::Failed => {
                    engine.put_off(&key);
                    engine.record(entity, kind, Count::FailedRefresh);
                }
            }
            engine.record(entity, kind, Count::Refresh);
        });
    }

    /// The same for many rows: one query for all that are due.
    pub(super) fn refresh_many_behind(
        self: &Arc<Self>,
        entity: u16,
        wanted: Vec<(Wanted, Overdue)>,
        source: &SharedSource,
    ) {
        let Some(turn) = self.turn(wanted.iter().map(|(wanted, _)| &wanted.request.key)) else {
            return;
        };
        let (engine, source) = (Arc::clone(self), Arc::clone(source));
        self.background.spawn(async move {
            let mut claimed = Vec::new();
            for (wanted, overdue) in wanted {
                let key = &wanted.request.key;
                if turn.1.contains(key) && engine.claims(key, overdue.age.life).await {
                    claimed.push((wanted, overdue.observed));
                }
            }
            let (keys, failed) = engine.reload_many(entity, claimed, &source).await;
            engine.record_many(entity, EntryKind::Row, Count::Refresh, keys.len() as u64);
            if failed {
                let count = keys.len() as u64;
                engine.record_many(entity, EntryKind::Row, Count::FailedRefresh, count);
                keys.iter().for_each(|key| engine.put_off(key));
            } else {
                keys.iter().for_each(|key| engine.refreshes.succeeded(key));
            }
        });
    }

    /// The turn of those keys that are neither under way nor put off; `None` if there are none.
    fn turn<'a>(self: &Arc<Self>, keys: impl Iterator<Item = &'a Key>) -> Option<Turn> {
        let now = self.clock.now();
        let due = keys.filter(|key| !self.refreshes.is_paused(key, now));
        let mut running = self.refreshes.running();
        let begun: Vec<Key> = due
            .filter(|key| running.insert((*key).clone()))
            .cloned()
            .collect();
        (!begun.is_empty()).then(|| Turn(Arc::clone(self), begun))
    }

    /// Whether no other process is about to do the same; one that cannot be asked does not count.
    async fn claims(&self, key: &Key, life: Duration) -> bool {
        let claimed = self.store.claim(key, CLAIM.min(life / 2));
        claimed.await.unwrap_or(true)
    }
}

impl Engine {
    /// As [`admit`](Self::admit), for one row among many.
    pub(super) fn admit_one(
        &self,
        wanted: &mut Wanted,
        overdue: Overdue,
        row: Option<Row>,
        rows: &mut [Option<Row>],
    ) -> Admitted {
        let (decision, age) = (overdue.decision, overdue.age);
        let paused = || self.is_paused(&wanted.request.key);
        let count = match decision {
            AgeDecision::Load => {
                wanted.observed = Some(overdue.observed);
                return Admitted::Missed;
            }
            AgeDecision::LoadOrServe if !paused() => {
                wanted.spare = Some((row, age));
                wanted.observed = Some(overdue.observed);
                return Admitted::Missed;
            }
            AgeDecision::LoadOrServe => Count::StaleOnError,
            AgeDecision::Revalidate => Count::StaleHit,
            AgeDecision::RefreshAhead | AgeDecision::Serve => self.store_hit(),
        };
        let (entity, options) = (wanted.ask.entity, &wanted.ask.options);
        self.note(options, entity, count, 1);
        if decision.is_stale() {
            self.note(options, entity, self.store_hit(), 1);
        }
        self.tell(&wanted.ask, age);
        rows[wanted.place] = row;
        match decision {
            AgeDecision::LoadOrServe => Admitted::Served,
            _ => Admitted::Due(overdue),
        }
    }

    /// Answers with entries past their lifetimes what could not be loaded, if there is one for each.
    pub(super) async fn spare(
        &self,
        wanted: Vec<Wanted>,
        error: Error,
        rows: &mut [Option<Row>],
    ) -> Result<(), Error> {
        let is_spared = is_of_source(&error) && wanted.iter().all(|it| it.spare.is_some());
        if is_spared {
            let kind = error.kind();
            tracing::warn!(
                ?kind,
                "the database has failed: rows are answered by entries past their lifetimes"
            );
            for it in &wanted {
                self.put_off(&it.request.key);
                self.record(it.ask.entity, EntryKind::Row, Count::StaleOnError);
                if let Some((row, age)) = &it.spare {
                    self.tell(&it.ask, *age);
                    rows[it.place].clone_from(row);
                }
            }
        }
        self.give_back(wanted).await;
        if is_spared { Ok(()) } else { Err(error) }
    }
}

/// Whether the database has failed, and not what was asked.
pub(super) fn is_of_source(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Database | ErrorKind::LoadPanicked | ErrorKind::TimedOut
    )
}
