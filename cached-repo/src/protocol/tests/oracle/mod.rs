//! Nothing that depends is missed: random schemas, rows, reads and writes, and what the real code invalidates, held against
//! what reads show before and after.
//!
//! A failure prints a seed; set `GRAPH_SEED` to it, and the run begins with the schema that failed.

mod database;
mod reads;
mod search;
mod share;
mod view;
mod world;
mod writes;

use crate::protocol::Targets;
use database::Database;
use fastrand::Rng;
use reads::{Entry, What};
use share::Shares;
use std::collections::HashSet;
use view::View;
use world::World;
use writes::Transaction;

/// Random schemas in one run.
const SCHEMAS: u64 = 200;

/// Transactions on each, all on the same rows.
const TRANSACTIONS: usize = 20;

#[test]
fn nothing_that_depends_is_missed() {
    let shares = run(seed(), SCHEMAS);
    println!("{shares}");
    shares.assert_meaning();
}

/// The seed of the first schema.
fn seed() -> u64 {
    let given = std::env::var("GRAPH_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let seed = given.unwrap_or_else(|| fastrand::u64(..));
    println!("GRAPH_SEED={seed}");
    seed
}

/// Tries so many schemas.
fn run(seed: u64, schemas: u64) -> Shares {
    let mut shares = Shares::default();
    for schema in 0..schemas {
        let seed = seed.wrapping_add(schema);
        let mut random = Rng::with_seed(seed);
        let world = World::random(&mut random);
        let before = Database::random(&mut random, &world);
        let view = View::of(&world, &before);
        let fill = |read| Entry::fill(&world, &view, read);
        let entries: Vec<Entry> = reads::all(&world).into_iter().map(fill).collect();
        for _ in 0..TRANSACTIONS {
            let transaction = Transaction::random(&mut random, &world, &before);
            if !transaction.writes.is_empty() {
                check(seed, &world, &before, &entries, &transaction, &mut shares);
            }
        }
    }
    shares
}

/// Holds the entries that the transaction invalidates against those that it affects.
fn check(
    seed: u64,
    world: &World,
    before: &Database,
    entries: &[Entry],
    transaction: &Transaction,
    shares: &mut Shares,
) {
    let states = &transaction.states;
    let last = states.last().unwrap_or(before);
    let targets = search::targets(world, &transaction.touches, last);
    let gone: HashSet<_> = targets.keys().iter().collect();
    let after: Vec<View<'_>> = states.iter().map(|state| View::of(world, state)).collect();
    let written: Vec<usize> = transaction
        .writes
        .iter()
        .map(|write| write.entity)
        .collect();
    let depths = world.depths(&written);
    for entry in entries {
        let affected = after.iter().any(|after| entry.is_affected(after));
        let invalidated = entry.is_gone(&gone);
        assert!(
            invalidated || !affected,
            "{:?} of e{} is missed, with GRAPH_SEED={seed}{}",
            entry.read.what,
            entry.read.entity,
            story(world, before, transaction, &targets),
        );
        let is_row = !matches!(entry.read.what, What::Index(..));
        let depth = depths[entry.read.entity];
        shares.count((world.is_vague, is_row), depth, (affected, invalidated));
    }
}

/// Everything that a failure needs to be understood.
fn story(world: &World, before: &Database, transaction: &Transaction, targets: &Targets) -> String {
    let mut lines = vec![String::new()];
    let shapes = world.shapes.iter().zip(&before.tables).enumerate();
    lines.extend(shapes.map(|(at, (shape, rows))| format!("e{at}: {shape:?} {rows:?}")));
    lines.extend(world.links.iter().map(|link| format!("{link:?}")));
    lines.extend(transaction.writes.iter().map(|write| format!("{write:?}")));
    let keys = targets.keys().iter();
    let keys: Vec<_> = keys
        .map(|key| crate::key::render(key, &world.schema))
        .collect();
    lines.push(format!("invalidated: {keys:?}"));
    lines.join("\n")
}
