//! Who is told of what other processes invalidate.

use crate::key::Key;

/// Keeps what this process holds in front of a shared store true (rule 10).
///
/// Calls come one after the other, from the task that reads the connection: they must neither wait nor take long.
pub(crate) trait Listener: Send + Sync {
    /// Notices arrive from now on; what was invalidated up to this number shows in the store.
    fn subscribed(&self, number: u64);

    /// These keys and tags were invalidated, by the notice of this number.
    fn invalidated(&self, number: u64, keys: &[Key]);

    /// Somebody has changed these keys in the store, without a notice.
    fn keys_changed(&self, keys: &[Key]);

    /// Notices up to this number were missed, or not understood.
    fn notices_lost(&self, number: u64);

    /// No notice arrives any more.
    fn unsubscribed(&self);
}

/// Keeps nothing, and need not be told.
#[derive(Debug)]
pub(crate) struct NoCopies;

impl Listener for NoCopies {
    fn subscribed(&self, _: u64) {}

    fn invalidated(&self, _: u64, _: &[Key]) {}

    fn keys_changed(&self, _: &[Key]) {}

    fn notices_lost(&self, _: u64) {}

    fn unsubscribed(&self) {}
}
