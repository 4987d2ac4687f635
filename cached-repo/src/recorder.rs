//! A list of reads and of how each was answered, for tests that ask.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Records the reads of a repo: which entity was read, by what, and whether the cache answered.
///
/// [`CachedRepo::record_reads`](crate::CachedRepo::record_reads) makes one. It records the reads of all clones of that repo, in
/// the order in which they are answered, until it is dropped. It is meant for tests: what it has recorded stays in memory until
/// it is [taken](Self::take).
#[must_use = "a recorder records until it is dropped"]
pub struct ReadRecorder {
    recorders: Arc<Recorders>,
    recorded: Arc<Recorded>,
}

/// A read that was answered.
///
/// As text it is `users by key: hit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RecordedRead {
    /// Key prefix of the entity, as in [`EntityStats::entity`](crate::stats::EntityStats::entity).
    pub entity: &'static str,
    /// What the read was by.
    pub kind: ReadKind,
    /// How it was answered.
    pub outcome: ReadOutcome,
}

/// What a read finds its rows by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadKind {
    /// By primary key: `find_cached`, and each key of `find_cached_many`.
    Key,
    /// By unique columns.
    Unique,
    /// By indexed columns.
    Index,
    /// By a cached query or block.
    Query,
}

/// How a read was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReadOutcome {
    /// From the cache, past its lifetime or not; "no such row" as well.
    Hit,
    /// From the database, since the cache had nothing to serve. A read that joined another's load is a miss, too.
    Miss,
    /// From the database, past the cache: on request, in a transaction, under a writer's lock, or with the store away.
    Bypass,
}

/// The recorders of a repo.
#[derive(Debug, Default)]
pub(crate) struct Recorders {
    /// How many there are: read by every hit, and written by nobody but tests.
    active: AtomicUsize,
    each: Mutex<Vec<Arc<Recorded>>>,
}

#[derive(Debug, Default)]
struct Recorded(Mutex<Vec<RecordedRead>>);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Recorders {
    /// Begins to record.
    pub(crate) fn begin(recorders: &Arc<Self>) -> ReadRecorder {
        let recorded = Arc::<Recorded>::default();
        let mut each = lock(&recorders.each);
        each.push(Arc::clone(&recorded));
        recorders.active.store(each.len(), Ordering::Release);
        ReadRecorder {
            recorders: Arc::clone(recorders),
            recorded,
        }
    }

    /// Whether anybody records.
    #[inline]
    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed) != 0
    }

    /// Adds so many reads of one kind.
    #[cold]
    pub(crate) fn record(&self, read: RecordedRead, times: u64) {
        for recorded in &*lock(&self.each) {
            lock(&recorded.0).extend((0..times).map(|_| read));
        }
    }
}

impl ReadRecorder {
    /// The reads that were answered since the recorder was made, or since this was called last.
    #[must_use]
    pub fn take(&self) -> Vec<RecordedRead> {
        std::mem::take(&mut *lock(&self.recorded.0))
    }
}

impl Drop for ReadRecorder {
    fn drop(&mut self) {
        let mut each = lock(&self.recorders.each);
        each.retain(|other| !Arc::ptr_eq(other, &self.recorded));
        self.recorders.active.store(each.len(), Ordering::Release);
    }
}

impl fmt::Debug for ReadRecorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReadRecorder").finish_non_exhaustive()
    }
}

impl RecordedRead {
    /// Whether the cache has answered.
    #[must_use]
    pub fn is_hit(&self) -> bool {
        self.outcome == ReadOutcome::Hit
    }
}

impl fmt::Display for RecordedRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} by {}: {}", self.entity, self.kind, self.outcome)
    }
}

impl fmt::Display for ReadKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Key => "key",
            Self::Unique => "unique",
            Self::Index => "index",
            Self::Query => "query",
        })
    }
}

impl fmt::Display for ReadOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hit => "hit",
            Self::Miss => "miss",
            Self::Bypass => "bypass",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HIT: RecordedRead = RecordedRead {
        entity: "users",
        kind: ReadKind::Key,
        outcome: ReadOutcome::Hit,
    };

    #[test]
    fn each_recorder_has_what_was_read_in_its_time() {
        let recorders = Arc::new(Recorders::default());
        assert!(!recorders.is_active());
        let first = Recorders::begin(&recorders);
        recorders.record(HIT, 1);
        let second = Recorders::begin(&recorders);
        recorders.record(HIT, 2);
        assert_eq!(first.take(), [HIT; 3]);
        assert_eq!(first.take(), [], "what is taken is gone");
        assert_eq!(second.take(), [HIT; 2]);
        drop(first);
        assert!(recorders.is_active());
        drop(second);
        assert!(
            !recorders.is_active(),
            "nobody pays for a test that is over"
        );
    }
}
