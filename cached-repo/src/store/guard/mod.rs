//! Keeps a sick store from making anybody wait: a time limit on every call, a limit on how many wait for an answer, and a circuit
//! breaker.
//!
//! # Rules
//! - While the breaker is open, calls fail at once with [`StoreError::Away`]: reads go to the database and wait for nothing. `breaker`
//!   says when it opens and closes.
//! - Calls of readers wait for each other before they are sent, not in the connection: a call that is sent late has its whole time for
//!   its answer, and a crowd of readers does not look like a sick store. One that is not sent in time fails, and counts for nothing.
//!   Calls of writers do not stand in that line.
//! - Rule 11: while an invalidation could not be delivered, the breaker stays open, and the
//!   probe that finds the store well first makes everything in the namespace unusable, and releases the locks of writes that
//!   could not.

mod breaker;
mod probe;
mod switch;
mod unreleased;

use crate::key::Key;
use crate::port::{
    Capabilities, Fill, FillOutcome, Found, Observed, Permit, Request, Scan, Steps, Store,
    StoreError,
};
use crate::stamp::Token;
use crate::time::Stopwatch;
use async_trait::async_trait;
use breaker::{Admission, Effect, Event, Policy};
use futures_util::stream::{self, StreamExt};
use probe::Prober;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use switch::Switch;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use unreleased::Unreleased;

/// How long the guard waits, and what it counts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For one call.
    pub(crate) call: Duration,
    /// Before the first probe of an open breaker.
    pub(crate) cooldown: Duration,
    /// Intervals with time-outs, in a row, that open the breaker.
    pub(crate) threshold: u32,
    /// Calls of readers that may wait for an answer at the same time.
    pub(crate) concurrency: usize,
}

/// A store behind a breaker.
#[derive(Clone, Debug)]
pub(crate) struct Guarded(Arc<State>);

#[derive(Debug)]
struct State {
    inner: Arc<dyn Store>,
    limits: Limits,
    /// The store's name in messages.
    name: String,
    switch: Switch,
    since: Stopwatch,
    /// Readers stand in line for these.
    turns: Semaphore,
    /// Which store is away, and why.
    why: Mutex<Arc<str>>,
    /// Locks that stand in the store though their writes have ended.
    unreleased: Unreleased,
    /// Told when the breaker closes.
    closed: Notify,
}

impl Guarded {
    pub(crate) fn new(inner: Arc<dyn Store>, limits: Limits) -> Self {
        let policy = Policy {
            threshold: limits.threshold,
            // Shorter than a call may last: calls that time out one after the other count each.
            interval: limits.call.mul_f64(0.8),
        };
        let name = inner.address().unwrap_or_default();
        Self(Arc::new(State {
            why: Mutex::new(name.as_str().into()),
            name,
            inner,
            limits,
            switch: Switch::new(policy),
            since: Stopwatch::start(),
            turns: Semaphore::new(limits.concurrency.min(Semaphore::MAX_PERMITS)),
            unreleased: Unreleased::default(),
            closed: Notify::new(),
        }))
    }

    /// Whether calls fail at once.
    pub(crate) fn is_open(&self) -> bool {
        self.0.switch.present().is_open()
    }

    /// How often the breaker has opened.
    pub(crate) fn opened(&self) -> u64 {
        self.0.switch.present().opened()
    }

    /// Whether an invalidation was not delivered and is not made good yet.
    pub(crate) fn has_undelivered(&self) -> bool {
        self.0.switch.present().has_undelivered()
    }

    /// How often undelivered invalidations were made good by a new epoch.
    pub(crate) fn namespace_resets(&self) -> u64 {
        self.0.switch.present().namespace_resets()
    }

    /// A call of a reader.
    async fn call<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let _turn = self.turn().await?;
        self.call_now(work).await
    }

    /// The turn of a reader, for which it may have to stand in line.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, StoreError> {
        self.admit()?;
        if let Ok(turn) = self.0.turns.try_acquire() {
            return Ok(turn);
        }
        let turn = tokio::time::timeout(self.0.limits.call, self.0.turns.acquire()).await;
        turn.ok().and_then(Result::ok).ok_or(StoreError::Overloaded)
    }

    /// A call of a writer, or one that keeps something alive.
    async fn call_now<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        self.admit()?;
        let answer = limited(self.0.limits.call, work).await;
        let at = self.0.since.elapsed();
        let event = match &answer {
            Err(StoreError::TimedOut) => Event::TimedOut(at),
            Err(StoreError::Lost(_)) => Event::Lost,
            Err(StoreError::Away(_) | StoreError::Overloaded) => return answer,
            Ok(_) | Err(StoreError::Failed(_)) => Event::Answered(at),
        };
        self.tell(event, answer.as_ref().err());
        answer
    }

    /// The same for an invalidation: one that fails is noted as undelivered before its caller learns of it.
    async fn deliver(
        &self,
        work: impl Future<Output = Result<(), StoreError>>,
    ) -> Result<(), StoreError> {
        let answer = self.call_now(work).await;
        self.note_undelivered(&answer);
        answer
    }

    /// Notes an invalidation that has failed as undelivered.
    fn note_undelivered(&self, answer: &Result<(), StoreError>) {
        if let Err(error) = answer {
            self.tell(Event::Undelivered, Some(error));
        }
    }

    fn admit(&self) -> Result<(), StoreError> {
        match self.0.switch.admit() {
            Admission::Send => return Ok(()),
            Admission::Refuse => {}
            Admission::RefuseAndProbe => Prober::start(&self.0),
        }
        Err(StoreError::Away(self.0.why()))
    }

    fn tell(&self, event: Event, error: Option<&StoreError>) {
        if self.0.switch.on(event) != Effect::Opened {
            return;
        }
        let why: Arc<str> = match error {
            Some(error) => format!("{}: {error}", self.0.name).into(),
            None => self.0.name.as_str().into(),
        };
        tracing::warn!(store = %why, "the store is away: reads go to the database until it answers");
        *self.0.why.lock().unwrap_or_else(PoisonError::into_inner) = why;
        Prober::start(&self.0);
    }
}

impl State {
    fn why(&self) -> Arc<str> {
        Arc::clone(&self.why.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

async fn limited<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, StoreError>>,
) -> Result<T, StoreError> {
    tokio::time::timeout(limit, work)
        .await
        .unwrap_or(Err(StoreError::TimedOut))
}

#[async_trait]
impl Store for Guarded {
    async fn read(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        self.call(self.0.inner.read(requests)).await
    }

    async fn permit(
        &self,
        requests: Vec<(Request, Observed)>,
    ) -> Result<Vec<Option<Permit>>, StoreError> {
        self.call(self.0.inner.permit(requests)).await
    }

    async fn fill(&self, fills: Vec<Fill>) -> Result<Vec<FillOutcome>, StoreError> {
        self.call(self.0.inner.fill(fills)).await
    }

    fn renewal(&self) -> Option<Duration> {
        self.0.inner.renewal()
    }

    async fn renew(&self, leases: &[(&Key, Token)]) -> Result<(), StoreError> {
        self.call_now(self.0.inner.renew(leases)).await
    }

    async fn wait_for_lease(&self, key: &Key, limit: Duration) -> Result<(), StoreError> {
        self.admit()?;
        // It lasts as long as somebody else's load: only its parts are calls.
        self.0.inner.wait_for_lease(key, limit).await
    }

    async fn claim(&self, claims: &[(&Key, Duration)]) -> Result<Vec<bool>, StoreError> {
        self.call(self.0.inner.claim(claims)).await
    }

    async fn abandon(&self, permits: Vec<(Key, Permit)>) {
        if let Ok(_turn) = self.turn().await {
            // It does not say whether the store has answered.
            let work = self.0.inner.abandon(permits);
            let _ = tokio::time::timeout(self.0.limits.call, work).await;
        }
    }

    async fn lock(
        &self,
        targets: &[Key],
        writer: Token,
        lifetime: Duration,
    ) -> Result<(), StoreError> {
        self.call_now(self.0.inner.lock(targets, writer, lifetime))
            .await
    }

    async fn release(&self, targets: &[Key], writer: Token) -> Result<(), StoreError> {
        let answer = self.call_now(self.0.inner.release(targets, writer)).await;
        if answer.is_err() {
            // Before the invalidation is noted: the probe that covers it finds the locks.
            self.0.unreleased.add(targets, writer);
        }
        self.note_undelivered(&answer);
        answer
    }

    async fn publish(&self, targets: &[Key]) -> Result<(), StoreError> {
        self.call_now(self.0.inner.publish(targets)).await
    }

    fn last_published(&self) -> u64 {
        self.0.inner.last_published()
    }

    fn scan(self: Arc<Self>, scan: Scan) -> Option<Steps> {
        let steps = Arc::clone(&self.0.inner).scan(scan)?;
        let step = |(guard, mut steps): (Arc<Self>, Steps)| async move {
            let step = async { steps.next().await.transpose() };
            let answer = guard.call(step).await.transpose()?;
            Some((answer, (guard, steps)))
        };
        Some(stream::unfold((self, steps), step).boxed())
    }

    async fn invalidate_namespace(&self) -> Result<(), StoreError> {
        self.deliver(self.0.inner.invalidate_namespace()).await
    }

    async fn wait_settled(&self) {
        loop {
            let closed = self.0.closed.notified();
            tokio::pin!(closed);
            closed.as_mut().enable();
            if !self.is_open() {
                return;
            }
            closed.await;
        }
    }

    fn capabilities(&self) -> Capabilities {
        self.0.inner.capabilities()
    }

    fn address(&self) -> Option<String> {
        self.0.inner.address()
    }
}

#[cfg(test)]
mod tests;
