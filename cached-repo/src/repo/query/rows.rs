//! Queries for rows of one entity.

use super::ask::{Found, Stored, find};
use super::prepared::Prepared;
use super::{Cached, Page};
use crate::config::Lists;
use crate::engine::{Options, ResultShape, TtlFrom};
use crate::error::Error;
use crate::repo::find::lists;
use crate::repo::read_context::{ReadContext, Serves};
use crate::schema::{CachedEntity, Row, typed};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{QuerySelect, QueryTrait, Select};
use std::sync::Arc;
use std::time::Duration;

impl<E: CachedEntity> Cached<Select<E>> {
    /// The lifetime of the entry by the rows that the query, or one page of it, finds, in their order. Zero stores nothing. It is
    /// asked when they are stored; a count has the usual lifetime.
    pub fn ttl_from(
        mut self,
        ttl: impl Fn(&[Arc<E::Model>]) -> Duration + Send + Sync + 'static,
    ) -> Self {
        let of = move |found: &[Row]| Some(ttl(&models::<E>(found)?));
        self.options_mut().ttl_from = Some(TtlFrom(Arc::new(of)));
        self
    }
    lists!();

    /// All rows, in the order of the query. One that locks rows (`FOR UPDATE`) is answered by the database.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the query cannot be cached, before anything is asked;
    /// [`ErrorKind::Key`](crate::ErrorKind::Key) if a parameter has a type that this build leaves out;
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if it had to be asked and failed. The store causes none.
    ///
    /// # Cancellation
    /// Dropping the future abandons nothing: a load that has begun goes on for others.
    pub fn all<R: Serves<E>>(self, repo: &R) -> BoxFuture<'_, Result<Vec<Arc<E::Model>>, Error>> {
        let context = repo.read_context();
        let stored = stored::<E>(context, R::ENTITY, &self.query, self.options);
        async move { find(context, stored).await?.all::<E::Model>() }.boxed()
    }

    /// The first row, or `None` if there is none.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    ///
    /// # Cancellation
    /// As [`all`](Self::all).
    pub fn one<R: Serves<E>>(
        mut self,
        repo: &R,
    ) -> BoxFuture<'_, Result<Option<Arc<E::Model>>, Error>> {
        self.query = self.query.limit(1);
        let context = repo.read_context();
        let stored = stored::<E>(context, R::ENTITY, &self.query, self.options);
        async move {
            let rows = find(context, stored).await?.all::<E::Model>()?;
            Ok(rows.into_iter().next())
        }
        .boxed()
    }

    /// Builds the SQL and the key, so that reading it does neither.
    ///
    /// # Errors
    /// As reading it, before anything is asked.
    pub fn prepare<R: Serves<E>>(
        self,
        repo: &R,
    ) -> Result<Prepared<'_, Vec<Arc<E::Model>>>, Error> {
        let context = repo.read_context();
        let stored = stored::<E>(context, R::ENTITY, &self.query, self.options);
        Prepared::new(context, stored, Found::all::<E::Model>)
    }
}

/// The models of an entry: it holds them one by one or, if it is a page, all as one value.
fn models<E: CachedEntity>(found: &[Row]) -> Option<Vec<Arc<E::Model>>> {
    let page = found.first().and_then(|found| {
        let list = found.downcast_ref::<Vec<E::Model>>();
        list.or_else(|| Some(&found.downcast_ref::<Page<E::Model>>()?.items))
    });
    match page {
        Some(page) => Some(page.iter().cloned().map(Arc::new).collect()),
        None => {
            let rows = found.iter().cloned().map(typed::<E::Model>);
            rows.collect::<Result<_, _>>().ok()
        }
    }
}

/// All rows of the query, as they are stored.
pub(super) fn stored<E: CachedEntity>(
    context: ReadContext<'_>,
    entity: u16,
    query: &Select<E>,
    options: Option<Box<Options>>,
) -> Stored<impl FnOnce() -> Option<ResultShape> + use<E>> {
    Stored {
        entity: Some(entity),
        statements: vec![query.build(context.engine.backend())],
        options,
        name: Ok(Vec::new()),
        result_shape: || None,
    }
}
