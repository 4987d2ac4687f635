//! Waiting for the load of another process.
//!
//! Who waits marks the lease; who ends a marked lease, by a fill, by giving it back or by a lock, names its key on a channel.
//! A lease whose holder has died ends by itself, soon, since nobody renews it.

use super::connection::Connection;
use super::transport::{Step, Transport};
use super::wakes::Waiting;
use crate::key::Key;
use crate::port::StoreError;
use crate::protocol::{CellAnswer, CellOp};
use std::time::Duration;

/// Pause between two looks while no wakes arrive.
const POLL: Duration = Duration::from_millis(25);

/// Waits for leases.
pub(super) struct LeaseWait<'a, T>(pub(super) &'a Connection<T>);

impl<T: Transport> LeaseWait<'_, T> {
    /// Returns when nobody holds a lease on the key, or after so long.
    pub(super) async fn until_free(&self, key: &Key, limit: Duration) -> Result<(), StoreError> {
        let freed = tokio::time::timeout(limit, self.freed(key));
        freed.await.unwrap_or(Ok(()))
    }

    async fn freed(&self, key: &Key) -> Result<(), StoreError> {
        let name = self.0.names.of(key);
        let waiting = Waiting::new(&self.0.wakes, &name);
        loop {
            let woken = waiting.woken();
            tokio::pin!(woken);
            // Before the lease is marked: a wake that follows at once must not be missed.
            woken.as_mut().enable();
            let steps = [Step::Apply((&*name).into(), CellOp::Await)];
            let answers = self.0.wakes.in_turn(self.0.run(&steps)).await;
            let rest = match answers?.cell()? {
                CellAnswer::Rest(rest) if rest > 0 => rest,
                _ => return Ok(()),
            };
            let mut pause = Duration::from_millis(rest);
            if !self.0.wakes.is_subscribed() {
                pause = pause.min(POLL);
            }
            // Woken or not, the next look tells.
            let _ = tokio::time::timeout(pause, woken).await;
        }
    }
}
