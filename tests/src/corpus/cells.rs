//! Rows of any columns, as texts.

use sea_orm::prelude::{Date, Decimal, Json};
use sea_orm::{DbErr, FromQueryResult, QueryResult, TryGetable};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Debug};

/// What a row holds, column by column. SeaORM's JSON shows no expression of SQLite; this shows everything.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cells(Vec<String>);

impl Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" | "))
    }
}

impl FromQueryResult for Cells {
    fn from_query_result(row: &QueryResult, _: &str) -> Result<Self, DbErr> {
        let cells = (0..row.column_names().len()).map(|at| cell(row, at));
        cells.collect::<Result<_, _>>().map(Self)
    }
}

/// The value in a column, by the first type that fits.
fn cell(row: &QueryResult, at: usize) -> Result<String, DbErr> {
    let found = of::<i64>(row, at)
        .or_else(|| of::<i32>(row, at))
        .or_else(|| of::<u64>(row, at))
        .or_else(|| of::<f64>(row, at))
        .or_else(|| of::<Decimal>(row, at))
        .or_else(|| of::<String>(row, at))
        .or_else(|| of::<bool>(row, at))
        .or_else(|| of::<Date>(row, at))
        .or_else(|| of::<Json>(row, at))
        .or_else(|| of::<Vec<u8>>(row, at));
    found.ok_or_else(|| DbErr::Type(format!("column {at} has a type that nobody knows")))
}

fn of<T: TryGetable + Debug>(row: &QueryResult, at: usize) -> Option<String> {
    let value = row.try_get_by_index::<Option<T>>(at).ok()?;
    Some(value.map_or("NULL".to_owned(), |value| format!("{value:?}")))
}
