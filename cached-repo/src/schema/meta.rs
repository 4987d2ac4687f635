//! What the derive writes down about one entity: constants only, no other entity's facts.

use std::time::Duration;

/// Who an entity is. It depends on nothing else, so that entities may name each other in circles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntityIdent {
    /// Path of the SeaORM `Entity` type, for example `shop::user::Entity`.
    pub path: &'static str,
    /// First part of every key of this entity.
    pub prefix: &'static str,
    /// File in which the entity derives `CachedEntity`.
    pub file: &'static str,
    /// Line of that derive.
    pub line: u32,
}

/// Everything that `#[derive(CachedEntity)]` knows about an entity.
#[derive(Debug)]
pub struct EntityMeta {
    /// Who it is.
    pub ident: EntityIdent,
    /// Lifetimes of its entries.
    pub lifetimes: Lifetimes,
    /// Its columns, in the order in which the model declares them.
    pub fields: &'static [FieldMeta],
    /// Tags of each entry.
    pub tags: &'static [TagMeta],
    /// `#[cached(index)]`: lookups that lead to a collection.
    pub indexes: &'static [LookupMeta],
    /// `#[cached(unique)]`: lookups that lead to one row.
    pub uniques: &'static [LookupMeta],
    /// Edges declared here towards the entities that depend on this one.
    pub dependents: &'static [EdgeMeta],
    /// Edges declared here towards the entities that this one depends on.
    pub depends_on: &'static [EdgeMeta],
    /// Relations that are deliberately no edges.
    pub independent: &'static [EntityIdent],
    /// Changes when the shape of the model changes: entries of another shape are misses.
    pub shape: u64,
}

/// Lifetimes that the entity asks for; what it leaves out comes from the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lifetimes {
    /// How long a row or collection may be served.
    pub ttl: Option<Duration>,
    /// How long "no such row" may be served.
    pub negative_ttl: Option<Duration>,
    /// Share of the lifetime that is cut at random, in thousandths.
    pub jitter: Option<u16>,
}

/// One column of the model.
#[derive(Debug)]
pub struct FieldMeta {
    /// Name of the field in the model.
    pub name: &'static str,
    /// Name of the column in the database.
    pub column: fn() -> &'static str,
}

/// A tag with places for column values, for example `tenant:{tenant_id}`.
#[derive(Debug)]
pub struct TagMeta {
    /// As the user wrote it.
    pub template: &'static str,
    /// The same, taken apart.
    pub parts: &'static [TagPart],
}

/// A piece of a tag template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TagPart {
    /// Text that stands for itself.
    Text(&'static str),
    /// The value of this field.
    Field(&'static str),
}

/// A lookup by columns other than the primary key.
#[derive(Debug)]
pub struct LookupMeta {
    /// Name of the lookup: the field, or the name that several fields share.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [&'static str],
}

/// An edge: a write to the parent invalidates entries of the dependent.
#[derive(Debug)]
pub struct EdgeMeta {
    /// The entity at the other end.
    pub other: EntityIdent,
    /// Fields of the dependent that hold the parent's key.
    pub via: &'static [&'static str],
    /// Fields of the parent that `via` points at; empty for its primary key.
    pub references: &'static [&'static str],
    /// An update counts only if one of these fields of the parent changes; empty for all.
    pub on: &'static [&'static str],
    /// Whether edges into the parent go on along this one.
    pub cascade: bool,
    /// File of the declaration.
    pub file: &'static str,
    /// Line of the declaration.
    pub line: u32,
}
