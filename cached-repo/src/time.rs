//! The clock. Only this module reads time; tests move it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// The clock by which entries in this process expire. All clones of a clock are one.
///
/// A repo has the system clock unless its builder is given another one. A test gives it a manual clock, and moves that:
///
/// ```
/// # use cached_repo::testing::Clock;
/// # use cached_repo::{CacheSchema, CachedRepo, Error};
/// # use sea_orm::DatabaseConnection;
/// # use std::time::Duration;
/// # async fn test<App: CacheSchema>(database: DatabaseConnection) -> Result<(), Error> {
/// let clock = Clock::manual();
/// let repo = CachedRepo::<App>::builder(database).clock(clock.clone()).build().await?;
/// // .. read ..
/// clock.advance(Duration::from_secs(3600));
/// // .. and read again ..
/// # drop(repo);
/// # Ok(())
/// # }
/// ```
///
/// Counted by it are lifetimes, spans beyond them, `refresh_ahead`, and pauses after failures of what lies in the process; also
/// the `bound` of copies in front of a server. What lies in Redis expires by the server's clock. Time limits (`store_timeout`,
/// `wait_time`, renewals of locks) are the runtime's.
///
/// The system clock is the coarse monotonic one of the operating system (a few milliseconds of resolution): reading it
/// costs a fifth of the precise one, and a lifetime needs no more.
#[derive(Clone, Debug, Default)]
pub struct Clock(Source);

#[derive(Clone, Debug, Default)]
enum Source {
    #[default]
    System,
    Manual(Arc<AtomicU64>),
}

impl Clock {
    /// A clock that stands still until it is told to [`advance`](Self::advance).
    #[must_use]
    pub fn manual() -> Self {
        Self(Source::Manual(Arc::new(AtomicU64::new(1))))
    }

    /// Moves a manual clock, for all who share it. On the system clock it does nothing.
    pub fn advance(&self, by: Duration) {
        if let Source::Manual(now) = &self.0 {
            now.fetch_add(millis(by), Ordering::SeqCst);
        }
    }

    /// Milliseconds since some fixed moment.
    #[inline]
    pub(crate) fn now(&self) -> u64 {
        match &self.0 {
            // The default `Instant` is no such moment: it is another reading of the clock.
            Source::System => {
                let now = coarsetime::Instant::now_without_cache_update();
                coarsetime::Duration::from_ticks(now.as_ticks()).as_millis()
            }
            Source::Manual(now) => now.load(Ordering::SeqCst),
        }
    }

    /// Milliseconds since the Unix epoch, for people who look at stored entries, and for how long a copy of one may be kept:
    /// nothing else depends on it.
    pub(crate) fn unix_millis() -> u64 {
        coarsetime::Clock::now_since_epoch().as_millis()
    }
}

/// A moment to come, by the clock of the runtime's timers: what it waits for is out of the hands of tests that move time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Deadline(tokio::time::Instant);

impl Deadline {
    /// So long from now.
    pub(crate) fn after(duration: Duration) -> Self {
        Self(tokio::time::Instant::now() + duration)
    }

    /// Whether it is over.
    pub(crate) fn has_passed(self) -> bool {
        self.0 <= tokio::time::Instant::now()
    }

    /// What the work brings; `None` if it has not ended by then.
    pub(crate) async fn limit<T>(self, work: impl Future<Output = T>) -> Option<T> {
        tokio::time::timeout_at(self.0, work).await.ok()
    }
}

/// Tells how long something took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stopwatch(tokio::time::Instant);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(tokio::time::Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// A duration in milliseconds, saturating.
pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_goes() {
        let clock = Clock::default();
        let before = clock.now();
        std::thread::sleep(Duration::from_millis(50));
        let passed = clock.now() - before;
        // The coarse clock may lag behind by a tick at either reading.
        assert!(passed >= 30, "{passed} ms in a sleep of 50 ms");
    }
}
