//! The functions of an entity's rows, made of its types.

use super::entity::{CachedEntity, InSchema};
use super::row::{Row, RowQuery, RowTable};
use sea_orm::sea_query::{ExprTrait, SimpleExpr};
use sea_orm::{
    ColumnTrait, DbBackend, DbErr, FromQueryResult, IdenStatic, Iterable, PrimaryKeyToColumn,
    PrimaryKeyTrait, QueryFilter, QueryResult, QuerySelect, QueryTrait, Statement, Value,
};
use std::any::Any;
use std::sync::Arc;

/// The functions of `E`.
const fn table_of<E: CachedEntity>() -> RowTable {
    RowTable {
        table: table::<E>,
        size: size_of::<E::Model>(),
        columns: columns::<E>,
        key_columns: key_columns::<E>,
        values: values::<E>,
        rebuild: rebuild::<E>,
        select: select::<E>,
        decode: decode::<E>,
        numbered: <E::PrimaryKey as PrimaryKeyTrait>::auto_increment,
        readers: E::READERS,
        column_types: column_types::<E>,
    }
}

/// The functions of the member `E` of `S`.
#[must_use]
pub const fn rows_of<E: InSchema<S>, S>() -> RowTable {
    table_of::<E>()
}

fn table<E: CachedEntity>() -> (Option<String>, String) {
    let entity = E::default();
    (
        entity.schema_name().map(String::from),
        entity.table_name().to_owned(),
    )
}

fn columns<E: CachedEntity>() -> Vec<&'static str> {
    let columns = E::COLUMNS.iter();
    columns.map(IdenStatic::as_str).collect()
}

fn key_columns<E: CachedEntity>() -> Vec<&'static str> {
    E::PrimaryKey::iter()
        .map(|key| key.into_column().as_str())
        .collect()
}

fn values<E: CachedEntity>(row: &(dyn Any + Send + Sync)) -> Vec<Value> {
    row.downcast_ref::<E::Model>()
        .map_or_else(Vec::new, E::to_values)
}

fn rebuild<E: CachedEntity>(values: Vec<Value>) -> Option<Row> {
    E::from_values(values).map(|model| Arc::new(model) as Row)
}

fn column<E: CachedEntity>(name: &str) -> Option<E::Column> {
    E::Column::iter().find(|column| column.as_str() == name)
}

fn select<E: CachedEntity>(backend: DbBackend, query: &RowQuery<'_>) -> Statement {
    let mut select = E::find();
    if !query.only.is_empty() {
        let only = query.only.iter().filter_map(|name| column::<E>(name));
        select = only.fold(select.select_only(), QuerySelect::column);
    }
    select = select
        .filter(matching::<E>(query.columns, query.keys))
        .limit(query.limit);
    if query.lock {
        select = select.lock_exclusive();
    }
    select.build(backend)
}

/// `a IN (..)` for one column, `(a = .. AND b = ..) OR ..` for several: both use an index on every database.
fn matching<E: CachedEntity>(columns: &[&'static str], keys: &[Vec<Value>]) -> SimpleExpr {
    if let ([name], Some(column)) = (columns, columns.first().and_then(|name| column::<E>(name))) {
        debug_assert_eq!(column.as_str(), *name);
        let values: Vec<Value> = keys.iter().flatten().cloned().collect();
        return match values.as_slice() {
            [value] => equals(column, value),
            _ => column.is_in(values),
        };
    }
    let mut any = SimpleExpr::Constant(Value::Bool(Some(false)));
    let mut first = true;
    for key in keys {
        let mut all = Vec::with_capacity(columns.len());
        for (name, value) in columns.iter().zip(key) {
            all.extend(column::<E>(name).map(|column| equals(column, value)));
        }
        let Some(all) = all.into_iter().reduce(ExprTrait::and) else {
            continue;
        };
        any = if first { all } else { any.or(all) };
        first = false;
    }
    any
}

fn equals<C: ColumnTrait>(column: C, value: &Value) -> SimpleExpr {
    if *value == value.as_null() {
        column.is_null()
    } else {
        column.eq(value.clone())
    }
}

fn decode<E: CachedEntity>(result: &QueryResult) -> Result<Row, DbErr> {
    E::Model::from_query_result(result, "").map(|model| Arc::new(model) as Row)
}

fn column_types<E: CachedEntity>() -> Vec<(&'static str, sea_orm::ColumnType)> {
    E::Column::iter()
        .map(|column| (column.as_str(), column.def().get_column_type().clone()))
        .collect()
}
