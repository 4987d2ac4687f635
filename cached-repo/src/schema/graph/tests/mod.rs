//! The graph of schemas that are written down here. What the compiler computes from constants, these compute while they run.

mod chain;
mod cycle;
mod database;
mod edges;
mod plan;
mod settle;
mod settle_message;
mod useless;
mod verify;
mod walk;

use super::{ALL_FIELDS, Chain, Columns, DELETED, FieldSet, INSERTED, Reach, Step, Tables};
use crate::schema::testing::draft::{Draft, edge};
use crate::schema::{Action, EdgeMeta, EntityMeta};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// The steps of a write to an entity, one line for each: `order by user_id = id on name`.
fn steps(draft: Draft, of: &str) -> Vec<String> {
    let tables = draft.tables();
    let root = member(tables, of);
    let steps = tables.steps[root].iter();
    steps.map(|step| line(tables, root, step)).collect()
}

fn member(tables: &Tables, prefix: &str) -> usize {
    let mut metas = tables.metas.iter();
    let found = metas.position(|meta| meta.ident.prefix == prefix);
    found.expect("a member")
}

fn line(tables: &Tables, root: usize, step: &Step) -> String {
    let (parent, dependent) = (tables.metas[root], tables.metas[usize::from(step.entity)]);
    let reach = match &step.reach {
        Reach::Partition { number, from } => {
            let via = &tables.partitions[usize::from(step.entity)][usize::from(*number)];
            format!("by {} = {}", fields(dependent, via), fields(parent, from))
        }
        Reach::Found(chain) => format!("found by {}", way(tables, chain)),
        Reach::Whole => "whole".to_owned(),
    };
    let on = match step.on {
        ALL_FIELDS => String::new(),
        on => format!(" on {}", writes(parent, on)),
    };
    format!("{} {reach}{on}", dependent.ident.prefix)
}

fn fields(meta: &EntityMeta, columns: &Columns) -> String {
    let names: Vec<&str> = columns.iter().map(|at| meta.fields[at].name.text).collect();
    names.join(",")
}

fn way(tables: &Tables, chain: &Chain) -> String {
    let edges = chain.iter().map(|at| &tables.edges[at]);
    let names = edges.map(|edge| tables.metas[usize::from(edge.parent)].ident.prefix);
    names.collect::<Vec<_>>().join(" > ")
}

/// The kinds of writes in a set.
fn writes(meta: &EntityMeta, on: FieldSet) -> String {
    let columns = meta.fields.iter().enumerate();
    let columns = columns.filter(|(at, _)| on & 1 << at != 0);
    let mut words: Vec<&str> = columns.map(|(_, field)| field.name.text).collect();
    words.extend((on & INSERTED != 0).then_some("insert"));
    words.extend((on & DELETED != 0).then_some("delete"));
    words.join(" ")
}

/// What a check says that refuses a schema; nothing if it takes it.
fn refusal(check: impl FnOnce()) -> String {
    let Err(panic) = catch_unwind(AssertUnwindSafe(check)) else {
        return String::new();
    };
    let text = panic.downcast_ref::<String>().cloned();
    text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()))
        .expect("a text")
}

/// An edge that is followed further.
fn cascade(other: &str, via: &str) -> EdgeMeta {
    EdgeMeta {
        cascade: true,
        ..edge(other, via)
    }
}

/// An edge that is followed further, row by row.
fn look_up(other: &str, via: &str) -> EdgeMeta {
    EdgeMeta {
        lookup: 9,
        ..cascade(other, via)
    }
}

/// An edge along which the database acts when a row of the parent is deleted.
fn on_delete(action: Action, other: &str, via: &str) -> EdgeMeta {
    EdgeMeta {
        on_delete: action,
        ..edge(other, via)
    }
}
