//! Keeps a sick store from making anybody wait: a time limit on every call, and a circuit breaker.
//!
//! # Rules
//! - The first time-out or lost connection opens the breaker. While it is open, calls fail at once with
//!   [`StoreError::Away`]: reads go to the database and wait for nothing.
//! - A task of the guard's own probes the store, with a growing pause in between, and closes the breaker when it answers.
//! - Rule 11: an invalidation that could not be delivered is a debt. While the guard owes, the breaker stays open, and the
//!   probe that finds the store well first makes everything in the namespace unusable, and releases the locks of writes that
//!   could not.

mod unreleased;

use crate::key::Key;
use crate::port::{
    Fill, Found, Landing, Observed, Permit, Request, Scan, Steps, Store, StoreError,
};
use crate::stamp::Token;
use async_trait::async_trait;
use futures_util::stream::{self, StreamExt};
use std::future::Future;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;
use unreleased::Unreleased;

/// How long the guard waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// For one call.
    pub(crate) call: Duration,
    /// Before the first probe of an open breaker.
    pub(crate) cooldown: Duration,
}

/// Longest pause between two probes, as a multiple of the cooldown.
const MAX_BACKOFF: u32 = 16;

/// A store behind a breaker.
#[derive(Clone, Debug)]
pub(crate) struct Guarded(Arc<State>);

#[derive(Debug)]
struct State {
    inner: Arc<dyn Store>,
    limits: Limits,
    open: AtomicBool,
    owes: AtomicBool,
    /// How often the breaker opened.
    opened: AtomicU64,
    renounced: AtomicU64,
    /// Locks that stand in the store though their writes have ended.
    unreleased: Unreleased,
    /// Told when the breaker closes.
    closed: Notify,
}

impl Guarded {
    pub(crate) fn new(inner: Arc<dyn Store>, limits: Limits) -> Self {
        Self(Arc::new(State {
            inner,
            limits,
            open: AtomicBool::new(false),
            owes: AtomicBool::new(false),
            opened: AtomicU64::new(0),
            renounced: AtomicU64::new(0),
            unreleased: Unreleased::default(),
            closed: Notify::new(),
        }))
    }

    /// Whether calls fail at once.
    pub(crate) fn is_open(&self) -> bool {
        self.0.open.load(Ordering::Acquire)
    }

    /// How often the breaker has opened.
    pub(crate) fn opened(&self) -> u64 {
        self.0.opened.load(Ordering::Relaxed)
    }

    /// Whether an invalidation was not delivered and is not made good yet.
    pub(crate) fn owes(&self) -> bool {
        self.0.owes.load(Ordering::Acquire)
    }

    /// How often undelivered invalidations were made good by a new epoch.
    pub(crate) fn renounced(&self) -> u64 {
        self.0.renounced.load(Ordering::Relaxed)
    }

    async fn call<T>(
        &self,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        if self.is_open() {
            return Err(StoreError::Away);
        }
        let answer = limited(self.0.limits.call, work).await;
        if matches!(answer, Err(StoreError::Away | StoreError::TimedOut)) {
            self.trip();
        }
        answer
    }

    /// Opens the breaker and starts its probe.
    fn trip(&self) {
        if self.0.open.swap(true, Ordering::AcqRel) {
            return;
        }
        self.0.opened.fetch_add(1, Ordering::Relaxed);
        tracing::warn!("the store is away: reads go to the database until it answers");
        match tokio::runtime::Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(probe(Arc::downgrade(&self.0)))),
            // Nobody could close it again; the next call is the probe.
            Err(_) => self.0.open.store(false, Ordering::Release),
        }
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

/// Runs until the store answers or the guard is gone.
async fn probe(state: Weak<State>) {
    let mut pause = 1;
    loop {
        let Some(cooldown) = state.upgrade().map(|state| state.limits.cooldown) else {
            return;
        };
        tokio::time::sleep(cooldown * pause).await;
        let Some(state) = state.upgrade() else {
            return;
        };
        if state.recover().await.is_ok() {
            tracing::info!("the store answers again");
            return;
        }
        pause = (pause * 2).min(MAX_BACKOFF);
    }
}

impl State {
    /// Pays what is owed, then closes the breaker.
    async fn recover(&self) -> Result<(), StoreError> {
        loop {
            let owed = self.owes.swap(false, Ordering::AcqRel);
            let answer = if owed {
                limited(self.limits.call, self.inner.renounce()).await
            } else {
                limited(self.limits.call, self.inner.read(&[]))
                    .await
                    .map(drop)
            };
            if let Err(error) = answer {
                if owed {
                    self.owes.store(true, Ordering::Release);
                }
                return Err(error);
            }
            if owed {
                self.renounced.fetch_add(1, Ordering::Relaxed);
                self.unreleased
                    .release(&*self.inner, self.limits.call)
                    .await;
                continue;
            }
            self.open.store(false, Ordering::Release);
            // A write may have failed to deliver just before the breaker closed: it is open again until that is paid.
            if !self.owes.load(Ordering::Acquire) {
                self.closed.notify_waiters();
                return Ok(());
            }
            self.open.store(true, Ordering::Release);
        }
    }
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

    async fn fill(&self, fills: Vec<Fill>) -> Result<Vec<Landing>, StoreError> {
        self.call(self.0.inner.fill(fills)).await
    }

    fn renewal(&self) -> Option<Duration> {
        self.0.inner.renewal()
    }

    async fn renew(&self, leases: &[(&Key, Token)]) -> Result<(), StoreError> {
        self.call(self.0.inner.renew(leases)).await
    }

    async fn leased(&self, key: &Key, limit: Duration) -> Result<(), StoreError> {
        if self.is_open() {
            return Err(StoreError::Away);
        }
        // It lasts as long as somebody else's load: only its parts are calls.
        self.0.inner.leased(key, limit).await
    }

    async fn claim(&self, key: &Key, lifetime: Duration) -> Result<bool, StoreError> {
        self.call(self.0.inner.claim(key, lifetime)).await
    }

    async fn abandon(&self, permits: Vec<(Key, Permit)>) {
        let work = async {
            self.0.inner.abandon(permits).await;
            Ok(())
        };
        let _ = self.call(work).await;
    }

    async fn lock(
        &self,
        targets: &[Key],
        writer: Token,
        lifetime: Duration,
    ) -> Result<(), StoreError> {
        self.call(self.0.inner.lock(targets, writer, lifetime))
            .await
    }

    async fn release(&self, targets: &[Key], writer: Token) -> Result<(), StoreError> {
        let answer = self.call(self.0.inner.release(targets, writer)).await;
        if answer.is_err() {
            // Before the debt: whoever pays it finds the locks.
            self.0.unreleased.add(targets, writer);
            self.0.owes.store(true, Ordering::Release);
            self.trip();
        }
        answer
    }

    async fn announce(&self, targets: &[Key]) -> Result<(), StoreError> {
        self.call(self.0.inner.announce(targets)).await
    }

    fn announced(&self) -> u64 {
        self.0.inner.announced()
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

    async fn renounce(&self) -> Result<(), StoreError> {
        let answer = self.call(self.0.inner.renounce()).await;
        if answer.is_err() {
            self.0.owes.store(true, Ordering::Release);
            self.trip();
        }
        answer
    }

    async fn settled(&self) {
        loop {
            let closed = self.0.closed.notified();
            tokio::pin!(closed);
            closed.as_mut().enable();
            // A debt that is being paid is not owed any more, but the breaker is open until it is.
            if !self.is_open() && !self.owes() {
                return;
            }
            closed.await;
        }
    }

    fn is_shared(&self) -> bool {
        self.0.inner.is_shared()
    }
}

#[cfg(test)]
mod tests;
