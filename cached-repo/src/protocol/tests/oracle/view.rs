//! What a cached read shows, by brute force: the rows that it found, and everything that edges say it shows of others.
//!
//! It knows nothing of steps, tags and walks. A read is affected by a write exactly if it shows something else afterwards.

use super::database::{Cell, Database, Row, pick};
use super::reads::{Read, What};
use super::world::World;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A state of the database, and what its rows show.
pub(super) struct View<'a> {
    world: &'a World,
    database: &'a Database,
    /// What rows show of other entities' rows, as far as it is known.
    shown: RefCell<HashMap<(usize, u32), u64>>,
}

impl<'a> View<'a> {
    pub(super) fn of(world: &'a World, database: &'a Database) -> Self {
        Self {
            world,
            database,
            shown: RefCell::default(),
        }
    }

    /// What a read of a row or a collection shows. A unique lookup shows the row that it leads to.
    pub(super) fn shows(&self, read: &Read) -> Vec<u64> {
        let rows = self.found(read);
        let mut shown: Vec<u64> = rows
            .map(|(name, row)| hashed(&(row, self.shown(read.entity, name, row))))
            .collect();
        shown.sort_unstable();
        shown
    }

    /// The key of the row that a unique lookup leads to.
    pub(super) fn target(&self, read: &Read) -> Option<Row> {
        let key = &self.world.shapes[read.entity].key;
        self.found(read).map(|(_, row)| pick(row, key)).min()
    }

    pub(super) fn found(&self, read: &Read) -> impl Iterator<Item = (u32, &'a Row)> {
        let shape = &self.world.shapes[read.entity];
        let (columns, values): (&[usize], &[Cell]) = match &read.what {
            What::Row(values) => (&shape.key, values),
            What::Unique(at, values) => (&shape.uniques[*at], values),
            What::Index(at, values) => (&shape.indexes[*at], values),
        };
        let rows = self.database.tables[read.entity].iter();
        rows.filter(move |(_, row)| pick(row, columns) == values)
            .map(|(name, row)| (*name, row))
    }

    /// What a row shows of other entities' rows.
    fn shown(&self, entity: usize, name: u32, row: &[Cell]) -> u64 {
        if let Some(known) = self.shown.borrow().get(&(entity, name)) {
            return *known;
        }
        let mut parts = Vec::new();
        for (number, link) in self.world.links.iter().enumerate() {
            let Some(shown) = link.shown.as_ref().filter(|_| link.dependent == entity) else {
                continue;
            };
            for (name, parent) in &self.database.tables[link.parent] {
                if !link.refers(row, &pick(parent, &link.from)) {
                    continue;
                }
                let columns = match &*shown.on {
                    [] => parent.clone(),
                    on => pick(parent, on),
                };
                // An edge that the database follows by itself makes what cascades from its rows stale, too.
                let acts = self.database.acts.get(&(link.parent, *name));
                let shown_there = || (self.shown(link.parent, *name, parent), acts);
                let beyond = shown.cascade.then(shown_there);
                parts.push(hashed(&(number, columns, beyond)));
            }
        }
        parts.sort_unstable();
        let shown = hashed(&parts);
        self.shown.borrow_mut().insert((entity, name), shown);
        shown
    }
}

fn hashed(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
