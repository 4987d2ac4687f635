//! Readers that wait for the load of another process.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::futures::Notified;
use tokio::sync::{Notify, Semaphore};

/// How many of those who wait look at the same time: a crowd must not keep the connection from everybody else.
const LOOKS: usize = 32;

/// Readers of this process that wait, by the names of their keys.
#[derive(Debug)]
pub(super) struct Wakes {
    waiting: Mutex<HashMap<Vec<u8>, Arc<Notify>>>,
    is_subscribed: AtomicBool,
    looks: Semaphore,
}

impl Default for Wakes {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            is_subscribed: AtomicBool::default(),
            looks: Semaphore::new(LOOKS),
        }
    }
}

impl Wakes {
    /// Says whether wakes arrive. Who waits looks again.
    pub(super) fn set_subscribed(&self, is_subscribed: bool) {
        self.is_subscribed.store(is_subscribed, Ordering::SeqCst);
        for waiting in self.waiting().values() {
            waiting.notify_waiters();
        }
    }

    /// Whether wakes arrive.
    pub(super) fn is_subscribed(&self) -> bool {
        self.is_subscribed.load(Ordering::SeqCst)
    }

    /// Does the look, when it is its turn among those of all who wait.
    pub(super) async fn in_turn<T>(&self, look: impl Future<Output = T>) -> T {
        // Never closed: without a permit there is no turn to wait for.
        let _turn = self.looks.acquire().await;
        look.await
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
pub(super) struct Waiting<'a> {
    wakes: &'a Wakes,
    name: Vec<u8>,
    notify: Arc<Notify>,
}

impl<'a> Waiting<'a> {
    pub(super) fn new(wakes: &'a Wakes, name: &str) -> Self {
        let name = name.as_bytes().to_vec();
        let notify = Arc::clone(wakes.waiting().entry(name.clone()).or_default());
        Self {
            wakes,
            name,
            notify,
        }
    }
}

impl Waiting<'_> {
    /// Ends with the next wake after its first poll.
    pub(super) fn woken(&self) -> Notified<'_> {
        self.notify.notified()
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
