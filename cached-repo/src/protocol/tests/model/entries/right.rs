//! The protocol as it is: everything holds, in every order of steps and faults.

use super::explain::holds;
use super::rules::{Operation, Promise, Protocol, Times};
use super::world::{Faults, Place};
use super::writer::Write;

pub(super) const READ: Operation = Operation::Read(Place::Row);
pub(super) const REFRESH: Operation = Operation::Refresh(Place::Row);
pub(super) const LIST_ANEW: Operation = Operation::Refresh(Place::List(0));
pub(super) const LIST: Operation = Operation::Read(Place::List(0));
pub(super) const OTHER_LIST: Operation = Operation::Read(Place::List(1));
pub(super) const QUERY: Operation = Operation::Read(Place::Query);
pub(super) const UPDATE: Operation = Operation::Write(Write::Update);
pub(super) const MOVE: Operation = Operation::Write(Write::Move(1));
pub(super) const INSERT: Operation = Operation::Write(Write::Insert);
pub(super) const PARENT: Operation = Operation::Write(Write::Parent(0));
pub(super) const OTHER_PARENT: Operation = Operation::Write(Write::Parent(1));
pub(super) const TABLE: Operation = Operation::Write(Write::Table);

/// The operations of a thread: each one of several.
type Program = &'static [&'static [Operation]];

/// Programs, each in a process of its own, over a protocol that keeps all rules, without any faults.
pub(super) fn protocol(programs: &[Program]) -> Protocol {
    let program = |slots: &Program| slots.iter().map(|slot| slot.to_vec()).collect();
    Protocol {
        programs: programs.iter().map(program).enumerate().collect(),
        times: Times {
            lock: 2,
            lease: 1,
            settle: 2,
            horizon: 4,
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

/// The same for a shorter time, where the world is large.
fn short(mut protocol: Protocol) -> Protocol {
    protocol.times.horizon = 3;
    protocol
}

/// A writer and a reader, and that many faults.
pub(super) fn pair(faults: Faults) -> Protocol {
    Protocol {
        faults,
        ..protocol(&[&[&[UPDATE, PARENT, TABLE]], &[&[READ]]])
    }
}

pub(super) const KILL: Faults = Faults {
    kills: 1,
    lost_answers: 0,
    restarts: 0,
    flushes: 0,
    failovers: 0,
    evictions: 0,
    lock_evictions: 0,
    cuts: 0,
    jumps: 0,
    leaps: 0,
};

#[test]
fn a_reader_reads_again_after_a_write() {
    holds(Protocol {
        faults: KILL,
        ..protocol(&[&[&[UPDATE, PARENT, TABLE]], &[&[READ], &[READ]]])
    });
}

#[test]
fn a_row_and_its_lists_follow_it_from_partition_to_partition() {
    holds(Protocol {
        faults: KILL,
        ..protocol(&[
            &[&[MOVE, UPDATE, PARENT, OTHER_PARENT]],
            &[&[READ, LIST, OTHER_LIST]],
        ])
    });
}

#[test]
fn an_entry_is_loaded_anew_where_it_is() {
    holds(Protocol {
        faults: KILL,
        ..protocol(&[&[&[UPDATE, PARENT, TABLE]], &[&[READ], &[REFRESH]]])
    });
}

#[test]
fn a_list_is_loaded_anew_while_its_row_leaves_and_comes() {
    holds(short(Protocol {
        faults: KILL,
        ..protocol(&[&[&[MOVE, UPDATE, PARENT]], &[&[LIST], &[LIST_ANEW]]])
    }));
}

#[test]
fn two_processes_load_an_entry_anew() {
    let mut short = Protocol {
        faults: KILL,
        ..protocol(&[&[&[UPDATE]], &[&[READ], &[REFRESH]], &[&[REFRESH]]])
    };
    short.times.horizon = 2;
    holds(short);
}

#[test]
fn an_entry_that_is_loaded_anew_may_be_evicted_or_lost() {
    let mut short = Protocol {
        faults: Faults {
            evictions: 1,
            restarts: 1,
            ..Faults::default()
        },
        ..protocol(&[&[&[UPDATE]], &[&[READ], &[REFRESH]]])
    };
    short.times.horizon = 2;
    holds(short);
}

#[test]
fn a_query_over_all_rows() {
    holds(short(Protocol {
        faults: KILL,
        ..protocol(&[&[&[UPDATE, MOVE, PARENT, TABLE]], &[&[QUERY], &[QUERY]]])
    }));
}

#[test]
fn a_query_that_finds_nothing_and_an_insert() {
    holds(short(Protocol {
        exists: false,
        faults: KILL,
        ..protocol(&[&[&[INSERT], &[UPDATE]], &[&[QUERY], &[QUERY]]])
    }));
}

#[test]
fn several_writers_and_a_reader() {
    let mut short = Protocol {
        faults: KILL,
        ..protocol(&[&[&[UPDATE, TABLE]], &[&[PARENT, TABLE]], &[&[READ]]])
    };
    short.times.horizon = 2;
    holds(short);
}

#[test]
fn a_writer_goes_on_under_the_lock_of_a_dead_one() {
    let mut short = Protocol {
        faults: KILL,
        ..protocol(&[&[&[TABLE]], &[&[TABLE], &[TABLE]], &[&[READ]]])
    };
    short.times.horizon = 2;
    holds(short);
}

#[test]
fn two_readers_and_a_writer() {
    let mut short = Protocol {
        faults: KILL,
        ..protocol(&[&[&[UPDATE, PARENT]], &[&[READ]], &[&[READ]]])
    };
    short.times.horizon = 2;
    holds(short);
}

#[test]
fn an_absent_row_and_its_insert() {
    holds(short(Protocol {
        exists: false,
        faults: KILL,
        ..protocol(&[&[&[INSERT], &[UPDATE]], &[&[READ, LIST], &[READ, LIST]]])
    }));
}

#[test]
fn readers_of_one_process_share_flights() {
    let mut protocol = protocol(&[&[&[READ]], &[&[READ]], &[&[UPDATE, PARENT]]]);
    protocol.programs[1].0 = 0;
    protocol.programs[2].0 = 1;
    holds(short(protocol));
}

#[test]
fn readers_of_one_process_share_flights_for_an_absent_row() {
    let mut protocol = Protocol {
        exists: false,
        ..protocol(&[&[&[READ]], &[&[READ]], &[&[INSERT]]])
    };
    protocol.programs[1].0 = 0;
    protocol.programs[2].0 = 1;
    holds(protocol);
}

#[test]
fn a_store_that_is_started_again_has_forgotten_locks() {
    holds(short(pair(Faults {
        restarts: 1,
        ..KILL
    })));
}

#[test]
fn a_store_that_is_flushed_has_forgotten_locks() {
    holds(pair(Faults { flushes: 1, ..KILL }));
}

#[test]
fn a_replica_that_lags_takes_over() {
    holds(short(Protocol {
        faults: Faults {
            failovers: 1,
            ..KILL
        },
        ..protocol(&[&[&[UPDATE, PARENT]], &[&[READ]]])
    }));
}

#[test]
fn replicas_that_lag_take_over_twice() {
    let mut protocol = Protocol {
        faults: Faults {
            failovers: 2,
            ..Faults::default()
        },
        ..protocol(&[&[&[UPDATE]], &[&[READ]]])
    };
    protocol.times.horizon = 2;
    holds(protocol);
}

#[test]
fn what_is_no_lock_may_be_evicted() {
    holds(pair(Faults {
        evictions: 1,
        ..KILL
    }));
}

#[test]
fn a_commit_whose_outcome_is_unknown_is_covered_by_its_locks() {
    holds(pair(Faults {
        lost_answers: 1,
        ..KILL
    }));
}

#[test]
fn locks_that_are_renewed_cover_long_commits() {
    holds(short(Protocol {
        renew: true,
        ..pair(Faults {
            restarts: 1,
            ..KILL
        })
    }));
}

#[test]
fn a_commit_that_outlives_its_lock_is_seen_once_it_is_told() {
    holds(Protocol {
        slow_commits: true,
        promise: Promise::Published,
        ..pair(KILL)
    });
}

#[test]
fn a_write_that_is_refused_without_its_lock_needs_no_debt() {
    holds(pair(Faults { cuts: 1, ..KILL }));
}

#[test]
fn a_debt_is_paid_before_the_store_is_trusted() {
    holds(Protocol {
        refuse: false,
        promise: Promise::Published,
        ..pair(Faults {
            cuts: 1,
            ..Faults::default()
        })
    });
}

#[test]
fn a_debt_does_not_shorten_the_settling() {
    holds(short(Protocol {
        faults: Faults {
            restarts: 1,
            ..KILL
        },
        ..protocol(&[&[&[UPDATE]], &[&[TABLE], &[READ]]])
    }));
}

#[test]
fn a_debt_is_paid_to_a_store_that_was_started_again() {
    holds(short(Protocol {
        refuse: false,
        promise: Promise::Published,
        faults: Faults {
            restarts: 1,
            cuts: 1,
            ..Faults::default()
        },
        ..protocol(&[&[&[UPDATE]], &[&[READ]]])
    }));
}
