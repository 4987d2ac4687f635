//! Values whose type only the typed shell knows.

use super::{DecodeError, EncodeError};
use crate::schema::Row;
use sea_orm::Value;
use std::any::Any;

/// Sees the rows in a value: what tells their entities apart, and their column values.
pub type SeeRow<'a> = dyn FnMut(u64, Vec<Value>) + 'a;

/// What the engine can do with such a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Form {
    /// The value as bytes.
    pub(crate) encode: fn(&(dyn Any + Send + Sync)) -> Result<Vec<u8>, EncodeError>,
    /// The value from the bytes that `encode` gave.
    pub(crate) decode: fn(&[u8]) -> Result<Row, DecodeError>,
    /// Shows whole rows of entities that the value holds.
    pub(crate) rows: fn(&(dyn Any + Send + Sync), &mut SeeRow<'_>),
}
