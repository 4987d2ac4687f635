//! The traits that the macros implement.

use super::graph::Tables;
use super::meta::{EntityIdent, EntityMeta, RelationMeta, TagMeta};
use super::row::{ColumnReader, RowTable};
use sea_orm::{ActiveModelTrait, EntityTrait, ModelTrait, Related, TryIntoModel, Value};
use std::marker::PhantomData;

/// A SeaORM entity whose rows may be cached; implemented by `#[derive(CachedEntity)]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a cached entity",
    label = "not a cached entity",
    note = "name the SeaORM `Entity` type (for example `super::post::Entity`) of a model with `#[derive(CachedEntity)]`"
)]
pub trait CachedEntity:
    EntityTrait<Model: Send + Sync + 'static, ActiveModel: TryIntoModel<Self::Model>>
{
    /// Who this entity is.
    const IDENT: EntityIdent;
    /// What the derive knows about it.
    const META: &'static EntityMeta;

    /// Its columns, in the order of [`EntityMeta::fields`].
    const COLUMNS: &'static [Self::Column];

    /// How each of them is read alone, in the same order.
    #[doc(hidden)]
    const READERS: &'static [ColumnReader];

    /// The column values of a model, in the order of [`EntityMeta::fields`].
    fn to_values(model: &Self::Model) -> Vec<Value> {
        let columns = Self::COLUMNS.iter();
        columns.map(|column| model.get(*column)).collect()
    }

    /// A model from its column values; `None` if their number or types do not fit.
    ///
    /// By way of the active model, which SeaORM has already made for each entity: code of our own that builds the model
    /// would cost each entity's build the more columns it has.
    fn from_values(values: Vec<Value>) -> Option<Self::Model> {
        if values.len() != Self::COLUMNS.len() {
            return None;
        }
        let mut model = <Self::ActiveModel as ActiveModelTrait>::default();
        for (column, value) in Self::COLUMNS.iter().zip(values) {
            model.try_set(*column, value).ok()?;
        }
        model.try_into_model().ok()
    }
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
    /// What the derives know about its entities, in the order of the list.
    const METAS: &'static [&'static EntityMeta];
    /// Tags of single reads, which it declares itself.
    const TAGS: &'static [TagMeta] = &[];

    /// The invalidation graph, computed while the program compiles.
    fn tables() -> &'static Tables;

    /// How the engine handles rows of each entity without knowing their types, in the order of the list.
    fn rows() -> &'static [RowTable];
}

/// The relations of an entity, where its format shows them; implemented by the derive.
#[doc(hidden)]
pub trait EntityRelations {
    /// All of them.
    const RELATIONS: &'static [RelationMeta];
}

/// Asks whether a type implements a trait, without demanding that it does: the constant of an inherent impl goes before
/// that of a trait, where its bounds hold. Works for concrete types only.
#[doc(hidden)]
#[derive(Debug)]
pub struct Probe<E>(PhantomData<E>);

/// What [`Probe`] answers where nothing is known.
#[doc(hidden)]
pub trait Unknown {
    /// No cached entity.
    const IDENT: Option<EntityIdent> = None;
    /// Its format shows no relations.
    const RELATIONS: Option<&'static [RelationMeta]> = None;
}

impl<E> Unknown for Probe<E> {}

impl<E: CachedEntity> Probe<E> {
    /// A cached entity.
    pub const IDENT: Option<EntityIdent> = Some(E::IDENT);
}

impl<E: EntityRelations> Probe<E> {
    /// The relations that its format shows.
    pub const RELATIONS: Option<&'static [RelationMeta]> = Some(E::RELATIONS);
}

/// Asks whether one entity is [`Related`] to another.
#[doc(hidden)]
#[derive(Debug)]
pub struct Pair<A, B>(PhantomData<(A, B)>);

/// What [`Pair`] answers for strangers.
#[doc(hidden)]
pub trait Unrelated {
    /// Whether they are related.
    const RELATED: bool = false;
}

impl<A, B> Unrelated for Pair<A, B> {}

impl<A: Related<B>, B: EntityTrait> Pair<A, B> {
    /// Whether they are related.
    pub const RELATED: bool = true;
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
