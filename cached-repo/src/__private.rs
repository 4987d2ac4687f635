//! What generated code may use. Not part of the public interface.

pub use crate::schema::graph::{
    Cause, Chain, Clashes, Columns, Edge, FieldSet, Graph, Index, List, Members, Origin, Plan,
    Reach, Silent, Step, Tables, Warn, assert_edges_once, assert_no_cycle, assert_own_names,
    assert_settled, assert_tag, cascades_for_nothing, count_edges, count_steps, has_useless_edge,
    inward_of, is_independent_of_strangers, is_over, meta_of, out_of,
};
pub use crate::schema::{
    Action, CacheSchema, CachedEntity, Column, ColumnReader, EdgeMeta, EntityIdent, EntityMeta,
    EntityRelations, FieldMeta, ForeignKeyOf, ForeignKeysOf, InSchema, IndependentMeta, KeyOf,
    Lifetimes, LookupMeta, Member, Name, Pair, Place, Probe, RelationKind, RelationMeta,
    ResolveEdges, RowTable, TagMeta, TagPart, Unknown, Unrelated, read_column, rows_of,
};
pub use sea_orm;

pub use crate::config::Lists;
pub use crate::config::choice::Consistency;
use crate::error::Error;
pub use crate::port::SeeRow;
pub use crate::repo::{
    CachedQuery, CachedTree, Loaded, Nested, Relations, Tag, Tree, TreeForm, TreeLoader, Treeless,
    UndeclaredLookup, Unfit, Unnamed, put_belongs_to, put_belongs_to_option, put_has_many,
    put_has_one, put_relations, see_belongs_to, see_belongs_to_option, see_has_many, see_has_one,
    take_belongs_to, take_belongs_to_option, take_has_many, take_has_one,
};
use crate::repo::{FindByIndex, FindByUnique, FindMany, FindOne, Serves, Writes};
use sea_orm::{ActiveModelTrait, IntoActiveModel, TryIntoModel, Value};
use std::pin::Pin;
use std::sync::Arc;

/// Compiles only if the column that `_via` reads holds keys of type `K`.
pub const fn assert_foreign_key<K, M, F: ForeignKeyOf<K>>(_via: fn(M) -> F) {}

/// The column that `read` reads.
pub const fn column<M, F>(read: fn(M) -> F) -> Column<F> {
    Column::read_by(read)
}

/// Compiles only if these columns hold composite keys of type `K`.
pub const fn assert_foreign_keys<K, V: ForeignKeysOf<K>>(_via: &V) {}

/// Compiles only if the column that `_via` reads holds values of the column that `_parent` reads.
pub const fn assert_reference<P, K, M, F: ForeignKeyOf<K>>(_parent: fn(P) -> K, _via: fn(M) -> F) {}

/// Begins a read by primary key.
pub fn find_one<E: CachedEntity>(key: KeyOf<E>) -> FindOne<E> {
    FindOne::new(key)
}

/// Begins a read of many rows by primary key.
pub fn find_many<E, I>(keys: I) -> FindMany<E>
where
    E: CachedEntity,
    I: IntoIterator,
    I::Item: Into<KeyOf<E>>,
{
    FindMany::new(keys)
}

/// Begins a read of one row by the unique lookup at this position of [`EntityMeta::uniques`].
pub fn find_by_unique<E: CachedEntity>(lookup: usize, values: Vec<Value>) -> FindByUnique<E> {
    FindByUnique::new(lookup, values)
}

/// Begins a read of a collection by the index at this position of [`EntityMeta::indexes`].
pub fn find_by_index<E: CachedEntity>(lookup: usize, values: Vec<Value>) -> FindByIndex<E> {
    FindByIndex::new(lookup, values)
}

/// The future of a write. It does not name the repo's type; and that it may be sent to another thread is proven here
/// once, since the compiler takes long over it, and not for each entity.
pub type Write<'r, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'r>>;

/// Inserts a row through a repo.
///
/// # Errors
/// The database's.
pub fn insert<'r, E, A, R>(repo: &'r R, model: A) -> Write<'r, Arc<E::Model>>
where
    E: CachedEntity,
    E::ActiveModel: Send,
    E::Model: IntoActiveModel<E::ActiveModel>,
    A: IntoActiveModel<E::ActiveModel> + Send + 'r,
    R: Writes<E>,
{
    Box::pin(async move { Ok(Arc::new(model.into_active_model().insert(repo).await?)) })
}

/// Updates a row through a repo.
///
/// # Errors
/// The database's.
pub fn update<'r, E, A, R>(repo: &'r R, model: A) -> Write<'r, Arc<E::Model>>
where
    E: CachedEntity,
    E::ActiveModel: Send,
    E::Model: IntoActiveModel<E::ActiveModel>,
    A: IntoActiveModel<E::ActiveModel> + Send + 'r,
    R: Writes<E>,
{
    Box::pin(async move { Ok(Arc::new(model.into_active_model().update(repo).await?)) })
}

/// Inserts or updates a row through a repo, as SeaORM's `save` decides.
///
/// # Errors
/// The database's.
pub fn save<'r, E, A, R>(repo: &'r R, model: A) -> Write<'r, Arc<E::Model>>
where
    E: CachedEntity,
    E::ActiveModel: Send + TryIntoModel<E::Model>,
    E::Model: IntoActiveModel<E::ActiveModel>,
    A: IntoActiveModel<E::ActiveModel> + Send + 'r,
    R: Writes<E>,
{
    Box::pin(async move {
        let saved = model.into_active_model().save(repo).await?;
        Ok(Arc::new(saved.try_into_model()?))
    })
}

/// Deletes a row through a repo; tells whether there was one.
///
/// # Errors
/// The database's.
pub fn delete<E, R>(repo: &R, key: KeyOf<E>) -> Write<'_, bool>
where
    E: CachedEntity,
    R: Writes<E>,
{
    Box::pin(async move { Ok(E::delete_by_id(key).exec(repo).await?.rows_affected != 0) })
}

/// Invalidates a row without writing it.
///
/// # Errors
/// See `invalidate` on the entity.
pub fn invalidate<E, R>(repo: &R, key: KeyOf<E>) -> Write<'_, ()>
where
    E: CachedEntity,
    R: Serves<E>,
{
    Box::pin(crate::repo::invalidate(repo, key))
}

/// A tag that an entity of a schema, or the schema itself, declares, with values for its columns in their order:
/// `tag!(Shop, "tenant:{}", 7)`. A tag that nothing declares does not compile.
///
/// ```
/// # use cached_repo::{cached_schema, tag};
/// # pub mod user {
/// #     use cached_repo::prelude::*;
/// #     use sea_orm::entity::prelude::*;
/// #     #[sea_orm::model]
/// #     #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
/// #     #[sea_orm(table_name = "users")]
/// #     #[cached(tags("users", "tenant:{tenant_id}"))]
/// #     pub struct Model {
/// #         #[sea_orm(primary_key)]
/// #         pub id: i64,
/// #         pub tenant_id: i64,
/// #     }
/// #     impl ActiveModelBehavior for ActiveModel {}
/// # }
/// # cached_schema! { #[cached(tags("report:{year}"))] pub Shop { user::Entity } }
/// assert_eq!(tag!(Shop, "tenant:{}", 7_i64).to_string(), "tenant:7");
/// assert_eq!(tag!(Shop, "users").to_string(), "users");
/// assert_eq!(tag!(Shop, "report:{}", 2026).to_string(), "report:2026");
/// ```
#[macro_export]
macro_rules! tag {
    ($schema:ty, $template:literal $(, $value:expr)* $(,)?) => {{
        const _: () = $crate::__private::assert_tag(
            <$schema as $crate::__private::CacheSchema>::METAS,
            <$schema as $crate::__private::CacheSchema>::TAGS,
            $template,
            <[&str]>::len(&[$(stringify!($value)),*]),
        );
        $crate::__private::Tag::<$schema>::of($template, &[$($crate::__private::sea_orm::Value::from($value)),*])
    }};
}
