//! What is checked, and what a state of the model holds.

use super::steps::{Lock, Reader};
use crate::protocol::cell::Cell;

/// A protocol with the processes that run over it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Protocol {
    /// How many processes read the row.
    pub(super) readers: usize,
    /// Whether another one writes it.
    pub(super) writes: bool,
    pub(super) times: Times,
    pub(super) faults: Faults,
    pub(super) without: Option<Rule>,
}

/// In ticks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    pub(super) lease: u64,
    /// How often a lease may be renewed.
    pub(super) renewals: u8,
    /// Pause between two looks of who cannot be told.
    pub(super) poll: u64,
    /// How long a reader waits at most.
    pub(super) wait: u64,
}

/// What may still go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Faults {
    /// Processes that are killed.
    pub(super) kills: u8,
    /// Loads that fail.
    pub(super) failures: u8,
    /// Connections that bring wakes, and break.
    pub(super) losses: u8,
    /// Evictions of the key.
    pub(super) evictions: u8,
}

/// A rule that may be left out, to see that the model notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Who waits listens before it marks the lease.
    ListenBeforeMark,
    /// Who waits marks the lease.
    Mark,
    /// A fill of a lease that is marked says so.
    FillTells,
    /// A lease that is marked and given back is told of.
    AbandonTells,
    /// A lock on a lease that is marked is told of.
    LockTells,
    /// A lease ends by itself.
    LeaseEnds,
    /// Who waits looks again when the lease that it saw would have ended.
    PauseEnds,
    /// Who cannot be told looks again soon.
    Poll,
    /// Who waits is woken when its connection is lost.
    LossWakes,
    /// A reader that finds a lease waits for it.
    WaitForLease,
}

impl Protocol {
    pub(super) fn lacks(&self, rule: Rule) -> bool {
        self.without == Some(rule)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Task {
    Read(Reader),
    Write(Lock),
    Done,
    Killed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) task: Task,
    /// Whether the connection stands that brings wakes.
    pub(super) is_connected: bool,
    /// Whether the process believes so.
    pub(super) is_hearing: bool,
    /// Wakes that are on their way: more than two make no difference.
    pub(super) wakes: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    /// It and everything else that is timed is counted from now on.
    pub(super) cell: Cell<u8>,
    pub(super) processes: Vec<Process>,
    pub(super) faults: Faults,
    /// Loads that have begun: more than two make no difference.
    pub(super) loads: u8,
    /// Whether somebody has waited, and was served.
    pub(super) has_waited: bool,
}

impl World {
    pub(super) fn new(protocol: &Protocol) -> Self {
        let process = |task| Process {
            task,
            is_connected: true,
            is_hearing: true,
            wakes: 0,
        };
        let readers = (0..protocol.readers).map(|_| process(Task::Read(Reader::new())));
        let writer = protocol.writes.then(|| process(Task::Write(Lock::Lock)));
        Self {
            cell: Cell::Missing,
            processes: readers.chain(writer).collect(),
            faults: protocol.faults,
            loads: 0,
            has_waited: false,
        }
    }

    /// Tells everybody that a lease has ended.
    pub(super) fn wake(&mut self) {
        for process in &mut self.processes {
            if process.is_connected {
                process.wakes = 2.min(process.wakes + 1);
            }
        }
    }
}

impl Process {
    /// Wakes its reader, if it listens.
    pub(super) fn woken(&mut self) {
        if let Task::Read(reader) = &mut self.task {
            reader.is_woken |= reader.is_listening;
        }
    }
}
