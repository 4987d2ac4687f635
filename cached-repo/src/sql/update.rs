//! `UPDATE` and `DELETE`, of one table or of several at once.

use sea_orm::DbBackend;
use sqlparser::ast::{
    Delete, Expr, FromTable, SqliteOnConflict, TableFactor, TableWithJoins, Update,
    UpdateTableFromKind,
};

use super::{
    analysis::{Assignment, Write, WriteKind},
    context::Context,
    filter::{Filter, Scope},
    names::{TableName, idents, plain, same_name},
    set::{Assigned, assignments},
};

/// Something in a `FROM` clause.
#[derive(Debug)]
struct Relation {
    /// The name by which columns are prefixed.
    visible: String,
    /// The table, unless it is a subquery or a function.
    table: Option<TableName>,
}

/// The writes of an `UPDATE`; `None` if it cannot be told which tables it changes.
pub(super) fn update(context: Context, update: &Update) -> Option<Vec<Write>> {
    let backend = context.backend;
    let mut relations = relations(backend, std::slice::from_ref(&update.table));
    let targets = relations.len();
    match &update.from {
        Some(UpdateTableFromKind::AfterSet(from)) if backend != DbBackend::MySql => {
            relations.extend(self::relations(backend, from));
        }
        Some(_) => return None,
        None => {}
    }
    // Only MySQL writes to what is joined.
    if targets != 1 && backend != DbBackend::MySql {
        return None;
    }
    let set = assignments(backend, &update.assignments, None);
    let mut writes = Vec::new();
    for relation in relations.iter().take(targets) {
        let set: Vec<Assignment> = match targets {
            1 => set
                .iter()
                .map(|assigned| assigned.assignment.clone())
                .collect(),
            _ => assigned_to(backend, &set, relation),
        };
        if let Some(table) = relation.table.clone().filter(|_| !set.is_empty()) {
            let filter = filter(context, update.selection.as_ref(), &relations, relation);
            let kind = if update.or == Some(SqliteOnConflict::Replace) {
                // Removes the rows that are in the way, whatever they look like.
                WriteKind::Other
            } else {
                WriteKind::Update { set, filter }
            };
            let returning = update.returning.is_some();
            writes.push(Write {
                table,
                kind,
                returning,
            });
        }
    }
    let known = targets == 1
        || set
            .iter()
            .all(|assigned| names_any(backend, assigned, &relations));
    (known && !writes.is_empty()).then_some(writes)
}

fn assigned_to(backend: DbBackend, set: &[Assigned], relation: &Relation) -> Vec<Assignment> {
    set.iter()
        .filter(|assigned| match &assigned.table {
            Some(table) => same_name(backend, table, &relation.visible),
            // It may be any table's column: all of them count as written.
            None => true,
        })
        .map(|assigned| assigned.assignment.clone())
        .collect()
}

fn names_any(backend: DbBackend, assigned: &Assigned, relations: &[Relation]) -> bool {
    assigned.table.as_ref().is_none_or(|table| {
        relations
            .iter()
            .any(|relation| same_name(backend, table, &relation.visible))
    })
}

/// The writes of a `DELETE`; `None` if it cannot be told from which tables.
pub(super) fn delete(context: Context, delete: &Delete) -> Option<Vec<Write>> {
    let backend = context.backend;
    let FromTable::WithFromKeyword(from) = &delete.from else {
        return None;
    };
    let using = delete.using.as_deref().unwrap_or_default();
    let write = |table, filter| Write {
        table,
        kind: WriteKind::Delete { filter },
        returning: delete.returning.is_some(),
    };
    let selection = delete.selection.as_ref();
    let mut named = Vec::new();
    let relations = if backend == DbBackend::MySql && delete.using.is_some() {
        for target in from {
            let TableFactor::Table { name, .. } = &target.relation else {
                return None;
            };
            named.push(name);
        }
        relations(backend, using)
    } else if delete.tables.is_empty() {
        // One table; what PostgreSQL adds by `USING` is only read.
        let [target] = from.as_slice() else {
            return None;
        };
        let mut relations = relations(backend, std::slice::from_ref(target));
        let [single] = relations.as_slice() else {
            return None;
        };
        let table = single.table.clone()?;
        relations.extend(self::relations(backend, using));
        let filter = filter(context, selection, &relations, relations.first()?);
        return Some(vec![write(table, filter)]);
    } else if backend == DbBackend::MySql {
        named.extend(&delete.tables);
        relations(backend, from)
    } else {
        return None;
    };
    let mut writes = Vec::new();
    for name in named {
        let alias = idents(name)
            .filter(|parts| parts.len() == 1)
            .and_then(|parts| parts.last().map(|ident| plain(backend, ident)));
        let table = TableName::from_object(backend, name)?;
        let before = writes.len();
        for relation in &relations {
            let meant = alias
                .as_deref()
                .is_some_and(|alias| same_name(backend, alias, &relation.visible));
            if let Some(table) = relation.table.clone().filter(|_| meant) {
                let filter = filter(context, selection, &relations, relation);
                writes.push(write(table, filter));
            }
        }
        if writes.len() == before {
            writes.push(write(table, Filter::any(backend)));
        }
    }
    Some(writes)
}

/// The pins of a clause for one of the relations.
fn filter(
    context: Context,
    clause: Option<&Expr>,
    relations: &[Relation],
    target: &Relation,
) -> Filter {
    let backend = context.backend;
    let namesakes = relations
        .iter()
        .filter(|relation| same_name(backend, &relation.visible, &target.visible))
        .count();
    match clause {
        Some(clause) if context.pins && namesakes == 1 => {
            let scope = Scope {
                visible: &target.visible,
                bare: relations.len() == 1,
            };
            Filter::new(backend, clause, scope)
        }
        _ => Filter::any(backend),
    }
}

/// All that a `FROM` clause names, joins flattened.
fn relations(backend: DbBackend, from: &[TableWithJoins]) -> Vec<Relation> {
    let mut found = Vec::new();
    for item in from {
        let joined = item.joins.iter().map(|join| &join.relation);
        for factor in std::iter::once(&item.relation).chain(joined) {
            match factor {
                TableFactor::Table {
                    name, alias, args, ..
                } => {
                    let alias = alias.as_ref().map(|alias| plain(backend, &alias.name));
                    let table = TableName::from_object(backend, name).filter(|_| args.is_none());
                    let visible = alias.or_else(|| table.as_ref().map(|table| table.name.clone()));
                    found.push(Relation {
                        visible: visible.unwrap_or_default(),
                        table,
                    });
                }
                TableFactor::NestedJoin {
                    table_with_joins, ..
                } => found.extend(relations(backend, std::slice::from_ref(table_with_joins))),
                TableFactor::Derived { alias, .. } => found.push(Relation {
                    visible: alias
                        .as_ref()
                        .map(|alias| plain(backend, &alias.name))
                        .unwrap_or_default(),
                    table: None,
                }),
                // Functions and what other databases know; nothing of it can be written.
                _ => found.push(Relation {
                    visible: String::new(),
                    table: None,
                }),
            }
        }
    }
    found
}
