//! Each rule left out: the model notices.

use super::right::{NONE, quick, readers, written};
use super::world::{Faults, Protocol, Rule};
use super::{FINISHES, LOOKS, ONE_LOAD, SHORT, WOKEN};
use crate::protocol::tests::model::check::breaks;

fn without(rule: Rule, protocol: Protocol) -> Protocol {
    Protocol {
        without: Some(rule),
        ..protocol
    }
}

#[test]
fn a_reader_that_marks_the_lease_before_it_listens() {
    breaks(without(Rule::ListenBeforeMark, readers(2, NONE)), WOKEN);
}

#[test]
fn a_lease_that_is_not_marked() {
    breaks(without(Rule::Mark, readers(2, NONE)), WOKEN);
}

#[test]
fn a_fill_that_tells_nobody() {
    breaks(without(Rule::FillTells, readers(2, NONE)), WOKEN);
}

#[test]
fn a_lease_that_is_given_back_and_nobody_is_told() {
    let fails = Faults {
        failures: 1,
        ..NONE
    };
    breaks(without(Rule::AbandonTells, readers(2, fails)), WOKEN);
}

#[test]
fn a_lock_that_tells_nobody() {
    breaks(without(Rule::LockTells, written(NONE)), WOKEN);
}

#[test]
fn a_lease_without_an_end() {
    let killed = Faults { kills: 1, ..NONE };
    breaks(without(Rule::LeaseEnds, readers(2, killed)), FINISHES);
}

#[test]
fn a_pause_without_an_end() {
    let killed = Faults { kills: 1, ..NONE };
    breaks(without(Rule::PauseEnds, readers(2, killed)), FINISHES);
}

#[test]
fn a_pause_that_is_longer_than_the_lease() {
    breaks(without(Rule::PauseEnds, readers(2, NONE)), SHORT);
}

#[test]
fn a_reader_that_cannot_be_told_and_does_not_look() {
    let lost = Faults { losses: 1, ..NONE };
    breaks(without(Rule::Poll, readers(2, lost)), LOOKS);
}

#[test]
fn a_reader_that_learns_too_late_that_it_cannot_be_told() {
    let lost = Faults { losses: 1, ..NONE };
    breaks(without(Rule::LossWakes, readers(2, lost)), LOOKS);
}

#[test]
fn a_reader_that_waits_for_nobody() {
    breaks(without(Rule::WaitForLease, quick(2)), ONE_LOAD);
}
