//! Statistics of a repo: [`CachedRepo::stats`](crate::CachedRepo::stats). No operation waits for a counter.

mod causes;

pub(crate) use causes::{CauseCounters, Kinds};
pub use causes::{CauseKind, CauseStats, FanOut, InvalidationStats};

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// What is counted for each entity.
#[derive(Clone, Copy, Debug)]
#[repr(usize)]
pub(crate) enum Count {
    /// Answered at once, in this process.
    Hit,
    StoreHit,
    Miss,
    Bypass,
    Load,
    Fill,
    RefusedFill,
    Uncacheable,
    Undecodable,
    RowInvalidation,
    TableInvalidation,
    EdgeInvalidation,
    Error,
    /// Served although its life was over, while it is loaded anew.
    StaleHit,
    /// Served although its life was over, because its load has failed.
    StaleOnError,
    Refresh,
    FailedRefresh,
}

const COUNTS: usize = Count::FailedRefresh as usize + 1;
const SHARDS: usize = 33;

/// The shard of all threads that got none of their own.
const SHARED: usize = SHARDS - 1;

/// Counters of all entities, in shards of which each thread uses its own: a hit touches no memory that another thread
/// writes. Threads beyond the number of shards share the last one. Clones count together, and each of them points to the shards
/// itself.
#[derive(Clone, Debug)]
pub(crate) struct Counters {
    shards: Arc<[Shard]>,
    entities: usize,
    totals: Arc<Totals>,
}

/// What is counted for all entities together, and seldom.
#[derive(Debug, Default)]
struct Totals {
    unknown_writes: AtomicU64,
    bypassed_writes: AtomicU64,
    epochs: AtomicU64,
}

#[derive(Debug)]
#[repr(align(128))]
struct Shard(Box<[Line]>);

/// The counters of one entity, on cache lines of their own.
#[derive(Debug)]
#[repr(align(128))]
struct Line([AtomicU64; COUNTS]);

impl Counters {
    pub(crate) fn new(entities: usize) -> Self {
        let line = || Line(std::array::from_fn(|_| AtomicU64::new(0)));
        let shard = || Shard((0..entities).map(|_| line()).collect());
        Self {
            shards: (0..SHARDS).map(|_| shard()).collect(),
            entities,
            totals: Arc::default(),
        }
    }

    #[inline]
    pub(crate) fn add(&self, entity: u16, count: Count) {
        self.add_many(entity, count, 1);
    }

    #[inline]
    pub(crate) fn add_many(&self, entity: u16, count: Count, by: u64) {
        let shard = shard();
        if let Some(line) = self.shards[shard].0.get(usize::from(entity)) {
            let counter = &line.0[count as usize];
            if shard < SHARED {
                // No other thread writes here: a plain addition loses nothing, and costs a fifth of an atomic one.
                let sum = counter.load(Ordering::Relaxed).wrapping_add(by);
                counter.store(sum, Ordering::Relaxed);
            } else {
                counter.fetch_add(by, Ordering::Relaxed);
            }
        }
    }

    pub(crate) fn unknown_write(&self) {
        self.totals.unknown_writes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn bypassed_write(&self) {
        self.totals.bypassed_writes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn epoch(&self) {
        self.totals.epochs.fetch_add(1, Ordering::Relaxed);
    }

    /// The sums over all shards.
    pub(crate) fn sum(&self, names: impl Fn(usize) -> &'static str) -> Stats {
        let entities = (0..self.entities)
            .map(|entity| {
                let of = |count: Count| {
                    let counts = self
                        .shards
                        .iter()
                        .map(|shard| &shard.0[entity].0[count as usize]);
                    counts.map(|counter| counter.load(Ordering::Relaxed)).sum()
                };
                EntityStats {
                    entity: names(entity),
                    hits: of(Count::Hit) + of(Count::StoreHit),
                    memory_hits: of(Count::Hit),
                    misses: of(Count::Miss),
                    bypasses: of(Count::Bypass),
                    loads: of(Count::Load),
                    fills: of(Count::Fill),
                    refused_fills: of(Count::RefusedFill),
                    uncacheable: of(Count::Uncacheable),
                    undecodable: of(Count::Undecodable),
                    row_invalidations: of(Count::RowInvalidation),
                    table_invalidations: of(Count::TableInvalidation),
                    edge_invalidations: of(Count::EdgeInvalidation),
                    errors: of(Count::Error),
                    stale_hits: of(Count::StaleHit),
                    stale_on_error: of(Count::StaleOnError),
                    refreshes: of(Count::Refresh),
                    failed_refreshes: of(Count::FailedRefresh),
                }
            })
            .collect();
        Stats {
            entities,
            unknown_writes: self.totals.unknown_writes.load(Ordering::Relaxed),
            bypassed_writes: self.totals.bypassed_writes.load(Ordering::Relaxed),
            epochs: self.totals.epochs.load(Ordering::Relaxed),
            entries: 0,
            invalidations: InvalidationStats::default(),
            store: StoreStats::default(),
            transactions: TransactionStats::default(),
        }
    }
}

/// The calling thread's shard, which is its own for good: the shard of a thread that has ended is not given away.
#[inline]
fn shard() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static SHARD: Cell<usize> = const { Cell::new(usize::MAX) };
    }
    SHARD.with(|shard| {
        if shard.get() == usize::MAX {
            shard.set(NEXT.fetch_add(1, Ordering::Relaxed).min(SHARED));
        }
        shard.get()
    })
}

/// What a repo has done since it was built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// By entity, in the order of the schema.
    pub entities: Vec<EntityStats>,
    /// Writes whose tables could not be told: each invalidated every entity.
    pub unknown_writes: u64,
    /// Writes past the repo that [`report_bypasses`](crate::CachedRepo::report_bypasses) has seen, by entity.
    pub bypassed_writes: u64,
    /// New epochs because of statements that change the database's tables.
    pub epochs: u64,
    /// Entries held in this process, those included that will not be served any more.
    pub entries: u64,
    /// What was invalidated, by cause.
    pub invalidations: InvalidationStats,
    /// The store and its circuit breaker.
    pub store: StoreStats,
    /// Transactions run by `transaction_retry`.
    pub transactions: TransactionStats,
}

/// What a repo has done with one entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct EntityStats {
    /// Key prefix of the entity.
    pub entity: &'static str,
    /// Reads answered from the cache, absent rows included.
    pub hits: u64,
    /// Those of them that this process answered by itself, without the store.
    pub memory_hits: u64,
    /// Reads that had to go to the database.
    pub misses: u64,
    /// Reads that went past the cache: on request, in a transaction, under a writer's lock, or with the store away.
    pub bypasses: u64,
    /// Queries sent to the database to answer reads.
    pub loads: u64,
    /// Entries stored.
    pub fills: u64,
    /// Loaded values that were not stored because something they depend on was invalidated meanwhile.
    pub refused_fills: u64,
    /// Loaded values that cannot be stored: too large, of a column type that the build leaves out, under too many tags, or
    /// found by the database under a value that is spelled otherwise.
    pub uncacheable: u64,
    /// Stored entries that could not be decoded; each was a miss.
    pub undecodable: u64,
    /// Rows invalidated by writes that named them.
    pub row_invalidations: u64,
    /// Times that every entry of the entity was invalidated.
    pub table_invalidations: u64,
    /// Partitions invalidated by writes to other entities.
    pub edge_invalidations: u64,
    /// Store calls that failed during reads.
    pub errors: u64,
    /// Hits whose entry was past its lifetime, while it was loaded anew behind the reader (`stale_while_revalidate`).
    pub stale_hits: u64,
    /// Reads answered by an entry past its lifetime because its load has failed, now or a moment before (`stale_if_error`).
    pub stale_on_error: u64,
    /// Entries that were loaded anew behind a reader, before or after the end of their lifetime.
    pub refreshes: u64,
    /// Those of them that failed, or were not stored: the next attempt is put off, longer each time.
    pub failed_refreshes: u64,
}

/// The shared store's health.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreStats {
    /// Whether the breaker is open now: reads go to the database and wait for nothing.
    pub breaker_open: bool,
    /// How often the breaker has opened.
    pub outages: u64,
    /// How often undelivered invalidations were made good by a new epoch.
    pub namespace_resets: u64,
    /// Whether notices of other processes arrive, so that copies are kept in this one.
    pub l1_subscribed: bool,
    /// How often all copies were forgotten because notices were missed, or stopped arriving.
    pub l1_flushes: u64,
}

/// Counters of `transaction_retry`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransactionStats {
    /// Transactions committed.
    pub committed: u64,
    /// Attempts repeated because of a deadlock, a serialization failure or a busy database.
    pub retried: u64,
    /// Transactions given up: limit reached, time passed, or another error.
    pub failed: u64,
}

impl Stats {
    /// The statistics of the entity with this key prefix.
    #[must_use]
    pub fn entity(&self, prefix: &str) -> Option<&EntityStats> {
        self.entities.iter().find(|stats| stats.entity == prefix)
    }

    /// Share of reads answered from the cache, 0.0 to 1.0; zero before the first read.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    pub fn hit_ratio(&self) -> f64 {
        let sum = |of: fn(&EntityStats) -> u64| self.entities.iter().map(of).sum::<u64>() as f64;
        let reads =
            sum(|stats| stats.hits) + sum(|stats| stats.misses) + sum(|stats| stats.bypasses);
        if reads == 0.0 {
            0.0
        } else {
            sum(|stats| stats.hits) / reads
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_from_many_threads_add_up() {
        let counters = Counters::new(2);
        // More threads than shards, at the same time.
        std::thread::scope(|scope| {
            for _ in 0..2 * SHARDS {
                scope.spawn(|| (0..1000).for_each(|_| counters.add(1, Count::Hit)));
            }
        });
        let stats = counters.sum(|entity| ["a", "b"][entity]);
        assert_eq!(stats.entity("a").map(|stats| stats.hits), Some(0));
        let hits = stats.entity("b").map(|stats| stats.hits);
        assert_eq!(hits, Some(2000 * SHARDS as u64));
    }
}
