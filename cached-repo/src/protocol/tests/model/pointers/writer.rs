//! Writers: rule 5 for the keys of rows and pointers, each alone.

use super::world::{Place, Protocol, Row, Rule, Task, Value, World};

/// What a transaction changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Write {
    /// A row, whose value stays.
    Update(usize),
    /// A row, which gets another value.
    Rename(usize, Value),
    /// Row 0 takes `C`, and row 1 what row 0 had.
    HandOver,
    Insert(usize, Value),
    Delete(usize),
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Writer {
    write: Write,
    targets: Vec<Place>,
    stage: Stage,
}

/// Where a writer is: before the step that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    /// Lock a target.
    Lock(usize),
    Commit,
    /// Release a target.
    Release(usize),
}

/// A row before and after a write.
pub(super) type Change = (usize, Option<Row>, Option<Row>);

impl Write {
    /// Whether it can begin: unique values stay unique.
    pub(super) fn is_possible(self, world: &World) -> bool {
        let database = &world.database;
        let exists = |row: usize| database.rows[row].is_some();
        let is_free = |value| database.find(value).is_none();
        let possible = match self {
            Self::Update(row) | Self::Delete(row) => exists(row),
            Self::Rename(row, value) => exists(row) && is_free(value),
            Self::HandOver => exists(0) && exists(1) && is_free(Value::C),
            Self::Insert(row, value) => !exists(row) && is_free(value),
        };
        possible && !database.is_locked
    }

    /// What it makes of these rows.
    pub(super) fn changes(self, rows: [Option<Row>; 2]) -> Vec<Change> {
        let renamed = |row: usize, value: Value| {
            let new = rows[row].map(|old| Row {
                value,
                version: old.version + 1,
            });
            (row, rows[row], new)
        };
        match self {
            Self::Update(row) => rows[row]
                .map(|old| renamed(row, old.value))
                .into_iter()
                .collect(),
            Self::Rename(row, value) => vec![renamed(row, value)],
            Self::HandOver => {
                let passed = rows[0].map(|old| renamed(1, old.value));
                [renamed(0, Value::C)].into_iter().chain(passed).collect()
            }
            Self::Insert(row, value) => {
                let new = Row { value, version: 1 };
                vec![(row, None, Some(new))]
            }
            Self::Delete(row) => vec![(row, rows[row], None)],
        }
    }
}

/// What changes invalidate. A test compares it with what the library says.
pub(super) fn targets(changes: &[Change]) -> Vec<Place> {
    let mut targets = Vec::new();
    let mut add = |place| {
        if !targets.contains(&place) {
            targets.push(place);
        }
    };
    for (number, old, new) in changes {
        add(Place::Row(*number));
        let (old, new) = (old.map(|row| row.value), new.map(|row| row.value));
        if old != new {
            [old, new]
                .into_iter()
                .flatten()
                .for_each(|value| add(Place::Pointer(value)));
        }
    }
    targets
}

impl Protocol {
    pub(super) fn begin_write(&self, world: &mut World, thread: usize, write: Write) {
        let changes = write.changes(world.database.rows);
        let mut targets = targets(&changes);
        targets.retain(|target| self.invalidates(&changes, *target));
        world.database.is_locked = true;
        world.threads[thread].task = Task::Write(Writer {
            write,
            stage: Stage::Lock(0),
            targets,
        });
    }

    /// Whether the protocol with its rules left out invalidates this key; never one that nobody reads.
    fn invalidates(&self, changes: &[Change], target: Place) -> bool {
        let Place::Pointer(value) = target else {
            return !self.lacks(Rule::Row);
        };
        let bears = |row: Option<Row>| row.is_some_and(|row| row.value == value);
        let mut inserts = changes.iter().filter(|(_, old, _)| old.is_none());
        let rule = if inserts.any(|(_, _, new)| bears(*new)) {
            Rule::InsertKillsAbsence
        } else if changes.iter().any(|(_, _, new)| bears(*new)) {
            Rule::NewPointer
        } else {
            Rule::OldPointer
        };
        target.index().is_some() && !self.lacks(rule)
    }

    /// One step of a writer.
    pub(super) fn write(&self, world: &mut World, thread: usize, mut writer: Writer) {
        let last = writer.targets.len();
        let (stage, next) = match writer.stage {
            Stage::Lock(at) if at < last => (writer.stage, Stage::Lock(at + 1)),
            Stage::Lock(_) | Stage::Commit => (Stage::Commit, Stage::Release(0)),
            Stage::Release(at) => (writer.stage, Stage::Release(at + 1)),
        };
        let key = |at: usize| writer.targets.get(at).map(|place| (*place, place.index()));
        match stage {
            Stage::Lock(at) | Stage::Release(at) => {
                if let Some((place, Some(index))) = key(at) {
                    let holder = world.holder(thread, place);
                    match stage {
                        Stage::Lock(_) => world.cells[index].lock(holder, u64::MAX),
                        _ => {
                            world.cells[index].release(holder);
                        }
                    }
                }
            }
            Stage::Commit => {
                for (row, _, new) in writer.write.changes(world.database.rows) {
                    world.database.rows[row] = new;
                }
                world.database.note();
                world.database.is_locked = false;
            }
        }
        let is_done = matches!(next, Stage::Release(at) if at >= last);
        writer.stage = next;
        world.threads[thread].task = if is_done {
            Task::Idle
        } else {
            Task::Write(writer)
        };
    }
}
