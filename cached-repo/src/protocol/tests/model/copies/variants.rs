//! Each rule left out: the model notices.

use super::right::{
    AFTER, NONE, OTHER, READ, WRITE, moved, moved_elsewhere, pair, protocol, short,
};
use super::rules::{Protocol, Rule};
use super::world::Faults;
use super::{BOUND, CALM, CARRIED, DEAF, ON_ITS_WAY, OWN, TOKEN};
use crate::protocol::tests::model::check::breaks;

fn without(rule: Rule, protocol: Protocol) -> Protocol {
    Protocol {
        without: Some(rule),
        ..protocol
    }
}

/// A writer and a reader in one process.
fn alone() -> Protocol {
    protocol(&[(0, &[&[WRITE]]), (0, &[&[READ], &[READ]])], NONE)
}

#[test]
fn a_ticket_that_is_drawn_after_the_answer() {
    breaks(without(Rule::TicketBeforeAsk, pair(NONE)), CARRIED);
}

#[test]
fn a_ticket_that_is_drawn_after_the_answer_in_the_writing_process() {
    breaks(without(Rule::TicketBeforeAsk, alone()), OWN);
}

#[test]
fn a_life_that_is_counted_from_the_copy() {
    breaks(without(Rule::LifeSinceAsk, pair(NONE)), BOUND);
}

#[test]
fn a_commit_without_a_lock_here() {
    breaks(without(Rule::LocalLock, alone()), OWN);
}

#[test]
fn an_own_write_that_takes_no_more_than_the_names_it_knows() {
    breaks(without(Rule::OwnWriteTakesLists, moved()), OWN);
}

#[test]
fn a_notice_that_takes_nothing() {
    breaks(without(Rule::NoticeReleases, pair(NONE)), CARRIED);
}

#[test]
fn a_number_that_is_noted_before_its_notice_is_carried_out() {
    breaks(without(Rule::NumberAfterRelease, pair(NONE)), TOKEN);
}

#[test]
fn a_notice_that_is_sent_before_the_keys_are_released() {
    // Where the lock has ended before the commit, so that the old row may have been filled.
    let slow = Protocol {
        slow_commits: true,
        ..protocol(&[(0, &[&[WRITE]]), (1, &[&[READ], &[READ]])], NONE)
    };
    breaks(without(Rule::ReleaseBeforeNotice, slow), ON_ITS_WAY);
}

#[test]
fn a_commit_in_doubt_that_is_not_locked_again() {
    let doubt = Protocol {
        slow_commits: true,
        ..pair(Faults {
            lost_answers: 1,
            ..NONE
        })
    };
    breaks(without(Rule::LockInDoubt, doubt), CARRIED);
}

#[test]
fn a_gap_that_is_passed_over() {
    let gap = Faults { gaps: 1, ..NONE };
    let programs = protocol(
        &[(0, &[&[WRITE], &[OTHER]]), (1, &[&[READ], &[AFTER]])],
        gap,
    );
    breaks(without(Rule::GapIsMissed, programs), TOKEN);
}

#[test]
fn a_beat_that_is_not_compared() {
    let gap = Faults {
        gaps: 1,
        beats: 1,
        ..NONE
    };
    breaks(without(Rule::BeatIsCompared, pair(gap)), CARRIED);
}

#[test]
fn a_process_that_copies_before_it_subscribes() {
    let begins = Protocol {
        hearing: false,
        ..pair(NONE)
    };
    breaks(without(Rule::SubscribeBeforeHearing, begins), ON_ITS_WAY);
}

#[test]
fn a_process_that_asks_for_the_number_before_it_subscribes() {
    let begins = Protocol {
        hearing: false,
        ..protocol(&[(0, &[&[WRITE], &[WRITE]]), (1, &[&[READ]])], NONE)
    };
    breaks(without(Rule::SubscribeBeforeNumber, begins), CALM);
}

#[test]
fn a_process_that_hears_nothing_and_keeps_its_copies() {
    let lost = Faults { losses: 1, ..NONE };
    breaks(without(Rule::DeafForgets, pair(lost)), ON_ITS_WAY);
}

#[test]
fn a_process_that_hears_nothing_and_goes_on_to_copy() {
    let lost = Faults { losses: 1, ..NONE };
    breaks(without(Rule::DeafMakesNone, pair(lost)), ON_ITS_WAY);
}

#[test]
fn a_process_that_hears_nothing_and_says_that_it_does() {
    let lost = Faults { losses: 1, ..NONE };
    breaks(without(Rule::DeafMakesNone, pair(lost)), DEAF);
}

#[test]
fn a_token_that_nobody_asks_for() {
    breaks(without(Rule::TokenIsAsked, pair(NONE)), TOKEN);
}

#[test]
fn a_token_that_a_copy_of_a_list_is_good_enough_for() {
    let copied = Protocol {
        is_list: false,
        ..moved_elsewhere()
    };
    breaks(copied, TOKEN);
}

#[test]
fn a_token_that_hides_a_debt() {
    let cut = Faults { cuts: 1, ..NONE };
    breaks(without(Rule::DebtInToken, pair(cut)), TOKEN);
}

#[test]
fn numbers_that_come_again_on_another_server() {
    let replaced = Faults {
        failovers: 1,
        ..NONE
    };
    breaks(without(Rule::NumbersGoOn, short(replaced)), TOKEN);
}

#[test]
fn numbers_that_begin_anew_where_the_last_one_is_evicted() {
    let evicted = Faults {
        evictions: 1,
        ..NONE
    };
    breaks(without(Rule::NumbersGoOn, pair(evicted)), TOKEN);
}
