//! What is checked: programs, times, faults, and the rule that is left out.

use super::world::{Faults, Place};
use super::writer::Write;

/// A protocol with the programs that run over it.
#[derive(Clone, Debug)]
pub(super) struct Protocol {
    /// For each thread its process, and its operations: each one of several.
    pub(super) programs: Vec<(usize, Vec<Vec<Operation>>)>,
    pub(super) times: Times,
    pub(super) faults: Faults,
    pub(super) promise: Promise,
    /// Whether the row exists at first.
    pub(super) exists: bool,
    /// Whether a write is refused if the store takes no lock.
    pub(super) refuse: bool,
    /// Whether commits take as long as they like, without anybody renewing the lock.
    pub(super) slow_commits: bool,
    /// Whether writers renew their locks until the commit.
    pub(super) renew: bool,
    /// Whether two servers take turns, neither being started again.
    pub(super) fail_back: bool,
    pub(super) without: Option<Rule>,
}

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    Read(Place),
    /// Read an entry whose time has come: it is served, and loaded anew.
    Refresh(Place),
    Write(Write),
}

/// In ticks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) lock: u64,
    pub(super) lease: u64,
    pub(super) settle: u64,
    /// How long the world lasts.
    pub(super) horizon: u64,
}

/// What a read gets at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// What was committed before it began, whether or not the writer lives to tell.
    Committed,
    /// What writes had published before it began: they have returned, with their invalidation delivered.
    Published,
}

/// A rule that may be left out, to see that the model notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// 1: stamps are taken when the entry is filled.
    StampsBeforeLoad,
    /// 1: a stamp that the row names is good at any age.
    RowStampsBeforeLoad,
    /// 2: stamps are not compared.
    EqualOrMiss,
    /// 3: a release puts the stamp back that was there before.
    DeleteIsBump,
    /// 4: a fill needs no lease.
    Lease,
    /// 4: what is loaded anew is stored, whether or not the entry is still there.
    HeldEntry,
    /// 5: nothing is locked before the commit.
    LockBeforeCommit,
    /// 5: nothing is released after it.
    ReleaseAfterCommit,
    /// 5: a release opens the key, whoever else holds it.
    CountedLocks,
    /// 5: all locks of a key end together.
    OwnDeadline,
    /// 7: the partition that a row leaves is not invalidated.
    OldPartition,
    /// 7: the partition that a row enters is not invalidated.
    NewPartition,
    /// 7: a write does not take the tag of all queries.
    TagOfRows,
    /// 8: an insert does not invalidate the row's own key.
    InsertKillsAbsence,
    /// 11: a debt is forgotten.
    Renounce,
    /// 11: a young epoch is filled at once.
    Settle,
    /// 11: nobody looks whether the epoch was made on this server.
    ServerOfEpoch,
    /// 11: an epoch that is renounced is as good as an old one.
    RenouncedIsYoung,
    /// Flights: a follower takes whatever the load brought.
    AcceptFlight,
    /// Flights: a fill is good for followers that began after it was sent.
    FollowersBeforeFill,
    /// Flights: a fill after a second load says nothing of the first one.
    FollowersOfFilledLoad,
}

impl Protocol {
    pub(super) fn lacks(&self, rule: Rule) -> bool {
        self.without == Some(rule)
    }

    pub(super) fn process(&self, thread: usize) -> usize {
        self.programs[thread].0
    }

    /// Whether other threads run in the same process.
    pub(super) fn shares(&self, thread: usize) -> bool {
        let own = |(process, _): &&(usize, _)| *process == self.process(thread);
        self.programs.iter().filter(own).count() > 1
    }

    /// Whether somebody reads this entry.
    pub(super) fn reads(&self, entry: Place) -> bool {
        let mut operations = self.programs.iter().flat_map(|(_, slots)| slots).flatten();
        operations.any(|operation| {
            [Operation::Read(entry), Operation::Refresh(entry)].contains(operation)
        })
    }
}
