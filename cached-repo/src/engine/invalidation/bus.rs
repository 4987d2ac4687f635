//! Publishes invalidations.

use super::cause::Cause;
use super::event::{Delivery, InvalidationEvent, fan_out};
use super::log::log;
use crate::key::Key;
use crate::schema::Schema;
use crate::stats::{CauseCounters, InvalidationStats};
use std::sync::{Arc, OnceLock};
use tokio::sync::broadcast;

/// Events that a subscriber may be behind before it misses some.
const CAPACITY: usize = 1024;

/// Counts and logs invalidations, and sends them to subscribers.
#[derive(Debug)]
pub(crate) struct InvalidationBus {
    schema: Arc<Schema>,
    counters: CauseCounters,
    /// ResultShape by the first subscriber.
    sender: OnceLock<broadcast::Sender<Arc<InvalidationEvent>>>,
}

impl InvalidationBus {
    pub(crate) fn new(schema: Arc<Schema>) -> Self {
        Self {
            schema,
            counters: CauseCounters::default(),
            sender: OnceLock::new(),
        }
    }

    /// Receives what is published from now on.
    pub(crate) fn subscribe(&self) -> broadcast::Receiver<Arc<InvalidationEvent>> {
        let sender = self.sender.get_or_init(|| broadcast::channel(CAPACITY).0);
        sender.subscribe()
    }

    pub(crate) fn stats(&self) -> InvalidationStats {
        self.counters.read()
    }

    /// Publishes that these keys and tags were invalidated. Without a subscriber this counts, and allocates nothing.
    pub(in crate::engine) fn publish(&self, cause: Cause<'_>, keys: &[Key], delivery: Delivery) {
        let fan_out = fan_out(keys);
        let kinds = cause.kinds(&self.schema);
        self.counters
            .add(kinds, &fan_out, delivery == Delivery::Owed);
        log(&self.schema, cause, keys, delivery);
        let Some(sender) = self.sender.get() else {
            return;
        };
        if sender.receiver_count() == 0 {
            return;
        }
        let mut reasons = Vec::new();
        cause.for_each_reason(&self.schema, &mut |reason| {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        });
        // The last subscriber may have gone.
        let _ = sender.send(Arc::new(InvalidationEvent {
            reasons,
            keys: keys.to_vec(),
            fan_out,
            delivery,
            schema: Arc::clone(&self.schema),
        }));
    }
}
