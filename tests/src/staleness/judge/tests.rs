//! Histories made by hand, with every kind of violation.

use super::*;
use crate::staleness::history::Write;
use crate::staleness::model::{Kind, State, Touch};

const SECOND: u64 = 1_000_000_000;

const COUNTER: Slot = Slot {
    kind: Kind::Counter,
    index: 0,
};
const ACCOUNT: Slot = Slot {
    kind: Kind::Account,
    index: 1,
};

fn rules(level: Level) -> Rules {
    Rules {
        rows: 2,
        level,
        hang: 5 * SECOND,
    }
}

fn touch(slot: Slot, version: i64) -> Touch {
    Touch {
        slot,
        version,
        state: State::first(slot),
        kept: true,
    }
}

fn write(begin: u64, end: u64, touches: &[Touch]) -> Write {
    Write {
        begin,
        end: Some(end),
        outcome: Outcome::Committed,
        touches: touches.to_vec(),
        process: 1,
    }
}

fn read(begin: u64, end: u64, question: Question, rows: &[(u32, i64)]) -> Read {
    let rows = rows.iter().map(|&(index, version)| Row { index, version });
    Read {
        begin,
        end,
        question,
        answer: Answer::Rows(rows.collect()),
        hit: None,
        process: 2,
    }
}

/// All slots, written at the beginning of time as version 0.
fn set_up() -> Write {
    let slots = [0, 1]
        .into_iter()
        .flat_map(|index| Kind::ALL.map(|kind| Slot { kind, index }));
    let touches: Vec<_> = slots.map(|slot| touch(slot, 0)).collect();
    write(0, 1, &touches)
}

/// The verdict on writes after the set-up, and reads.
fn verdict(writes: &[Write], reads: &[Read]) -> Verdict {
    judge(&history(writes, reads), &[], rules(Level::Strict))
}

fn history(writes: &[Write], reads: &[Read]) -> History {
    let mut all = vec![set_up()];
    all.extend_from_slice(writes);
    History {
        reads: reads.to_vec(),
        writes: all,
        ..History::default()
    }
}

fn wrongs(verdict: &Verdict) -> Vec<Wrong> {
    verdict
        .violations
        .iter()
        .map(|violation| violation.wrong)
        .collect()
}

#[test]
fn a_read_of_the_newest_version_is_fine() {
    let writes = [write(10, 20, &[touch(COUNTER, 1)])];
    let found = verdict(&writes, &[read(30, 40, Question::Counter(0), &[(0, 1)])]);
    assert!(found.is_clean());
    assert_eq!((found.judged(), found.stale(), found.writes), (1, 0, 2));
}

#[test]
fn a_read_that_began_before_the_write_returned_may_see_either() {
    let writes = [write(10, 20, &[touch(COUNTER, 1)])];
    let old = read(19, 40, Question::Counter(0), &[(0, 0)]);
    let new = read(5, 11, Question::Counter(0), &[(0, 1)]);
    assert!(verdict(&writes, &[old, new]).is_clean());
}

#[test]
fn a_read_of_a_replaced_version_is_stale_since_the_first_write_that_replaced_it() {
    let writes = [
        write(10, 20, &[touch(COUNTER, 1)]),
        write(30, 40, &[touch(COUNTER, 2)]),
    ];
    let found = verdict(&writes, &[read(50, 60, Question::Counter(0), &[(0, 0)])]);
    assert_eq!(wrongs(&found), [Wrong::Stale(30)]);
    assert_eq!((found.stale(), found.ages.as_slice()), (1, &[30][..]));
    let newer = verdict(&writes, &[read(50, 60, Question::Counter(0), &[(0, 1)])]);
    assert_eq!(wrongs(&newer), [Wrong::Stale(10)]);
}

#[test]
fn a_bound_allows_what_is_not_older() {
    let history = history(
        &[write(10, 20, &[touch(COUNTER, 1)])],
        &[read(50, 60, Question::Counter(0), &[(0, 0)])],
    );
    let within = judge(&history, &[], rules(Level::Bounded(30)));
    assert!(within.is_clean());
    assert_eq!(within.stale(), 1);
    let beyond = judge(&history, &[], rules(Level::Bounded(29)));
    assert_eq!(wrongs(&beyond), [Wrong::Stale(30)]);
}

#[test]
fn a_bound_allows_nothing_that_is_older_than_a_write_of_the_same_process() {
    let old = read(50, 60, Question::Counter(0), &[(0, 0)]);
    let own = Read {
        process: 1,
        ..old.clone()
    };
    let history = history(&[write(10, 20, &[touch(COUNTER, 1)])], &[old, own]);
    let found = judge(&history, &[], rules(Level::Bounded(SECOND)));
    assert_eq!(wrongs(&found), [Wrong::Own(30)]);
    assert_eq!((found.stale(), found.own), (2, 1));
    let strict = judge(&history, &[], rules(Level::Strict));
    assert_eq!(wrongs(&strict), [Wrong::Stale(30); 2]);
}

#[test]
fn the_time_without_a_hit_lasts_from_a_hit_to_the_last_read_before_the_next() {
    let at = |end, hit, index| Read {
        hit,
        ..read(end - 1, end, Question::Counter(index), &[(index, 0)])
    };
    let other = Read {
        hit: Some(true),
        ..read(34, 35, Question::Account(0), &[(0, 0)])
    };
    let reads = [
        at(10, Some(false), 0),
        at(15, Some(false), 1),
        at(20, Some(true), 0),
        at(50, Some(false), 1),
        at(60, None, 0),
        other,
        at(90, Some(true), 1),
        at(95, Some(false), 1),
    ];
    let found = verdict(&[], &reads);
    assert_eq!(found.without_hit.kinds[Question::Counter(0).kind()], 30);
    assert_eq!(found.without_hit.kinds[Question::Account(0).kind()], 0);
    assert_eq!(found.without_hit.longest(), 15, "all reads together");
    let never = [at(10, Some(false), 0), at(80, Some(false), 0)];
    assert_eq!(verdict(&[], &never).without_hit.longest(), 70);
    let shelf = |end, hit| Read {
        hit: Some(hit),
        ..read(end - 1, end, Question::Shelf(0), &[(0, 0)])
    };
    let reads = [shelf(10, true), at(50, Some(true), 0), shelf(90, false)];
    assert_eq!(
        verdict(&[], &reads).without_hit.longest(),
        80,
        "a kind that is hit nowhere"
    );
}

#[test]
fn what_was_never_written_or_is_written_later_is_dirty() {
    let writes = [write(100, 110, &[touch(COUNTER, 2)])];
    let never = read(30, 40, Question::Counter(0), &[(0, 1)]);
    let later = read(50, 60, Question::Counter(0), &[(0, 2)]);
    let found = verdict(&writes, &[never, later]);
    assert_eq!(found.dirty, 2);
    let why = [
        Wrong::Dirty("of a version that was never written"),
        Wrong::Dirty("of a version that was written later"),
    ];
    assert_eq!(wrongs(&found), why);
}

#[test]
fn what_was_rolled_back_is_dirty_and_replaces_nothing() {
    for outcome in [Outcome::RolledBack, Outcome::Refused] {
        let undone = Write {
            outcome,
            ..write(10, 20, &[touch(COUNTER, 1)])
        };
        let seen = read(30, 40, Question::Counter(0), &[(0, 1)]);
        let unseen = read(30, 40, Question::Counter(0), &[(0, 0)]);
        let found = verdict(&[undone], &[seen, unseen]);
        assert_eq!(
            wrongs(&found),
            [Wrong::Dirty("of a version that was rolled back")]
        );
    }
}

#[test]
fn a_savepoint_that_was_rolled_back_is_never_seen() {
    let inner = Touch {
        kept: false,
        ..touch(ACCOUNT, 2)
    };
    let writes = [write(10, 20, &[touch(COUNTER, 1), inner])];
    let fine = read(30, 40, Question::Account(1), &[(1, 0)]);
    assert!(verdict(&writes, &[fine]).is_clean());
    let found = verdict(&writes, &[read(30, 40, Question::Account(1), &[(1, 2)])]);
    assert_eq!(found.dirty, 1);
}

#[test]
fn a_write_that_was_killed_may_be_seen_and_need_not() {
    let killed = Write {
        begin: 10,
        end: None,
        outcome: Outcome::Unknown,
        touches: vec![touch(COUNTER, 1)],
        process: 1,
    };
    let with = read(30, 40, Question::Counter(0), &[(0, 1)]);
    let without = read(50, 60, Question::Counter(0), &[(0, 0)]);
    let found = verdict(std::slice::from_ref(&killed), &[with, without]);
    assert!(found.is_clean());
    assert_eq!(found.unknown, 1);
    // Later writes replace it all the same.
    let writes = [killed, write(60, 70, &[touch(COUNTER, 2)])];
    let found = verdict(&writes, &[read(80, 90, Question::Counter(0), &[(0, 1)])]);
    assert_eq!(wrongs(&found), [Wrong::Stale(10)]);
}

#[test]
fn an_absence_is_as_old_as_the_newest_version_without_a_row() {
    let gone = Touch {
        state: State {
            here: false,
            ..State::first(ACCOUNT)
        },
        ..touch(ACCOUNT, 1)
    };
    let writes = [write(10, 20, &[gone]), write(30, 40, &[touch(ACCOUNT, 2)])];
    let none = |begin| read(begin, begin + 5, Question::Account(1), &[]);
    assert!(verdict(&writes, &[none(21), none(35)]).is_clean());
    assert_eq!(wrongs(&verdict(&writes, &[none(45)])), [Wrong::Stale(5)]);
    let still = read(25, 28, Question::Account(1), &[(1, 0)]);
    assert_eq!(wrongs(&verdict(&writes, &[still])), [Wrong::Stale(5)]);
    let never = read(5, 8, Question::Account(1), &[]);
    assert_eq!(
        wrongs(&verdict(&writes, &[never])),
        [Wrong::Dirty("of an absence that never was")]
    );
}

#[test]
fn a_login_leads_to_the_row_that_has_it() {
    let renamed = Touch {
        state: State {
            login: 1,
            ..State::first(ACCOUNT)
        },
        ..touch(ACCOUNT, 1)
    };
    let writes = [write(10, 20, &[renamed])];
    let fine = [
        read(30, 40, Question::Login(1, 1), &[(1, 1)]),
        read(30, 40, Question::Login(1, 0), &[]),
    ];
    assert!(verdict(&writes, &fine).is_clean());
    let old_login = read(30, 40, Question::Login(1, 0), &[(1, 0)]);
    let new_login = read(30, 40, Question::Login(1, 1), &[]);
    assert_eq!(
        wrongs(&verdict(&writes, &[old_login, new_login])),
        [Wrong::Stale(10); 2]
    );
    let wrong = read(30, 40, Question::Login(1, 0), &[(1, 1)]);
    let why = Wrong::Dirty("of a version that does not answer the question");
    assert_eq!(wrongs(&verdict(&writes, &[wrong])), [why]);
}

#[test]
fn a_collection_is_judged_by_what_it_holds_and_by_what_it_lacks() {
    let moved = Touch {
        state: State {
            team: 0,
            ..State::first(ACCOUNT)
        },
        ..touch(ACCOUNT, 1)
    };
    let writes = [write(10, 20, &[moved])];
    let fine = [
        read(30, 40, Question::Team(0), &[(0, 0), (1, 1)]),
        read(30, 40, Question::Team(1), &[]),
    ];
    assert!(verdict(&writes, &fine).is_clean());
    let lacks = read(30, 40, Question::Team(0), &[(0, 0)]);
    let holds = read(30, 40, Question::Team(1), &[(1, 0)]);
    assert_eq!(
        wrongs(&verdict(&writes, &[lacks, holds])),
        [Wrong::Stale(10); 2]
    );
}

#[test]
fn half_a_transaction_in_one_answer_is_torn() {
    let other = Slot {
        kind: Kind::Account,
        index: 0,
    };
    let together = |version| {
        let team = |slot| Touch {
            state: State {
                team: 3,
                ..State::first(slot)
            },
            ..touch(slot, version)
        };
        [team(ACCOUNT), team(other)]
    };
    let writes = [write(10, 20, &together(1)), write(30, 40, &together(2))];
    let half = read(35, 38, Question::Team(3), &[(0, 1), (1, 2)]);
    let found = verdict(&writes, &[half]);
    assert_eq!((found.torn, wrongs(&found)), (1, vec![Wrong::Torn]));
    let whole = read(35, 38, Question::Team(3), &[(0, 1), (1, 1)]);
    assert!(verdict(&writes, &[whole]).is_clean());
    let pets = verdict(&[], &[read(30, 31, Question::Pets(0), &[(0, 0), (0, 0)])]);
    assert!(pets.is_clean());
}

#[test]
fn a_database_that_ends_with_an_older_version_has_lost_a_write() {
    let history = history(&[write(10, 20, &[touch(COUNTER, 1)])], &[]);
    let last = |version| [read(100, 100, Question::Counter(0), &[(0, version)])];
    let lost = judge(&history, &last(0), rules(Level::Bounded(SECOND)));
    assert_eq!((lost.lost, wrongs(&lost)), (1, vec![Wrong::Lost]));
    assert!(judge(&history, &last(1), rules(Level::Strict)).is_clean());
}

#[test]
fn what_takes_too_long_hangs_and_errors_are_counted_by_text() {
    let slow = read(10, 10 + 6 * SECOND, Question::Counter(0), &[(0, 0)]);
    let with = |answer| Read {
        answer,
        ..read(10, 20, Question::Counter(0), &[])
    };
    let reads = [
        slow,
        with(Answer::Hung),
        with(Answer::Error("no connection to port 1".to_owned())),
        with(Answer::Error("no connection to port 23".to_owned())),
    ];
    let writes = [write(10, 10 + 7 * SECOND, &[touch(COUNTER, 1)])];
    let found = verdict(&writes, &reads);
    assert_eq!((found.hangs, found.reader_errors()), (3, 2));
    assert_eq!(found.errors.get("no connection to port "), Some(&2));
    assert!(!found.is_clean());
}
