//! The protocol as it is: everything holds.

use super::check::holds;
use super::rules::{Operation, Promise, Protocol, Times};
use super::world::{Faults, Place};
use super::writer::Write;

/// A read of the row.
pub(super) const READ: Operation = Operation::Read(Place::Row);
pub(super) const UPDATE: Operation = Operation::Write(Write::Update);
pub(super) const PARENT: Operation = Operation::Write(Write::Parent(0));
pub(super) const TABLE: Operation = Operation::Write(Write::Table);
pub(super) const MOVE: Operation = Operation::Write(Write::Move(1));

/// The protocol over programs, each in a process of its own; each operation is one of several.
pub(super) fn protocol(programs: &[&[&[Operation]]]) -> Protocol {
    let program = |slots: &&[&[Operation]]| slots.iter().map(|slot| slot.to_vec()).collect();
    Protocol {
        programs: programs.iter().map(program).enumerate().collect(),
        times: Times {
            lock: 2,
            lease: 1,
            settle: 2,
            horizon: 3,
        },
        faults: Faults::default(),
        promise: Promise::Committed,
        exists: true,
        refuse: true,
        slow_commits: false,
        renew: false,
        fail_back: false,
        without: None,
    }
}

/// The same threads in one process.
pub(super) fn together(mut protocol: Protocol) -> Protocol {
    protocol.programs.iter_mut().for_each(|(process, _)| *process = 0);
    protocol
}

#[test]
fn a_row_is_never_stale_between_two_processes() {
    holds(protocol(&[&[&[UPDATE, PARENT, TABLE]], &[&[READ], &[READ]]]));
}
