//! Asks the engine for what a read asks for.

use super::read_context::{Executor, ReadContext};
use crate::engine::{Ask, Options, What};
use crate::error::Error;
use crate::schema::Row;
use sea_orm::Value;
use std::sync::Arc;

/// A read that is not a row hit in this process.
pub(super) async fn read(
    context: ReadContext<'_>,
    entity: u16,
    what: What,
    values: Vec<Value>,
    options: Option<Box<Options>>,
) -> Result<Vec<Row>, Error> {
    let ask = Ask::new(entity, what, values, options.map(Arc::from));
    answer(context, ask).await
}

/// What a context answers: outside of the cache from the database, and fills nothing.
pub(super) async fn answer(context: ReadContext<'_>, ask: Ask) -> Result<Vec<Row>, Error> {
    match context.executor {
        Executor::Cache(source) => context.engine.reader().get(ask, source).await,
        Executor::Database(source) => context.engine.reader().bypass().get(&ask, &source).await,
    }
}
