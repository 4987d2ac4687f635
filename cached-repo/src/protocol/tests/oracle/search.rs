//! What the engine finds by queries, found in the model's database.

use super::database::{Cell, Database, Row};
use super::world::World;
use crate::protocol::{Search, Targets, TouchSet};
use sea_orm::Value;
use std::collections::BTreeSet;

/// What a transaction invalidates. The engine searches when all statements have run: what they led away from, they have
/// invalidated themselves.
pub(super) fn targets(world: &World, touches: &TouchSet, after: &Database) -> Targets {
    let (mut targets, searches) = Targets::to_search(&world.schema, touches, &|_| 0);
    for search in &searches {
        let edge = &world.schema.graph.edges[search.chain.last()];
        let Some(keys) = found(world, search, after) else {
            targets.partition(edge.dependent, edge.partition, None);
            continue;
        };
        for key in keys {
            let key = super::reads::values(&key);
            let key: Vec<&Value> = key.iter().collect();
            targets.partition(edge.dependent, edge.partition, Some(&key));
        }
    }
    targets
}

/// The keys at the end of a chain; `None` if they are too many.
fn found(world: &World, search: &Search, database: &Database) -> Option<Vec<Row>> {
    let mut keys: Vec<Row> = vec![search.key.iter().map(cell).collect()];
    for (edge, next) in search.chain.hops() {
        let edges = world.schema.graph.edges;
        let (edge, next) = (&edges[edge], &edges[next]);
        let entity = world.schema.entity(edge.dependent);
        let via: Vec<usize> = edge.via.iter().collect();
        let mut found = BTreeSet::new();
        for row in database.tables[usize::from(edge.dependent)].values() {
            if keys.contains(&super::database::pick(row, &via)) {
                let from = entity.columns_of(&next.from);
                found.insert(from.map(|at| row[at]).collect::<Row>());
            }
        }
        if found.len() > next.lookup as usize {
            return None;
        }
        let whole = |key: &Row| key.iter().all(Option::is_some);
        keys = found.into_iter().filter(whole).collect();
    }
    Some(keys)
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::BigInt(cell) => *cell,
        other => panic!("the model has no {other:?}"),
    }
}
