//! Writers: rule 5, each round trip to each key alone.

use super::rules::{Protocol, Rule};
use super::world::{Place, Task, Versions, World};
use crate::protocol::cell::Cell;
use crate::stamp::Stamp;

/// What a write changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Write {
    /// The row, in its partition.
    Update,
    /// The row, which goes to another partition.
    Move(usize),
    /// There was no row.
    Insert,
    /// The parent of a partition, on which all entries of the partition depend.
    Parent(usize),
    /// Rows that are not named.
    Table,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Writer {
    pub(super) write: Write,
    pub(super) targets: Vec<Place>,
    /// When the first of its locks ends.
    pub(super) until: u64,
    pub(super) stage: Stage,
    /// What its commit made of the entries that depend on it.
    pub(super) made: Versions,
    /// What stood under the locks: only for the protocol that puts it back.
    pub(super) saved: Vec<(Place, Stamp)>,
}

/// Where a writer is: before the step that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    /// Lock a target.
    Lock(usize),
    Commit,
    /// Release a target.
    Release(usize),
    /// Lock once more: nobody knows what became of the commit.
    LockAgain,
}

/// A commit on its way to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    pub(super) write: Write,
    /// When the first of the locks ends that cover it.
    pub(super) until: u64,
}

impl Writer {
    /// The stamps that it remembers.
    pub(super) fn stamps(&self) -> impl Iterator<Item = &Stamp> {
        self.saved.iter().map(|(_, stamp)| stamp)
    }
}

impl Write {
    /// Whether it can begin.
    pub(super) fn is_possible(self, world: &World) -> bool {
        let database = &world.database;
        match self {
            // The row is read and locked in the transaction: both old and new values are known (rule 7).
            Self::Update | Self::Move(_) => database.home.is_some() && database.locked.is_none(),
            Self::Insert => database.home.is_none() && database.locked.is_none(),
            Self::Parent(_) | Self::Table => true,
        }
    }

    fn locks_row(self) -> bool {
        matches!(self, Self::Update | Self::Move(_) | Self::Insert)
    }

    /// What it invalidates.
    fn targets(self, protocol: &Protocol, home: Option<usize>) -> Vec<Place> {
        let member = |partition: usize| {
            let read = protocol.reads(Place::List(partition));
            read.then_some(Place::Member(partition))
        };
        let queried = protocol.reads(Place::Query) && !protocol.lacks(Rule::TagOfRows);
        let mut targets = Vec::from_iter(queried.then_some(Place::Rows));
        let own = match self {
            Self::Parent(partition) => Some(Place::Edge(partition)),
            Self::Table => Some(Place::Table),
            Self::Insert if protocol.lacks(Rule::InsertKillsAbsence) => None,
            Self::Insert | Self::Update | Self::Move(_) => Some(Place::Row),
        };
        targets.extend(own);
        match self {
            Self::Update => targets.extend(home.and_then(member)),
            Self::Move(to) => {
                let old = home.filter(|_| !protocol.lacks(Rule::OldPartition));
                let new = Some(to).filter(|_| !protocol.lacks(Rule::NewPartition));
                targets.extend(old.and_then(member));
                targets.extend(new.filter(|new| home != Some(*new)).and_then(member));
            }
            Self::Insert => targets.extend(member(0)),
            Self::Parent(_) | Self::Table => {}
        }
        targets
    }

    /// Takes effect in the database; what it made of the entries that depend on it.
    fn commit(self, world: &mut World) -> Versions {
        let home = world.database.home;
        let mut entries = vec![Place::Row, Place::Query];
        match self {
            Self::Update => entries.extend(home.map(Place::List)),
            Self::Move(to) => {
                entries.extend(home.map(Place::List));
                entries.extend((home != Some(to)).then_some(Place::List(to)));
                world.database.home = Some(to);
            }
            Self::Insert => {
                entries.push(Place::List(0));
                world.database.home = Some(0);
            }
            Self::Parent(partition) => {
                entries.retain(|entry| *entry == Place::Query || home == Some(partition));
                entries.push(Place::List(partition));
            }
            Self::Table => entries.extend([Place::List(0), Place::List(1)]),
        }
        let mut made = Versions::default();
        for entry in entries {
            world.database.committed.count(entry);
            made.set(entry, world.database.committed.of(entry));
        }
        made
    }
}

impl World {
    /// Ends the row lock of a thread's transaction.
    pub(super) fn end_transaction(&mut self, thread: usize) {
        if self.database.locked == Some(thread) {
            self.database.locked = None;
        }
    }

    /// A commit arrives at the database after all.
    pub(super) fn commit_late(&mut self, thread: usize) {
        if let Some(pending) = self.threads[thread].pending.take() {
            pending.write.commit(self);
            self.end_transaction(thread);
        }
    }
}

impl Protocol {
    pub(super) fn begin_write(&self, world: &mut World, thread: usize, write: Write) {
        if write.locks_row() {
            world.database.locked = Some(thread);
        }
        let writer = Writer {
            write,
            targets: write.targets(self, world.database.home),
            until: u64::MAX,
            stage: if self.lacks(Rule::LockBeforeCommit) {
                Stage::Commit
            } else {
                Stage::Lock(0)
            },
            made: Versions::default(),
            saved: Vec::new(),
        };
        world.threads[thread].task = Task::Write(writer);
    }

    /// One step of a writer.
    pub(super) fn write(&self, world: &mut World, thread: usize, mut writer: Writer) {
        let goes_on = match writer.stage {
            Stage::Lock(at) => self.lock(world, thread, &mut writer, at),
            Stage::Commit => {
                writer.made = writer.write.commit(world);
                writer.until = u64::MAX;
                world.end_transaction(thread);
                writer.stage = Stage::Release(0);
                true
            }
            Stage::Release(at) => self.release(world, thread, &mut writer, at),
            Stage::LockAgain => {
                self.lock_again(world, thread, &writer);
                false
            }
        };
        world.threads[thread].task = if goes_on {
            Task::Write(writer)
        } else {
            Task::Idle
        };
    }

    fn lock(&self, world: &mut World, thread: usize, writer: &mut Writer, at: usize) -> bool {
        if !world.call(self.process(thread)) {
            writer.stage = Stage::Commit;
            if self.refuse {
                world.end_transaction(thread);
            }
            return !self.refuse;
        }
        let until = world.now + self.times.lock;
        let place = writer.targets[at];
        let cell = world.cell(place);
        if let (Cell::Stamp { stamp, .. }, true) = (cell, self.lacks(Rule::DeleteIsBump)) {
            writer.saved.push((place, *stamp));
        }
        self.lock_cell(world, thread, place, until);
        writer.until = writer.until.min(until);
        writer.stage = if at + 1 < writer.targets.len() {
            Stage::Lock(at + 1)
        } else {
            Stage::Commit
        };
        true
    }

    fn release(&self, world: &mut World, thread: usize, writer: &mut Writer, at: usize) -> bool {
        if !self.lacks(Rule::ReleaseAfterCommit) {
            let process = self.process(thread);
            if !world.call(process) {
                let token = world.token(thread);
                let process = &mut world.processes[process];
                process.owes.get_or_insert_default().raise(writer.made);
                let rest = writer.targets[at..].iter().map(|place| (token, *place));
                process.unreleased.extend(rest);
                return false;
            }
            let token = world.token(thread);
            let (now, place) = (world.now, writer.targets[at]);
            let cell = world.cell_mut(place);
            if self.lacks(Rule::CountedLocks) {
                *cell = Cell::Missing;
            }
            cell.release(token);
            let saved = writer.saved.iter().find(|(saved, _)| *saved == place);
            if let (Some((_, stamp)), Cell::Missing) = (saved, &*cell) {
                cell.stamp(*stamp, now, None, None);
            }
        }
        if at + 1 < writer.targets.len() {
            writer.stage = Stage::Release(at + 1);
            return true;
        }
        world.told.raise(writer.made);
        false
    }

    /// The outcome is unknown: the locks are left to end by themselves.
    fn lock_again(&self, world: &mut World, thread: usize, writer: &Writer) {
        let process = self.process(thread);
        if !world.call(process) {
            world.processes[process].owes.get_or_insert_default();
            return;
        }
        let until = self.extend(world, thread, writer);
        if let Some(pending) = &mut world.threads[thread].pending {
            pending.until = until;
        }
    }

    /// Locks all targets for as long as a lock lasts; says until when.
    pub(super) fn extend(&self, world: &mut World, thread: usize, writer: &Writer) -> u64 {
        let until = world.now + self.times.lock;
        for target in &writer.targets {
            self.lock_cell(world, thread, *target, until);
        }
        until
    }

    fn lock_cell(&self, world: &mut World, thread: usize, place: Place, until: u64) {
        let token = world.token(thread);
        let cell = world.cell_mut(place);
        cell.lock(token, until);
        if let (Cell::Locks(locks), true) = (cell, self.lacks(Rule::OwnDeadline)) {
            let last = locks.ends().unwrap_or(until);
            locks.deadlines_mut().for_each(|ends| *ends = last);
        }
        let asked = &mut world.threads[thread].locked_until;
        *asked = until.max(*asked);
    }
}
