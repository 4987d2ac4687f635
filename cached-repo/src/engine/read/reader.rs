//! Reads through the cache. A single read is a batch of one.
//!
//! Plan what is asked; look it up in the store at once; admit what is stale; join or lead a flight for each key that is missing; load
//! with one query for each kind; fill; answer.

use super::assembly::{Collaborators, ReaderParts};
use super::attempt::Attempt;
use super::bypass::Bypass;
use super::l1::L1;
use super::lookup::Lookup;
use super::plan::{Placed, PlacedAnswer, Plan, PlannedRead};
use super::row_reads::Reads;
use crate::engine::SharedSource;
use crate::engine::ask::{Answer, Ask};
use crate::engine::entities::Entities;
use crate::engine::observer::Observer;
use crate::engine::runtime::RuntimeWatch;
use crate::engine::write::Invalidator;
use crate::error::Error;
use crate::port::Observed;
use futures_util::future::{join, join_all};
use sea_orm::Value;
use std::sync::{Arc, Weak};

/// Reads through the cache. It knows neither the texts of queries nor how writes find what they change.
pub(crate) struct Reader {
    pub(super) entities: Arc<Entities>,
    pub(super) l1: Arc<L1>,
    pub(super) observer: Arc<Observer>,
    pub(super) invalidator: Arc<Invalidator>,
    pub(super) runtime: Arc<RuntimeWatch>,
    pub(super) with: Collaborators,
    /// Keys in one call.
    pub(super) chunk: usize,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    pub(in crate::engine) fn new(parts: ReaderParts) -> Arc<Self> {
        Arc::new_cyclic(|reader: &Weak<Self>| {
            let reads: Weak<dyn Reads> = reader.clone();
            Self {
                with: parts.collaborators(reads),
                entities: parts.entities,
                l1: parts.l1,
                observer: parts.observer,
                invalidator: parts.invalidator,
                runtime: parts.runtime,
                chunk: parts.settings.chunk,
            }
        })
    }

    /// What this process holds.
    #[inline]
    pub(crate) fn l1(&self) -> &L1 {
        &self.l1
    }

    /// Reads past the cache.
    pub(crate) fn bypass(&self) -> &Bypass {
        &self.with.bypass
    }

    /// Returns when no fill is under way.
    pub(crate) async fn wait_idle(&self) {
        self.with.background.idle().await;
    }

    /// Answers reads that leave what the cache holds where it is.
    pub(super) async fn find_each(
        self: &Arc<Self>,
        asks: Vec<Ask>,
        source: &SharedSource,
    ) -> Vec<Result<Answer, Error>> {
        let is_one_of_several = asks.len() > 1;
        let mut answers = Vec::with_capacity(asks.len());
        let (mut past, mut through) = (Vec::new(), Vec::new());
        for (place, ask) in asks.into_iter().enumerate() {
            answers.push(match self.with.planner.plan(ask, is_one_of_several) {
                Ok(Plan::Answered(rows)) => Ok(rows),
                Ok(Plan::Through(read)) => {
                    through.push((place, read));
                    Ok(Vec::new())
                }
                Ok(Plan::Past(ask)) => {
                    past.push((place, ask));
                    Ok(Vec::new())
                }
                Err(error) => Err(error),
            });
        }
        if past.is_empty() && through.is_empty() {
            return answers;
        }
        let found = match self.runtime.check() {
            Ok(()) if past.is_empty() => self.seek_each(through, source).await,
            Ok(()) => {
                let past = self.with.bypass.answer_placed(past, &**source);
                let (mut past, through) = join(past, self.seek_each(through, source)).await;
                past.extend(through);
                past
            }
            Err(error) => {
                let places = past.iter().map(|(place, _)| *place);
                let places = places.chain(through.iter().map(|(place, _)| *place));
                places.map(|place| (place, Err(error.clone()))).collect()
            }
        };
        for (place, answer) in found {
            answers[place] = answer;
        }
        answers
    }

    /// One look into the store for all; then what it lacks, at the same time.
    async fn seek_each(
        self: &Arc<Self>,
        placed: Vec<Placed<Arc<PlannedRead>>>,
        source: &SharedSource,
    ) -> Vec<PlacedAnswer> {
        if placed.is_empty() {
            return Vec::new();
        }
        // A reader's time must not be later than the moment at which it looks at the cache.
        let began = self.with.flights.now();
        let looks = self.with.lookups.look_up_all(&placed).await;
        let mut answers = Vec::with_capacity(placed.len());
        let (mut missed, mut pointed, mut due) = (Vec::new(), Vec::new(), Vec::new());
        for ((place, read), lookup) in placed.into_iter().zip(looks) {
            let mut fallback = None;
            match self
                .with
                .refresher
                .admit(&read, lookup, &mut fallback, &mut due)
            {
                Lookup::Hit(rows) => {
                    self.observer.count_read(&read.ask, self.with.lookups.hit());
                    answers.push((place, Ok(rows)));
                }
                Lookup::Pointer(key) => pointed.push((place, read, key)),
                lookup => {
                    let attempt = Attempt::new(read, began, lookup, fallback);
                    missed.push((place, attempt));
                }
            }
        }
        self.with.refresher.refresh_behind(due, source);
        if !missed.is_empty() || !pointed.is_empty() {
            let pointed = self.follow_each(pointed, began, source);
            let missed = self.attempt_each(missed, source);
            let (missed, pointed) = join(missed, pointed).await;
            answers.extend(missed.into_iter().chain(pointed));
        }
        answers
    }

    /// Carries the attempts out: together, but so many at a time that no lease waits for the loads of others.
    async fn attempt_each(
        self: &Arc<Self>,
        attempts: Vec<Placed<Attempt>>,
        source: &SharedSource,
    ) -> Vec<PlacedAnswer> {
        let mut answers = Vec::with_capacity(attempts.len());
        let mut rest = attempts.into_iter();
        while rest.len() > 0 {
            let some = rest.by_ref().take(self.chunk);
            let some = some.map(|(place, attempt)| async move {
                let answer = self.with.seeker.seek(attempt, source).await;
                (place, answer)
            });
            answers.extend(self.with.jobs.loads.together(join_all(some)).await);
        }
        answers
    }

    /// The rows behind pointers, together. A pointer whose row no longer bears the values is a miss (rule 7).
    async fn follow_each(
        self: &Arc<Self>,
        pointed: Vec<(usize, Arc<PlannedRead>, Arc<[Value]>)>,
        began: u64,
        source: &SharedSource,
    ) -> Vec<PlacedAnswer> {
        if pointed.is_empty() {
            return Vec::new();
        }
        let rows = pointed.iter();
        let rows = rows.map(|(_, read, key)| read.ask.row_behind(key.to_vec()));
        // In a box: rows are found in the same way.
        let found = Box::pin(self.find_each(rows.collect(), source)).await;
        let (mut answers, mut missed) = (Vec::with_capacity(found.len()), Vec::new());
        for ((place, read, _), found) in pointed.into_iter().zip(found) {
            match found {
                Ok(rows) if !read.ask.is_answered_by(&self.entities, rows.first()) => {
                    let attempt =
                        Attempt::new(read, began, Lookup::Miss(Observed::REPLACEABLE), None);
                    missed.push((place, attempt));
                }
                answer => answers.push((place, answer)),
            }
        }
        if !missed.is_empty() {
            answers.extend(self.attempt_each(missed, source).await);
        }
        answers
    }
}
