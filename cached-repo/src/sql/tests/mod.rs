//! Tests of the analysis of SQL texts.

mod bombs;
mod cache;
mod corpus;
mod fuzz;
mod keys;
mod orm;
mod outline;
mod pins;
mod quiet;
mod reads;
mod routine;

use sea_orm::DbBackend;

use super::{
    Analysis, Assignment, Filter, InsertRows, OnConflict, Operand, TableName, Write, WriteKind,
};

const P: DbBackend = DbBackend::Postgres;
const M: DbBackend = DbBackend::MySql;
const S: DbBackend = DbBackend::Sqlite;

/// A short form of an analysis, which tables of tests can hold.
fn show(analysis: &Analysis) -> String {
    match analysis {
        Analysis::Read => "read".into(),
        Analysis::Transaction(verb) => format!("txn {verb:?}").to_lowercase(),
        Analysis::Schema => "schema".into(),
        Analysis::Unknown => "unknown".into(),
        Analysis::Writes(writes) => writes.iter().map(write).collect::<Vec<_>>().join("; "),
    }
}

fn write(write: &Write) -> String {
    let TableName { schema, name } = &write.table;
    let schema = schema.as_ref().map(|schema| format!("{schema}."));
    let table = format!("{}{name}", schema.unwrap_or_default());
    let returning = if write.returning { " returning" } else { "" };
    let kind = match &write.kind {
        WriteKind::Insert {
            columns,
            rows,
            conflict,
        } => {
            let rows = match rows {
                InsertRows::Opaque => "opaque".into(),
                InsertRows::Values(rows) => rows.iter().map(|row| tuple(row)).collect::<String>(),
            };
            let conflict = match conflict {
                OnConflict::Fail => String::new(),
                OnConflict::Skip => " skip".into(),
                OnConflict::Replace => " replace".into(),
                OnConflict::Update { target, set } => {
                    format!(" upsert({}){{{}}}", target.join(","), assigned(set))
                }
            };
            format!("+{table}({}) {rows}{conflict}", columns.join(","))
        }
        WriteKind::Update { set, filter } => {
            format!("~{table} {{{}}}{}", assigned(set), pins(filter))
        }
        WriteKind::Delete { filter } => format!("-{table}{}", pins(filter)),
        WriteKind::Truncate => format!("0{table}"),
        WriteKind::Other => format!("*{table}"),
    };
    kind + returning
}

fn assigned(set: &[Assignment]) -> String {
    let shown = set
        .iter()
        .map(|assignment| format!("{}={}", assignment.column, operand(&assignment.value)));
    shown.collect::<Vec<_>>().join(",")
}

fn pins(filter: &Filter) -> String {
    let shown = filter.pins.iter().map(|pin| {
        let rows: String = pin.rows.iter().map(|row| tuple(row)).collect();
        format!(" [{}]{rows}", pin.columns.join(","))
    });
    shown.collect()
}

fn tuple(row: &[Operand]) -> String {
    let shown: Vec<String> = row.iter().map(operand).collect();
    format!("({})", shown.join(","))
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Bound(index) => format!("#{index}"),
        Operand::Literal(value) => value.to_string(),
        Operand::Null => "null".into(),
        Operand::Default => "default".into(),
        Operand::Inserted => "inserted".into(),
        Operand::Expression => "?".into(),
    }
}
