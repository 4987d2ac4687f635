//! What a schema must satisfy that the compiler cannot see: names and types that SeaORM gives at run time.

use super::graph::MAX_FIELDS;
use super::info::Entity;
use std::collections::HashMap;

/// Notes everything that is wrong.
pub(super) fn check(entities: &[Entity], problems: &mut Vec<String>) {
    unique_tables(entities, problems);
    for entity in entities {
        size(entity, problems);
        keyable(entity, problems);
    }
}

fn table_name(entity: &Entity) -> String {
    match &entity.table {
        (Some(schema), name) => format!("{schema}.{name}"),
        (None, name) => name.clone(),
    }
}

fn unique_tables(entities: &[Entity], problems: &mut Vec<String>) {
    let mut seen: HashMap<String, &Entity> = HashMap::new();
    for entity in entities {
        let table = table_name(entity);
        if let Some(first) = seen.insert(table.clone(), entity) {
            let (a, b) = (first.meta.ident, entity.meta.ident);
            problems.push(format!(
                "the table `{table}` is mapped twice: by `{}` ({}:{}) and by `{}` ({}:{})",
                a.path, a.place.file, a.place.line, b.path, b.place.file, b.place.line,
            ));
        }
    }
}

fn size(entity: &Entity, problems: &mut Vec<String>) {
    let path = entity.meta.ident.path;
    if entity.columns.len() > MAX_FIELDS {
        problems.push(format!("`{path}` has more than {MAX_FIELDS} columns"));
    }
    if entity.key.is_empty() {
        problems.push(format!("no column of `{path}` is its primary key"));
    }
}

/// A column by which entries are found or invalidated must have a canonical form.
fn keyable(entity: &Entity, problems: &mut Vec<String>) {
    let parts = entity
        .partitions
        .iter()
        .chain(&entity.uniques)
        .chain(&entity.indexes);
    let mut fields: Vec<usize> = parts
        .flat_map(|lookup| lookup.fields.iter().copied())
        .collect();
    fields.extend(&entity.key);
    fields.extend(
        (0..entity.columns.len()).filter(|at| {
            at < &MAX_FIELDS && entity.tags.iter().any(|tag| tag.fields & 1 << at != 0)
        }),
    );
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
        ) = &entity.types[at]
        {
            problems.push(format!(
                "column `{column}` of `{}` cannot be part of a key, lookup, edge or tag: its type has no canonical form; \
                 use an integer, text, UUID, date, boolean or decimal column",
                entity.meta.ident.path
            ));
        }
    }
}
