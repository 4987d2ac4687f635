//! What is known of each slot's versions.

use crate::staleness::history::{History, Outcome, Read, Write};
use crate::staleness::model::{Question, Row, Slot, State};
use std::collections::HashMap;

/// Whether a version was committed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Committed,
    Gone,
    Unknown,
}

struct Version<'a> {
    number: i64,
    begin: u64,
    fate: Fate,
    state: State,
    write: &'a Write,
}

#[derive(Default)]
struct Track<'a> {
    /// In the order of their numbers.
    versions: Vec<Version<'a>>,
    /// Committed versions in the order of their numbers, each with the first moment at which it or a newer one had returned.
    returned: Vec<(i64, u64)>,
    /// The same of the writes of each process alone.
    own: HashMap<u32, Vec<(i64, u64)>>,
}

/// What a version is to a read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seen {
    Fine,
    Stale {
        age: u64,
        /// Whether a write of the reader's own process had replaced it.
        own: bool,
    },
    Dirty(&'static str),
}

/// The versions of all slots.
pub(super) struct Tracks<'a>(HashMap<Slot, Track<'a>>);

impl<'a> Tracks<'a> {
    pub(super) fn of(history: &'a History) -> Self {
        let mut tracks: HashMap<Slot, Track<'a>> = HashMap::new();
        for write in &history.writes {
            for touch in &write.touches {
                let fate = match write.outcome {
                    _ if !touch.kept => Fate::Gone,
                    Outcome::Committed => Fate::Committed,
                    Outcome::RolledBack | Outcome::Refused => Fate::Gone,
                    Outcome::Unknown | Outcome::Hung => Fate::Unknown,
                };
                tracks
                    .entry(touch.slot)
                    .or_default()
                    .versions
                    .push(Version {
                        number: touch.version,
                        begin: write.begin,
                        fate,
                        state: touch.state,
                        write,
                    });
            }
        }
        tracks.values_mut().for_each(Track::close);
        Self(tracks)
    }

    pub(super) fn check(
        &self,
        slot: Slot,
        question: &Question,
        seen: Option<i64>,
        read: &Read,
    ) -> Seen {
        let Some(track) = self.0.get(&slot) else {
            return Seen::Dirty("of a row that was never written");
        };
        match seen {
            Some(number) => track.present(question, number, read),
            None => track.absent(question, read),
        }
    }

    /// A row of an answer that is older than the transaction of another row in it made it.
    pub(super) fn torn(&self, question: &Question, rows: &[Row]) -> Option<(Slot, i64)> {
        if matches!(question, Question::Counters(_) | Question::Block(_)) {
            // Each key is an entry of its own, each statement of a block is answered by itself.
            return None;
        }
        let kind = question.slot_kind();
        rows.iter().find_map(|newer| {
            let slot = Slot {
                kind,
                index: newer.index,
            };
            let write = self.0.get(&slot)?.find(newer.version)?.write;
            write
                .touches
                .iter()
                .filter(|touch| touch.kept && touch.slot.kind == kind)
                .find_map(|touch| {
                    let torn =
                        |row: &&Row| row.index == touch.slot.index && row.version < touch.version;
                    let older = rows.iter().find(torn)?;
                    Some((touch.slot, older.version))
                })
        })
    }
}

impl<'a> Track<'a> {
    fn close(&mut self) {
        self.versions.sort_by_key(|version| version.number);
        assert!(
            self.versions.is_sorted_by_key(|version| version.begin),
            "a slot had two writers at once: the workload is wrong"
        );
        for version in self.versions.iter().rev() {
            if let (Fate::Committed, Some(end)) = (version.fate, version.write.end) {
                let own = self.own.entry(version.write.process).or_default();
                for returned in [&mut self.returned, own] {
                    let first = returned.last().map_or(end, |(_, first)| end.min(*first));
                    returned.push((version.number, first));
                }
            }
        }
        self.returned.reverse();
        self.own.values_mut().for_each(|own| own.reverse());
    }

    fn find(&self, number: i64) -> Option<&Version<'a>> {
        let found = self
            .versions
            .binary_search_by_key(&number, |version| version.number);
        found.ok().map(|at| &self.versions[at])
    }

    fn present(&self, question: &Question, number: i64, read: &Read) -> Seen {
        let Some(version) = self.find(number) else {
            return Seen::Dirty("of a version that was never written");
        };
        if version.fate == Fate::Gone {
            return Seen::Dirty("of a version that was rolled back");
        }
        if version.begin > read.end {
            return Seen::Dirty("of a version that was written later");
        }
        if !question.holds(version.state) {
            return Seen::Dirty("of a version that does not answer the question");
        }
        self.age(number, read)
    }

    /// No row: right if the newest version without one is not too old.
    fn absent(&self, question: &Question, read: &Read) -> Seen {
        let begun = self
            .versions
            .partition_point(|version| version.begin <= read.end);
        let mut candidates = self.versions[..begun].iter().rev();
        let without =
            candidates.find(|version| version.fate != Fate::Gone && !question.holds(version.state));
        match without {
            Some(version) => self.age(version.number, read),
            None => Seen::Dirty("of an absence that never was"),
        }
    }

    fn age(&self, number: i64, read: &Read) -> Seen {
        let own = self.own.get(&read.process);
        let own = own.and_then(|own| replaced(own, number, read.begin));
        match replaced(&self.returned, number, read.begin) {
            Some(end) => Seen::Stale {
                age: read.begin - end,
                own: own.is_some(),
            },
            None => Seen::Fine,
        }
    }
}

/// The first moment at which a newer version had returned, if that was before the other one.
fn replaced(returned: &[(i64, u64)], number: i64, before: u64) -> Option<u64> {
    let newer = returned.partition_point(|(returned, _)| *returned <= number);
    let (_, end) = returned.get(newer)?;
    Some(*end).filter(|end| *end < before)
}
