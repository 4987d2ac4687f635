//! The breaker behind one lock: every decision sees one state, and leaves one.

use super::Mutex;
use super::breaker::{Admission, Breaker, Effect, Event, Policy, Probe};
use std::sync::PoisonError;

/// A breaker that threads share.
#[derive(Debug)]
pub(super) struct Switch(Mutex<Breaker>);

impl Switch {
    pub(super) fn new(policy: Policy) -> Self {
        Self(Mutex::new(Breaker::new(policy)))
    }

    /// Whether a call may be sent now.
    pub(super) fn admit(&self) -> Admission {
        self.step(Breaker::admit)
    }

    /// What follows from the event.
    pub(super) fn on(&self, event: Event) -> Effect {
        self.step(|breaker| breaker.on(event))
    }

    /// What the probe is to ask now.
    pub(super) fn probe(&self) -> Probe {
        self.present().probe()
    }

    /// The breaker as it is now.
    pub(super) fn present(&self) -> Breaker {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn step<T>(&self, step: impl FnOnce(Breaker) -> (Breaker, T)) -> T {
        let mut breaker = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (next, result) = step(*breaker);
        *breaker = next;
        result
    }
}
