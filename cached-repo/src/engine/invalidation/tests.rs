//! The bus alone, and what other processes' notices become on it.

use super::*;
use crate::key::{Key, NO_ENTITY};
use crate::port::{Listener, NoCopies};
use crate::protocol::{Touch, TouchSet};
use crate::schema::FieldSet;
use crate::schema::testing::{USER, schema};
use crate::stats::CauseKind;
use std::sync::Arc;
use tokio::sync::broadcast::error::TryRecvError;

fn bus() -> Arc<InvalidationBus> {
    Arc::new(InvalidationBus::new(Arc::new(schema())))
}

fn one(kind: CauseKind) -> Cause<'static> {
    Reason::of(kind, USER).into()
}

#[test]
fn an_invalidation_is_counted_without_a_subscriber() {
    let bus = bus();
    bus.publish(one(CauseKind::Row), &[Key::table(USER)], Delivery::Owed);
    let stats = bus.stats();
    assert_eq!(stats.cause(CauseKind::Row).invalidations, 1);
    assert_eq!((stats.fan_out.tables, stats.owed), (1, 1));
}

#[test]
fn a_subscriber_receives_what_is_published_from_then_on() {
    let bus = bus();
    bus.publish(
        one(CauseKind::Row),
        &[Key::table(USER)],
        Delivery::Delivered,
    );
    let mut receiver = bus.subscribe();
    bus.publish(one(CauseKind::Tag), &[Key::epoch()], Delivery::Locked);
    let event = receiver.try_recv().expect("it was published");
    assert_eq!(event.reasons, [Reason::of(CauseKind::Tag, USER)]);
    assert_eq!(event.keys, [Key::epoch()]);
    assert_eq!(event.delivery, Delivery::Locked);
    assert_eq!(receiver.try_recv().err(), Some(TryRecvError::Empty));
}

#[test]
fn an_event_names_each_reason_once() {
    let bus = bus();
    let mut receiver = bus.subscribe();
    let table = |fields: FieldSet| {
        let mut touches = TouchSet::default();
        let entity = USER;
        touches.add(Touch::Table { entity, fields });
        touches
    };
    let (first, second) = (table(0b10), table(0b100));
    let cause = Cause::Touches(&[&first, &second]);
    bus.publish(cause, &[Key::table(USER)], Delivery::Delivered);
    let event = receiver.try_recv().expect("it was published");
    let bulk = Reason::of(CauseKind::Bulk, USER);
    let found = event.reasons.iter().filter(|reason| **reason == bulk);
    assert_eq!(found.count(), 1);
}

#[test]
fn a_notice_of_another_process_is_published() {
    let bus = bus();
    let mut receiver = bus.subscribe();
    let listener = ForwardingListener::new(Arc::new(NoCopies), Arc::clone(&bus));
    listener.invalidated(1, &[Key::table(USER)]);
    let event = receiver.try_recv().expect("it was published");
    let expected = Reason::of(CauseKind::OtherProcess, NO_ENTITY);
    assert_eq!(event.reasons, [expected]);
}

#[test]
fn a_notice_of_this_process_is_not_published_again() {
    let bus = bus();
    let mut receiver = bus.subscribe();
    let listener = ForwardingListener::new(Arc::new(NoCopies), Arc::clone(&bus));
    listener.invalidated(1, &[]);
    assert_eq!(receiver.try_recv().err(), Some(TryRecvError::Empty));
    assert_eq!(bus.stats().cause(CauseKind::OtherProcess).invalidations, 0);
}
