//! Who may see what: compares a history with what its writes allow. Pure.
//!
//! Versions of a slot begin in the order of their numbers, and one at a time: the workload sees to it.
//!
//! - **stale**: the version had been replaced by a write that had returned before the read began. Its age is the time between the
//!   first such return and the beginning of the read: for so long had the answer been out of date.
//! - **own write not seen**: stale, within the bound, but the version had been replaced by a write of the reader's own process.
//! - **dirty**: the version was never written, was rolled back, was not asked for, or began to be written after the read had ended.
//! - **torn**: one answer holds half of a transaction. An answer to one query is one snapshot of the database.
//! - **lost write**: at the end the database itself holds an older version than one whose write had returned.
//! - **hang**: a read or write took longer than the limit.
//!
//! A write whose outcome is unknown may be seen, and need not be.

mod dry;
#[cfg(test)]
mod tests;
mod track;

use super::history::{Answer, History, Outcome, Read};
use super::model::{Question, Row, Slot};
use dry::WithoutHit;
use std::collections::BTreeMap;
use track::{Seen, Tracks};

/// What a subject promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// No read is stale.
    Strict,
    /// No read is stale by more than these nanoseconds.
    Bounded(u64),
}

/// What the judge goes by.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Slots of each kind.
    pub rows: u32,
    /// What is promised.
    pub level: Level,
    /// Nanoseconds after which a read or write counts as hung.
    pub hang: u64,
}

/// What is wrong with a read or a write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Older than a write that had returned; for how long it had been, in nanoseconds.
    Stale(u64),
    /// As old as the level allows, but older than a write of the same process.
    Own(u64),
    /// Never committed, or not yet.
    Dirty(&'static str),
    /// Half of a transaction.
    Torn,
    /// The database itself has forgotten a write.
    Lost,
    /// Too slow.
    Hung,
}

/// One finding, with what is needed to tell about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// What is wrong.
    pub wrong: Wrong,
    /// The slot, if it is about one.
    pub slot: Option<Slot>,
    /// The version that was seen; none if no row was.
    pub seen: Option<i64>,
    /// The question; none for a write.
    pub question: Option<Question>,
    /// When the read or write began.
    pub begin: u64,
    /// When it ended.
    pub end: u64,
}

/// Counts of one kind of question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Reads that were judged.
    pub judged: u64,
    /// Those that were stale.
    pub stale: u64,
}

/// What the judge has found.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// By kind of question, in the order of [`Question::KINDS`].
    pub tallies: [Tally; Question::KINDS.len()],
    /// How stale each stale read was, in nanoseconds, sorted.
    pub ages: Vec<u64>,
    /// Reads that did not see a write of their own process.
    pub own: u64,
    /// How long reads went on without a hit.
    pub without_hit: WithoutHit,
    /// Reads of what was never committed.
    pub dirty: u64,
    /// Reads of half a transaction.
    pub torn: u64,
    /// Slots that the database holds older than they were.
    pub lost: u64,
    /// Reads and writes that took too long.
    pub hangs: u64,
    /// Errors that reads returned, by text without its numbers.
    pub errors: BTreeMap<String, u64>,
    /// Writes that have returned.
    pub writes: u64,
    /// Writes that were refused because of the store.
    pub refused: u64,
    /// Writes of which nobody knows whether they took effect.
    pub unknown: u64,
    /// What breaks the promise, one for each slot of each read.
    pub violations: Vec<Violation>,
}

impl Verdict {
    /// Reads that were judged.
    #[must_use]
    pub fn judged(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.judged).sum()
    }

    /// Reads that were stale, whether the level allows it or not.
    #[must_use]
    pub fn stale(&self) -> u64 {
        self.tallies.iter().map(|tally| tally.stale).sum()
    }

    /// Errors that reads returned.
    #[must_use]
    pub fn reader_errors(&self) -> u64 {
        self.errors.values().sum()
    }

    /// Whether the promise was kept.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.violations.is_empty() && self.errors.is_empty()
    }
}

/// Judges everything that happened; `last` is what the database held when all was over.
#[must_use]
pub fn judge(history: &History, last: &[Read], rules: Rules) -> Verdict {
    let mut court = Court {
        tracks: Tracks::of(history),
        rules,
        verdict: Verdict::default(),
    };
    for read in &history.reads {
        court.read(read);
    }
    for read in last {
        court.last(read);
    }
    court.writes(history);
    court.verdict.without_hit = WithoutHit::of(&history.reads);
    court.verdict.ages.sort_unstable();
    court.verdict
}

struct Court<'a> {
    tracks: Tracks<'a>,
    rules: Rules,
    verdict: Verdict,
}

impl Court<'_> {
    fn read(&mut self, read: &Read) {
        match &read.answer {
            Answer::Rows(rows) => self.rows(read, rows),
            Answer::Error(text) => {
                let text = text.replace(|letter: char| letter.is_ascii_digit(), "");
                *self.verdict.errors.entry(text).or_default() += 1;
            }
            Answer::Hung => {}
        }
        if read.answer == Answer::Hung || read.end - read.begin > self.rules.hang {
            self.verdict.hangs += 1;
            self.report(read, Wrong::Hung, None, None);
        }
    }

    fn rows(&mut self, read: &Read, rows: &[Row]) {
        let mut oldest = None;
        let (mut dirty, mut unseen) = (false, false);
        for (slot, seen) in observations(&read.question, rows, self.rules.rows) {
            match self.tracks.check(slot, &read.question, seen, read) {
                Seen::Fine => {}
                Seen::Stale { age, own } => {
                    oldest = oldest.max(Some(age));
                    unseen |= own;
                    if self.breaks(age) {
                        self.report(read, Wrong::Stale(age), Some(slot), seen);
                    } else if own {
                        self.report(read, Wrong::Own(age), Some(slot), seen);
                    }
                }
                Seen::Dirty(why) => {
                    dirty = true;
                    self.report(read, Wrong::Dirty(why), Some(slot), seen);
                }
            }
        }
        let torn = self.tracks.torn(&read.question, rows);
        if let Some((slot, seen)) = torn {
            self.report(read, Wrong::Torn, Some(slot), Some(seen));
        }
        let tally = &mut self.verdict.tallies[read.question.kind()];
        tally.judged += 1;
        tally.stale += u64::from(oldest.is_some());
        self.verdict.ages.extend(oldest);
        self.verdict.own += u64::from(unseen);
        self.verdict.dirty += u64::from(dirty);
        self.verdict.torn += u64::from(torn.is_some());
    }

    fn breaks(&self, age: u64) -> bool {
        match self.rules.level {
            Level::Strict => true,
            Level::Bounded(bound) => age > bound,
        }
    }

    fn last(&mut self, read: &Read) {
        let Answer::Rows(rows) = &read.answer else {
            return;
        };
        for (slot, seen) in observations(&read.question, rows, self.rules.rows) {
            if self.tracks.check(slot, &read.question, seen, read) != Seen::Fine {
                self.verdict.lost += 1;
                self.report(read, Wrong::Lost, Some(slot), seen);
            }
        }
    }

    fn writes(&mut self, history: &History) {
        for write in &history.writes {
            match write.outcome {
                Outcome::Committed => self.verdict.writes += 1,
                Outcome::Refused => self.verdict.refused += 1,
                Outcome::Unknown | Outcome::Hung => self.verdict.unknown += 1,
                Outcome::RolledBack => {}
            }
            let end = write.end.unwrap_or(write.begin);
            if write.outcome == Outcome::Hung || end - write.begin > self.rules.hang {
                self.verdict.hangs += 1;
                self.verdict.violations.push(Violation {
                    wrong: Wrong::Hung,
                    slot: write.touches.first().map(|touch| touch.slot),
                    seen: None,
                    question: None,
                    begin: write.begin,
                    end,
                });
            }
        }
    }

    fn report(&mut self, read: &Read, wrong: Wrong, slot: Option<Slot>, seen: Option<i64>) {
        self.verdict.violations.push(Violation {
            wrong,
            slot,
            seen,
            question: Some(read.question),
            begin: read.begin,
            end: read.end,
        });
    }
}

/// What an answer says about each slot that was asked for: the version of each of its rows, or that there is none.
fn observations(question: &Question, rows: &[Row], all: u32) -> Vec<(Slot, Option<i64>)> {
    let slots = question.slots(all);
    let mut found = Vec::with_capacity(slots.len());
    for slot in &slots {
        let before = found.len();
        let own = rows.iter().filter(|row| row.index == slot.index);
        found.extend(own.map(|row| (*slot, Some(row.version))));
        if found.len() == before {
            found.push((*slot, None));
        }
    }
    let strange = rows
        .iter()
        .filter(|row| slots.iter().all(|slot| slot.index != row.index));
    // A row that nobody asked for: no version of it is right.
    found.extend(strange.map(|row| {
        let slot = Slot {
            kind: question.slot_kind(),
            index: row.index,
        };
        (slot, Some(row.version))
    }));
    found
}
