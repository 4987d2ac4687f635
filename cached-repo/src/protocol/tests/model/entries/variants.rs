//! Each rule left out: the model notices.

use super::right::{
    INSERT, KILL, LIST, MOVE, OTHER_LIST, PARENT, QUERY, READ, REFRESH, TABLE, UPDATE, pair,
    protocol,
};
use super::rules::{Promise, Protocol, Rule};
use super::world::Faults;
use super::{COMMITTED, RENEWED, SERVABLE, TOLD};
use crate::protocol::tests::model::check::breaks;

fn without(rule: Rule, protocol: Protocol) -> Protocol {
    Protocol {
        without: Some(rule),
        ..protocol
    }
}

#[test]
fn stamps_that_are_taken_after_the_load() {
    let protocol = protocol(&[&[&[TABLE]], &[&[READ], &[READ]]]);
    breaks(without(Rule::StampsBeforeLoad, protocol), TOLD);
}

#[test]
fn stamps_of_the_row_that_are_younger_than_the_load() {
    let protocol = protocol(&[&[&[PARENT]], &[&[READ], &[READ]]]);
    breaks(without(Rule::RowStampsBeforeLoad, protocol), TOLD);
}

#[test]
fn stamps_that_are_not_compared() {
    let protocol = protocol(&[&[&[TABLE]], &[&[READ], &[READ]]]);
    breaks(without(Rule::EqualOrMiss, protocol), TOLD);
}

#[test]
fn a_release_that_puts_the_stamp_back() {
    let protocol = protocol(&[&[&[TABLE]], &[&[READ], &[READ]]]);
    breaks(without(Rule::DeleteIsBump, protocol), TOLD);
}

#[test]
fn a_fill_that_needs_no_lease() {
    let protocol = protocol(&[&[&[UPDATE]], &[&[READ], &[READ]]]);
    breaks(without(Rule::Lease, protocol), TOLD);
}

#[test]
fn an_entry_that_is_loaded_anew_though_it_has_gone() {
    let protocol = protocol(&[&[&[UPDATE]], &[&[READ], &[REFRESH], &[READ]]]);
    breaks(without(Rule::HeldEntry, protocol), TOLD);
}

#[test]
fn a_commit_without_locks() {
    let protocol = protocol(&[&[&[UPDATE]], &[&[READ], &[READ]]]);
    breaks(without(Rule::LockBeforeCommit, protocol), COMMITTED);
}

#[test]
fn a_commit_that_releases_nothing() {
    let slow = Protocol {
        slow_commits: true,
        promise: Promise::Published,
        ..protocol(&[&[&[UPDATE]], &[&[READ], &[READ]]])
    };
    breaks(without(Rule::ReleaseAfterCommit, slow), TOLD);
}

#[test]
fn a_release_that_takes_the_locks_of_others() {
    let protocol = protocol(&[&[&[TABLE]], &[&[TABLE]], &[&[READ], &[READ]]]);
    breaks(without(Rule::CountedLocks, protocol), COMMITTED);
}

#[test]
fn locks_of_a_key_that_end_together() {
    let protocol = Protocol {
        faults: KILL,
        ..protocol(&[&[&[TABLE]], &[&[TABLE], &[TABLE]]])
    };
    breaks(without(Rule::OwnDeadline, protocol), RENEWED);
}

#[test]
fn a_long_commit_whose_locks_nobody_renews() {
    let slow = Protocol {
        slow_commits: true,
        ..pair(KILL)
    };
    breaks(slow, SERVABLE);
}

#[test]
fn a_partition_that_a_row_leaves() {
    let protocol = protocol(&[&[&[MOVE]], &[&[LIST], &[LIST]]]);
    breaks(without(Rule::OldPartition, protocol), TOLD);
}

#[test]
fn a_partition_that_a_row_enters() {
    let protocol = protocol(&[&[&[MOVE]], &[&[OTHER_LIST], &[OTHER_LIST]]]);
    breaks(without(Rule::NewPartition, protocol), TOLD);
}

#[test]
fn a_query_whose_tag_no_write_takes() {
    let protocol = protocol(&[&[&[UPDATE]], &[&[QUERY], &[QUERY]]]);
    breaks(without(Rule::TagOfRows, protocol), TOLD);
}

#[test]
fn an_insert_that_leaves_the_absence() {
    let absent = Protocol {
        exists: false,
        ..protocol(&[&[&[INSERT]], &[&[READ, LIST], &[READ, LIST]]])
    };
    breaks(without(Rule::InsertKillsAbsence, absent), TOLD);
}

#[test]
fn a_debt_that_is_forgotten() {
    let cut = Protocol {
        refuse: false,
        promise: Promise::Published,
        faults: Faults {
            kills: 0,
            cuts: 1,
            ..KILL
        },
        ..protocol(&[&[&[UPDATE]], &[&[READ], &[READ]]])
    };
    breaks(without(Rule::Renounce, cut), TOLD);
}

#[test]
fn a_young_epoch_that_is_filled_at_once() {
    let restarted = pair(Faults {
        restarts: 1,
        ..KILL
    });
    breaks(without(Rule::Settle, restarted), SERVABLE);
}

#[test]
fn an_epoch_of_another_server() {
    let replaced = Protocol {
        faults: Faults {
            kills: 0,
            failovers: 1,
            ..KILL
        },
        ..protocol(&[&[&[UPDATE]], &[&[READ], &[READ]]])
    };
    breaks(without(Rule::ServerOfEpoch, replaced), TOLD);
}

#[test]
fn a_debt_that_shortens_the_settling() {
    let restarted = Protocol {
        faults: Faults {
            restarts: 1,
            ..KILL
        },
        ..protocol(&[&[&[UPDATE]], &[&[TABLE], &[READ]]])
    };
    breaks(without(Rule::RenouncedIsYoung, restarted), SERVABLE);
}

#[test]
fn a_follower_that_takes_what_is_older_than_itself() {
    let mut protocol = protocol(&[&[&[READ]], &[&[READ]], &[&[UPDATE]]]);
    protocol.programs[1].0 = 0;
    protocol.programs[2].0 = 1;
    breaks(without(Rule::AcceptFlight, protocol), TOLD);
}

#[test]
fn a_follower_that_began_after_the_fill() {
    // An absence names no partition, so that one load is enough.
    let mut protocol = Protocol {
        exists: false,
        ..protocol(&[&[&[READ]], &[&[READ]], &[&[INSERT]]])
    };
    protocol.programs[1].0 = 0;
    protocol.programs[2].0 = 1;
    breaks(without(Rule::FollowersBeforeFill, protocol), TOLD);
}

#[test]
fn a_follower_that_takes_the_first_load_since_the_second_was_filled() {
    let mut protocol = protocol(&[&[&[READ]], &[&[READ]], &[&[PARENT]]]);
    protocol.programs[1].0 = 0;
    protocol.programs[2].0 = 1;
    breaks(without(Rule::FollowersOfFilledLoad, protocol), TOLD);
}
