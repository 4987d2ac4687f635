//! What is checked, and what a state of the model holds.

use super::reader::Reader;
use super::writer::{Write, Writer};
use crate::protocol::cell::{Cell, Holder};

/// A unique value: `A` and `B` are looked up, `C` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Value {
    A,
    B,
    C,
}

pub(super) const ASKED: [Value; 2] = [Value::A, Value::B];

/// A key of the store: the entry of a row, or the pointer of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Row(usize),
    Pointer(Value),
}

pub(super) const PLACES: [Place; 4] = [
    Place::Row(0),
    Place::Row(1),
    Place::Pointer(Value::A),
    Place::Pointer(Value::B),
];

impl Place {
    /// Where it lies; `None` for the pointer of a value that nobody looks up.
    pub(super) fn index(self) -> Option<usize> {
        match self {
            Self::Row(row) => Some(row),
            Self::Pointer(Value::A) => Some(2),
            Self::Pointer(Value::B) => Some(3),
            Self::Pointer(Value::C) => None,
        }
    }
}

/// A row: its unique value, and how many writes have changed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) value: Value,
    pub(super) version: u8,
}

/// What an entry holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Entry {
    Row(Row),
    Absent,
    Pointer(usize),
}

impl crate::protocol::cell::Named for Entry {
    type Name = Self;

    fn name(&self) -> Self {
        *self
    }
}

/// What a lookup finds: a row by its number.
pub(super) type Found = Option<(usize, Row)>;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Database {
    pub(super) rows: [Option<Row>; 2],
    /// Whether a transaction holds the rows.
    pub(super) is_locked: bool,
    /// What the lookups of `A` and of `B` have found, one commit after the other.
    history: [Vec<Found>; 2],
}

impl Database {
    fn new(rows: [Option<Row>; 2]) -> Self {
        let mut database = Self {
            rows,
            is_locked: false,
            history: [Vec::new(), Vec::new()],
        };
        database.note();
        database
    }

    pub(super) fn find(&self, value: Value) -> Found {
        let mut rows = (0..).zip(self.rows);
        rows.find_map(|(number, row)| {
            let row = row.filter(|row| row.value == value)?;
            Some((number, row))
        })
    }

    /// Takes down what lookups find from now on.
    pub(super) fn note(&mut self) {
        let found = ASKED.map(|value| self.find(value));
        for (history, found) in self.history.iter_mut().zip(found) {
            if history.last() != Some(&found) {
                history.push(found);
            }
        }
    }

    /// What the lookup has found so far.
    pub(super) fn history(&self, value: Value) -> &[Found] {
        match value {
            Value::A => &self.history[0],
            _ => &self.history[1],
        }
    }
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
}

/// What may still go wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Faults {
    /// Writers that are killed.
    pub(super) kills: u8,
    /// Keys that are evicted, unless they are locked.
    pub(super) evictions: u8,
}

/// What a thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Operation {
    /// Looks a value up.
    Find(Value),
    Write(Write),
}

/// A rule that may be left out, to see that the model notices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// 7: a row that a pointer leads to bears the value still.
    RowIsChecked,
    /// 7: the pointer of the old value is invalidated.
    OldPointer,
    /// 7: the pointer of the new value is invalidated.
    NewPointer,
    /// 7: a row is invalidated, whatever else its write changes.
    Row,
    /// 8: an insert invalidates the absence of its value.
    InsertKillsAbsence,
}

/// A protocol with the programs that run over it, each in a process of its own.
#[derive(Clone, Debug)]
pub(super) struct Protocol {
    pub(super) programs: Vec<Vec<Vec<Operation>>>,
    /// The rows at first.
    pub(super) rows: [Option<Row>; 2],
    pub(super) faults: Faults,
    pub(super) without: Vec<Rule>,
}

impl Protocol {
    pub(super) fn lacks(&self, rule: Rule) -> bool {
        self.without.contains(&rule)
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct World {
    pub(super) database: Database,
    pub(super) cells: [Cell<Entry>; 4],
    pub(super) threads: Vec<Thread>,
    pub(super) faults: Faults,
    /// A lookup got what was not found at any time after it began.
    pub(super) is_broken: bool,
}

impl World {
    pub(super) fn new(protocol: &Protocol) -> Self {
        let thread = Thread {
            begun: 0,
            task: Task::Idle,
        };
        Self {
            database: Database::new(protocol.rows),
            cells: Default::default(),
            threads: vec![thread; protocol.programs.len()],
            faults: protocol.faults,
            is_broken: false,
        }
    }

    pub(super) fn entry(&self, place: Place) -> Option<Entry> {
        match self.cells[place.index()?] {
            Cell::Entry { entry, .. } => Some(entry),
            _ => None,
        }
    }

    /// The token of a thread's present operation for this key.
    pub(super) fn holder(&self, thread: usize, place: Place) -> Holder {
        let kind = usize::from(matches!(place, Place::Row(_)));
        (thread * 16 + self.threads[thread].begun * 2 + kind) as Holder
    }
}
