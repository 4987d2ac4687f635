//! Pages of a query, and how many there are.

use super::ask::{Question, certain, value};
use super::capture::{Capture, asked, capture};
use super::form::{Form, Many, ModelOf, Plain, Unfit, form};
use super::shape::Shape;
use super::totals::number;
use super::{Cached, Make, name};
use crate::engine::Options;
use crate::error::{Error, ErrorKind};
use crate::port::SeeRow;
use crate::repo::read_context::ReadContext;
use crate::schema::CachedEntity;
use crate::wire::{put_varint, take_varint};
use sea_orm::{
    DbBackend, Paginator, PaginatorTrait, QueryResult, Select, SelectFive, SelectFiveModel,
    SelectFour, SelectFourModel, SelectModel, SelectSix, SelectSixModel, SelectThree,
    SelectThreeModel, SelectTwo, SelectTwoModel, Selector, SelectorTrait, Statement, Topology,
};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::sync::Arc;

type Pages<S> = Paginator<'static, Capture, S>;

/// A query that can be read page by page.
pub trait Paged: Sized {
    /// What a page consists of.
    type Item: Send + Sync + 'static;
    #[doc(hidden)]
    type Form: Form<Value = Self::Item>;
    #[doc(hidden)]
    type Selector: SelectorTrait<Item = Self::Item> + Send + Sync + 'static;

    #[doc(hidden)]
    fn pages(self, backend: DbBackend, size: u64) -> Pages<Self::Selector>;
}

impl<E: CachedEntity> Paged for Select<E> {
    type Item = E::Model;
    type Form = ModelOf<E>;
    type Selector = SelectModel<E::Model>;

    fn pages(self, backend: DbBackend, size: u64) -> Pages<Self::Selector> {
        self.paginate(capture(backend), size)
    }
}

impl<S> Paged for Selector<S>
where
    Self: Shape<Item = S::Item>,
    S: SelectorTrait<Item: Send + Sync + 'static> + Send + Sync + 'static,
{
    type Item = S::Item;
    type Form = <Self as Shape>::Form;
    type Selector = S;

    fn pages(self, backend: DbBackend, size: u64) -> Pages<S> {
        self.paginate(capture(backend), size)
    }
}

macro_rules! paged {
    ($($select:ident<$($entity:ident),* $(; $top:ident)?>, $model:ident;)*) => {$(
        impl<$($entity: CachedEntity,)* $($top: Topology + 'static)?> Paged for $select<$($entity,)* $($top)?>
        where
            Self: Shape<Item = <$model<$($entity::Model),*> as SelectorTrait>::Item>,
        {
            type Item = <Self as Shape>::Item;
            type Form = <Self as Shape>::Form;
            type Selector = $model<$($entity::Model),*>;

            fn pages(self, backend: DbBackend, size: u64) -> Pages<Self::Selector> {
                self.paginate(capture(backend), size)
            }
        }
    )*};
}

paged! {
    SelectTwo<A, B>, SelectTwoModel;
    SelectThree<A, B, C; T>, SelectThreeModel;
    SelectFour<A, B, C, D; T>, SelectFourModel;
    SelectFive<A, B, C, D, E; T>, SelectFiveModel;
    SelectSix<A, B, C, D, E, F; T>, SelectSixModel;
}

/// A page, and how much there is in all: of one and the same state of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Page<T> {
    /// What the page consists of.
    pub items: Vec<T>,
    /// How many items there are on all pages.
    pub number_of_items: u64,
    /// How many pages there are.
    pub number_of_pages: u64,
}

/// The pages of a cached query. Each is an entry of its own, and so is the number of items.
#[must_use = "pages are not read until `.fetch_page(0).await` or the like"]
pub struct CachedPages<'r, Q: Paged> {
    context: ReadContext<'r>,
    entity: Option<u16>,
    pages: Pages<Q::Selector>,
    size: u64,
    options: Option<Box<Options>>,
}

impl<'r, Q: Paged> CachedPages<'r, Q> {
    pub(super) fn new(
        cached: Cached<Q>,
        context: ReadContext<'r>,
        entity: Option<u16>,
        size: u64,
    ) -> Self {
        Self {
            context,
            entity,
            pages: pages(cached.query, context, size),
            size,
            options: cached.options,
        }
    }
}

/// Not the query: it holds user data.
impl<Q: Paged> fmt::Debug for CachedPages<'_, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedPages")
            .field("size", &self.size)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<Q: Paged> CachedPages<'_, Q> {
    /// The items of a page; the first has the number 0.
    ///
    /// # Errors
    /// As for all items of the query; [`ErrorKind::Query`](crate::ErrorKind::Query) if pages have no items, or the number is too
    /// large for the database.
    ///
    /// # Cancellation
    /// Dropping the future abandons nothing: a load that has begun goes on for others.
    pub fn fetch_page(
        &self,
        page: u64,
    ) -> impl Future<Output = Result<Arc<Vec<Q::Item>>, Error>> + Send + use<'_, Q> {
        let statement = statement::<Q>(&self.pages, self.size, page);
        let (entity, options) = (self.entity, self.options.clone());
        let question = statement.map(|statement| page_question::<Q>(entity, statement, options));
        let context = self.context;
        async move {
            let found = value::<Vec<Q::Item>, _>(context, question?).await?;
            Ok(found.unwrap_or_default())
        }
    }

    /// How many items there are.
    ///
    /// # Errors
    /// As [`fetch_page`](Self::fetch_page); [`ErrorKind::Query`](crate::ErrorKind::Query) if the cache alone is asked, and has no
    /// answer.
    ///
    /// # Cancellation
    /// As [`fetch_page`](Self::fetch_page).
    pub fn num_items(&self) -> impl Future<Output = Result<u64, Error>> + Send + use<'_, Q> {
        let question = self.count_statement().map(|statement| Question {
            entity: self.entity,
            statements: vec![statement],
            options: self.options.clone(),
            form: form::<Plain<u64>>(),
            name: |name| {
                name.extend_from_slice(b"count");
                Ok(())
            },
            make: |answers: Vec<Vec<_>>| number(&answers).map(Some),
        });
        let context = self.context;
        async move { Ok(*certain::<u64, _>(context, question?).await?) }
    }

    /// How many pages there are.
    ///
    /// # Errors
    /// As [`num_items`](Self::num_items).
    ///
    /// # Cancellation
    /// As [`fetch_page`](Self::fetch_page).
    pub fn num_pages(&self) -> impl Future<Output = Result<u64, Error>> + Send + use<'_, Q> {
        let items = self.num_items();
        async move { Ok(items.await?.div_ceil(self.size.max(1))) }
    }

    /// A page together with the numbers of items and pages: one entry, loaded from one state of the database, so that they fit.
    ///
    /// # Errors
    /// As [`num_items`](Self::num_items).
    ///
    /// # Cancellation
    /// As [`fetch_page`](Self::fetch_page).
    pub fn fetch_page_and_totals(
        &self,
        page: u64,
    ) -> impl Future<Output = Result<Arc<Page<Q::Item>>, Error>> + Send + use<'_, Q> {
        let statements = statement::<Q>(&self.pages, self.size, page);
        let statements = statements.and_then(|page| Ok(vec![page, self.count_statement()?]));
        let size = self.size;
        let question = statements.map(|statements| Question {
            entity: self.entity,
            statements,
            options: self.options.clone(),
            form: form::<PageOf<Q::Form>>(),
            name: name::<PageOf<Q::Form>>,
            make: move |mut answers: Vec<Vec<QueryResult>>| {
                let number_of_items = number(&answers.split_off(1))?;
                Ok(Some(Page {
                    items: items::<Q>(answers.pop())?,
                    number_of_items,
                    number_of_pages: number_of_items.div_ceil(size),
                }))
            },
        });
        let context = self.context;
        async move { certain::<Page<Q::Item>, _>(context, question?).await }
    }

    fn count_statement(&self) -> Result<Statement, Error> {
        if self.size == 0 {
            let reason = "a page must have room for one item at least";
            return Err(Error::new(ErrorKind::Query, reason));
        }
        Ok(asked(self.pages.num_items())?)
    }
}

/// The pages of a query. SeaORM panics over pages of no items; here reading them is an error.
pub(super) fn pages<Q: Paged>(query: Q, context: ReadContext<'_>, size: u64) -> Pages<Q::Selector> {
    query.pages(context.engine.backend(), size.max(1))
}

/// What reads one page.
pub(super) fn statement<Q: Paged>(
    pages: &Pages<Q::Selector>,
    size: u64,
    page: u64,
) -> Result<Statement, Error> {
    let bad = |reason: &'static str| Err(Error::new(ErrorKind::Query, reason));
    if size == 0 {
        return bad("a page must have room for one item at least");
    }
    match page.checked_mul(size) {
        Some(offset) if i64::try_from(offset).is_ok() => Ok(asked(pages.fetch_page(page))?),
        _ => bad("no database has a page of this number"),
    }
}

/// The question that a page answers.
pub(super) fn page_question<Q: Paged>(
    entity: Option<u16>,
    statement: Statement,
    options: Option<Box<Options>>,
) -> Question<impl Make<Vec<Q::Item>> + use<Q>> {
    Question {
        entity,
        statements: vec![statement],
        options,
        form: form::<Many<Q::Form>>(),
        name: name::<Many<Q::Form>>,
        make: |answers: Vec<Vec<QueryResult>>| items::<Q>(answers.into_iter().next()).map(Some),
    }
}

fn items<Q: Paged>(rows: Option<Vec<QueryResult>>) -> Result<Vec<Q::Item>, sea_orm::DbErr> {
    let rows = rows.unwrap_or_default().into_iter();
    rows.map(Q::Selector::from_raw_query_result).collect()
}

/// A page and its totals.
struct PageOf<F>(PhantomData<fn() -> F>);

impl<F: Form> Form for PageOf<F> {
    type Value = Page<F::Value>;

    fn name(out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(b"page");
        F::name(out)
    }

    fn put(value: &Self::Value, out: &mut Vec<u8>) -> Result<(), Unfit> {
        put_varint(out, value.number_of_items);
        put_varint(out, value.number_of_pages);
        Many::<F>::put(&value.items, out)
    }

    fn take(bytes: &mut &[u8]) -> Result<Self::Value, Unfit> {
        Ok(Page {
            number_of_items: take_varint(bytes)?,
            number_of_pages: take_varint(bytes)?,
            items: Many::<F>::take(bytes)?,
        })
    }

    fn see(value: &Self::Value, row: &mut SeeRow<'_>) {
        Many::<F>::see(&value.items, row);
    }
}
