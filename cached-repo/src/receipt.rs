//! Where an answer came from, and how old it is, for who wants to know.

use crate::age::Age;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Tells where the answer to a read came from, and how old it is: hand it to the read by `.receipt(&receipt)`, and ask it
/// afterwards. Of several reads, or of many rows, it tells of the oldest answer.
///
/// An answer is old by the time that has passed since it was stored. That it is older than its lifetime does not mean that
/// something has changed: what a write has changed is not served, however young.
#[derive(Clone, Debug, Default)]
pub struct Receipt(Arc<Mutex<Option<Note>>>);

/// Where an answer came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum AnsweredBy {
    /// The database, for this read or for one that it has joined.
    Database,
    /// The store that processes share.
    Store,
    /// This process's memory.
    Memory,
}

#[derive(Clone, Copy, Debug)]
struct Note {
    by: AnsweredBy,
    age: Duration,
    stale: bool,
}

impl Receipt {
    /// An empty one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the answer came from; `None` while there is none.
    #[must_use]
    pub fn answered_by(&self) -> Option<AnsweredBy> {
        self.note().map(|note| note.by)
    }

    /// How long ago the answer was stored, zero if it has just been loaded; `None` while there is none. With a server as store
    /// it counts the time, in milliseconds.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        self.note().map(|note| note.age)
    }

    /// Whether the answer is past its lifetime: served by `stale_while_revalidate` or `stale_if_error`.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.note().is_some_and(|note| note.stale)
    }

    pub(crate) fn loaded(&self) {
        self.put(Note {
            by: AnsweredBy::Database,
            age: Duration::ZERO,
            stale: false,
        });
    }

    pub(crate) fn served(&self, by: AnsweredBy, age: Age) {
        self.put(Note {
            by,
            age: age.passed,
            stale: age.passed >= age.life,
        });
    }

    fn put(&self, new: Note) {
        let mut note = self.note();
        let old = note.get_or_insert(new);
        if new.age > old.age {
            (old.by, old.age) = (new.by, new.age);
        }
        old.stale |= new.stale;
    }

    fn note(&self) -> MutexGuard<'_, Option<Note>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_answers_the_oldest_is_told() {
        let receipt = Receipt::new();
        assert_eq!((receipt.answered_by(), receipt.age()), (None, None));
        receipt.loaded();
        let seconds = Duration::from_secs;
        let age = |passed| Age {
            passed: seconds(passed),
            life: seconds(10),
            ..Age::default()
        };
        receipt.served(AnsweredBy::Store, age(12));
        receipt.served(AnsweredBy::Memory, age(3));
        assert_eq!(receipt.answered_by(), Some(AnsweredBy::Store));
        assert_eq!(receipt.age(), Some(seconds(12)));
        assert!(receipt.is_stale());
    }
}
