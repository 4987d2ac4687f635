//! Cached reads, and the tags that their entries carry.

use super::database::{Cell, Row, VALUES};
use super::view::View;
use super::world::World;
use crate::key::{Key, Space};
use crate::protocol::{entry_key, fill_tags, lookup_tags, row_key, row_tags, unique_tags};
use sea_orm::Value;
use std::collections::HashSet;

/// A cached read.
#[derive(Clone, Debug)]
pub(super) struct Read {
    pub(super) entity: usize,
    pub(super) what: What,
}

#[derive(Clone, Debug)]
pub(super) enum What {
    Row(Row),
    Unique(usize, Row),
    Index(usize, Row),
}

/// What the cache holds of a read. A unique lookup that has found a row is a pointer to that row, and is served as long as the
/// row bears the value.
pub(super) struct Entry {
    pub(super) read: Read,
    /// Its key and its tags: it is invalidated with any of them.
    names: Vec<Key>,
    /// The row that a unique lookup leads to.
    target: Option<Read>,
    target_names: Vec<Key>,
    /// What is shown to whom it is served.
    shown: Vec<u64>,
}

/// Every read that there can be.
pub(super) fn all(world: &World) -> Vec<Read> {
    let mut reads = Vec::new();
    for (entity, shape) in world.shapes.iter().enumerate() {
        let row = |what| Read { entity, what };
        let rows = tuples(shape.key.len(), false).into_iter();
        reads.extend(rows.map(|key| row(What::Row(key))));
        for (at, columns) in shape.uniques.iter().enumerate() {
            let values = tuples(columns.len(), true).into_iter();
            reads.extend(values.map(|values| row(What::Unique(at, values))));
        }
        for (at, columns) in shape.indexes.iter().enumerate() {
            let values = tuples(columns.len(), true).into_iter();
            reads.extend(values.map(|values| row(What::Index(at, values))));
        }
    }
    reads
}

/// All tuples of this many values.
fn tuples(count: usize, with_null: bool) -> Vec<Row> {
    let mut tuples: Vec<Row> = vec![Vec::new()];
    for _ in 0..count {
        let longer = |tuple: &Row| {
            let values = (0..VALUES).map(Some).chain(with_null.then_some(None));
            let longer = |value| tuple.iter().copied().chain([value]).collect();
            values.map(longer).collect::<Vec<Row>>()
        };
        tuples = tuples.iter().flat_map(longer).collect();
    }
    tuples
}

/// Values as the database returns them.
pub(super) fn values(row: &[Cell]) -> Vec<Value> {
    row.iter().map(|cell| Value::BigInt(*cell)).collect()
}

impl Entry {
    /// The entry that this read fills.
    pub(super) fn fill(world: &World, view: &View<'_>, read: Read) -> Self {
        let target = match &read.what {
            What::Unique(..) => view.target(&read).map(|key| Read {
                entity: read.entity,
                what: What::Row(key),
            }),
            _ => None,
        };
        let target_names = target.as_ref().map(|target| names(world, view, target));
        Self {
            names: names(world, view, &read),
            shown: view.shows(target.as_ref().unwrap_or(&read)),
            read,
            target,
            target_names: target_names.unwrap_or_default(),
        }
    }

    /// Whether the database shows something else in a later state.
    pub(super) fn is_affected(&self, later: &View<'_>) -> bool {
        self.shown != later.shows(self.target.as_ref().unwrap_or(&self.read))
    }

    /// Whether nobody is served this entry any more. A pointer is followed to the entry of its row.
    pub(super) fn is_gone(&self, gone: &HashSet<&Key>) -> bool {
        let mut names = self.names.iter().chain(&self.target_names);
        names.any(|name| gone.contains(name))
    }
}

/// The key and the tags of an entry, as the engine gives them.
fn names(world: &World, view: &View<'_>, read: &Read) -> Vec<Key> {
    let number = read.entity as u16;
    let entity = world.schema.entity(number);
    let rows = view.found(read).map(|(_, row)| values(row));
    match &read.what {
        What::Row(key) => {
            let mut names = fill_tags(entity, number);
            names.push(row_key(number, &values(key)).expect("integers make keys"));
            names.extend(rows.flat_map(|row| row_tags(entity, number, &row)));
            names
        }
        What::Unique(at, asked) => {
            let (at, asked) = (*at as u16, values(asked));
            let mut names = vec![Key::epoch(), Key::table(number)];
            names.push(entry_key(Space::Unique, number, at, &asked).expect("integers make keys"));
            names.extend(unique_tags(entity, number, at, &asked));
            names
        }
        What::Index(at, asked) => {
            let (at, asked) = (*at as u16, values(asked));
            let mut names = fill_tags(entity, number);
            names.push(entry_key(Space::Index, number, at, &asked).expect("integers make keys"));
            names.extend(lookup_tags(entity, number, at, &asked).expect("integers make keys"));
            names
        }
    }
}
