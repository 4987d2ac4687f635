//! Invalidation of entries that a scan has found.

use super::Engine;
use super::commit::owed;
use super::invalidation::{Delivery, Reason};
use crate::error::Error;
use crate::key::{Key, NO_ENTITY};
use crate::port::{Scan, Steps};
use crate::protocol::MAX_ROWS;
use crate::stamp::Token;
use crate::stats::CauseKind;
use std::sync::Arc;

impl Engine {
    /// Begins a scan; `None` if the store has none.
    pub(crate) fn scan(&self, scan: Scan) -> Option<Steps> {
        Arc::clone(&self.store).scan(scan)
    }

    /// Invalidates these entries, and nothing that depends on them, in messages of bounded length: the locks of writers stay, leases
    /// are void, copies go.
    ///
    /// # Errors
    /// As [`invalidate`](Self::invalidate).
    pub(super) async fn take_now(&self, keys: &[Key]) -> Result<(), Error> {
        for keys in keys.chunks(MAX_ROWS) {
            let released = self.store.release(keys, Token::unique());
            let released = self.without_copies(keys, released).await;
            let cause = Reason::of(CauseKind::Pattern, NO_ENTITY).into();
            self.bus.publish(cause, keys, Delivery::of(&released));
            released.map_err(owed)?;
        }
        Ok(())
    }
}
