//! Invalidation by the program itself. What has begun ends: it runs on a task of its own, as writes do.

use super::Engine;
use super::invalidation::{Cause, Reason};
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::protocol::{Targets, TouchSet};
use std::future::Future;
use std::sync::Arc;
use tracing::Instrument;

/// Why the program invalidates.
#[derive(Debug)]
pub(crate) enum Origin {
    /// It names what is to go.
    One(Reason),
    /// Statements, and events.
    Touches(TouchSet),
}

impl From<Reason> for Origin {
    fn from(reason: Reason) -> Self {
        Self::One(reason)
    }
}

impl Engine {
    /// Invalidates at once, outside of any write of ours.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnavailable`] if the store did not take it; it is then owed and made good by a new epoch.
    ///
    /// # Cancellation
    /// Begun, it ends: it is delivered or owed, even if the caller is gone.
    pub(crate) async fn invalidate(
        self: &Arc<Self>,
        targets: Targets,
        origin: Origin,
    ) -> Result<(), Error> {
        if self.is_passthrough() {
            return Ok(());
        }
        self.check_runtime()?;
        let engine = Arc::clone(self);
        run_detached(async move {
            match origin {
                Origin::One(reason) => engine.invalidate_now(&targets, reason.into()).await,
                Origin::Touches(touches) => {
                    let origin = Cause::Touches(&[&touches]);
                    engine.invalidate_now(&targets, origin).await
                }
            }
        })
        .await
    }

    /// Makes everything in the namespace unusable.
    ///
    /// # Errors
    /// As [`invalidate`](Self::invalidate).
    ///
    /// # Cancellation
    /// As [`invalidate`](Self::invalidate).
    pub(crate) async fn renounce(self: &Arc<Self>) -> Result<(), Error> {
        if self.is_passthrough() {
            return Ok(());
        }
        self.check_runtime()?;
        let engine = Arc::clone(self);
        run_detached(async move { engine.renounce_now().await }).await
    }

    /// Invalidates these entries, and nothing that depends on them.
    ///
    /// # Errors
    /// As [`invalidate`](Self::invalidate).
    ///
    /// # Cancellation
    /// As [`invalidate`](Self::invalidate).
    pub(crate) async fn take(self: &Arc<Self>, keys: Vec<Key>) -> Result<(), Error> {
        self.check_runtime()?;
        let engine = Arc::clone(self);
        run_detached(async move { engine.take_now(&keys).await }).await
    }
}

/// Does the work on a task of its own, which nothing stops but the end of the runtime.
async fn run_detached(
    work: impl Future<Output = Result<(), Error>> + Send + 'static,
) -> Result<(), Error> {
    let Ok(runtime) = tokio::runtime::Handle::try_current() else {
        return work.await;
    };
    let done = runtime.spawn(work.in_current_span()).await;
    done.unwrap_or_else(|_| {
        let message = "an invalidation panicked; the panic's message is on standard error";
        Err(Error::new(ErrorKind::Internal, message))
    })
}
