//! Rows without their type: what the engine may do with them.

use crate::error::{Error, ErrorKind};
use sea_orm::sea_query::ValueTuple;
use sea_orm::{
    DbBackend, DbErr, EntityTrait, PrimaryKeyTrait, QueryResult, Statement, TryGetable, Value,
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

/// The typed row behind a shared one.
///
/// # Errors
/// [`ErrorKind::Internal`] if the row is of another type, which no input can cause.
#[inline]
pub(crate) fn typed<M: Any + Send + Sync>(row: Row) -> Result<Arc<M>, Error> {
    row.downcast::<M>()
        .map_err(|_| Error::new(ErrorKind::Internal, "a cached row has another type"))
}

/// The parts of a key.
#[must_use]
pub(crate) fn key_values(key: ValueTuple) -> Vec<Value> {
    key.into_iter().collect()
}
