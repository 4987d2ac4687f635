//! What is checked: programs, times, faults, and the rule that is left out.

use super::world::{Faults, Name};

/// A protocol with the programs that run over it.
#[derive(Clone, Debug)]
pub(super) struct Protocol {
    /// For each thread its process, and its operations: each one of several.
    pub(super) programs: Vec<(usize, Vec<Vec<Operation>>)>,
    pub(super) times: Times,
    pub(super) faults: Faults,
    /// Whether commits take as long as they like, without anybody renewing the lock.
    pub(super) slow_commits: bool,
    /// Whether the processes that copy have been listening for long when the world begins.
    pub(super) hearing: bool,
    /// Whether the entry is a list: a read with a token then asks the store, since a notice may name the row elsewhere.
    pub(super) is_list: bool,
    pub(super) without: Option<Rule>,
}

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// Reads the row; a copy will do.
    Read,
    /// The same, and must see the write that the last token was taken from.
    ReadAfter,
    /// Changes the row, and invalidates it under this name. Under [`Name::Other`]: the row is elsewhere by now, and the entry is a
    /// list that may hold it as it was; what was committed before is seen by the write.
    Write(Name),
}

/// In ticks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) lock: u64,
    pub(super) lease: u64,
    pub(super) settle: u64,
    /// How long a copy may be served.
    pub(super) bound: u64,
    /// How long the world lasts.
    pub(super) horizon: u64,
}

/// A rule that may be left out, to see that the model notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// A ticket is drawn before the store is asked.
    TicketBeforeAsk,
    /// The life of a copy is counted from when the store was asked.
    LifeSinceAsk,
    /// A local write locks copies before it commits.
    LocalLock,
    /// A local write takes copies of lists, under whatever name it knows the row.
    OwnWriteTakesLists,
    /// A notice takes the copies that it names.
    NoticeReleases,
    /// The number of a notice is noted after it was carried out.
    NumberAfterRelease,
    /// A write tells of itself after its keys are released.
    ReleaseBeforeNotice,
    /// A write whose outcome is unknown locks again.
    LockInDoubt,
    /// A gap in the numbers is something missed.
    GapIsMissed,
    /// A beat's number is compared with the last notice's.
    BeatIsCompared,
    /// A process subscribes before it copies.
    SubscribeBeforeHearing,
    /// A process subscribes before it asks for the last number.
    SubscribeBeforeNumber,
    /// Who hears nothing any more forgets everything.
    DeafForgets,
    /// Who hears nothing makes no copies.
    DeafMakesNone,
    /// A read with a token asks whether copies have heard of the write.
    TokenIsAsked,
    /// Numbers of notices do not come again, whatever a server has forgotten.
    NumbersGoOn,
    /// While an invalidation is owed, a token says so.
    DebtInToken,
}

impl Protocol {
    pub(super) fn lacks(&self, rule: Rule) -> bool {
        self.without == Some(rule)
    }

    pub(super) fn process(&self, thread: usize) -> usize {
        self.programs[thread].0
    }

    /// Whether the process keeps copies: somebody reads there.
    pub(super) fn copies(&self, process: usize) -> bool {
        let mut own = self.programs.iter().filter(|(other, _)| *other == process);
        own.any(|(_, slots)| {
            let mut all = slots.iter().flatten();
            all.any(|operation| !matches!(operation, Operation::Write(_)))
        })
    }
}
