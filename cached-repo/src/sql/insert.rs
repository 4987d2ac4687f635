//! `INSERT` and `REPLACE`.

use sea_orm::DbBackend;
use sqlparser::ast::{
    ConflictTarget, Insert, OnConflictAction, OnInsert, Query, SelectItem, SetExpr,
    SqliteOnConflict, TableObject,
};

use super::{
    analysis::{InsertRows, OnConflict, Write, WriteKind},
    context::Context,
    filter::MAX_KEYS,
    names::{TableName, idents, plain},
    operand::{Operand, operand},
    set::{Assigned, assignments, is_idle},
};

/// The write of an `INSERT`, or `None` if its target is no table.
pub(super) fn write(context: Context, insert: &Insert) -> Option<Write> {
    let backend = context.backend;
    let TableObject::TableName(name) = &insert.table else {
        return None;
    };
    let set = assignments(backend, &insert.assignments, None);
    let (columns, rows) = if set.is_empty() {
        let columns = columns(backend, insert)?;
        let rows = rows(backend, insert.source.as_deref(), columns.len());
        (columns, rows)
    } else {
        let (columns, row) = set
            .into_iter()
            .map(|assigned| (assigned.assignment.column, assigned.assignment.value))
            .unzip();
        (columns, InsertRows::Values(vec![row]))
    };
    Some(Write {
        table: TableName::from_object(backend, name)?,
        kind: WriteKind::Insert {
            columns,
            rows: if is_renamed(insert) {
                InsertRows::Opaque
            } else {
                rows
            },
            conflict: conflict(context, insert),
        },
        returning: insert.returning.is_some(),
    })
}

/// Whether something is returned under another name, which may be that of a column: what the row is would be told by it.
fn is_renamed(insert: &Insert) -> bool {
    let mut returned = insert.returning.iter().flatten();
    returned.any(|item| matches!(item, SelectItem::ExprWithAlias { .. }))
}

fn columns(backend: DbBackend, insert: &Insert) -> Option<Vec<String>> {
    insert
        .columns
        .iter()
        .map(|column| Some(plain(backend, idents(column)?.last()?)))
        .collect()
}

fn rows(backend: DbBackend, source: Option<&Query>, width: usize) -> InsertRows {
    let Some(SetExpr::Values(values)) = source.map(|source| &*source.body) else {
        return InsertRows::Opaque;
    };
    let fits = |row: &[_]| row.len() == width;
    if width == 0
        || values.rows.len() > MAX_KEYS
        || !values.rows.iter().all(|row| fits(&row.content))
    {
        return InsertRows::Opaque;
    }
    let row =
        |row: &[_]| -> Vec<Operand> { row.iter().map(|value| operand(backend, value)).collect() };
    InsertRows::Values(
        values
            .rows
            .iter()
            .map(|values| row(&values.content))
            .collect(),
    )
}

fn conflict(context: Context, insert: &Insert) -> OnConflict {
    if insert.replace_into || insert.or == Some(SqliteOnConflict::Replace) {
        return OnConflict::Replace;
    }
    let backend = context.backend;
    let set = |list, alias| -> Vec<_> {
        let assigned: Vec<Assigned> = assignments(backend, list, alias);
        assigned
            .into_iter()
            .map(|assigned| assigned.assignment)
            .collect()
    };
    match &insert.on {
        Some(OnInsert::OnConflict(on)) => match &on.action {
            OnConflictAction::DoNothing => OnConflict::Skip,
            OnConflictAction::DoUpdate(update) => OnConflict::Update {
                target: match &on.conflict_target {
                    Some(ConflictTarget::Columns(columns)) => columns
                        .iter()
                        .map(|column| plain(backend, column))
                        .collect(),
                    _ => Vec::new(),
                },
                set: set(&update.assignments, Some("excluded")),
            },
        },
        Some(OnInsert::DuplicateKeyUpdate(list))
            if list.iter().all(|assignment| is_idle(backend, assignment)) =>
        {
            OnConflict::Skip
        }
        Some(OnInsert::DuplicateKeyUpdate(list)) => {
            let alias = insert
                .insert_alias
                .as_ref()
                // With a list of aliases the columns bear other names.
                .filter(|alias| alias.col_aliases.as_ref().is_none_or(Vec::is_empty))
                .and_then(|alias| {
                    idents(&alias.row_alias)?
                        .last()
                        .map(|ident| plain(backend, ident))
                });
            OnConflict::Update {
                target: Vec::new(),
                set: set(list, alias.as_deref()),
            }
        }
        Some(_) => OnConflict::Update {
            target: Vec::new(),
            set: Vec::new(),
        },
        None if context.ignore || insert.ignore || insert.or == Some(SqliteOnConflict::Ignore) => {
            OnConflict::Skip
        }
        None => OnConflict::Fail,
    }
}
