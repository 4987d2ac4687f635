//! Related rows of many models at once, through the cache.

use super::one::Reading;
use super::read_context::{Executor, ReadContext, Serves};
use crate::engine::{Ask, Engine, What};
use crate::error::{Error, ErrorKind};
use crate::key::{Key, Space};
use crate::protocol::entry_key;
use crate::schema::{CachedEntity, Row, typed};
use futures_util::FutureExt;
use sea_orm::{
    EntityTrait, IdenStatic, Identity, Iterable, ModelTrait, Related, RelationDef, RelationType,
    Value,
};
use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;

/// [`LoaderTrait`](sea_orm::LoaderTrait) through the cache: related rows for a list of models, shared (`Arc<Model>`, as cached reads
/// give them) or not, of an entity that is cached or not.
///
/// A relation is served if its columns at the other end are the primary key, a `#[cached(unique)]` or a `#[cached(index)]` of that
/// entity. Each related row or list is an entry as any other, and is found under the same key by `find_cached*`.
pub trait CachedLoader<M: ModelTrait + 'static> {
    #[doc(hidden)]
    fn models(&self) -> impl Iterator<Item = &M>;

    /// For each model the row that it belongs to, or has; `None` if there is none, or the foreign key is NULL.
    /// `orders.load_one_cached(User, &repo)`
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the cache cannot serve the relation, before anything is asked: the message
    /// says what to declare. Otherwise as [`FindOne::one`](crate::query::FindOne::one).
    ///
    /// # Cancellation
    /// As [`batch`](crate::CachedRepo::batch).
    fn load_one_cached<'r, E, R>(
        &'r self,
        _entity: E,
        repo: &'r R,
    ) -> Reading<'r, Vec<Option<Arc<E::Model>>>>
    where
        E: CachedEntity,
        M::Entity: Related<E>,
        R: Serves<E>,
    {
        let lists = related(repo, self.models(), plain::<M::Entity, E>(true));
        async move { lists.await?.into_iter().map(one::<E>).collect() }.boxed()
    }

    /// For each model the rows that belong to it, in the order of their primary keys. `users.load_many_cached(Order, &repo)`
    ///
    /// # Errors
    /// As [`load_one_cached`](Self::load_one_cached).
    ///
    /// # Cancellation
    /// As [`load_one_cached`](Self::load_one_cached).
    fn load_many_cached<'r, E, R>(
        &'r self,
        _entity: E,
        repo: &'r R,
    ) -> Reading<'r, Vec<Vec<Arc<E::Model>>>>
    where
        E: CachedEntity,
        M::Entity: Related<E>,
        R: Serves<E>,
    {
        let lists = related(repo, self.models(), plain::<M::Entity, E>(false));
        async move { lists.await?.into_iter().map(all::<E>).collect() }.boxed()
    }

    /// [`load_one_cached`](Self::load_one_cached) along a relation that is named, where there are several, or one of an entity with
    /// itself: `employees.load_one_cached_by(Employee, employee::Relation::Manager.def(), &repo)`
    ///
    /// # Errors
    /// As [`load_one_cached`](Self::load_one_cached); also if the relation does not lead to the entity.
    ///
    /// # Cancellation
    /// As [`load_one_cached`](Self::load_one_cached).
    fn load_one_cached_by<'r, E, R>(
        &'r self,
        _entity: E,
        relation: RelationDef,
        repo: &'r R,
    ) -> Reading<'r, Vec<Option<Arc<E::Model>>>>
    where
        E: CachedEntity,
        R: Serves<E>,
    {
        let lists = related(repo, self.models(), named::<E>(relation, true));
        async move { lists.await?.into_iter().map(one::<E>).collect() }.boxed()
    }

    /// [`load_many_cached`](Self::load_many_cached) along a relation that is named.
    ///
    /// # Errors
    /// As [`load_one_cached_by`](Self::load_one_cached_by).
    ///
    /// # Cancellation
    /// As [`load_one_cached`](Self::load_one_cached).
    fn load_many_cached_by<'r, E, R>(
        &'r self,
        _entity: E,
        relation: RelationDef,
        repo: &'r R,
    ) -> Reading<'r, Vec<Vec<Arc<E::Model>>>>
    where
        E: CachedEntity,
        R: Serves<E>,
    {
        let lists = related(repo, self.models(), named::<E>(relation, false));
        async move { lists.await?.into_iter().map(all::<E>).collect() }.boxed()
    }
}

impl<M: ModelTrait + 'static> CachedLoader<M> for [M] {
    fn models(&self) -> impl Iterator<Item = &M> {
        self.iter()
    }
}

impl<M: ModelTrait + 'static> CachedLoader<M> for [Arc<M>] {
    fn models(&self) -> impl Iterator<Item = &M> {
        self.iter().map(|model| &**model)
    }
}

fn one<E: CachedEntity>(rows: Vec<Row>) -> Result<Option<Arc<E::Model>>, Error> {
    rows.into_iter().next().map(typed::<E::Model>).transpose()
}

fn all<E: CachedEntity>(rows: Vec<Row>) -> Result<Vec<Arc<E::Model>>, Error> {
    rows.into_iter().map(typed::<E::Model>).collect()
}

fn refuse(reason: &'static str) -> Error {
    Error::new(ErrorKind::Query, reason)
}

/// The relation between two entities.
fn plain<M: Related<E> + EntityTrait, E: CachedEntity>(single: bool) -> Result<RelationDef, Error> {
    if M::via().is_some() {
        return Err(refuse(
            "the relation leads through a junction table, which no single entry covers; read it by a query, for example \
             `find_with_related(..).cached()`",
        ));
    }
    suitable(M::to(), single)
}

/// The relation that was given, if it leads to the entity.
fn named<E: CachedEntity>(relation: RelationDef, single: bool) -> Result<RelationDef, Error> {
    if relation.to_tbl != E::default().table_ref() {
        return Err(refuse(
            "the relation leads to the table of another entity than the one that was named",
        ));
    }
    suitable(relation, single)
}

fn suitable(relation: RelationDef, single: bool) -> Result<RelationDef, Error> {
    if relation.on_condition.is_some() {
        return Err(refuse(
            "the relation has a condition besides its columns, which no entry covers; read it by a query with `.cached()`",
        ));
    }
    if single && relation.rel_type == RelationType::HasMany {
        return Err(refuse(
            "the relation leads to many rows; use `load_many_cached`",
        ));
    }
    Ok(relation)
}

/// How the entity at the other end is asked: by what, and in which order of the relation's columns.
struct Way {
    what: What,
    order: Vec<usize>,
}

impl Way {
    fn of(engine: &Engine, number: u16, relation: &RelationDef) -> Result<Self, Error> {
        let entity = engine.schema().entity(number);
        let names = names(&relation.to_col);
        let order = |fields: &[usize]| -> Option<Vec<usize>> {
            let place = |at: &usize| names.iter().position(|name| name == entity.columns[*at]);
            (fields.len() == names.len())
                .then(|| fields.iter().map(place).collect())
                .flatten()
        };
        let lookups = [
            (&entity.uniques, What::Unique as fn(u16) -> What),
            (&entity.indexes, What::Index),
        ];
        let key = order(&entity.key).map(|order| (What::Row, order));
        let found = key.or_else(|| {
            lookups.into_iter().find_map(|(lookups, what)| {
                (0..).zip(lookups).find_map(|(number, lookup)| {
                    order(&lookup.fields).map(|order| (what(number), order))
                })
            })
        });
        let Some((what, order)) = found else {
            return Err(refuse(
                "the cache has no entries by the columns that the relation leads to; declare `#[cached(index)]` on the column, \
                 `#[cached(index = \"name\")]` on each of several",
            )
            .with("entity", entity.prefix())
            .with("columns", names.join(", ")));
        };
        Ok(Self { what, order })
    }
}

fn names(columns: &Identity) -> Vec<String> {
    columns.iter().map(ToString::to_string).collect()
}

/// The values of the relation's columns in each model; `None` where one of them is NULL.
fn values<'m, M: ModelTrait + 'static>(
    models: impl Iterator<Item = &'m M>,
    relation: &RelationDef,
) -> Result<Vec<Option<Vec<Value>>>, Error> {
    type Columns<M> = <<M as ModelTrait>::Entity as EntityTrait>::Column;
    let column = |name: &String| Columns::<M>::iter().find(|column| column.as_str() == name);
    let columns: Option<Vec<_>> = names(&relation.from_col).iter().map(column).collect();
    let columns = columns.ok_or_else(|| {
        refuse("the relation begins at columns that the models do not have; give one that begins at their entity")
    })?;
    let values = |model: &M| {
        let value = |column: &Columns<M>| {
            let value = model.get(*column);
            (value != value.as_null()).then_some(value)
        };
        columns.iter().map(value).collect()
    };
    Ok(models.map(values).collect())
}

/// The related rows of each model.
fn related<'m, E, R, M, I>(
    repo: &R,
    models: I,
    relation: Result<RelationDef, Error>,
) -> impl Future<Output = Result<Vec<Vec<Row>>, Error>> + Send + use<'_, 'm, E, R, M, I>
where
    E: CachedEntity,
    R: Serves<E>,
    M: ModelTrait + 'static,
    I: Iterator<Item = &'m M>,
{
    let context = repo.read_context();
    let asked = relation.and_then(|relation| {
        let way = Way::of(context.engine, R::ENTITY, &relation)?;
        Ok((way, values(models, &relation)?))
    });
    async move {
        let (way, values) = asked?;
        let ordered = |values: Vec<Value>| -> Vec<Value> {
            way.order.iter().map(|at| values[*at].clone()).collect()
        };
        let keys = values.into_iter().map(|values| values.map(ordered));
        answer(context, R::ENTITY, way.what, keys.collect()).await
    }
}

/// The rows of each key, each of them asked for once.
async fn answer(
    context: ReadContext<'_>,
    entity: u16,
    what: What,
    keys: Vec<Option<Vec<Value>>>,
) -> Result<Vec<Vec<Row>>, Error> {
    let (space, lookup) = match what {
        What::Unique(lookup) => (Space::Unique, lookup),
        What::Index(lookup) => (Space::Index, lookup),
        What::Row | What::Query => (Space::Row, 0),
    };
    let mut distinct: HashMap<Key, usize> = HashMap::new();
    let mut asked: Vec<Vec<Value>> = Vec::new();
    let mut places = Vec::with_capacity(keys.len());
    for values in keys {
        let Some(values) = values else {
            places.push(None);
            continue;
        };
        let key = entry_key(space, entity, lookup, &values).map_err(|_| {
            Error::new(
                ErrorKind::Key,
                "a column of the relation has a type that has no canonical form; use an integer, text, UUID, date, boolean or decimal",
            )
        })?;
        let place = *distinct.entry(key).or_insert(asked.len());
        if place == asked.len() {
            asked.push(values);
        }
        places.push(Some(place));
    }
    let found = match what {
        What::Row => rows(context, entity, asked).await?,
        _ => lists(context, entity, what, asked).await?,
    };
    let rows = |place: Option<usize>| place.map_or_else(Vec::new, |place| found[place].clone());
    Ok(places.into_iter().map(rows).collect())
}

async fn rows(
    context: ReadContext<'_>,
    entity: u16,
    keys: Vec<Vec<Value>>,
) -> Result<Vec<Vec<Row>>, Error> {
    let found = match context.executor {
        Executor::Cache(source) => {
            context
                .engine
                .reader()
                .get_rows(entity, keys, None, source)
                .await
        }
        Executor::Database(source) => {
            let bypass = context.engine.reader().bypass();
            bypass.get_rows(entity, keys, &source).await
        }
    };
    Ok(found?.into_iter().map(Vec::from_iter).collect())
}

async fn lists(
    context: ReadContext<'_>,
    entity: u16,
    what: What,
    asked: Vec<Vec<Value>>,
) -> Result<Vec<Vec<Row>>, Error> {
    let ask = |values| Ask::new(entity, what, values, None);
    let asks = asked.into_iter().map(ask).collect();
    let found = match context.executor {
        Executor::Cache(source) => context.engine.reader().get_each(asks, source).await,
        Executor::Database(source) => {
            context
                .engine
                .reader()
                .bypass()
                .get_each(asks, &source)
                .await
        }
    };
    found.into_iter().collect()
}
