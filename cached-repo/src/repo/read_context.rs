//! Who serves a read: a repo or a transaction of a schema that has the entity.

use super::connection::Uncached;
use super::{BlockReader, CachedRepo, CachedTransaction};
use crate::engine::{Engine, SharedSource};
use crate::schema::{CacheSchema, CachedEntity, InSchema};
use sea_orm::{ConnectionTrait, TransactionTrait};
use std::sync::Arc;

/// A repo, or a transaction of one, whose schema has the entity `E`.
///
/// A read from a repo goes through the cache. A read from a transaction goes to the database and fills nothing: it may see
/// what nobody else may see.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve the entity `{E}`",
    label = "not a cached repo of a schema that lists `{E}`",
    note = "pass a `CachedRepo` or `CachedTransaction` of a schema that lists `{E}`"
)]
pub trait Serves<E: CachedEntity>: Send + Sync + sealed::Sealed {
    #[doc(hidden)]
    const ENTITY: u16;

    #[doc(hidden)]
    fn read_context(&self) -> ReadContext<'_>;
}

/// A repo, or a transaction of one, whatever its schema.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve cached reads",
    label = "not a cached repo",
    note = "pass a `CachedRepo` or a `CachedTransaction`"
)]
pub trait Reads: Send + Sync + sealed::Sealed {
    #[doc(hidden)]
    fn read_context(&self) -> ReadContext<'_>;
}

/// A repo or transaction through which rows of `E` are written.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not write the entity `{E}`",
    label = "not a cached repo of a schema that lists `{E}`",
    note = "pass a `CachedRepo` or `CachedTransaction` of a schema that lists `{E}`"
)]
pub trait Writes<E: CachedEntity>: Serves<E> + ConnectionTrait + TransactionTrait {}

impl<E: CachedEntity, R: Serves<E> + ConnectionTrait + TransactionTrait> Writes<E> for R {}

/// Where a read is served.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct ReadContext<'a> {
    pub(crate) engine: &'a Arc<Engine>,
    pub(crate) executor: Executor<'a>,
}

/// Through the cache, or by the database alone.
#[derive(Clone, Copy)]
pub(crate) enum Executor<'a> {
    Cache(&'a SharedSource),
    Database(Uncached<'a>),
}

impl std::fmt::Debug for Executor<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Cache(_) => "Cache",
            Self::Database(_) => "Database",
        })
    }
}

/// A read that the connection of a cached block would serve: no type is one, so that each is reported, with what to write instead.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`find_cached` and `.cached()` do not read through the connection of a cached block, which reads the database",
    label = "the connection of a cached block",
    note = "write SeaORM's own reads inside the block: `find_by_id(key).one(&db)` instead of `find_cached(key).one(&db)`, \
            `find().filter(..)` instead of `find_cached_by_..`, and queries without `.cached()`"
)]
pub trait ReadInBlock {
    fn read_context(block: &BlockReader) -> ReadContext<'_>;
}

impl<E: CachedEntity + ReadInBlock> Serves<E> for BlockReader {
    const ENTITY: u16 = 0;

    fn read_context(&self) -> ReadContext<'_> {
        <E as ReadInBlock>::read_context(self)
    }
}

impl<S: CacheSchema, E: InSchema<S>> Serves<E> for CachedRepo<S> {
    const ENTITY: u16 = E::INDEX as u16;

    #[inline]
    fn read_context(&self) -> ReadContext<'_> {
        Reads::read_context(self)
    }
}

impl<S: CacheSchema> Reads for CachedRepo<S> {
    #[inline]
    fn read_context(&self) -> ReadContext<'_> {
        ReadContext {
            engine: &self.shared.engine,
            executor: match self.shared.engine.is_passthrough() {
                false => Executor::Cache(&self.shared.source),
                true => Executor::Database(Uncached::Connection(&self.shared.database)),
            },
        }
    }
}

impl<S: CacheSchema, E: InSchema<S>> Serves<E> for CachedTransaction<S> {
    const ENTITY: u16 = E::INDEX as u16;

    fn read_context(&self) -> ReadContext<'_> {
        Reads::read_context(self)
    }
}

impl<S: CacheSchema> Reads for CachedTransaction<S> {
    fn read_context(&self) -> ReadContext<'_> {
        ReadContext {
            engine: self.engine(),
            executor: Executor::Database(Uncached::Transaction(self.inner())),
        }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::BlockReader {}
    impl<S: crate::schema::CacheSchema> Sealed for super::CachedRepo<S> {}
    impl<S: crate::schema::CacheSchema> Sealed for super::CachedTransaction<S> {}
}
