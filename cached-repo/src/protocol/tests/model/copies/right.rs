//! The protocol as it is: everything holds, in every order of steps and faults.

use super::rules::{Operation, Protocol, Times};
use super::world::{Faults, Name};
use crate::protocol::tests::model::check::holds;

pub(super) const READ: Operation = Operation::Read;
pub(super) const AFTER: Operation = Operation::ReadAfter;
pub(super) const WRITE: Operation = Operation::Write(Name::Row);
pub(super) const OTHER: Operation = Operation::Write(Name::Other);
pub(super) const TABLE: Operation = Operation::Write(Name::Table);

pub(super) const NONE: Faults = Faults {
    kills: 0,
    lost_answers: 0,
    losses: 0,
    gaps: 0,
    beats: 0,
    restarts: 0,
    failovers: 0,
    evictions: 0,
    cuts: 0,
};

/// The operations of a thread in this process: each one of several.
pub(super) type Program = (usize, &'static [&'static [Operation]]);

/// Programs over a protocol that keeps all rules.
pub(super) fn protocol(programs: &[Program], faults: Faults) -> Protocol {
    let program = |(process, slots): &Program| {
        let slots = slots.iter().map(|slot| slot.to_vec()).collect();
        (*process, slots)
    };
    Protocol {
        programs: programs.iter().map(program).collect(),
        times: Times {
            lock: 2,
            lease: 1,
            settle: 2,
            bound: 2,
            horizon: 2,
        },
        faults,
        slow_commits: false,
        hearing: true,
        is_list: false,
        without: None,
    }
}

/// A writer, and a process that copies.
pub(super) fn pair(faults: Faults) -> Protocol {
    protocol(&[(0, &[&[WRITE]]), (1, &[&[READ], &[READ, AFTER]])], faults)
}

/// The same for a shorter time, where the world is large.
pub(super) fn short(faults: Faults) -> Protocol {
    let mut short = protocol(&[(0, &[&[WRITE]]), (1, &[&[READ], &[AFTER]])], faults);
    short.times.horizon = 1;
    short
}

#[test]
fn copies_end_when_their_notice_arrives() {
    holds(pair(NONE));
}

#[test]
fn copies_under_a_tag_end_when_its_notice_arrives() {
    holds(protocol(
        &[(0, &[&[TABLE]]), (1, &[&[READ], &[READ, AFTER]])],
        NONE,
    ));
}

#[test]
fn two_writers_and_copies() {
    let mut short = protocol(
        &[(0, &[&[WRITE]]), (1, &[&[TABLE]]), (2, &[&[READ], &[READ]])],
        NONE,
    );
    short.times.horizon = 1;
    holds(short);
}

#[test]
fn a_writer_that_is_killed() {
    holds(pair(Faults { kills: 1, ..NONE }));
}

#[test]
fn own_writes_are_seen_at_once() {
    holds(protocol(
        &[(0, &[&[WRITE]]), (0, &[&[READ], &[READ]])],
        NONE,
    ));
}

#[test]
fn own_writes_are_seen_at_once_beside_those_of_others() {
    let mut short = protocol(
        &[(0, &[&[WRITE]]), (0, &[&[READ], &[READ]]), (1, &[&[TABLE]])],
        NONE,
    );
    short.times.horizon = 1;
    holds(short);
}

/// A list that a process copies; another takes the row from it, and the process writes the row where it is by then.
pub(super) fn moved() -> Protocol {
    let mut short = protocol(
        &[(0, &[&[TABLE]]), (1, &[&[OTHER]]), (1, &[&[READ], &[READ]])],
        NONE,
    );
    short.times.horizon = 1;
    short
}

/// The same, and the write is in a third process, from which a token comes.
pub(super) fn moved_elsewhere() -> Protocol {
    let mut short = protocol(
        &[
            (0, &[&[TABLE]]),
            (1, &[&[OTHER]]),
            (2, &[&[READ], &[AFTER]]),
        ],
        NONE,
    );
    short.times.horizon = 1;
    short.is_list = true;
    short
}

#[test]
fn writes_are_seen_by_their_tokens_in_lists_that_have_lost_the_row_to_others() {
    holds(moved_elsewhere());
}

#[test]
fn own_writes_are_seen_at_once_in_lists_that_have_lost_the_row_to_others() {
    holds(moved());
}

#[test]
fn a_connection_is_lost_and_made_again() {
    holds(pair(Faults { losses: 1, ..NONE }));
}

#[test]
fn a_process_begins_to_listen() {
    holds(Protocol {
        hearing: false,
        ..pair(NONE)
    });
}

#[test]
fn a_connection_breaks_while_it_is_announced() {
    holds(Protocol {
        hearing: false,
        ..pair(Faults { losses: 1, ..NONE })
    });
}

#[test]
fn a_notice_does_not_arrive() {
    holds(pair(Faults {
        gaps: 1,
        beats: 1,
        ..NONE
    }));
}

#[test]
fn a_commit_whose_outcome_is_unknown() {
    holds(pair(Faults {
        lost_answers: 1,
        ..NONE
    }));
}

#[test]
fn a_debt_is_told_by_the_token_until_it_is_paid() {
    holds(pair(Faults { cuts: 1, ..NONE }));
}

#[test]
fn a_store_that_is_started_again() {
    holds(short(Faults {
        restarts: 1,
        ..NONE
    }));
}

#[test]
fn a_replica_that_lags_takes_over() {
    holds(short(Faults {
        failovers: 1,
        ..NONE
    }));
}

#[test]
fn the_number_of_the_last_notice_may_be_evicted() {
    holds(pair(Faults {
        evictions: 1,
        beats: 1,
        ..NONE
    }));
}
