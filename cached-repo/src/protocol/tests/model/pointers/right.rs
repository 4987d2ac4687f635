//! The protocol as it is: everything holds, in every order of steps and faults.

use super::world::{Faults, Operation, Protocol, Row, Value};
use super::writer::Write;
use crate::protocol::tests::model::check::holds;

pub(super) const FIND: Operation = Operation::Find(Value::A);
pub(super) const FIND_B: Operation = Operation::Find(Value::B);
pub(super) const UPDATE: Operation = Operation::Write(Write::Update(0));
pub(super) const UPDATE_OTHER: Operation = Operation::Write(Write::Update(1));
pub(super) const RENAME: Operation = Operation::Write(Write::Rename(0, Value::C));
pub(super) const RENAME_BACK: Operation = Operation::Write(Write::Rename(0, Value::A));
pub(super) const TAKE_B: Operation = Operation::Write(Write::Rename(0, Value::B));
pub(super) const HAND_OVER: Operation = Operation::Write(Write::HandOver);
pub(super) const INSERT: Operation = Operation::Write(Write::Insert(1, Value::B));
pub(super) const DELETE: Operation = Operation::Write(Write::Delete(0));

pub(super) const KILL: Faults = Faults {
    kills: 1,
    evictions: 0,
};

/// The operations of a process: each one of several.
pub(super) type Program = &'static [&'static [Operation]];

const fn row(value: Value) -> Option<Row> {
    Some(Row { value, version: 0 })
}

/// Row 0 has `A`; row 1 has `B`, or is not there.
pub(super) fn protocol(programs: &[Program], is_full: bool, faults: Faults) -> Protocol {
    let program = |slots: &Program| slots.iter().map(|slot| slot.to_vec()).collect();
    Protocol {
        programs: programs.iter().map(program).collect(),
        rows: [row(Value::A), row(Value::B).filter(|_| is_full)],
        faults,
        without: Vec::new(),
    }
}

#[test]
fn a_value_passes_from_row_to_row() {
    holds(protocol(
        &[&[&[HAND_OVER, UPDATE]], &[&[FIND, FIND_B], &[FIND, FIND_B]]],
        true,
        KILL,
    ));
}

#[test]
fn a_value_is_given_up_and_taken_by_another() {
    holds(protocol(
        &[&[&[RENAME], &[RENAME_BACK]], &[&[FIND], &[FIND]]],
        false,
        KILL,
    ));
}

#[test]
fn a_value_that_nobody_had_is_taken() {
    holds(protocol(
        &[&[&[TAKE_B, INSERT]], &[&[FIND_B], &[FIND, FIND_B]]],
        false,
        KILL,
    ));
}

#[test]
fn a_row_is_deleted_and_another_takes_its_place() {
    holds(protocol(
        &[&[&[DELETE], &[INSERT]], &[&[FIND, FIND_B], &[FIND, FIND_B]]],
        false,
        KILL,
    ));
}

#[test]
fn two_readers_of_one_value() {
    holds(protocol(
        &[
            &[&[HAND_OVER, UPDATE]],
            &[&[FIND], &[FIND]],
            &[&[FIND, FIND_B]],
        ],
        true,
        KILL,
    ));
}

#[test]
fn two_writers_of_one_value() {
    holds(protocol(
        &[
            &[&[HAND_OVER, RENAME], &[UPDATE_OTHER]],
            &[&[UPDATE, UPDATE_OTHER]],
            &[&[FIND], &[FIND, FIND_B]],
        ],
        true,
        KILL,
    ));
}

#[test]
fn pointers_and_rows_are_evicted() {
    let evicted = Faults {
        kills: 0,
        evictions: 1,
    };
    holds(protocol(
        &[&[&[HAND_OVER, UPDATE]], &[&[FIND], &[FIND]]],
        true,
        evicted,
    ));
}
