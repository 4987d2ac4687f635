//! The clock that all processes of a machine share.

use rustix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// Nanoseconds since the machine was started. Two processes may compare theirs, which [`std::time::Instant`] does not allow.
#[must_use]
pub fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    let rest = u64::try_from(time.tv_nsec).unwrap_or_default();
    seconds * 1_000_000_000 + rest
}

/// A length in the unit of [`now`].
#[must_use]
pub fn nanos(length: Duration) -> u64 {
    u64::try_from(length.as_nanos()).unwrap_or(u64::MAX)
}

/// Waits until [`now`] is `at`.
pub async fn sleep_until(at: u64) {
    tokio::time::sleep(Duration::from_nanos(at.saturating_sub(now()))).await;
}
