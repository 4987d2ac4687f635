//! Ctrl-C and SIGTERM: noted, so that servers are stopped in an orderly way.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;

static CAME: AtomicBool = AtomicBool::new(false);

/// From now on the signals are noted instead of ending this process.
pub(crate) fn listen() -> Result<(), Failure> {
    ctrlc::set_handler(|| CAME.store(true, Ordering::Relaxed))
        .map_err(|error| Failure::new(format!("could not listen to signals: {error}")))
}

/// Whether one came.
pub(crate) fn came() -> bool {
    CAME.load(Ordering::Relaxed)
}
