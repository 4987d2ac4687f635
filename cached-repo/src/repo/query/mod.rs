//! Cached queries: the typed shell.

mod ask;
mod block;
mod capture;
mod cursor;
mod digest;
mod form;
mod labels;
mod loader;
mod pages;
mod parameters;
mod parts;
mod prepared;
mod rows;
mod shape;
mod totals;
mod tree;

use super::find::options;
use super::read_context::ReadContext;
use super::tag::IntoTag;
use crate::engine::{Mode, Options, TtlFrom};
use crate::error::Error;
use crate::key::Key;
use crate::receipt::Receipt;
use crate::schema::{CachedEntity, Row};
use crate::write_token::WriteToken;
use ask::{Question, value};
use form::{Many, form};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::SelectStatement;
use sea_orm::{
    Cursor, DbErr, EntityTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, Select,
    SelectFive, SelectFour, SelectFourMany, SelectSix, SelectThree, SelectThreeMany, SelectTwo,
    SelectTwoMany, SelectTwoRequired, Selector, SelectorRaw, SelectorTrait, Topology,
};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

pub(super) use ask::{Found, Glance, Stored};
pub use block::{BlockReader, CachedBlock};
pub use form::Unfit;
pub(super) use labels::Labels;
pub use loader::{Loaded, Nested, Relations, TreeLoader, Unnamed, put_relations};
pub use pages::{CachedPages, Page, Paged};
pub use parameters::{BlockAnswer, BlockParameters};
pub use parts::{AnyOf, CountOf, FirstOf, PageAt};
pub use prepared::Prepared;
pub use shape::{Answers, First, Shape};
pub use totals::Totals;
pub use tree::{
    CachedTree, Tree, TreeForm, Treeless, put_belongs_to, put_belongs_to_option, put_has_many,
    put_has_one, see_belongs_to, see_belongs_to_option, see_has_many, see_has_one, take_belongs_to,
    take_belongs_to_option, take_has_many, take_has_one,
};

/// `.cached()` on SeaORM's queries.
pub trait CachedQuery: Sized {
    #[doc(hidden)]
    type Query;

    #[doc(hidden)]
    fn to_be_cached(self) -> Self::Query;

    /// The same query, answered by the cache. It is stored as a whole, under its SQL and its parameters, and goes with every
    /// write to any table that it reads; where it pins the columns of an index, with writes to those partitions.
    fn cached(self) -> Cached<Self::Query> {
        Cached {
            query: self.to_be_cached(),
            options: None,
        }
    }
}

macro_rules! itself {
    () => {
        type Query = Self;

        fn to_be_cached(self) -> Self {
            self
        }
    };
}

impl<E: CachedEntity> CachedQuery for Select<E> {
    itself!();
}
impl<S: SelectorTrait> CachedQuery for Selector<S> {
    itself!();
}
impl<S: SelectorTrait> CachedQuery for SelectorRaw<S> {
    itself!();
}
impl<S: SelectorTrait> CachedQuery for Cursor<S> {
    itself!();
}

macro_rules! cached {
    ($($select:ident<$($entity:ident),* $(; $top:ident)?>;)*) => {$(
        impl<$($entity: EntityTrait,)* $($top: Topology)?> CachedQuery for $select<$($entity,)* $($top)?> {
            itself!();
        }
    )*};
}

cached! {
    SelectTwo<A, B>;
    SelectTwoMany<A, B>;
    SelectTwoRequired<A, B>;
    SelectThree<A, B, C; T>;
    SelectThreeMany<A, B, C; T>;
    SelectFour<A, B, C, D; T>;
    SelectFourMany<A, B, C, D; T>;
    SelectFive<A, B, C, D, E; T>;
    SelectSix<A, B, C, D, E, F; T>;
}

/// A query that the cache answers: `Order::find().filter(..).cached()`.
///
/// What it gives is shared and not to be changed: rows of one entity come as `Vec<Arc<Model>>`, everything else as one
/// `Arc<Vec<..>>` of what SeaORM would give.
#[must_use = "a query does nothing until `.all(&repo).await` or the like"]
pub struct Cached<Q> {
    query: Q,
    options: Option<Box<Options>>,
}

/// Not the query: it holds user data.
impl<Q> fmt::Debug for Cached<Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cached")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<Q> Cached<Q> {
    options!();
}

// SeaORM's builders go on behind `.cached()`: nothing of the query is looked at before it is read.

impl<Q: QueryFilter> QueryFilter for Cached<Q> {
    type QueryStatement = Q::QueryStatement;

    fn query(&mut self) -> &mut Self::QueryStatement {
        self.query.query()
    }
}

impl<Q: QueryOrder> QueryOrder for Cached<Q> {
    type QueryStatement = Q::QueryStatement;

    fn query(&mut self) -> &mut SelectStatement {
        self.query.query()
    }
}

impl<Q: QuerySelect> QuerySelect for Cached<Q> {
    type QueryStatement = Q::QueryStatement;

    fn query(&mut self) -> &mut SelectStatement {
        self.query.query()
    }
}

impl<Q: Shape> Cached<Q> {
    /// The lifetime of the entry by what the query finds, in its order. Zero stores nothing. It is asked when that is stored, by
    /// `all`, `one` and `fetch_page`; a count has the usual lifetime.
    pub fn ttl_from(
        mut self,
        ttl: impl Fn(&[Q::Item]) -> Duration + Send + Sync + 'static,
    ) -> Self {
        let of = move |found: &[Row]| {
            let found = found.first()?;
            let all = found.downcast_ref::<Vec<Q::Item>>();
            let all = all.or_else(|| Some(&found.downcast_ref::<Page<Q::Item>>()?.items));
            let all = all.map(Vec::as_slice);
            let one = || found.downcast_ref::<Q::Item>().map(std::slice::from_ref);
            all.or_else(one).map(&ttl)
        };
        self.options_mut().ttl_from = Some(TtlFrom(Arc::new(of)));
        self
    }

    /// All that the query finds, in its order. One that locks rows (`FOR UPDATE`) is answered by the database.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the query cannot be cached, before anything is asked;
    /// [`ErrorKind::Key`](crate::ErrorKind::Key) if a parameter has a type that this build leaves out;
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if it had to be asked and failed. The store causes none.
    ///
    /// # Cancellation
    /// Dropping the future abandons nothing: a load that has begun goes on for others.
    pub fn all<R: Answers<Q>>(self, repo: &R) -> BoxFuture<'_, Result<Arc<Vec<Q::Item>>, Error>> {
        let context = repo.read_context();
        let question = self.question::<R>(context);
        async move {
            let found = value::<Vec<Q::Item>, _>(context, question?).await?;
            Ok(found.unwrap_or_default())
        }
        .boxed()
    }

    /// Builds the SQL and the key, so that reading it does neither.
    ///
    /// # Errors
    /// As reading it, before anything is asked.
    pub fn prepare<R: Answers<Q>>(
        self,
        repo: &R,
    ) -> Result<Prepared<'_, Arc<Vec<Q::Item>>>, Error> {
        let context = repo.read_context();
        let question = self.question::<R>(context)?;
        Prepared::new(context, question.stored::<Vec<Q::Item>>(), |found| {
            Ok(found.one()?.unwrap_or_default())
        })
    }

    fn question<R: Answers<Q>>(
        self,
        context: ReadContext<'_>,
    ) -> Result<Question<impl Make<Vec<Q::Item>> + use<Q, R>>, Error> {
        let (statement, collect) = self.query.take_apart(context.engine.backend())?;
        Ok(Question {
            entity: R::ENTITY,
            statements: vec![statement],
            options: self.options,
            form: form::<Many<Q::Form>>(),
            name: name::<Many<Q::Form>>,
            make: move |answers: Vec<Vec<QueryResult>>| {
                let items = collect(answers.into_iter().next().unwrap_or_default())?;
                Ok(Some(items))
            },
        })
    }
}

impl<Q: First> Cached<Q> {
    /// The first of what the query finds, or `None` if it finds nothing.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    ///
    /// # Cancellation
    /// As [`all`](Self::all).
    pub fn one<R: Answers<Q>>(
        self,
        repo: &R,
    ) -> BoxFuture<'_, Result<Option<Arc<Q::Item>>, Error>> {
        let context = repo.read_context();
        let question = self.first_question::<R>(context);
        async move { value::<Q::Item, _>(context, question?).await }.boxed()
    }

    fn first_question<R: Answers<Q>>(
        self,
        context: ReadContext<'_>,
    ) -> Result<Question<impl Make<Q::Item> + use<Q, R>>, Error> {
        let (statement, collect) = self.query.first(context.engine.backend())?;
        Ok(Question {
            entity: R::ENTITY,
            statements: vec![statement],
            options: self.options,
            form: form::<Q::Form>(),
            name: name::<Q::Form>,
            make: move |answers: Vec<Vec<QueryResult>>| {
                let items = collect(answers.into_iter().next().unwrap_or_default())?;
                Ok(items.into_iter().next())
            },
        })
    }
}

impl<Q> Cached<Q> {
    /// For a [batch](crate::CachedRepo::batch): what `one` gives, the first of what the query finds.
    pub fn first(self) -> FirstOf<Q> {
        FirstOf { query: self }
    }
}

impl<Q: Totals> Cached<Q> {
    /// For a [batch](crate::CachedRepo::batch): what [`count`](Self::count) gives.
    pub fn counted(self) -> CountOf<Q> {
        CountOf { query: self }
    }

    /// For a [batch](crate::CachedRepo::batch): what [`exists`](Self::exists) gives.
    pub fn any(self) -> AnyOf<Q> {
        AnyOf { query: self }
    }
}

impl<Q: Paged> Cached<Q> {
    /// The query page by page, so many items on each. Without an order in the query, pages may overlap.
    pub fn paginate<R: Answers<Q>>(self, repo: &R, page_size: u64) -> CachedPages<'_, Q> {
        CachedPages::new(self, repo.read_context(), R::ENTITY, page_size)
    }

    /// For a [batch](crate::CachedRepo::batch): what `paginate(&repo, size).fetch_page(page)` gives.
    pub fn page(self, page: u64, size: u64) -> PageAt<Q> {
        PageAt {
            query: self,
            page,
            size,
        }
    }
}

/// Makes what a query gives of the database's answers.
trait Make<T>: Fn(Vec<Vec<QueryResult>>) -> Result<Option<T>, DbErr> + Send + Sync + 'static {}

impl<T, M> Make<T> for M where
    M: Fn(Vec<Vec<QueryResult>>) -> Result<Option<T>, DbErr> + Send + Sync + 'static
{
}

/// What names a form in a key.
fn name<F: form::Form>(out: &mut Vec<u8>) -> Result<(), Error> {
    F::name(out)
}
