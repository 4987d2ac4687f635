//! What a schema must satisfy as a whole.

use super::edges::Edge;
use super::info::{Entity, FieldSet};
use std::collections::HashMap;

/// Notes everything that is wrong.
pub(super) fn check(entities: &[Entity], edges: &[Edge], problems: &mut Vec<String>) {
    unique(
        entities,
        "cache prefix",
        |entity| entity.prefix().to_owned(),
        problems,
    );
    unique(entities, "table", table_name, problems);
    for entity in entities {
        size(entity, problems);
        keyable(entity, problems);
    }
    if let Some(cycle) = cycle(entities, edges) {
        problems.push(cycle);
    }
}

fn table_name(entity: &Entity) -> String {
    match &entity.table {
        (Some(schema), name) => format!("{schema}.{name}"),
        (None, name) => name.clone(),
    }
}

fn unique(
    entities: &[Entity],
    what: &str,
    name: impl Fn(&Entity) -> String,
    problems: &mut Vec<String>,
) {
    let mut seen: HashMap<String, &Entity> = HashMap::new();
    for entity in entities {
        if let Some(first) = seen.insert(name(entity), entity) {
            let (a, b) = (first.meta.ident, entity.meta.ident);
            problems.push(format!(
                "{what} `{}` is used twice: by `{}` ({}:{}) and by `{}` ({}:{})",
                name(entity),
                a.path,
                a.file,
                a.line,
                b.path,
                b.file,
                b.line,
            ));
        }
    }
}

fn size(entity: &Entity, problems: &mut Vec<String>) {
    let path = entity.meta.ident.path;
    if entity.columns.len() > FieldSet::BITS as usize {
        problems.push(format!("`{path}` has more than {} columns", FieldSet::BITS));
    }
    if entity.key.is_empty() {
        problems.push(format!("no column of `{path}` is its primary key"));
    }
}

/// A column by which entries are found or invalidated must have a canonical form.
fn keyable(entity: &Entity, problems: &mut Vec<String>) {
    let types: HashMap<&str, sea_orm::ColumnType> =
        (entity.rows.column_types)().into_iter().collect();
    let parts = entity
        .partitions
        .iter()
        .chain(&entity.uniques)
        .chain(&entity.indexes);
    let mut fields: Vec<usize> = parts
        .flat_map(|lookup| lookup.fields.iter().copied())
        .collect();
    fields.extend(&entity.key);
    fields.extend((0..entity.columns.len()).filter(|at| {
        at < &(FieldSet::BITS as usize) && entity.tags.iter().any(|tag| tag.fields & 1 << at != 0)
    }));
    fields.sort_unstable();
    fields.dedup();
    for at in fields {
        use sea_orm::ColumnType as Type;
        let column = entity.columns[at];
        if let Some(
            Type::Float
            | Type::Double
            | Type::Json
            | Type::JsonBinary
            | Type::Array(_)
            | Type::Vector(_),
        ) = types.get(column)
        {
            problems.push(format!(
                "column `{column}` of `{}` cannot be part of a key, lookup, edge or tag: its type has no canonical form; \
                 use an integer, text, UUID, date, boolean or decimal column",
                entity.meta.ident.path
            ));
        }
    }
}

/// The shortest cycle made of cascading edges alone.
fn cycle(entities: &[Entity], edges: &[Edge]) -> Option<String> {
    let shortest = (0..entities.len())
        .filter_map(|start| shortest_cycle(start, edges, entities.len()))
        .min_by_key(Vec::len)?;
    let first = entities[usize::from(shortest[0].parent)].prefix();
    let mut text = format!("cascading edges run in a circle: {first}");
    for edge in &shortest {
        let next = entities[usize::from(edge.dependent)].prefix();
        text += &format!(" -> {next} ({}:{})", edge.at.0, edge.at.1);
    }
    Some(text + "; remove `cascade` from one of them")
}

fn shortest_cycle(start: usize, edges: &[Edge], count: usize) -> Option<Vec<&Edge>> {
    let mut reached_by: Vec<Option<&Edge>> = vec![None; count];
    let mut queue = std::collections::VecDeque::from([start]);
    while let Some(here) = queue.pop_front() {
        for edge in edges
            .iter()
            .filter(|edge| edge.cascade && usize::from(edge.parent) == here)
        {
            let next = usize::from(edge.dependent);
            if next == start {
                let mut path = vec![edge];
                while usize::from(path[path.len() - 1].parent) != start {
                    path.push(reached_by[usize::from(path[path.len() - 1].parent)]?);
                }
                path.reverse();
                return Some(path);
            }
            if reached_by[next].is_none() {
                reached_by[next] = Some(edge);
                queue.push_back(next);
            }
        }
    }
    None
}
