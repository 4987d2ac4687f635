//! What the graph consists of.

use serde::{Serialize, Serializer};
use std::fmt;

/// An entity of the schema.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Node {
    /// First part of every key of this entity. No two entities of a schema share it: edges name their ends by it.
    pub prefix: &'static str,
    /// Path of the SeaORM `Entity` type, for example `shop::user::Entity`.
    pub path: &'static str,
    /// Crate that the entity stands in.
    #[serde(rename = "crate")]
    pub crate_name: &'static str,
    /// Table, as `table` or `schema.table`.
    pub table: String,
    /// Columns of the primary key.
    pub key: Vec<&'static str>,
    /// Where the entity derives `CachedEntity`.
    pub place: Place,
}

/// A write to the parent invalidates entries of the dependent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Edge {
    /// Prefix of the entity that is written.
    pub parent: &'static str,
    /// Prefix of the entity whose entries depend on it.
    pub dependent: &'static str,
    /// Columns of the dependent that hold the parent's key.
    pub via: Vec<&'static str>,
    /// Columns of the parent that `via` points at: its primary key, if nothing else is declared.
    pub references: Vec<&'static str>,
    /// Why there is an edge.
    pub reason: Reason,
    /// An update counts only if one of these columns of the parent changes, or one of `references`; empty for all.
    pub on: Vec<&'static str>,
    /// Whether edges into the parent go on along this one.
    pub cascade: bool,
    /// How many keys may be looked up to follow a cascade row by row; `None` to take the dependent as a whole.
    pub lookup: Option<u32>,
    /// Where it is declared: as an edge, or as the relation whose foreign key makes the database act.
    pub place: Place,
}

/// Why there is an edge. Its text is the attribute that declares it, or the clause of the foreign key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The parent declares it: `dependents(..)`.
    Dependents,
    /// The dependent declares it: `depends_on(..)`.
    DependsOn,
    /// When a row of the parent is deleted, the database does this to the rows that refer to it.
    OnDelete(Action),
    /// When the columns of the parent change that `via` points at, the database does this to the rows that refer to them.
    OnUpdate(Action),
}

/// What a foreign key makes the database do to rows that refer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// They are deleted with the row, or follow its new key.
    Cascade,
    /// Their columns become NULL.
    SetNull,
    /// Their columns get their defaults.
    SetDefault,
}

/// A relation that is deliberately no edge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Independent {
    /// Prefix of the entity that says so.
    pub entity: &'static str,
    /// Prefix of the entity at the other end; `None` if that is no entity of the schema.
    pub other: Option<&'static str>,
    /// The columns of the relation; empty if all relations between the two are meant.
    pub via: Vec<&'static str>,
    /// Where it is declared.
    pub place: Place,
}

// Not the schema's own type: generated code writes that one out, so it can never get another field.
/// A place in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// File, as the compiler names it.
    pub file: &'static str,
    /// Line, from 1.
    pub line: u32,
}

impl Reason {
    /// Whether it is the database that acts, rather than a declaration of yours.
    #[must_use]
    pub const fn is_foreign_key(&self) -> bool {
        matches!(self, Self::OnDelete(_) | Self::OnUpdate(_))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dependents => f.write_str("dependents"),
            Self::DependsOn => f.write_str("depends_on"),
            Self::OnDelete(action) => write!(f, "ON DELETE {action}"),
            Self::OnUpdate(action) => write!(f, "ON UPDATE {action}"),
        }
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
