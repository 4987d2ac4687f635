//! What the derive writes down about one entity: constants only, no other entity's facts.

use crate::age::AgingChoice;
use crate::config::{Consistency, Lists};
use std::time::Duration;

/// Who an entity is. It depends on nothing else, so that entities may name each other in circles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EntityIdent {
    /// Path of the SeaORM `Entity` type, for example `shop::user::Entity`.
    pub path: &'static str,
    /// Hash of the path: the compiler takes a microsecond to compare a letter.
    pub id: u64,
    /// First part of every key of this entity.
    pub prefix: &'static str,
    /// Table as the model names it, `schema.table` or `table`; empty if the format does not show it.
    pub table: &'static str,
    /// Where the entity derives `CachedEntity`.
    pub place: Place,
}

impl EntityIdent {
    /// The identity of the entity at `path`.
    #[must_use]
    pub const fn new(
        path: &'static str,
        prefix: &'static str,
        table: &'static str,
        place: Place,
    ) -> Self {
        Self {
            path,
            id: hash(path),
            prefix,
            table,
            place,
        }
    }
}

/// FNV-1a, as the derive computes it for names.
pub(crate) const fn hash(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let (mut hash, mut at) = (0xcbf2_9ce4_8422_2325_u64, 0);
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// File, as the compiler names it.
    pub file: &'static str,
    /// Line, from 1.
    pub line: u32,
}

/// A name with its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: &'static str,
    /// FNV-1a of it.
    pub hash: u64,
}

impl Name {
    /// A name whose hash is known.
    #[must_use]
    pub const fn new(text: &'static str, hash: u64) -> Self {
        Self { text, hash }
    }

    /// A name whose hash is to be computed.
    #[must_use]
    pub const fn of(text: &'static str) -> Self {
        Self::new(text, hash(text))
    }
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
    pub independent: &'static [IndependentMeta],
    /// Whether relations must be settled: `relations = unchecked` says no.
    pub relations_checked: bool,
    /// How new its reads are over a shared store; `None` for what the repo says.
    pub consistency: Option<Consistency>,
    /// Whether single reads of one turn of the runtime do their steps together.
    pub batch: bool,
    /// How its lists are stored; `None` if it says nothing.
    pub lists: Option<Lists>,
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
    /// Fraction of the lifetime that is cut at random.
    pub jitter: Option<f64>,
    /// How long after its life an entry is served while it is loaded anew.
    pub stale_while_revalidate: Option<Duration>,
    /// How long after its life an entry is served if the load fails.
    pub stale_if_error: Option<Duration>,
    /// Fraction of its lifetime after which an entry is loaded again.
    pub refresh_ahead: Option<f64>,
    /// How eagerly readers load again at random before the end: beta of XFetch.
    pub early_refresh: Option<f64>,
}

impl Lifetimes {
    pub(crate) fn aging(&self) -> AgingChoice {
        AgingChoice {
            stale_while_revalidate: self.stale_while_revalidate,
            stale_if_error: self.stale_if_error,
            refresh_ahead: self.refresh_ahead,
            early_refresh: self.early_refresh,
        }
    }
}

/// One column of the model.
#[derive(Debug)]
pub struct FieldMeta {
    /// Name of the field in the model.
    pub name: Name,
    /// Name of its variant in the `Column` enum.
    pub variant: Name,
    /// Whether the model marks it as a part of the primary key.
    pub key: bool,
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
    pub via: &'static [Name],
    /// Fields of the parent that `via` points at; empty for its primary key.
    pub references: &'static [Name],
    /// An update counts only if one of these fields of the parent changes; empty for all.
    pub on: &'static [Name],
    /// Whether edges into the parent go on along this one.
    pub cascade: bool,
    /// How many keys may be looked up to follow a cascade row by row; 0 to invalidate the whole dependent.
    pub lookup: u32,
    /// What the database does with rows of the dependent when a row of the parent is deleted.
    pub on_delete: Action,
    /// What the database does with rows of the dependent when the columns that `via` points at change.
    pub on_update: Action,
    /// Where it is declared.
    pub place: Place,
}

/// What a foreign key makes the database do by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing, or it refuses.
    None,
    /// The rows that refer are deleted, or follow.
    Cascade,
    /// The columns that refer become NULL.
    SetNull,
    /// The columns that refer get their defaults.
    SetDefault,
}

/// An entry of `independent(..)`.
#[derive(Debug)]
pub struct IndependentMeta {
    /// The entity at the other end; `None` if it is not cached, so that it can be in no schema.
    pub other: Option<EntityIdent>,
    /// The columns of the relation, if not all relations with the other entity are meant.
    pub via: &'static [Name],
    /// Where it is declared.
    pub place: Place,
}

/// A relation as the entity declares it to SeaORM.
#[derive(Debug)]
pub struct RelationMeta {
    /// Name of its field or variant.
    pub name: &'static str,
    /// The entity at the other end; `None` if it is not cached.
    pub other: Option<EntityIdent>,
    /// The path to the other entity as the user wrote it, to be repeated in messages.
    pub written: &'static str,
    /// What kind of relation it is.
    pub kind: RelationKind,
    /// For `belongs_to`, variants of `Column` here that hold the key of the other entity.
    pub from: &'static [Name],
    /// For `belongs_to`, variants of `Column` there that `from` points at.
    pub to: &'static [Name],
    /// What the database does with rows here when a row there is deleted.
    pub on_delete: Action,
    /// What the database does with rows here when the columns there change.
    pub on_update: Action,
    /// Where it is declared.
    pub place: Place,
}

/// How rows of two entities belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RelationKind {
    /// Rows there hold the key of a row here.
    Has,
    /// Rows here hold the key of a row there.
    BelongsTo,
    /// Rows of a third entity hold keys of both.
    ManyToMany,
}
