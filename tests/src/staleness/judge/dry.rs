//! How long reads went on without a hit.

use crate::staleness::history::Read;
use crate::staleness::model::Question;

/// Reads of which it is known whether they were hits, in the order of their ends.
#[derive(Clone, Copy, Debug, Default)]
struct Reads {
    /// The last hit; before there is one, the first read.
    since: Option<u64>,
    longest: u64,
}

impl Reads {
    fn add(&mut self, end: u64, hit: bool) {
        let since = self.since.get_or_insert(end);
        if hit {
            *since = end;
        } else {
            self.longest = self.longest.max(end - *since);
        }
    }
}

/// The longest times from a hit to a later read without another hit in between, over all processes, in nanoseconds. Before the
/// first hit they count from the first read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WithoutHit {
    /// Of all reads together.
    pub all: u64,
    /// Of the reads of each kind, in the order of [`Question::KINDS`].
    pub kinds: [u64; Question::KINDS.len()],
}

impl WithoutHit {
    pub(super) fn of(reads: &[Read]) -> Self {
        let known = reads.iter().filter_map(|read| Some((read, read.hit?)));
        let mut known: Vec<_> = known.collect();
        known.sort_by_key(|(read, _)| read.end);
        let mut all = Reads::default();
        let mut kinds = [Reads::default(); Question::KINDS.len()];
        for (read, hit) in known {
            all.add(read.end, hit);
            kinds[read.question.kind()].add(read.end, hit);
        }
        Self {
            all: all.longest,
            kinds: kinds.map(|reads| reads.longest),
        }
    }

    /// The longest of all reads together, and of each kind of list of parcels: their table is written several times in the life of
    /// a lock, and seldom enough that its lists are hits in between.
    #[must_use]
    pub fn longest(&self) -> u64 {
        let lists = [Question::Shelf(0), Question::Parcels];
        let lists = lists.map(|question| self.kinds[question.kind()]);
        lists.into_iter().fold(self.all, u64::max)
    }
}
