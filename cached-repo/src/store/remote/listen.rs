//! Notices of other processes (rule 10).
//!
//! # Rules
//! - Every notice has the number after the last one's. A gap means that something was missed.
//! - A beat is sent to this process itself through the connection on which everything else is sent, and must arrive: a store or a
//!   network that is silent is known by it. It carries the last number, so that a last notice that is missing is noticed.
//! - The listener learns at once that the connection is lost, and again that a new one stands.
//! - If so configured, the store also names each key of the namespace that anybody changes: programs that are not this library
//!   send no notices.

use super::connection::Connection;
use super::transport::{Answer, Message, Receiver, Step, Transport};
use crate::port::{Listener, StoreError};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// Longest pause between two attempts to connect.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// One connection on which notices arrive.
struct Subscriber<T> {
    store: Weak<Connection<T>>,
    listener: Arc<dyn Listener>,
    /// Number of the last notice; nothing counts before it is known.
    last: AtomicU64,
    is_armed: AtomicBool,
    /// Number of beats that arrived.
    beats: AtomicU64,
    lost: Notify,
    arrived: Notify,
}

/// Sends a beat.
async fn send_beat<T: Transport>(store: &Connection<T>) -> Option<()> {
    let steps = [Step::Beat];
    let call = tokio::time::timeout(store.settings.call, store.transport.run(&steps));
    match call.await.ok()?.ok()?.first()? {
        Answer::Number(_) => Some(()),
        _ => None,
    }
}

/// Listens, for as long as there is a store.
pub(super) async fn supervise<T: Transport>(
    store: Weak<Connection<T>>,
    listener: Arc<dyn Listener>,
    beat: Duration,
) {
    let mut pause = beat.min(MAX_PAUSE) / 8;
    loop {
        let Some(strong) = store.upgrade() else {
            return;
        };
        let subscriber = Arc::new(Subscriber {
            store: store.clone(),
            listener: Arc::clone(&listener),
            last: AtomicU64::new(0),
            is_armed: AtomicBool::new(false),
            beats: AtomicU64::new(0),
            lost: Notify::new(),
            arrived: Notify::new(),
        });
        let armed = tokio::time::timeout(strong.settings.connect, subscriber.arm(&strong)).await;
        drop(strong);
        if let Ok(Ok(subscription)) = armed {
            pause = beat.min(MAX_PAUSE) / 8;
            subscriber.watch(beat).await;
            // The connection before the news: what is still on its way must not count afterwards.
            drop(subscription);
            subscriber.disconnect();
            continue;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MAX_PAUSE);
    }
}

impl<T: Transport> Subscriber<T> {
    /// Connects and subscribes; from then on nothing is missed.
    async fn arm(self: &Arc<Self>, store: &Connection<T>) -> Result<T::Subscription, StoreError> {
        let receiver = Arc::clone(self) as Arc<dyn Receiver>;
        let (subscription, number) = store.transport.subscribe(receiver).await?;
        // A notice that arrives in between is one that the number covers, or the next one.
        self.last.fetch_max(number, Ordering::SeqCst);
        // In this order: what arrives between the two must not be passed over.
        self.is_armed.store(true, Ordering::SeqCst);
        store.wakes.set_subscribed(true);
        self.listener.subscribed(number);
        if !self.is_armed.load(Ordering::SeqCst) {
            // It was lost meanwhile, and that may have been said before.
            store.wakes.set_subscribed(false);
            self.listener.unsubscribed();
        }
        Ok(subscription)
    }

    /// Returns when the connection is lost or silent.
    async fn watch(&self, beat: Duration) {
        loop {
            let lost = self.lost.notified();
            if tokio::time::timeout(beat, lost).await.is_ok() {
                return;
            }
            let Some(store) = self.store.upgrade() else {
                return;
            };
            let before = self.beats.load(Ordering::SeqCst);
            let arrived = async {
                send_beat(&store).await?;
                loop {
                    let news = self.arrived.notified();
                    if self.beats.load(Ordering::SeqCst) != before {
                        return Some(());
                    }
                    news.await;
                }
            };
            // Twice the time of a call: the beat goes out in one, and comes back in one.
            let limit = store.settings.call * 2;
            if !matches!(tokio::time::timeout(limit, arrived).await, Ok(Some(()))) {
                return;
            }
        }
    }

    /// Says once that no notice arrives any more: a connection that is gone for long must not speak for the next one.
    fn disconnect(&self) {
        if self.is_armed.swap(false, Ordering::SeqCst)
            && let Some(store) = self.store.upgrade()
        {
            store.wakes.set_subscribed(false);
            self.listener.unsubscribed();
        }
    }

    /// Keys of the namespace that somebody has changed.
    fn changed(&self, store: &Connection<T>, names: &[&[u8]]) {
        if !self.is_armed.load(Ordering::SeqCst) {
            // What this process holds begins later than this.
            return;
        }
        let named = |name: &&[u8]| store.notices.named(&store.schema, name);
        let keys: Vec<_> = names.iter().filter_map(named).collect();
        self.listener.keys_changed(&keys);
    }

    fn notice(&self, store: &Connection<T>, number: u64, notice: &[u8]) {
        let last = self.last.swap(number, Ordering::SeqCst);
        if !self.is_armed.load(Ordering::SeqCst) {
            // What this process holds begins later than this.
            return;
        }
        let received = store.notices.read(&store.schema, notice);
        match received {
            Some(received) if last.checked_add(1) == Some(number) => {
                let own = received.sender == store.notices.sender;
                let keys = if own { &[] } else { received.keys.as_slice() };
                self.listener.invalidated(number, keys);
            }
            _ => self.miss(number),
        }
    }

    /// All notices up to this one were sent before the beat.
    fn beat(&self, number: u64) {
        if number != self.last.load(Ordering::SeqCst) {
            self.miss(number);
        }
        self.beats.fetch_add(1, Ordering::SeqCst);
        self.arrived.notify_one();
    }

    fn miss(&self, number: u64) {
        self.last.store(number, Ordering::SeqCst);
        if self.is_armed.load(Ordering::SeqCst) {
            self.listener.notices_lost(number);
        }
    }
}

impl<T: Transport> Receiver for Subscriber<T> {
    fn receive(&self, message: Message<'_>) {
        if let Message::Lost = message {
            self.disconnect();
            self.lost.notify_one();
            return;
        }
        let Some(store) = self.store.upgrade() else {
            return;
        };
        match message {
            Message::Notice(number, notice) => self.notice(&store, number, notice),
            Message::Beat(number) => self.beat(number),
            Message::Garbled => self.miss(0),
            Message::Woken(name) => store.wakes.wake(name),
            Message::Changed(names) => self.changed(&store, names),
            Message::AllChanged if self.is_armed.load(Ordering::SeqCst) => {
                self.listener.notices_lost(self.last.load(Ordering::SeqCst));
            }
            Message::AllChanged | Message::Lost => {}
        }
    }
}
