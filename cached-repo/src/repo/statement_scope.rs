//! Tells statements of a repo from others, for a callback that sees both.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;

thread_local! {
    static IN_SCOPE: Cell<bool> = const { Cell::new(false) };
}

/// Runs a statement of a repo. [`is_in_scope`] is true while the driver works on it, and so in the callback that the driver calls.
pub(super) async fn in_scope<F: Future>(statement: F) -> F::Output {
    let mut statement = pin!(statement);
    poll_fn(|context| {
        let _mark = Mark(IN_SCOPE.replace(true));
        statement.as_mut().poll(context)
    })
    .await
}

/// Whether this thread is at work on a statement of a repo.
pub(super) fn is_in_scope() -> bool {
    IN_SCOPE.get()
}

/// Restores what was before, even if the driver panics.
struct Mark(bool);

impl Drop for Mark {
    fn drop(&mut self) {
        IN_SCOPE.set(self.0);
    }
}
