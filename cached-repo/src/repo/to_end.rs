//! Futures that must not be dropped halfway.

use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::runtime::Handle;
use tracing::Instrument;

/// Polls the future to its end: here, or on a task if this one is dropped.
///
/// # Cancellation
/// Dropping it does not stop what has begun, unless no runtime is there to go on with it.
pub(super) async fn to_end<T: Send + 'static>(
    future: impl Future<Output = T> + Send + 'static,
) -> T {
    Rest(Some(future.boxed())).await
}

/// What is left of a future that has begun.
struct Rest<T: Send + 'static>(Option<BoxFuture<'static, T>>);

impl<T: Send + 'static> Future for Rest<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        // Out of its place: one that panics must not be gone on with.
        let Some(mut future) = self.0.take() else {
            return Poll::Pending;
        };
        let output = future.poll_unpin(context);
        if output.is_pending() {
            self.0 = Some(future);
        }
        output
    }
}

impl<T: Send + 'static> Drop for Rest<T> {
    fn drop(&mut self) {
        if let (Some(rest), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            runtime.spawn(rest.in_current_span());
        }
    }
}
