//! Work that goes on after its caller has its answer: fills.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;
use tracing::Instrument;

/// Tasks under way.
#[derive(Debug, Default)]
pub(super) struct Background {
    count: AtomicUsize,
    idle: Notify,
}

impl Background {
    /// Starts a task in the caller's span; without a runtime there is nobody to run it, and nobody it would help.
    pub(super) fn spawn(self: &Arc<Self>, work: impl Future<Output = ()> + Send + 'static) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        self.count.fetch_add(1, Ordering::SeqCst);
        let done = Done(Arc::clone(self));
        let task = async move {
            let _done = done;
            work.await;
        };
        runtime.spawn(task.in_current_span());
    }

    /// Returns when no task is under way.
    pub(super) async fn idle(&self) {
        loop {
            let idle = self.idle.notified();
            if self.count.load(Ordering::SeqCst) == 0 {
                return;
            }
            idle.await;
        }
    }
}

/// Counts a task down, even if it panics.
struct Done(Arc<Background>);

impl Drop for Done {
    fn drop(&mut self) {
        if self.0.count.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}
