//! Queries that are built once and read many times.

use super::Cached;
use super::ask::{Found, Glance, Stored};
use super::rows::stored;
use super::shape::{Answers, Shape};
use crate::engine::{Ask, Made};
use crate::error::{Error, ErrorKind};
use crate::repo::desk::{Desk, Place, Serves};
use crate::repo::find::answer;
use crate::schema::CachedEntity;
use sea_orm::Select;
use std::fmt;
use std::future::Future;
use std::sync::Arc;

/// A cached query with its SQL and its key: `let recent = Order::find()..cached().prepare(&repo)?`. A hit builds neither.
#[must_use = "a prepared query does nothing until `.all().await`"]
pub struct Prepared<'r, T> {
    desk: Desk<'r>,
    ask: Ask,
    finish: fn(Found) -> Result<T, Error>,
}

/// Not the query: it holds user data.
impl<T> fmt::Debug for Prepared<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").finish_non_exhaustive()
    }
}

impl<'r, T> Prepared<'r, T> {
    fn new<M: FnOnce() -> Option<Made>>(
        desk: Desk<'r>,
        stored: Stored<M>,
        finish: fn(Found) -> Result<T, Error>,
    ) -> Result<Self, Error> {
        match stored.ask(desk, false)? {
            Glance::Ask(ask) => Ok(Self { desk, ask, finish }),
            Glance::Hit(_) => Err(Error::new(
                ErrorKind::Internal,
                "a query was answered that was not asked",
            )),
        }
    }

    /// Whom it is asked of, what, and what is made of the answer.
    #[expect(
        clippy::type_complexity,
        reason = "it is taken apart where it is given"
    )]
    pub(super) fn parts(&self) -> (Desk<'r>, &Ask, fn(Found) -> Result<T, Error>) {
        (self.desk, &self.ask, self.finish)
    }

    /// All that the query finds, in its order.
    ///
    /// # Errors
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if it had to be asked and failed. The store causes none.
    ///
    /// # Cancellation
    /// Dropping the future abandons nothing: a load that has begun goes on for others.
    pub fn all(&self) -> impl Future<Output = Result<T, Error>> + Send + use<'_, 'r, T> {
        let (desk, ask, finish) = (self.desk, &self.ask, self.finish);
        async move {
            if matches!(desk.place, Place::Cache(_))
                && let Some(payload) = desk.engine.glance_at(ask)
            {
                return finish(Found::Hit(payload));
            }
            finish(Found::Rows(Box::pin(answer(desk, ask.clone())).await?))
        }
    }
}

impl<E: CachedEntity> Cached<Select<E>> {
    /// Builds the SQL and the key, so that reading it does neither.
    ///
    /// # Errors
    /// As reading it, before anything is asked.
    pub fn prepare<R: Serves<E>>(
        self,
        repo: &R,
    ) -> Result<Prepared<'_, Vec<Arc<E::Model>>>, Error> {
        let desk = repo.desk();
        let stored = stored::<E>(desk, R::ENTITY, &self.query, self.options);
        Prepared::new(desk, stored, Found::all::<E::Model>)
    }
}

impl<Q: Shape> Cached<Q> {
    /// Builds the SQL and the key, so that reading it does neither.
    ///
    /// # Errors
    /// As reading it, before anything is asked.
    pub fn prepare<R: Answers<Q>>(
        self,
        repo: &R,
    ) -> Result<Prepared<'_, Arc<Vec<Q::Item>>>, Error> {
        let desk = repo.desk();
        let question = self.question::<R>(desk)?;
        Prepared::new(desk, question.stored::<Vec<Q::Item>>(), |found| {
            Ok(found.one()?.unwrap_or_default())
        })
    }
}
