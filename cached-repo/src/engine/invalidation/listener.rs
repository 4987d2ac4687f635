//! Notices of other processes, as invalidations.

use super::bus::InvalidationBus;
use super::cause::Reason;
use super::event::Delivery;
use crate::key::{Key, NO_ENTITY};
use crate::port::Listener;
use crate::stats::CauseKind;
use std::sync::Arc;

/// Passes the notices of other processes on to the listener that keeps L1 current, and publishes them behind it.
pub(crate) struct ForwardingListener {
    inner: Arc<dyn Listener>,
    bus: Arc<InvalidationBus>,
}

impl ForwardingListener {
    pub(crate) fn new(inner: Arc<dyn Listener>, bus: Arc<InvalidationBus>) -> Self {
        Self { inner, bus }
    }

    fn publish(&self, kind: CauseKind, keys: &[Key]) {
        // Notices of this process name nothing here, and were published when they were sent.
        if !keys.is_empty() {
            let cause = Reason::of(kind, NO_ENTITY).into();
            self.bus.publish(cause, keys, Delivery::Delivered);
        }
    }
}

impl Listener for ForwardingListener {
    fn subscribed(&self, number: u64) {
        self.inner.subscribed(number);
    }

    fn invalidated(&self, number: u64, keys: &[Key]) {
        self.inner.invalidated(number, keys);
        self.publish(CauseKind::OtherProcess, keys);
    }

    fn keys_changed(&self, keys: &[Key]) {
        self.inner.keys_changed(keys);
        self.publish(CauseKind::OtherProgram, keys);
    }

    fn notices_lost(&self, number: u64) {
        self.inner.notices_lost(number);
        self.publish(CauseKind::NoticesMissed, &[Key::epoch()]);
    }

    fn unsubscribed(&self) {
        self.inner.unsubscribed();
        self.publish(CauseKind::NoticesMissed, &[Key::epoch()]);
    }
}
