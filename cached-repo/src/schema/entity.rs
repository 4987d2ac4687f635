//! The traits that the macros implement.

use super::meta::{EntityIdent, EntityMeta};
use super::row::RowTable;
use sea_orm::{EntityTrait, Value};

/// A SeaORM entity whose rows may be cached; implemented by `#[derive(CachedEntity)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a cached entity",
    label = "not a cached entity",
    note = "name the SeaORM `Entity` type (for example `super::post::Entity`) of a model with `#[derive(CachedEntity)]`"
)]
pub trait CachedEntity: EntityTrait<Model: Send + Sync + 'static> {
    /// Who this entity is.
    const IDENT: EntityIdent;
    /// What the derive knows about it.
    const META: &'static EntityMeta;

    /// The column values of a model, in the order of [`EntityMeta::fields`].
    fn to_values(model: &Self::Model) -> Vec<Value>;

    /// A model from its column values; `None` if their number or types do not fit.
    fn from_values(values: Vec<Value>) -> Option<Self::Model>;
}

/// A set of entities that know each other; implemented by [`cached_schema!`](crate::cached_schema).
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a cache schema",
    label = "not a cache schema",
    note = "declare it with `cached_schema! {{ pub {Self} {{ user::Entity, .. }} }}`"
)]
pub trait CacheSchema: Send + Sync + 'static {
    /// Name of the schema type.
    const NAME: &'static str;

    /// One table of functions for each entity, in the order of the list.
    fn members() -> &'static [fn() -> SchemaMember];
}

/// An entity as a member of a schema.
#[derive(Debug)]
pub struct SchemaMember {
    /// What the derive knows.
    pub meta: &'static EntityMeta,
    /// Positions in the schema of the targets of [`EntityMeta::dependents`].
    pub out: &'static [usize],
    /// Positions in the schema of the targets of [`EntityMeta::depends_on`].
    pub inward: &'static [usize],
    /// How the engine handles its rows without knowing their type.
    pub rows: RowTable,
}

/// `Self` stands in the list of schema `S`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "entity `{Self}` is not part of the cache schema `{S}`",
    label = "an invalidation edge of this entity points outside of `{S}`",
    note = "add `{Self}` to the `cached_schema! {{ {S} {{ .. }} }}` list"
)]
pub trait Member<S> {
    /// Position in the list.
    const INDEX: usize;
}

/// A cached entity of the schema `S`.
#[diagnostic::on_unimplemented(
    message = "entity `{Self}` is not part of the cache schema `{S}`",
    label = "not listed in `{S}`",
    note = "add `{Self}` to the `cached_schema! {{ {S} {{ .. }} }}` list"
)]
pub trait InSchema<S>: Member<S> + ResolveEdges<S> {}

/// The targets of an entity's edges as positions in the schema `S`.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a cached entity",
    label = "not a cached entity",
    note = "name the SeaORM `Entity` type (for example `user::Entity`) of a model with `#[derive(CachedEntity)]`"
)]
pub trait ResolveEdges<S>: CachedEntity {
    /// Targets of `dependents(..)`.
    const OUT: &'static [usize];
    /// Targets of `depends_on(..)`.
    const IN: &'static [usize];
}
