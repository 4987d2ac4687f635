//! Rows without their type: what the engine may do with them.

use super::entity::{CachedEntity, InSchema};
use crate::error::{Error, ErrorKind};
use sea_orm::sea_query::{ExprTrait, SimpleExpr, ValueTuple};
use sea_orm::{
    ColumnTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, IdenStatic, Iterable,
    PrimaryKeyToColumn, PrimaryKeyTrait, QueryFilter, QueryResult, QuerySelect, QueryTrait,
    Statement, TryGetable, Value,
};
use std::any::Any;
use std::sync::Arc;

/// A row, shared, of a type that only the typed shell knows.
pub(crate) type Row = Arc<dyn Any + Send + Sync>;

/// Type of the primary key of `E`: a tuple for a composite one.
pub type KeyOf<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// Reads the column of this name from a row that the database has sent; `None` if it holds what the model's field cannot hold.
pub type ColumnReader = fn(&QueryResult, &str) -> Option<Value>;

/// The reader of a column whose field has the type `T`.
#[must_use]
pub fn read_column<T: TryGetable + Into<Value>>(row: &QueryResult, name: &str) -> Option<Value> {
    row.try_get::<T>("", name).ok().map(Into::into)
}

/// How to find rows in the database.
#[derive(Clone, Debug)]
pub struct RowQuery<'a> {
    /// Columns to compare, by their names in the database.
    pub columns: &'a [&'static str],
    /// Their values: any of these tuples.
    pub keys: &'a [Vec<Value>],
    /// Columns to read, by their names in the database; none for all that the model has.
    pub only: &'a [&'static str],
    /// Whether the rows are to be locked for the transaction that reads them.
    pub lock: bool,
    /// How many rows to read at most.
    pub limit: Option<u64>,
}

/// The functions of one entity.
#[derive(Clone, Copy, Debug)]
pub struct RowTable {
    /// Table and, if the entity names one, database schema.
    pub table: fn() -> (Option<String>, String),
    /// Bytes of a model, without what it points at.
    pub size: usize,
    /// Names of its columns in the database, in the order of the model's fields.
    pub columns: fn() -> Vec<&'static str>,
    /// Columns of the primary key, by their names in the database.
    pub key_columns: fn() -> Vec<&'static str>,
    /// Column values of a row, in the order of the model's fields.
    pub values: fn(&(dyn Any + Send + Sync)) -> Vec<Value>,
    /// A row from its column values.
    pub rebuild: fn(Vec<Value>) -> Option<Row>,
    /// The statement that reads rows.
    pub select: fn(DbBackend, &RowQuery<'_>) -> Statement,
    /// A row from the answer to such a statement.
    pub decode: fn(&QueryResult) -> Result<Row, DbErr>,
    /// Whether the database may number new rows.
    pub numbered: fn() -> bool,
    /// How each column is read alone, in the order of the model's fields.
    pub readers: &'static [ColumnReader],
    /// The types that the entity gives its columns.
    pub column_types: fn() -> Vec<(&'static str, sea_orm::ColumnType)>,
}

impl RowTable {
    /// The functions of `E`.
    #[must_use]
    pub const fn of<E: CachedEntity>() -> Self {
        Self {
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
}

/// The functions of the member `E` of `S`.
#[must_use]
pub const fn rows_of<E: InSchema<S>, S>() -> RowTable {
    RowTable::of::<E>()
}

/// The typed row behind a shared one.
///
/// # Errors
/// [`ErrorKind::Internal`] if the row is of another type, which no input can cause.
#[inline]
pub(crate) fn typed<M: Any + Send + Sync>(row: Row) -> Result<Arc<M>, Error> {
    row.downcast::<M>()
        .map_err(|_| Error::new(ErrorKind::Internal, "a cached row has another type"))
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

/// The parts of a key.
#[must_use]
pub(crate) fn key_values(key: ValueTuple) -> Vec<Value> {
    key.into_iter().collect()
}
