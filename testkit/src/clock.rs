//! The one place here that reads the clock, and waiting with a deadline.

use std::thread;
use std::time::{Duration, Instant};

/// How long to sleep between two looks at a condition.
const PAUSE: Duration = Duration::from_millis(5);

/// The present moment.
#[expect(
    clippy::disallowed_methods,
    reason = "the rule keeps the library's clock movable; servers live in real time"
)]
pub fn now() -> Instant {
    Instant::now()
}

/// Asks `condition` again and again until it holds or `limit` has passed.
///
/// Returns whether it came to hold.
pub fn wait_until(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let start = now();
    loop {
        if condition() {
            return true;
        }
        if start.elapsed() >= limit {
            return false;
        }
        thread::sleep(PAUSE);
    }
}
