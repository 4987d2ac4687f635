//! Asks the engine for what a read asks for.

use super::desk::{Desk, Place};
use crate::engine::{Ask, Options, What};
use crate::error::Error;
use crate::schema::Row;
use sea_orm::Value;
use std::sync::Arc;

/// A read that is not a row hit in this process.
pub(super) async fn read(
    desk: Desk<'_>,
    entity: u16,
    what: What,
    values: Vec<Value>,
    options: Option<Box<Options>>,
) -> Result<Vec<Row>, Error> {
    let ask = Ask::new(entity, what, values, options.map(Arc::from));
    answer(desk, ask).await
}

/// What a desk answers: outside of the cache from the database, and fills nothing.
pub(super) async fn answer(desk: Desk<'_>, ask: Ask) -> Result<Vec<Row>, Error> {
    match desk.place {
        Place::Cache(source) => desk.engine.reader().get(ask, source).await,
        Place::Database(source) => desk.engine.reader().bypass().get(&ask, &source).await,
    }
}
