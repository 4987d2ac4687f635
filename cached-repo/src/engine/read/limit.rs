//! How long loads may take.

use crate::error::{Error, ErrorKind};
use crate::time::Deadline;
use std::future::Future;
use std::time::Duration;

/// How long loads may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How long a load may take until a second one begins beside it.
    pub(super) soft: Duration,
    /// How long a load may take, and how long a reader waits for loads.
    pub(super) hard: Duration,
}

impl Limits {
    /// How long a reader waits that begins now.
    pub(super) fn begin(self) -> WaitLimits {
        WaitLimits {
            soft: Deadline::after(self.soft),
            hard: Deadline::after(self.hard),
        }
    }

    /// A load, which is dropped if it takes too long.
    pub(super) async fn in_time<T>(
        self,
        load: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let limit = Deadline::after(self.hard);
        limit
            .limit(load)
            .await
            .unwrap_or_else(|| Err(load_timed_out()))
    }
}

/// When a reader gives up.
#[derive(Clone, Copy, Debug)]
pub(super) struct WaitLimits {
    soft: Deadline,
    hard: Deadline,
}

impl WaitLimits {
    /// One that has something to serve instead of what it waits for does not wait beyond the soft limit.
    pub(super) fn ends(self, has_spare: bool) -> Deadline {
        match has_spare {
            true => self.soft.min(self.hard),
            false => self.hard,
        }
    }
}

/// The error of everybody who waits for a load that took too long.
pub(super) fn load_timed_out() -> Error {
    Error::new(
        ErrorKind::TimedOut,
        "a load from the database took longer than `load_timeout` and was dropped; find out what the database waits for, or set \
         `load_timeout` higher",
    )
}
