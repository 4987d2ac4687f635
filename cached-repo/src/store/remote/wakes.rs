//! Waiting for the load of another process.
//!
//! Who waits marks the lease; who ends a marked lease, by a fill, by giving it back or by a lock, names its key on a channel.
//! A lease whose holder has died ends by itself, soon, since nobody renews it.

use super::RemoteStore;
use super::transport::{Step, Transport};
use crate::key::Key;
use crate::port::StoreError;
use crate::protocol::{CellAnswer, CellOp};
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// Pause between two looks while no wakes arrive.
const POLL: Duration = Duration::from_millis(25);

/// How many of those who wait look at the same time: a crowd must not keep the connection from everybody else.
const LOOKS: usize = 32;

/// Readers of this process that wait, by the names of their keys.
#[derive(Debug)]
pub(super) struct Wakes {
    waiting: Mutex<HashMap<Vec<u8>, Arc<Notify>>>,
    is_hearing: AtomicBool,
    looks: Semaphore,
}

impl Default for Wakes {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            is_hearing: AtomicBool::default(),
            looks: Semaphore::new(LOOKS),
        }
    }
}

impl Wakes {
    /// Says whether wakes arrive. Who waits looks again.
    pub(super) fn hear(&self, is_hearing: bool) {
        self.is_hearing.store(is_hearing, Ordering::SeqCst);
        for waiting in self.waiting().values() {
            waiting.notify_waiters();
        }
    }

    /// Wakes who waits for this key.
    pub(super) fn wake(&self, name: &[u8]) {
        if let Some(waiting) = self.waiting().get(name) {
            waiting.notify_waiters();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<Vec<u8>, Arc<Notify>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A reader's place among those who wait.
struct Waiting<'a> {
    wakes: &'a Wakes,
    name: Vec<u8>,
    notify: Arc<Notify>,
}

impl<'a> Waiting<'a> {
    fn new(wakes: &'a Wakes, name: &str) -> Self {
        let name = name.as_bytes().to_vec();
        let notify = Arc::clone(wakes.waiting().entry(name.clone()).or_default());
        Self {
            wakes,
            name,
            notify,
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut waiting = self.wakes.waiting();
        // This one, and the list's own.
        if Arc::strong_count(&self.notify) <= 2 {
            waiting.remove(&self.name);
        }
    }
}

impl<T: Transport> RemoteStore<T> {
    /// Returns when nobody holds a lease on the key, or after so long.
    pub(super) async fn until_free(&self, key: &Key, limit: Duration) -> Result<(), StoreError> {
        let freed = tokio::time::timeout(limit, self.freed(key));
        freed.await.unwrap_or(Ok(()))
    }

    async fn freed(&self, key: &Key) -> Result<(), StoreError> {
        let name = self.names.of(key);
        let waiting = Waiting::new(&self.wakes, &name);
        loop {
            let woken = waiting.notify.notified();
            tokio::pin!(woken);
            // Before the lease is marked: a wake that follows at once must not be missed.
            woken.as_mut().enable();
            let step = Step::Apply((&*name).into(), CellOp::Await);
            let look = self.wakes.looks.acquire().await;
            let answer = self.run(&[step]).await?.cell()?;
            drop(look);
            let rest = match answer {
                CellAnswer::Rest(rest) if rest > 0 => rest,
                _ => return Ok(()),
            };
            let mut pause = Duration::from_millis(rest);
            if !self.wakes.is_hearing.load(Ordering::SeqCst) {
                pause = pause.min(POLL);
            }
            // Woken or not, the next look tells.
            let _ = tokio::time::timeout(pause, woken).await;
        }
    }
}
