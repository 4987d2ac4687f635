//! Each rule left out: the model notices.

use super::right::{
    FIND, FIND_B, HAND_OVER, INSERT, KILL, RENAME, RENAME_BACK, TAKE_B, UPDATE, protocol,
};
use super::world::{Faults, Protocol, Rule};
use super::{FOUND, SERVABLE};
use crate::protocol::tests::model::check::{breaks, holds};

const NONE: Faults = Faults {
    kills: 0,
    evictions: 0,
};

fn without(rules: &[Rule], protocol: Protocol) -> Protocol {
    Protocol {
        without: rules.to_vec(),
        ..protocol
    }
}

#[test]
fn a_row_that_is_not_checked() {
    // The pointer is read before the write, the row after it.
    let programs = protocol(&[&[&[RENAME]], &[&[FIND], &[FIND]]], false, NONE);
    breaks(without(&[Rule::RowIsChecked], programs), FOUND);
}

#[test]
fn a_row_that_is_not_checked_behind_a_pointer_that_stays() {
    let programs = protocol(&[&[&[RENAME]], &[&[FIND], &[FIND]]], false, NONE);
    let rules = [Rule::RowIsChecked, Rule::OldPointer];
    breaks(without(&rules, programs), SERVABLE);
}

#[test]
fn a_pointer_that_stays_behind_a_row_that_is_checked_does_no_harm() {
    // It is invalidated all the same: each lookup would read the row in vain.
    let programs = protocol(
        &[&[&[RENAME], &[RENAME_BACK]], &[&[FIND], &[FIND]]],
        false,
        KILL,
    );
    holds(without(&[Rule::OldPointer], programs));
}

#[test]
fn an_absence_of_a_value_that_a_row_takes() {
    let programs = protocol(&[&[&[TAKE_B]], &[&[FIND_B], &[FIND_B]]], false, NONE);
    breaks(without(&[Rule::NewPointer], programs), FOUND);
}

#[test]
fn an_absence_of_a_value_that_is_inserted() {
    let programs = protocol(&[&[&[INSERT]], &[&[FIND_B], &[FIND_B]]], false, NONE);
    breaks(without(&[Rule::InsertKillsAbsence], programs), FOUND);
}

#[test]
fn a_row_that_a_write_leaves_in_the_store() {
    let programs = protocol(&[&[&[UPDATE, HAND_OVER]], &[&[FIND], &[FIND]]], true, NONE);
    breaks(without(&[Rule::Row], programs), FOUND);
}
