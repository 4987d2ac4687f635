//! Random transactions, and what the engine would note of them.

use super::database::{Database, Filter, Kind, Row, Write, pick, value};
use super::reads::values;
use super::world::World;
use crate::protocol::{Change, Known, Touch, TouchSet};
use crate::schema::{ALL_FIELDS, FieldSet};
use fastrand::Rng;

/// A transaction that has taken place.
pub(super) struct Transaction {
    pub(super) writes: Vec<Write>,
    /// The states of the database after each of them.
    pub(super) states: Vec<Database>,
    pub(super) touches: TouchSet,
}

impl Transaction {
    /// A few statements; those that the database refuses are left out.
    pub(super) fn random(random: &mut Rng, world: &World, before: &Database) -> Self {
        let mut transaction = Self {
            writes: Vec::new(),
            states: Vec::new(),
            touches: TouchSet::default(),
        };
        let count = match random.u8(..3) {
            0 => random.usize(2..=3),
            _ => 1,
        };
        for _ in 0..count {
            let state = transaction.states.last().unwrap_or(before);
            let write = write(random, world, state);
            if let Some(after) = state.after(world, &write) {
                for touch in touches(random, world, state, &write) {
                    transaction.touches.add(touch);
                }
                transaction.states.push(after);
                transaction.writes.push(write);
            }
        }
        transaction
    }
}

fn write(random: &mut Rng, world: &World, database: &Database) -> Write {
    let entity = random.usize(..world.shapes.len());
    let shape = &world.shapes[entity];
    let cell = |at: usize, random: &mut Rng| value(random, shape.key.contains(&at));
    let row = |random: &mut Rng| -> Row { (0..shape.columns).map(|at| cell(at, random)).collect() };
    if random.u8(..4) == 0 {
        let kind = Kind::Insert(row(random));
        return Write { entity, kind };
    }
    let filter = match random.choice(database.tables[entity].values()) {
        Some(row) if !world.is_vague || random.u8(..3) > 0 => Filter::Key(pick(row, &shape.key)),
        _ if world.is_vague => {
            let at = random.usize(..shape.columns);
            Filter::Column(at, cell(at, random))
        }
        _ => Filter::Key(pick(&row(random), &shape.key)),
    };
    if random.u8(..3) == 0 {
        let kind = Kind::Delete(filter);
        return Write { entity, kind };
    }
    let mut set: Vec<(usize, _)> = Vec::new();
    for _ in 0..random.usize(1..=2) {
        let at = random.usize(..shape.columns);
        set.push((at, cell(at, random)));
    }
    let kind = Kind::Update(filter, set);
    Write { entity, kind }
}

/// What the engine notes of a statement: rows that it knows, or the table.
fn touches(random: &mut Rng, world: &World, before: &Database, write: &Write) -> Vec<Touch> {
    let entity = write.entity as u16;
    let table = |fields| vec![Touch::Table { entity, fields }];
    let (filter, set) = match &write.kind {
        Kind::Insert(row) => {
            let row = known(random, world, entity, row);
            return vec![Touch::Row(Change::insert(entity, row))];
        }
        Kind::Update(filter, set) => (filter, Some(set)),
        Kind::Delete(filter) => (filter, None),
    };
    let assigned = |all: FieldSet, (at, _): &(usize, _)| all | 1 << at;
    let fields = set.map_or(ALL_FIELDS, |set| set.iter().fold(0, assigned));
    if matches!(filter, Filter::Column(..)) {
        return table(fields);
    }
    let mut touches = Vec::new();
    for (_, row) in before.filtered(world, write.entity, filter) {
        let old = known(random, world, entity, row);
        let Some(set) = set else {
            touches.push(Touch::Row(Change::delete(entity, old)));
            continue;
        };
        let mut new = old.clone();
        for (at, value) in set {
            // The database computes what nobody here knows.
            let knows = !world.is_vague || random.u8(..6) > 0;
            new[*at] = knows.then(|| values(&[*value]).remove(0));
        }
        touches.push(Touch::Row(Change {
            entity,
            old: Some(old),
            new: Some(new),
            fields,
        }));
    }
    touches
}

/// A row as the engine knows it: at least what it says that it must know.
fn known(random: &mut Rng, world: &World, entity: u16, row: &Row) -> Known {
    let info = world.schema.entity(entity);
    let needed = info.tracked | info.key_set();
    let knows_all = random.bool();
    let known = values(row).into_iter().enumerate();
    let knows = |at: usize| knows_all || needed & 1 << at != 0;
    known
        .map(|(at, value)| knows(at).then_some(value))
        .collect()
}
