//! The assignments of a `SET` clause.

use sea_orm::DbBackend;
use sqlparser::ast::{
    Assignment as Source, AssignmentTarget, Expr, FunctionArg, FunctionArgExpr, FunctionArguments,
    ObjectName,
};

use super::{
    analysis::Assignment,
    names::{idents, plain, same_name},
    operand::{Operand, is_keyword, operand},
};

/// An assignment, and the table that its column is prefixed with.
#[derive(Debug)]
pub(super) struct Assigned {
    pub(super) table: Option<String>,
    pub(super) assignment: Assignment,
}

/// Reads a `SET` clause. `inserted` names the row that an upsert was to insert.
pub(super) fn assignments(
    backend: DbBackend,
    list: &[Source],
    inserted: Option<&str>,
) -> Vec<Assigned> {
    let mut assigned = Vec::with_capacity(list.len());
    for source in list {
        match &source.target {
            AssignmentTarget::ColumnName(name) => {
                assigned.extend(single(backend, name, &source.value, inserted));
            }
            AssignmentTarget::Tuple(names) => {
                assigned.extend(tuple(backend, names, &source.value));
            }
        }
    }
    assigned
}

fn single(
    backend: DbBackend,
    name: &ObjectName,
    value: &Expr,
    inserted: Option<&str>,
) -> Option<Assigned> {
    let parts = idents(name)?;
    // To PostgreSQL `a.b` is a field within the column `a`.
    if backend == DbBackend::Postgres && parts.len() > 1 {
        return Some(assigned(
            None,
            plain(backend, parts.first()?),
            Operand::Expression,
        ));
    }
    let (column, tables) = parts.split_last()?;
    let column = plain(backend, column);
    let value = if is_inserted(backend, &column, value, inserted) {
        Operand::Inserted
    } else {
        operand(backend, value)
    };
    let table = tables.last().map(|table| plain(backend, table));
    Some(assigned(table, column, value))
}

/// `(a, b) = (1, 2)`.
fn tuple(backend: DbBackend, names: &[ObjectName], value: &Expr) -> Vec<Assigned> {
    let values: &[Expr] = match value {
        Expr::Tuple(values) if values.len() == names.len() => values,
        _ => &[],
    };
    let columns = names
        .iter()
        .filter_map(|name| Some(plain(backend, idents(name)?.last()?)));
    columns
        .enumerate()
        .map(|(at, column)| {
            let value = values
                .get(at)
                .map_or(Operand::Expression, |value| operand(backend, value));
            assigned(None, column, value)
        })
        .collect()
}

fn assigned(table: Option<String>, column: String, value: Operand) -> Assigned {
    Assigned {
        table,
        assignment: Assignment { column, value },
    }
}

/// `SET a = a`, by which SeaORM spells "do nothing" on MySQL.
pub(super) fn is_idle(backend: DbBackend, assignment: &Source) -> bool {
    let target = match &assignment.target {
        AssignmentTarget::ColumnName(name) => idents(name),
        AssignmentTarget::Tuple(_) => None,
    };
    match (target.as_deref(), &assignment.value) {
        (Some([column]), Expr::Identifier(value)) => {
            same_name(backend, &plain(backend, column), &plain(backend, value))
        }
        _ => false,
    }
}

/// `excluded.column`, MySQL's `VALUES(column)` and `new.column`.
fn is_inserted(backend: DbBackend, column: &str, value: &Expr, inserted: Option<&str>) -> bool {
    match value {
        Expr::CompoundIdentifier(parts) => match parts.as_slice() {
            [row, name] => {
                inserted.is_some_and(|inserted| same_name(backend, &plain(backend, row), inserted))
                    && same_name(backend, &plain(backend, name), column)
            }
            _ => false,
        },
        Expr::Function(function) if backend == DbBackend::MySql => {
            let named = match idents(&function.name).as_deref() {
                Some([name]) => is_keyword(name, "VALUES"),
                _ => false,
            };
            named
                && match &function.args {
                    FunctionArguments::List(list) => match list.args.as_slice() {
                        [FunctionArg::Unnamed(FunctionArgExpr::Expr(Expr::Identifier(name)))] => {
                            same_name(backend, &plain(backend, name), column)
                        }
                        _ => false,
                    },
                    _ => false,
                }
        }
        _ => false,
    }
}
