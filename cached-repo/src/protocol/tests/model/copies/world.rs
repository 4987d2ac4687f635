//! What a state of the model holds.

use super::ear::Ear;
use super::reader::Reader;
use super::rules::Protocol;
use super::writer::{Pending, Writer};
use crate::protocol::cell::{Cell, Holder, Sequence};
use crate::protocol::copies::{self, Copies};
use crate::stamp::Stamp;

/// A key of the store: two tags, the entry of the one row, which carries both, and another that has nothing to do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Name {
    Epoch,
    Table,
    Row,
    Other,
    /// What copies carry beside their tags: no store knows it, and no notice names it.
    Local,
}

pub(super) const NAMES: [Name; 4] = [Name::Epoch, Name::Table, Name::Row, Name::Other];

pub(super) const TAGS: [Name; 2] = [Name::Epoch, Name::Table];

/// The names that a copy ends with, beside its key.
pub(super) const COPIED: [Name; 3] = [Name::Epoch, Name::Table, Name::Local];

impl copies::Name for Name {
    const EPOCH: Self = Self::Epoch;
}

/// What an entry holds: how many commits it has seen, and the stamps of its tags.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    pub(super) version: u8,
    pub(super) stamps: [Stamp; 2],
}

impl crate::protocol::cell::Named for Entry {
    type Name = Self;

    fn name(&self) -> Self {
        self.clone()
    }
}

pub(super) type Cells = [Cell<Entry>; 4];

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Store {
    pub(super) cells: Cells,
    pub(super) sequence: Sequence,
    /// How often it was started, or replaced by another.
    pub(super) generation: u8,
    /// How often it has forgotten the number of the last notice, or a part of it.
    pub(super) era: u8,
}

impl Store {
    /// The server's time in microseconds: so much that it is more than any number before.
    pub(super) fn micros(&self) -> u64 {
        16 * (1 + u64::from(self.era))
    }

    /// Goes back to the number of a notice that was told long ago.
    pub(super) fn lag(&mut self) {
        self.sequence = Sequence::default();
        self.sequence.raise(1);
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) alive: bool,
    /// The start of the store that it is connected to.
    pub(super) connected: u8,
    /// The start of the store whose numbers it has looked at, in order to connect.
    pub(super) greeted: u8,
    /// Whether the network keeps the store from it.
    pub(super) cut: bool,
    /// Whether its breaker is open.
    pub(super) open: bool,
    /// Whether an invalidation was not delivered.
    pub(super) owes: bool,
    pub(super) copies: Copies<Name, u8>,
    pub(super) ear: Ear,
    /// Number of the last notice that it has sent.
    pub(super) announced: u64,
    /// Commits of its own that a read here must see.
    pub(super) own: u8,
    /// Commits whose notices were carried out here.
    pub(super) carried: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Task {
    Idle,
    Read(Reader),
    Write(Writer),
    Killed,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Thread {
    /// Operations begun.
    pub(super) begun: usize,
    pub(super) task: Task,
    /// A commit that is on its way to the database, of which nobody will hear.
    pub(super) pending: Option<Pending>,
    /// What such a commit has made of the row.
    pub(super) late: u8,
}

/// What may still go wrong, or happen besides.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Faults {
    /// Processes that are killed.
    pub(super) kills: u8,
    /// Commits whose answer is lost.
    pub(super) lost_answers: u8,
    /// Connections that bring notices, and break.
    pub(super) losses: u8,
    /// Notices that do not arrive.
    pub(super) gaps: u8,
    /// Beats that are sent.
    pub(super) beats: u8,
    /// Restarts of the store without its memory.
    pub(super) restarts: u8,
    /// Failovers to a replica that has not heard of the last notices.
    pub(super) failovers: u8,
    /// Evictions of the number of the last notice.
    pub(super) evictions: u8,
    /// Processes that are cut off from the store.
    pub(super) cuts: u8,
}

/// What a write token says: the number of a notice, if it was delivered; and what it must show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Token {
    pub(super) number: Option<u64>,
    pub(super) version: u8,
}

/// Promises to a reader; as numbers of commits, the least that it may get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Floors {
    pub(super) own: u8,
    pub(super) carried: u8,
    pub(super) bound: u8,
    pub(super) token: u8,
}

/// Which of them were broken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Broken {
    pub(super) own: bool,
    pub(super) carried: bool,
    pub(super) bound: bool,
    pub(super) token: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    /// The time of all clocks.
    pub(super) now: u64,
    pub(super) committed: u8,
    /// What was committed when each tick began of which a copy may still be served.
    pub(super) history: Vec<u8>,
    /// Commits that a notice has told of.
    pub(super) announced: u8,
    pub(super) token: Option<Token>,
    pub(super) store: Store,
    pub(super) processes: Vec<Process>,
    pub(super) threads: Vec<Thread>,
    pub(super) faults: Faults,
    pub(super) broken: Broken,
    /// Whether somebody took notices for missed.
    pub(super) missed: bool,
}

impl World {
    pub(super) fn new(protocol: &Protocol) -> Self {
        let mut cells = Cells::default();
        // A namespace that has been in use, and an entry that everybody may copy.
        cells[0].enrol(stamp(0), 0, 0);
        cells[1].stamp(stamp(1), 0, None, None);
        cells[2].lease_missing(0, 1);
        let entry = Entry {
            version: 0,
            stamps: [stamp(0), stamp(1)],
        };
        cells[2].fill(0, entry, u64::MAX);
        let mut sequence = Sequence::default();
        sequence.raise(3);
        let last = sequence.last();
        let now = protocol.times.settle.max(1);
        let processes = protocol.programs.iter().map(|(process, _)| process + 1);
        let process = |number| {
            let hears = protocol.hearing && protocol.copies(number);
            let mut copies = Copies::new();
            if hears {
                copies.hear(last, now);
            }
            Process {
                alive: true,
                connected: 0,
                greeted: 0,
                cut: false,
                open: false,
                owes: false,
                copies,
                ear: Ear::new(hears.then_some(last)),
                announced: 0,
                own: 0,
                carried: 0,
            }
        };
        let thread = Thread {
            begun: 0,
            task: Task::Idle,
            pending: None,
            late: 0,
        };
        Self {
            now,
            committed: 0,
            history: vec![0; protocol.times.bound as usize],
            announced: 0,
            token: None,
            store: Store {
                cells,
                sequence,
                generation: 0,
                era: 0,
            },
            processes: (0..processes.max().unwrap_or(0)).map(process).collect(),
            threads: vec![thread; protocol.programs.len()],
            faults: protocol.faults,
            broken: Broken::default(),
            missed: false,
        }
    }

    pub(super) fn cell(&self, name: Name) -> &Cell<Entry> {
        &self.store.cells[name as usize]
    }

    pub(super) fn cell_mut(&mut self, name: Name) -> &mut Cell<Entry> {
        &mut self.store.cells[name as usize]
    }

    /// The stamp of a tag.
    pub(super) fn mark(&self, tag: Name) -> Option<Stamp> {
        match self.cell(tag) {
            Cell::Stamp { stamp, .. } => Some(*stamp),
            _ => None,
        }
    }

    /// The token of a thread's present operation.
    pub(super) fn holder(&self, thread: usize) -> Holder {
        (thread * 8 + self.threads[thread].begun) as Holder
    }

    /// A stamp that nothing in the world bears: names are used again, so that states stay few.
    pub(super) fn fresh(&self) -> Stamp {
        let mut used = 0_u64;
        let mut note = |stamp: &Stamp| used |= 1 << stamp.as_bytes()[0];
        for cell in &self.store.cells {
            match cell {
                Cell::Stamp { stamp, .. } => note(stamp),
                Cell::Entry { entry, .. } => entry.stamps.iter().for_each(&mut note),
                _ => {}
            }
        }
        for thread in &self.threads {
            if let Task::Read(reader) = &thread.task {
                reader.stamps().for_each(&mut note);
            }
        }
        stamp(used.trailing_ones() as u8)
    }

    /// A call of a process to the store; `false` if it fails.
    pub(super) fn call(&mut self, process: usize) -> bool {
        let generation = self.store.generation;
        let process = &mut self.processes[process];
        // A broken connection is noticed by the first call, which opens the breaker.
        process.open |= process.cut || process.connected != generation;
        !process.open
    }

    /// What is promised to a reader that begins now.
    pub(super) fn floors(&self, process: usize) -> Floors {
        let process = &self.processes[process];
        Floors {
            own: process.own,
            carried: process.carried,
            // A copy is younger than the bound when it is served.
            bound: self.history[0],
            token: 0,
        }
    }

    /// Ends a read.
    pub(super) fn answer(&mut self, floors: Floors, version: u8) {
        self.broken.own |= version < floors.own;
        self.broken.carried |= version < floors.carried;
        self.broken.bound |= version < floors.bound;
        self.broken.token |= version < floors.token;
    }
}

/// The stamp with this number.
pub(super) fn stamp(number: u8) -> Stamp {
    Stamp::from_bytes([number; 16])
}
