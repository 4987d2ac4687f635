//! Foreign keys that lead into the schema from outside of it.

use super::facts::{Catalog, ForeignKey, Relation};
use super::graph::Graph;
use super::report::{Finding, FindingKind};
use super::say::deeds;
use crate::schema::Action;

/// The finding about a foreign key from a table outside the schema to the entity `child`.
pub(super) fn finding(catalog: &Catalog, graph: &Graph, key: &ForeignKey, child: u16) -> Finding {
    let before = upstream(catalog, graph, key);
    let parent = &key.parent;
    let deeds = deeds(key, (Action::None, Action::None)).join("; ");
    let mut message = format!(
        "{deeds}, and `{parent}` is no entity of the schema, so that nobody sees it written"
    );
    let named: Vec<String> = before.iter().map(|table| format!("`{table}`")).collect();
    if !named.is_empty() {
        message += &format!("; writes to {} end there as well", named.join(", "));
    }
    let outside: Vec<String> = std::iter::once(parent)
        .chain(
            before
                .iter()
                .filter(|table| graph.of_relation(catalog, table).is_none()),
        )
        .map(|table| format!("`{table}`"))
        .collect();
    let path = graph.entity(child).path;
    let fix = format!(
        "add {} to the schema as cached {}, with edges down to `{path}`; or call `repo.invalidate_entity::<{path}>()` after such \
         writes",
        outside.join(", "),
        if outside.len() == 1 {
            "entity"
        } else {
            "entities"
        },
    );
    let tables = before
        .iter()
        .rev()
        .chain([parent, &key.child])
        .map(Relation::to_string);
    Finding {
        kind: FindingKind::OutsideAction,
        constraint: key.name.clone(),
        tables: tables.collect(),
        columns: key.child_columns().map(str::to_owned).collect(),
        message,
        fix,
    }
}

/// What happens to a table for a foreign key of another one to act.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Event {
    Delete,
    /// These columns change.
    Update(Vec<String>),
}

/// The tables whose writes the database carries on to the parent of this foreign key and through it, nearest first.
fn upstream(catalog: &Catalog, graph: &Graph, key: &ForeignKey) -> Vec<Relation> {
    let mut visited: Vec<(Relation, Event)> = Vec::new();
    let mut next = 0;
    add(&mut visited, key, true, true);
    let first = visited.len();
    while let Some((table, event)) = visited.get(next).cloned() {
        next += 1;
        // What leads into an entity is a finding of its own.
        if next > first && graph.of_relation(catalog, &table).is_some() {
            continue;
        }
        for key in &catalog.foreign_keys {
            if catalog.same_relation(&key.child, &table) {
                let (deleted, updated) = causes(catalog, key, &event);
                add(&mut visited, key, deleted, updated);
            }
        }
    }
    let mut tables: Vec<Relation> = Vec::new();
    for (table, _) in visited {
        if !catalog.same_relation(&table, &key.parent) && !tables.contains(&table) {
            tables.push(table);
        }
    }
    tables
}

/// Whether a delete, and whether an update, of the foreign key's parent makes this happen to its child.
fn causes(catalog: &Catalog, key: &ForeignKey, event: &Event) -> (bool, bool) {
    match event {
        Event::Delete => (key.on_delete == Action::Cascade, false),
        Event::Update(columns) => {
            let touched = key.child_columns().any(|ours| {
                columns
                    .iter()
                    .any(|column| catalog.same_column(ours, column))
            });
            let sets = matches!(key.on_delete, Action::SetNull | Action::SetDefault);
            (touched && sets, touched && key.on_update != Action::None)
        }
    }
}

/// Notes what must happen to the parent of a foreign key for it to act.
fn add(visited: &mut Vec<(Relation, Event)>, key: &ForeignKey, deleted: bool, updated: bool) {
    let columns = key.parent_columns().map(str::to_owned).collect();
    let events = [
        (deleted && key.on_delete != Action::None, Event::Delete),
        (
            updated && key.on_update != Action::None,
            Event::Update(columns),
        ),
    ];
    for (_, event) in events.into_iter().filter(|(happens, _)| *happens) {
        let step = (key.parent.clone(), event);
        if !visited.contains(&step) {
            visited.push(step);
        }
    }
}
