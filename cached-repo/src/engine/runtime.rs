//! Whether the runtime still runs in which the repo was built. What the repo has begun there (connections, loads, the task that listens
//! to notices) has ended with it: whoever would wait for that waits for ever.

use crate::error::{Error, ErrorKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::oneshot;

/// A task of the runtime, which ends with it, or with the repo.
#[derive(Debug)]
pub(super) struct RuntimeWatch {
    has_ended: Arc<AtomicBool>,
    /// Dropped with the repo.
    _repo: oneshot::Sender<()>,
}

impl Default for RuntimeWatch {
    fn default() -> Self {
        let has_ended = Arc::<AtomicBool>::default();
        let (repo, gone) = oneshot::channel();
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            let end = End(Arc::clone(&has_ended));
            runtime.spawn(async move {
                let _end = end;
                let _ = gone.await;
            });
        }
        Self {
            has_ended,
            _repo: repo,
        }
    }
}

/// Dropped by the task, or with it.
struct End(Arc<AtomicBool>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
    }
}

impl RuntimeWatch {
    /// # Errors
    /// [`ErrorKind::RuntimeEnded`] if the runtime has ended in which the repo was built.
    pub(super) fn check(&self) -> Result<(), Error> {
        if !self.has_ended.load(Ordering::Acquire) {
            return Ok(());
        }
        Err(Error::new(
            ErrorKind::RuntimeEnded,
            "the tokio runtime in which this repo was built has ended; build a repo in the runtime that uses it, for example one \
             in each `#[tokio::test]`",
        ))
    }
}
