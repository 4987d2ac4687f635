//! Invalidation events: each is counted and logged, and sent to subscribers if there are any.

mod bus;
mod cause;
mod event;
mod listener;
mod log;

#[cfg(test)]
mod tests;

pub(crate) use bus::InvalidationBus;
pub(crate) use cause::{Cause, Reason};
pub(crate) use event::{Delivery, InvalidationEvent};
pub(crate) use listener::ForwardingListener;
