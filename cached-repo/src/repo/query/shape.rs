//! The queries of SeaORM that are answered by one value, and of what it consists.

use super::capture::{Collect, Replay, asked, capture, replayed};
use super::form::{Form, Many, Maybe, ModelOf, Plain};
use crate::repo::read_context::{ReadContext, ReadInBlock, Reads, Serves};
use crate::repo::{BlockReader, CachedRepo, CachedTransaction};
use crate::schema::{CacheSchema, CachedEntity};
use sea_orm::{
    Cursor, DbBackend, DbErr, QueryResult, QuerySelect, QueryTrait, SelectFive, SelectFiveModel,
    SelectFour, SelectFourMany, SelectFourModel, SelectSix, SelectSixModel, SelectThree,
    SelectThreeMany, SelectThreeModel, SelectTwo, SelectTwoMany, SelectTwoModel, SelectTwoRequired,
    SelectTwoRequiredModel, Selector, SelectorRaw, SelectorTrait, Statement, Topology,
    TopologyChain, TopologyStar,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A query of SeaORM whose answer the cache keeps as one value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be cached as a value",
    label = "its items have no form in which they are stored",
    note = "derive `serde::Serialize` and `serde::Deserialize` for what the query is made into"
)]
pub trait Shape: Sized + Send + Sync + 'static {
    /// What it finds, item by item.
    type Item: Send + Sync + 'static;
    #[doc(hidden)]
    type Form: Form<Value = Self::Item>;

    /// What is sent, and what is made of the answer.
    #[doc(hidden)]
    fn take_apart(self, backend: DbBackend) -> Result<(Statement, Collect<Self::Item>), DbErr>;
}

/// A query of which the first item alone can be asked for.
pub trait First: Shape {
    #[doc(hidden)]
    fn first(self, backend: DbBackend) -> Result<(Statement, Collect<Self::Item>), DbErr>;
}

/// A repo or transaction whose schema has the entities of the query `Q`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not serve the query `{Q}`",
    label = "not a cached repo of a schema that lists its entities",
    note = "pass a `CachedRepo` or `CachedTransaction` of a schema that lists all entities of the query"
)]
pub trait Answers<Q>: Send + Sync {
    #[doc(hidden)]
    const ENTITY: Option<u16>;

    #[doc(hidden)]
    fn read_context(&self) -> ReadContext<'_>;
}

fn each<S: SelectorTrait>(rows: Vec<QueryResult>) -> Result<Vec<S::Item>, DbErr> {
    rows.into_iter().map(S::from_raw_query_result).collect()
}

impl<S> Shape for Selector<S>
where
    S: SelectorTrait<Item: Serialize + DeserializeOwned + Send + Sync> + Send + Sync + 'static,
{
    type Item = S::Item;
    type Form = Plain<S::Item>;

    fn take_apart(self, backend: DbBackend) -> Result<(Statement, Collect<S::Item>), DbErr> {
        Ok((self.into_statement(backend), Box::new(each::<S>)))
    }
}

impl<S> First for Selector<S>
where
    Self: Shape<Item = S::Item>,
    S: SelectorTrait<Item: Send + Sync> + 'static,
{
    fn first(self, backend: DbBackend) -> Result<(Statement, Collect<S::Item>), DbErr> {
        Ok((asked(self.one(capture(backend)))?, Box::new(each::<S>)))
    }
}

/// Queries whose type does not say what they read.
macro_rules! answers_any {
    ($($query:ident)*) => {$(
        answers_any!(@of CachedRepo CachedTransaction, $query);

        impl<S: SelectorTrait> Answers<$query<S>> for BlockReader
        where
            $query<S>: ReadInBlock,
        {
            const ENTITY: Option<u16> = None;

            fn read_context(&self) -> ReadContext<'_> {
                <$query<S> as ReadInBlock>::read_context(self)
            }
        }
    )*};
    (@of $($repo:ident)*, $query:ident) => {$(
        impl<S: SelectorTrait, C: CacheSchema> Answers<$query<S>> for $repo<C> {
            const ENTITY: Option<u16> = None;

            fn read_context(&self) -> ReadContext<'_> {
                Reads::read_context(self)
            }
        }
    )*};
}

answers_any!(Selector SelectorRaw Cursor);

impl<S> Shape for SelectorRaw<S>
where
    S: SelectorTrait<Item: Serialize + DeserializeOwned + Send + Sync> + Send + Sync + 'static,
{
    type Item = S::Item;
    type Form = Plain<S::Item>;

    fn take_apart(self, _: DbBackend) -> Result<(Statement, Collect<S::Item>), DbErr> {
        Ok((self.into_statement(), Box::new(each::<S>)))
    }
}

/// Its text is sent as it is: SeaORM adds no limit, either.
impl<S> First for SelectorRaw<S>
where
    Self: Shape,
    S: SelectorTrait,
{
    fn first(self, backend: DbBackend) -> Result<(Statement, Collect<Self::Item>), DbErr> {
        self.take_apart(backend)
    }
}

impl<S> Shape for Cursor<S>
where
    S: SelectorTrait<Item: Serialize + DeserializeOwned + Send + Sync> + Send + Sync + 'static,
{
    type Item = S::Item;
    type Form = Plain<S::Item>;

    fn take_apart(self, backend: DbBackend) -> Result<(Statement, Collect<S::Item>), DbErr> {
        super::cursor::take_apart(self, backend)
    }
}

/// Queries over several entities whose rows are items, one by one.
macro_rules! joined {
    ($($select:ident<$first:ident $(, $other:ident)* $(; $top:ident)?>, $model:ident, $item:ty, $form:ty;)*) => {$(
        impl<$first: CachedEntity $(, $other: CachedEntity)* $(, $top)?> Shape for $select<$first $(, $other)* $(, $top)?>
        where
            Self: Send + Sync,
            $($top: Topology + 'static,)?
        {
            type Item = $item;
            type Form = $form;

            fn take_apart(self, backend: DbBackend) -> Result<(Statement, Collect<Self::Item>), DbErr> {
                let collect = each::<$model<$first::Model $(, $other::Model)*>>;
                Ok((self.build(backend), Box::new(collect)))
            }
        }

        impl<$first: CachedEntity $(, $other: CachedEntity)* $(, $top)?> First for $select<$first $(, $other)* $(, $top)?>
        where
            Self: Shape,
            $($top: Topology + 'static,)?
        {
            fn first(self, backend: DbBackend) -> Result<(Statement, Collect<Self::Item>), DbErr> {
                self.limit(1).take_apart(backend)
            }
        }

        answers!($select<$first $(, $other)* $(; $top)?>);
    )*};
}

/// Queries whose rows SeaORM groups.
macro_rules! grouped {
    ($($select:ident<$first:ident $(, $other:ident)* $(; $top:ty)?>, $item:ty, $form:ty;)*) => {$(
        impl<$first: CachedEntity $(, $other: CachedEntity)*> Shape for $select<$first $(, $other)* $(, $top)?>
        where
            Self: Send + Sync,
        {
            type Item = $item;
            type Form = $form;

            fn take_apart(self, backend: DbBackend) -> Result<(Statement, Collect<Self::Item>), DbErr> {
                let statement = asked(self.clone().all(capture(backend)))?;
                let collect = move |rows| replayed(self.clone().all(&Replay::new(backend, rows)));
                Ok((statement, Box::new(collect)))
            }
        }
    )*};
}

macro_rules! answers {
    ($select:ident<$first:ident $(, $other:ident)* $(; $top:ident)?>) => {
        impl<Repo, $first: CachedEntity $(, $other: CachedEntity)* $(, $top: Topology)?>
            Answers<$select<$first $(, $other)* $(, $top)?>> for Repo
        where
            Repo: Serves<$first> $(+ Serves<$other>)*,
        {
            const ENTITY: Option<u16> = Some(<Repo as Serves<$first>>::ENTITY);

            fn read_context(&self) -> ReadContext<'_> {
                <Repo as Serves<$first>>::read_context(self)
            }
        }
    };
}

joined! {
    SelectTwo<A, B>, SelectTwoModel, (A::Model, Option<B::Model>), (ModelOf<A>, Maybe<ModelOf<B>>);
    SelectTwoRequired<A, B>, SelectTwoRequiredModel, (A::Model, B::Model), (ModelOf<A>, ModelOf<B>);
    SelectThree<A, B, C; T>, SelectThreeModel,
        (A::Model, Option<B::Model>, Option<C::Model>),
        (ModelOf<A>, Maybe<ModelOf<B>>, Maybe<ModelOf<C>>);
    SelectFour<A, B, C, D; T>, SelectFourModel,
        (A::Model, Option<B::Model>, Option<C::Model>, Option<D::Model>),
        (ModelOf<A>, Maybe<ModelOf<B>>, Maybe<ModelOf<C>>, Maybe<ModelOf<D>>);
    SelectFive<A, B, C, D, E; T>, SelectFiveModel,
        (A::Model, Option<B::Model>, Option<C::Model>, Option<D::Model>, Option<E::Model>),
        (ModelOf<A>, Maybe<ModelOf<B>>, Maybe<ModelOf<C>>, Maybe<ModelOf<D>>, Maybe<ModelOf<E>>);
    SelectSix<A, B, C, D, E, F; T>, SelectSixModel,
        (A::Model, Option<B::Model>, Option<C::Model>, Option<D::Model>, Option<E::Model>, Option<F::Model>),
        (ModelOf<A>, Maybe<ModelOf<B>>, Maybe<ModelOf<C>>, Maybe<ModelOf<D>>, Maybe<ModelOf<E>>, Maybe<ModelOf<F>>);
}

grouped! {
    SelectTwoMany<A, B>, (A::Model, Vec<B::Model>), (ModelOf<A>, Many<ModelOf<B>>);
    SelectThreeMany<A, B, C; TopologyStar>,
        (A::Model, Vec<B::Model>, Vec<C::Model>),
        (ModelOf<A>, Many<ModelOf<B>>, Many<ModelOf<C>>);
    SelectThreeMany<A, B, C; TopologyChain>,
        (A::Model, Vec<(B::Model, Vec<C::Model>)>),
        (ModelOf<A>, Many<(ModelOf<B>, Many<ModelOf<C>>)>);
    SelectFourMany<A, B, C, D; TopologyStar>,
        (A::Model, Vec<B::Model>, Vec<C::Model>, Vec<D::Model>),
        (ModelOf<A>, Many<ModelOf<B>>, Many<ModelOf<C>>, Many<ModelOf<D>>);
}

answers!(SelectTwoMany<A, B>);
answers!(SelectThreeMany<A, B, C; T>);
answers!(SelectFourMany<A, B, C, D; T>);
