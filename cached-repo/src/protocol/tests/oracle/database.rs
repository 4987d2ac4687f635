//! A small database that does what foreign keys make one do.

use super::world::{Link, World};
use crate::schema::Action;
use fastrand::Rng;
use std::collections::{BTreeMap, HashSet};

/// Values are below it, so that rows meet.
pub(super) const VALUES: i64 = 3;

/// Most rows that one statement may change: actions that circle would go on for ever.
const MAX_CHANGES: usize = 300;

/// A value or NULL.
pub(super) type Cell = Option<i64>;

pub(super) type Row = Vec<Cell>;

#[derive(Clone, Debug)]
pub(super) struct Database {
    /// For each entity its rows, under names that stay when keys change.
    pub(super) tables: Vec<BTreeMap<u32, Row>>,
    /// How often the database has changed a row by itself.
    pub(super) acts: BTreeMap<(usize, u32), u32>,
}

/// A statement.
#[derive(Clone, Debug)]
pub(super) struct Write {
    pub(super) entity: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug)]
pub(super) enum Kind {
    Insert(Row),
    Update(Filter, Vec<(usize, Cell)>),
    Delete(Filter),
}

/// Which rows.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    /// Those with these values in the columns of the key.
    Key(Row),
    /// Those with this value in a column.
    Column(usize, Cell),
}

/// The values of these columns.
pub(super) fn pick(row: &[Cell], columns: &[usize]) -> Row {
    columns.iter().map(|at| row[*at]).collect()
}

impl Link {
    /// Whether a row of the dependent refers to these values.
    pub(super) fn refers(&self, row: &[Cell], values: &[Cell]) -> bool {
        let held = pick(row, &self.via);
        held == values && held.iter().all(Option::is_some)
    }
}

impl Database {
    pub(super) fn random(random: &mut Rng, world: &World) -> Self {
        let mut tables = Vec::new();
        for shape in &world.shapes {
            let mut table = BTreeMap::new();
            let mut keys = HashSet::new();
            for name in 0..random.u32(..=7) {
                let row: Row = (0..shape.columns)
                    .map(|at| value(random, shape.key.contains(&at)))
                    .collect();
                if keys.insert(pick(&row, &shape.key)) {
                    table.insert(name, row);
                }
            }
            tables.push(table);
        }
        Self {
            tables,
            acts: BTreeMap::new(),
        }
    }

    /// Rows that a filter lets through.
    pub(super) fn filtered<'a>(
        &'a self,
        world: &'a World,
        entity: usize,
        filter: &'a Filter,
    ) -> impl Iterator<Item = (u32, &'a Row)> {
        let key = &world.shapes[entity].key;
        let lets = move |row: &Row| match filter {
            Filter::Key(values) => pick(row, key) == *values,
            Filter::Column(at, value) => row[*at] == *value,
        };
        let rows = self.tables[entity].iter().map(|(name, row)| (*name, row));
        rows.filter(move |(_, row)| lets(row))
    }

    /// The database after a statement; `None` if it is refused.
    pub(super) fn after(&self, world: &World, write: &Write) -> Option<Self> {
        let mut running = Running {
            world,
            database: self.clone(),
            changes: 0,
        };
        let names = |filter: &Filter| -> Vec<u32> {
            let rows = self.filtered(world, write.entity, filter);
            rows.map(|(name, _)| name).collect()
        };
        match &write.kind {
            Kind::Insert(row) => {
                let table = &mut running.database.tables[write.entity];
                let next = table.keys().last().map_or(0, |last| last + 1);
                table.insert(next, row.clone());
            }
            Kind::Update(filter, set) => {
                for name in names(filter) {
                    running.set(write.entity, name, set)?;
                }
            }
            Kind::Delete(filter) => {
                for name in names(filter) {
                    running.delete(write.entity, name)?;
                }
            }
        }
        running.database.has_keys(world).then_some(running.database)
    }

    /// Whether every row has a key, and no two the same.
    fn has_keys(&self, world: &World) -> bool {
        self.tables.iter().zip(&world.shapes).all(|(table, shape)| {
            let mut keys = HashSet::new();
            table.values().all(|row| {
                let key = pick(row, &shape.key);
                key.iter().all(Option::is_some) && keys.insert(key)
            })
        })
    }
}

/// A value for a column.
pub(super) fn value(random: &mut Rng, is_key: bool) -> Cell {
    (is_key || random.u8(..8) > 0).then(|| random.i64(0..VALUES))
}

/// A statement that is under way.
struct Running<'a> {
    world: &'a World,
    database: Database,
    changes: usize,
}

impl Running<'_> {
    fn count(&mut self) -> Option<()> {
        self.changes += 1;
        (self.changes <= MAX_CHANGES).then_some(())
    }

    fn delete(&mut self, entity: usize, name: u32) -> Option<()> {
        let Some(row) = self.database.tables[entity].remove(&name) else {
            return Some(());
        };
        self.count()?;
        let world = self.world;
        for link in world.links.iter().filter(|link| link.parent == entity) {
            self.act(link, link.on_delete, &pick(&row, &link.from), None)?;
        }
        Some(())
    }

    fn set(&mut self, entity: usize, name: u32, values: &[(usize, Cell)]) -> Option<()> {
        let Some(row) = self.database.tables[entity].get_mut(&name) else {
            return Some(());
        };
        let old = row.clone();
        for (at, value) in values {
            row[*at] = *value;
        }
        let new = row.clone();
        if old == new {
            return Some(());
        }
        self.count()?;
        let world = self.world;
        for link in world.links.iter().filter(|link| link.parent == entity) {
            let (was, is) = (pick(&old, &link.from), pick(&new, &link.from));
            if was != is {
                self.act(link, link.on_update, &was, Some(&is))?;
            }
        }
        Some(())
    }

    /// Does to the rows that refer to `was` what their foreign key says.
    fn act(
        &mut self,
        link: &Link,
        action: Action,
        was: &[Cell],
        is: Option<&[Cell]>,
    ) -> Option<()> {
        let defaults = &self.world.shapes[link.dependent].defaults;
        let table = &self.database.tables[link.dependent];
        let refers = |(name, row): (&u32, &Row)| link.refers(row, was).then_some(*name);
        let names: Vec<u32> = table.iter().filter_map(refers).collect();
        let columns = link.via.iter().copied();
        let set: Vec<(usize, Cell)> = match (action, is) {
            (Action::None, _) => return Some(()),
            (Action::Cascade, None) => {
                return (names.into_iter()).try_for_each(|name| self.delete(link.dependent, name));
            }
            (Action::Cascade, Some(is)) => columns.zip(is.iter().copied()).collect(),
            (Action::SetNull, _) => columns.map(|at| (at, None)).collect(),
            (Action::SetDefault, _) => columns.map(|at| (at, defaults[at])).collect(),
        };
        for name in names {
            *self
                .database
                .acts
                .entry((link.dependent, name))
                .or_default() += 1;
            self.set(link.dependent, name, &set)?;
        }
        Some(())
    }
}
