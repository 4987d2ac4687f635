//! The protocol as it is: everything holds, in every order of steps and faults.

use super::world::{Faults, Protocol, Times};
use crate::protocol::tests::model::check::holds;

pub(super) const NONE: Faults = Faults {
    kills: 0,
    failures: 0,
    losses: 0,
    evictions: 0,
};

/// Readers that would wait for ever, if they were not woken or leases did not end.
pub(super) fn readers(number: usize, faults: Faults) -> Protocol {
    Protocol {
        readers: number,
        writes: false,
        times: Times {
            lease: 2,
            renewals: 1,
            poll: 1,
            wait: u64::MAX,
        },
        faults,
        without: None,
    }
}

/// Two readers and a writer.
pub(super) fn written(faults: Faults) -> Protocol {
    Protocol {
        writes: true,
        ..readers(2, faults)
    }
}

/// Readers that are quick: no lease ends before its holder is done.
pub(super) fn quick(number: usize) -> Protocol {
    let mut quick = readers(number, NONE);
    quick.times.lease = u64::MAX;
    quick
}

#[test]
fn one_loads_and_the_others_are_woken() {
    holds(quick(3));
}

#[test]
fn one_loads_for_so_long_that_its_lease_ends() {
    holds(readers(3, NONE));
}

#[test]
fn one_who_loads_is_killed() {
    holds(readers(3, Faults { kills: 1, ..NONE }));
}

#[test]
fn a_load_that_fails_is_told_of() {
    holds(readers(
        3,
        Faults {
            failures: 1,
            ..NONE
        },
    ));
}

#[test]
fn a_write_ends_leases() {
    holds(written(Faults { kills: 1, ..NONE }));
}

#[test]
fn wakes_do_not_arrive() {
    holds(readers(
        2,
        Faults {
            losses: 1,
            kills: 1,
            ..NONE
        },
    ));
}

#[test]
fn a_lease_is_evicted() {
    holds(readers(
        2,
        Faults {
            evictions: 1,
            kills: 1,
            ..NONE
        },
    ));
}

#[test]
fn nobody_waits_longer_than_allowed() {
    let mut short = readers(2, Faults { kills: 1, ..NONE });
    short.times.wait = 1;
    holds(short);
}
