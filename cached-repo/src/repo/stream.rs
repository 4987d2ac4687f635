//! Streams.

use super::{CachedRepo, CachedTransaction};
use crate::schema::CacheSchema;
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, QueryResult, Statement, StreamTrait};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Rows as the database sends them. They do not come from the cache and do not go into it.
///
/// # Cancellation
/// Dropping the stream ends the read. On MySQL and MariaDB, read the first row of a stream in a transaction before you drop it: sqlx 0.9
/// may lose the connection otherwise, and its place in the pool.
pub struct RowStream<'a>(BoxStream<'a, Result<QueryResult, DbErr>>);

impl fmt::Debug for RowStream<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowStream").finish_non_exhaustive()
    }
}

impl Stream for RowStream<'_> {
    type Item = Result<QueryResult, DbErr>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

/// The rows of a statement that also writes: it has to end before anybody sees them, since its invalidation comes first.
fn collected<'a>(rows: Vec<QueryResult>) -> RowStream<'a> {
    RowStream(stream::iter(rows.into_iter().map(Ok)).boxed())
}

type Opening<'a> = Pin<Box<dyn Future<Output = Result<RowStream<'a>, DbErr>> + 'a + Send>>;

impl<S: CacheSchema> StreamTrait for CachedRepo<S> {
    type Stream<'a> = RowStream<'a>;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self)
    }

    fn stream_raw<'a>(&'a self, statement: Statement) -> Opening<'a> {
        Box::pin(async move {
            if self.engine().catalog().is_read(&statement.sql) {
                let rows = self.shared.database.stream_raw(statement).await?;
                return Ok(RowStream(rows.boxed()));
            }
            Ok(collected(self.query_all_raw(statement).await?))
        })
    }
}

impl<S: CacheSchema> StreamTrait for CachedTransaction<S> {
    type Stream<'a> = RowStream<'a>;

    fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self)
    }

    fn stream_raw<'a>(&'a self, statement: Statement) -> Opening<'a> {
        Box::pin(async move {
            if self.streams(&statement) {
                let rows = self.inner().get().stream_raw(statement).await?;
                return Ok(RowStream(rows.boxed()));
            }
            Ok(collected(self.query_all_raw(statement).await?))
        })
    }
}
