//! What a state of the model holds.

use super::reader::Reader;
use super::rules::Protocol;
use super::writer::{Pending, Writer};
use crate::protocol::cell::{Cell, Holder};
use crate::stamp::Stamp;

/// A key of the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    /// The namespace's tag.
    Epoch,
    /// The entity's tag.
    Table,
    /// The entry of the one row.
    Row,
    /// The entry of the rows of a partition: there is one, or none.
    List(usize),
    /// The entry of a query over all rows.
    Query,
    /// The tag of such an entry: every write takes it, whatever else it does.
    Rows,
    /// The tag of a partition's entry: a write to a row of the partition takes it.
    Member(usize),
    /// The tag of the partition: a write to its parent takes it. Of a row's own entry it is known once the row is loaded.
    Edge(usize),
}

/// Every key, in the order of `Place::index`.
pub(super) const PLACES: [Place; 11] = [
    Place::Epoch,
    Place::Table,
    Place::Row,
    Place::List(0),
    Place::List(1),
    Place::Member(0),
    Place::Member(1),
    Place::Edge(0),
    Place::Edge(1),
    Place::Query,
    Place::Rows,
];

/// Those of them that hold entries.
pub(super) const ENTRIES: [Place; 4] = [Place::Row, Place::List(0), Place::List(1), Place::Query];

impl Place {
    fn index(self) -> usize {
        match self {
            Self::Epoch => 0,
            Self::Table => 1,
            Self::Row => 2,
            Self::List(partition) => 3 + partition,
            Self::Member(partition) => 5 + partition,
            Self::Edge(partition) => 7 + partition,
            Self::Query => 9,
            Self::Rows => 10,
        }
    }
}

/// What an entry holds: how many commits it has seen, and the stamps of its tags.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Entry {
    pub(super) version: u8,
    pub(super) stamps: Vec<(Place, Stamp)>,
}

impl crate::protocol::cell::Named for Entry {
    type Name = Self;

    fn name(&self) -> Self {
        self.clone()
    }
}

/// For each entry, a number of commits that it depends on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Versions([u8; 4]);

impl Versions {
    fn slot(entry: Place) -> usize {
        match entry {
            Place::List(partition) => 1 + partition,
            Place::Query => 3,
            _ => 0,
        }
    }

    pub(super) fn of(self, entry: Place) -> u8 {
        self.0[Self::slot(entry)]
    }

    pub(super) fn set(&mut self, entry: Place, version: u8) {
        self.0[Self::slot(entry)] = version;
    }

    pub(super) fn count(&mut self, entry: Place) {
        self.0[Self::slot(entry)] += 1;
    }

    pub(super) fn raise(&mut self, others: Self) {
        for (own, other) in self.0.iter_mut().zip(others.0) {
            *own = other.max(*own);
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Database {
    /// The partition of the row, if it exists.
    pub(super) home: Option<usize>,
    /// Commits so far.
    pub(super) committed: Versions,
    /// The thread whose transaction has locked the row.
    pub(super) locked: Option<usize>,
}

pub(super) type Cells = [Cell<Entry>; 11];

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Store {
    pub(super) cells: Cells,
    /// How often it was started or replaced.
    pub(super) generation: u8,
    /// What a replica or a file holds.
    pub(super) copy: Option<Box<Cells>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Process {
    pub(super) alive: bool,
    /// The generation of the store that it is connected to.
    pub(super) connected: u8,
    /// Whether the network keeps the store from it.
    pub(super) cut: bool,
    /// Whether its breaker is open.
    pub(super) open: bool,
    /// What it has committed without having delivered the invalidation.
    pub(super) owes: Option<Versions>,
    /// Its locks that it could not release.
    pub(super) unreleased: Vec<(Holder, Place)>,
    /// Flights so far, if several threads share them.
    pub(super) tickets: u8,
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
    /// Until when it has asked for locks; 0 if that has passed.
    pub(super) locked_until: u64,
}

/// What may still go wrong, or be done by hand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Faults {
    /// Processes that are killed.
    pub(super) kills: u8,
    /// Commits whose answer is lost.
    pub(super) lost_answers: u8,
    /// Restarts of the store without its memory.
    pub(super) restarts: u8,
    /// Losses of memory that break no connection.
    pub(super) flushes: u8,
    /// Failovers to a copy that was made earlier.
    pub(super) failovers: u8,
    /// Keys that are evicted.
    pub(super) evictions: u8,
    /// Evictions of locks.
    pub(super) lock_evictions: u8,
    /// Processes that are cut off from the store.
    pub(super) cuts: u8,
    /// Jumps of the server's clock to an earlier time.
    pub(super) jumps: u8,
    /// Jumps of it to a later time, at which every lock has ended.
    pub(super) leaps: u8,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    /// The time of the server's clock.
    pub(super) now: u64,
    pub(super) database: Database,
    /// The commits of writes that have returned, with their invalidation delivered.
    pub(super) told: Versions,
    pub(super) store: Store,
    pub(super) processes: Vec<Process>,
    pub(super) threads: Vec<Thread>,
    pub(super) faults: Faults,
    /// A read got less than a write had told before it began.
    pub(super) below_told: bool,
    /// A read got less than was committed before it began.
    pub(super) below_committed: bool,
}

impl World {
    pub(super) fn new(protocol: &Protocol) -> Self {
        let mut cells = Cells::default();
        // A namespace that has been in use: its epoch is old, and known to belong to this server.
        cells[Place::Epoch.index()].enrol(stamp(0), 0, 0);
        cells[Place::Table.index()].stamp(stamp(1), 0, None, None);
        let processes = protocol.programs.iter().map(|(process, _)| process + 1);
        let process = Process {
            alive: true,
            connected: 0,
            cut: false,
            open: false,
            owes: None,
            unreleased: Vec::new(),
            tickets: 0,
        };
        let thread = Thread {
            begun: 0,
            task: Task::Idle,
            pending: None,
            locked_until: 0,
        };
        Self {
            now: protocol.times.settle.max(1),
            database: Database {
                home: protocol.exists.then_some(0),
                committed: Versions::default(),
                locked: None,
            },
            told: Versions::default(),
            store: Store {
                cells,
                generation: 0,
                copy: None,
            },
            processes: vec![process; processes.max().unwrap_or(0)],
            threads: vec![thread; protocol.programs.len()],
            faults: protocol.faults,
            below_told: false,
            below_committed: false,
        }
    }

    pub(super) fn cell(&self, place: Place) -> &Cell<Entry> {
        &self.store.cells[place.index()]
    }

    pub(super) fn cell_mut(&mut self, place: Place) -> &mut Cell<Entry> {
        &mut self.store.cells[place.index()]
    }

    /// The token of a thread's present operation.
    pub(super) fn token(&self, thread: usize) -> Holder {
        (thread * 8 + self.threads[thread].begun) as Holder
    }

    /// The thread whose operation has this token.
    pub(super) fn holder(&self, token: Holder) -> &Thread {
        &self.threads[usize::from(token) / 8]
    }

    /// A stamp that nothing in the world bears: names are used again, so that states stay few.
    pub(super) fn fresh(&self) -> Stamp {
        let mut used = 0_u64;
        let mut note = |stamp: &Stamp| used |= 1 << stamp.as_bytes()[0];
        let copies = self.store.copy.iter().flat_map(|copy| copy.iter());
        for cell in self.store.cells.iter().chain(copies) {
            match cell {
                Cell::Stamp { stamp, .. } => note(stamp),
                Cell::Entry { entry, .. } => entry.stamps.iter().for_each(|(_, own)| note(own)),
                _ => {}
            }
        }
        for thread in &self.threads {
            match &thread.task {
                Task::Read(reader) => reader.stamps().for_each(&mut note),
                Task::Write(writer) => writer.stamps().for_each(&mut note),
                Task::Idle | Task::Killed => {}
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

    /// Ends a read.
    pub(super) fn answer(&mut self, reader: &Reader, version: u8) {
        self.below_told |= version < reader.told;
        self.below_committed |= version < reader.committed;
    }
}

/// The stamp with this number.
pub(super) fn stamp(number: u8) -> Stamp {
    Stamp::from_bytes([number; 16])
}
