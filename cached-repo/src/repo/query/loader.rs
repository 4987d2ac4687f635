//! Rows with related rows, as SeaORM's loader finds them: `User::load().with(Order).cached()`.

use super::ask::{Stored, find};
use super::block::{first_statement, gather};
use super::form::{Form, Many, form};
use super::tree::{CachedTree, TreeOf};
use super::{BlockReader, Cached, Unfit};
use crate::engine::{Producer, ResultShape};
use crate::error::{Error, ErrorKind};
use crate::repo::read_context::{Executor, ReadContext, Serves};
use crate::schema::Row;
use crate::wire::{put_slice, put_varint};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::compound::EntityLoaderTrait;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{EntityTrait, QueryFilter, QueryOrder};
use std::sync::Arc;

/// The loader that SeaORM makes for an entity; implemented by `#[derive(CachedEntity)]` in the dense format.
pub trait TreeLoader:
    EntityLoaderTrait<Self::Entity, ModelEx = <Self::Entity as EntityTrait>::ModelEx>
    + QueryFilter<QueryStatement = SelectStatement>
    + Send
    + Sync
    + 'static
{
    /// Whose rows it finds.
    type Entity: CachedTree<ModelEx: Send + Sync + 'static>;

    /// Appends the names of the relations that it was asked for.
    ///
    /// # Errors
    /// If they are relations of an entity that is not cached.
    #[doc(hidden)]
    fn put_names(&self, out: &mut Vec<u8>) -> Result<(), Unfit>;
}

/// The relations of one entity that a loader was asked for; implemented by the derive for SeaORM's `EntityLoaderWith`.
#[doc(hidden)]
pub trait Relations: Default + PartialEq {
    /// Appends their names.
    fn put_names(&self, out: &mut Vec<u8>);
}

/// Appends the names of those relations among these that are asked for.
pub fn put_relations(asked: &[(&str, bool)], out: &mut Vec<u8>) {
    let asked = asked.iter().filter(|(_, asked)| *asked);
    put_varint(out, asked.clone().count() as u64);
    asked.for_each(|(name, _)| put_slice(out, name.as_bytes()));
}

/// Relations of the related rows. Whether their entity is cached is asked as [`Tree`](super::Tree) asks: an inherent method goes before
/// that of a trait, where its bounds hold.
#[doc(hidden)]
#[derive(Debug)]
pub struct Nested<'a, W>(pub &'a W);

impl<W: Relations> Nested<'_, W> {
    /// Appends their names behind that of the relation, if there are any.
    ///
    /// # Errors
    /// None.
    pub fn put_names(&self, relation: &str, out: &mut Vec<u8>) -> Result<(), Unfit> {
        if *self.0 != W::default() {
            put_slice(out, relation.as_bytes());
            self.0.put_names(out);
        }
        Ok(())
    }
}

/// What [`Nested`] is for an entity that is not cached.
#[doc(hidden)]
pub trait Unnamed {
    /// Appends nothing.
    ///
    /// # Errors
    /// If relations are asked for, which nobody can name.
    fn put_names(&self, relation: &str, out: &mut Vec<u8>) -> Result<(), Unfit>;
}

impl<W: Default + PartialEq> Unnamed for Nested<'_, W> {
    fn put_names(&self, _: &str, _: &mut Vec<u8>) -> Result<(), Unfit> {
        match *self.0 == W::default() {
            true => Ok(()),
            false => Err(Unfit),
        }
    }
}

fn unnamed() -> Error {
    Error::new(
        ErrorKind::Query,
        "the loader reads relations of an entity that is not cached, so that nobody would know when they change: derive `CachedEntity` \
         for it, or read it without `.cached()`",
    )
}

/// A loader whose answers are cached.
#[doc(hidden)]
#[derive(Debug)]
pub struct Loaded<L>(pub L);

impl<L: QueryFilter> QueryFilter for Loaded<L> {
    type QueryStatement = L::QueryStatement;

    fn query(&mut self) -> &mut L::QueryStatement {
        self.0.query()
    }
}

impl<L: QueryOrder> QueryOrder for Loaded<L> {
    type QueryStatement = L::QueryStatement;

    fn query(&mut self) -> &mut SelectStatement {
        self.0.query()
    }
}

impl<L: TreeLoader> Cached<Loaded<L>> {
    /// All rows, each with the related rows that the loader was asked for, as SeaORM gives them. They come in one `Arc`, and it goes with
    /// every write to any table that one of the loader's statements reads.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if one of the statements cannot be cached, as for any query;
    /// [`ErrorKind::Key`](crate::ErrorKind::Key) if a parameter has a type that this build leaves out;
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if it had to be asked and failed. The store causes none.
    ///
    /// # Cancellation
    /// Dropping the future abandons nothing: a load that has begun goes on for others.
    pub fn all<R: Serves<L::Entity>>(
        self,
        repo: &R,
    ) -> BoxFuture<'_, Result<Arc<Vec<ModelEx<L>>>, Error>> {
        let load = load::<L, R, Many<TreeOf<L::Entity>>>(repo, self, Some);
        async move { Ok(load.await?.unwrap_or_default()) }.boxed()
    }

    /// The first row, with the related rows that the loader was asked for, or `None` if there is none.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    ///
    /// # Cancellation
    /// As [`all`](Self::all).
    pub fn one<R: Serves<L::Entity>>(
        mut self,
        repo: &R,
    ) -> BoxFuture<'_, Result<Option<Arc<ModelEx<L>>>, Error>> {
        QueryFilter::query(&mut self.query.0).limit(1);
        load::<L, R, TreeOf<L::Entity>>(repo, self, |found| found.into_iter().next())
    }
}

type ModelEx<L> = <<L as TreeLoader>::Entity as EntityTrait>::ModelEx;

/// What is made of the rows that the loader finds; `None` if there is nothing to show.
type Pick<L, T> = fn(Vec<ModelEx<L>>) -> Option<T>;

/// In a box, so that the compiler proves once for each loader that it may be sent to another thread.
fn load<L, R, F>(
    repo: &R,
    cached: Cached<Loaded<L>>,
    pick: Pick<L, F::Value>,
) -> BoxFuture<'_, Result<Option<Arc<F::Value>>, Error>>
where
    L: TreeLoader,
    R: Serves<L::Entity>,
    F: Form,
{
    let (context, entity) = (repo.read_context(), R::ENTITY);
    let Cached { query, options } = cached;
    async move {
        let ReadContext { engine, executor } = context;
        let Loaded(loader) = query;
        let source = match executor {
            Executor::Cache(source) => Arc::clone(source),
            Executor::Database(database) => {
                let found = loader.fetch(&database, 0, 0).await?;
                return Ok(pick(found).map(Arc::new));
            }
        };
        let ttl = options.as_ref().and_then(|options| options.ttl);
        let mut name = b"load".to_vec();
        // The statement says nothing of what is loaded after it.
        let named = loader.put_names(&mut name).map_err(|Unfit| unnamed());
        let named = named.and_then(|()| F::name(&mut name));
        let block = move |db: BlockReader| {
            let loader = loader.clone();
            async move { loader.fetch(&db, 0, 0).await }
        };
        let stored = Stored {
            entity: Some(entity),
            statements: vec![first_statement(&block, engine).await?],
            options,
            name: named.map(|()| name),
            result_shape: || {
                let row = move |found| pick(found).map(|found| Arc::new(found) as Row);
                Some(ResultShape {
                    form: form::<F>(),
                    producer: Producer::Block(gather(Arc::clone(engine), source, ttl, block, row)),
                })
            },
        };
        find(context, stored).await?.one::<F::Value>()
    }
    .boxed()
}
