//! What a database says about itself, as far as it changes rows without a statement.

use crate::schema::Action;
use crate::sql::{Code, same_name};
use sea_orm::DbBackend;
use std::fmt;

/// A table or view, as the database names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    /// Its schema; its database on MySQL.
    pub(super) schema: String,
    pub(super) name: String,
    /// Whether it is found by its name alone.
    pub(super) plain: bool,
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ForeignKey {
    /// SQLite does not tell names.
    pub(super) name: Option<String>,
    pub(super) child: Relation,
    pub(super) parent: Relation,
    /// Columns of the child, each with the column of the parent that it points at.
    pub(super) pairs: Vec<(String, String)>,
    pub(super) on_delete: Action,
    pub(super) on_update: Action,
}

/// A trigger or rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trigger {
    pub(super) name: String,
    pub(super) table: Relation,
    /// Which statements set it off, in words: `INSERT, UPDATE`.
    pub(super) events: String,
    pub(super) code: Code,
    pub(super) body: String,
}

/// A part of the catalog that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) what: &'static str,
    pub(super) why: String,
    /// What to do about it.
    pub(super) cure: String,
}

/// All of it.
#[derive(Clone, Debug)]
pub(super) struct Catalog {
    pub(super) backend: DbBackend,
    /// Where names without a schema are looked up.
    pub(super) path: Vec<String>,
    /// Whether MySQL tells tables apart by the case of their names.
    pub(super) exact: bool,
    /// Whether the connection acts on foreign keys: SQLite does so only if asked.
    pub(super) enforced: bool,
    /// The tables and views that there are; `None` if they could not be read.
    pub(super) relations: Option<Vec<Relation>>,
    pub(super) foreign_keys: Vec<ForeignKey>,
    pub(super) triggers: Vec<Trigger>,
    pub(super) unreadable: Vec<Unreadable>,
}

impl Catalog {
    pub(super) fn new(backend: DbBackend) -> Self {
        Self {
            backend,
            path: Vec::new(),
            exact: false,
            enforced: true,
            relations: None,
            foreign_keys: Vec::new(),
            triggers: Vec::new(),
            unreadable: Vec::new(),
        }
    }

    /// Whether two names of tables or schemas mean the same.
    pub(super) fn same(&self, one: &str, other: &str) -> bool {
        match self.exact {
            true => one == other,
            false => same_name(self.backend, one, other),
        }
    }

    pub(super) fn same_relation(&self, one: &Relation, other: &Relation) -> bool {
        self.same(&one.schema, &other.schema) && self.same(&one.name, &other.name)
    }

    pub(super) fn same_column(&self, one: &str, other: &str) -> bool {
        same_name(self.backend, one, other)
    }
}

impl ForeignKey {
    /// Whether it makes the database change rows.
    pub(super) fn acts(&self) -> bool {
        (self.on_delete, self.on_update) != (Action::None, Action::None)
    }

    pub(super) fn child_columns(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(child, _)| child.as_str())
    }

    pub(super) fn parent_columns(&self) -> impl Iterator<Item = &str> {
        self.pairs.iter().map(|(_, parent)| parent.as_str())
    }
}

impl Trigger {
    pub(super) fn kind(&self) -> &'static str {
        match self.code {
            Code::Rule => "rule",
            _ => "trigger",
        }
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.plain {
            write!(f, "{}.", self.schema)?;
        }
        f.write_str(&self.name)
    }
}
