//! Where the promise ends: the model finds the cases that CAVEATS.md names, and no rule stands against.

use super::right::{KILL, PARENT, READ, UPDATE, pair, protocol};
use super::rules::Protocol;
use super::world::Faults;
use super::{SERVABLE, TOLD};
use crate::protocol::tests::model::check::breaks;

#[test]
fn a_lock_that_is_evicted() {
    breaks(
        pair(Faults {
            lock_evictions: 1,
            ..KILL
        }),
        SERVABLE,
    );
}

#[test]
fn a_clock_that_is_set_back_between_load_and_stamp() {
    let protocol = protocol(&[&[&[PARENT]], &[&[READ], &[READ]]]);
    let jump = Faults {
        kills: 0,
        jumps: 1,
        ..KILL
    };
    breaks(
        Protocol {
            faults: jump,
            ..protocol
        },
        TOLD,
    );
}

#[test]
fn a_clock_that_is_set_forward_ends_locks_before_their_time() {
    let leap = Faults { leaps: 1, ..KILL };
    breaks(pair(leap), SERVABLE);
}

#[test]
fn a_settle_time_that_is_shorter_than_a_lock() {
    let mut short = pair(Faults {
        restarts: 1,
        ..KILL
    });
    short.times.settle = 1;
    breaks(short, SERVABLE);
}

#[test]
fn a_writer_that_is_cut_off_and_goes_on() {
    let cut = Protocol {
        refuse: false,
        ..pair(Faults {
            kills: 0,
            cuts: 1,
            ..KILL
        })
    };
    breaks(cut, SERVABLE);
}

#[test]
fn servers_that_take_turns_without_being_started_again() {
    let mut turns = Protocol {
        fail_back: true,
        ..protocol(&[&[&[UPDATE]], &[&[READ]]])
    };
    let faults = Faults {
        kills: 0,
        failovers: 2,
        ..KILL
    };
    turns.times.horizon = 2;
    breaks(Protocol { faults, ..turns }, SERVABLE);
}
