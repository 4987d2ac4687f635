//! Why something was invalidated, and how much of it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Declares the kinds, so that their list is complete.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// Why something was invalidated.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum CauseKind {
            $($(#[$doc])* $name,)*
        }

        impl CauseKind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As it is written in labels.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

kinds! {
    /// Rows were inserted.
    Insert = "insert",
    /// Rows were updated that the statement names.
    Update = "update",
    /// Rows were deleted that the statement names.
    Delete = "delete",
    /// A statement wrote rows that it does not name one by one.
    Bulk = "bulk",
    /// An update or delete named rows that are not there.
    NotFound = "not-found",
    /// A foreign key makes the database change rows of the entity by itself.
    ForeignKey = "foreign-key",
    /// An edge of the graph leads from what was written to the entity.
    Edge = "edge",
    /// `invalidate` of one row, by hand.
    Row = "row",
    /// `invalidate_tag`.
    Tag = "tag",
    /// `invalidate_entity`.
    Entity = "entity",
    /// `invalidate_all`.
    Namespace = "namespace",
    /// `invalidate_matching`.
    Pattern = "pattern",
    /// The rule of an event of the program's.
    Event = "event",
    /// A read asked for a refresh.
    Refresh = "refresh",
    /// The database's tables were changed.
    Ddl = "ddl",
    /// A statement could not be understood, so that it may have written anything.
    NotUnderstood = "not-understood",
    /// Another process has said what it has invalidated.
    OtherProcess = "other-process",
    /// Another program has changed keys in the store (`client_tracking`).
    OtherProgram = "other-program",
    /// Notices of other processes were missed, or do not arrive any more: all copies in this process went.
    NoticesMissed = "notices-missed",
}

impl fmt::Display for CauseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What was named to invalidate it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FanOut {
    /// All names, also those that only the protocol needs.
    pub names: u64,
    /// Rows by primary key.
    pub rows: u64,
    /// Unique values: which row has them.
    pub uniques: u64,
    /// Collections of an index.
    pub collections: u64,
    /// Single queries.
    pub queries: u64,
    /// Partitions: rows that an edge reaches by one value.
    pub partitions: u64,
    /// Tags of the user's.
    pub tags: u64,
    /// Entities as a whole.
    pub tables: u64,
    /// The namespace as a whole.
    pub namespaces: u64,
}

impl FanOut {
    /// Calls this with each number and its counterpart.
    fn each<'a, T>(&self, others: &'a Sums<T>, mut see: impl FnMut(u64, &'a T)) {
        see(self.names, &others[0]);
        see(self.rows, &others[1]);
        see(self.uniques, &others[2]);
        see(self.collections, &others[3]);
        see(self.queries, &others[4]);
        see(self.partitions, &others[5]);
        see(self.tags, &others[6]);
        see(self.tables, &others[7]);
        see(self.namespaces, &others[8]);
    }
}

type Sums<T> = [T; 9];

/// What invalidations of one cause have named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CauseStats {
    /// The cause.
    pub cause: CauseKind,
    /// Invalidations that had it. One with several causes, as a transaction has, counts for each.
    pub invalidations: u64,
    /// Names in these invalidations, all together.
    pub names: u64,
}

/// What invalidations were about since the repo was built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct InvalidationStats {
    /// By cause, in the order of [`CauseKind::ALL`].
    pub causes: Vec<CauseStats>,
    /// What all of them have named, together.
    pub fan_out: FanOut,
    /// Most names in one.
    pub largest: u64,
    /// How many the store did not take at once.
    pub owed: u64,
}

impl InvalidationStats {
    /// What invalidations of this cause have named.
    #[must_use]
    pub fn cause(&self, kind: CauseKind) -> CauseStats {
        let found = self.causes.iter().find(|stats| stats.cause == kind);
        found.copied().unwrap_or(CauseStats {
            cause: kind,
            invalidations: 0,
            names: 0,
        })
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Kinds(u32);

impl Kinds {
    pub(crate) fn add(&mut self, kind: CauseKind) {
        self.0 |= 1 << kind as u32;
    }

    pub(crate) fn has(self, kind: CauseKind) -> bool {
        self.0 & 1 << kind as u32 != 0
    }
}

/// Counts invalidations.
#[derive(Debug)]
pub(crate) struct CauseCounters {
    causes: Box<[(AtomicU64, AtomicU64)]>,
    fan_out: Sums<AtomicU64>,
    largest: AtomicU64,
    owed: AtomicU64,
}

impl Default for CauseCounters {
    fn default() -> Self {
        Self {
            causes: CauseKind::ALL.iter().map(|_| Default::default()).collect(),
            fan_out: Default::default(),
            largest: AtomicU64::new(0),
            owed: AtomicU64::new(0),
        }
    }
}

impl CauseCounters {
    /// Counts one invalidation.
    pub(crate) fn add(&self, kinds: Kinds, fan_out: &FanOut, is_owed: bool) {
        for (kind, (times, names)) in CauseKind::ALL.iter().zip(&self.causes) {
            if kinds.has(*kind) {
                times.fetch_add(1, Ordering::Relaxed);
                names.fetch_add(fan_out.names, Ordering::Relaxed);
            }
        }
        fan_out.each(&self.fan_out, |number, sum| {
            if number > 0 {
                sum.fetch_add(number, Ordering::Relaxed);
            }
        });
        self.largest.fetch_max(fan_out.names, Ordering::Relaxed);
        self.owed.fetch_add(is_owed.into(), Ordering::Relaxed);
    }

    /// What was counted.
    pub(crate) fn read(&self) -> InvalidationStats {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let causes = CauseKind::ALL.iter().zip(&self.causes);
        let [
            names,
            rows,
            uniques,
            collections,
            queries,
            partitions,
            tags,
            tables,
            namespaces,
        ] = self.fan_out.each_ref().map(of);
        InvalidationStats {
            causes: causes
                .map(|(cause, (times, names))| CauseStats {
                    cause: *cause,
                    invalidations: of(times),
                    names: of(names),
                })
                .collect(),
            fan_out: FanOut {
                names,
                rows,
                uniques,
                collections,
                queries,
                partitions,
                tags,
                tables,
                namespaces,
            },
            largest: of(&self.largest),
            owed: of(&self.owed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_counted_is_read() {
        let counters = CauseCounters::default();
        let mut kinds = Kinds::default();
        kinds.add(CauseKind::Update);
        kinds.add(CauseKind::NoticesMissed);
        let fan_out = FanOut {
            names: 5,
            rows: 2,
            namespaces: 1,
            ..FanOut::default()
        };
        counters.add(kinds, &fan_out, true);
        counters.add(kinds, &fan_out, false);
        let read = counters.read();
        let update = read.cause(CauseKind::Update);
        assert_eq!((update.invalidations, update.names), (2, 10));
        assert_eq!(read.cause(CauseKind::NoticesMissed).invalidations, 2);
        assert_eq!(read.cause(CauseKind::Insert).invalidations, 0);
        assert_eq!((read.fan_out.rows, read.fan_out.namespaces), (4, 2));
        assert_eq!((read.largest, read.owed), (5, 1));
    }
}
