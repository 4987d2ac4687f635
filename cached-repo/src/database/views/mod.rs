//! Views: what stands behind them, as the catalog says; and what it says of functions.
//!
//! # Rule
//! *Never too few.* What a view reads is known, or it is known that this cannot be told.
//!
//! # Not here
//! What the functions read that a view calls.

mod catalog;
mod functions;
mod trace;

#[cfg(test)]
mod tests;

pub(crate) use trace::{Behind, Obstacle};

use super::facts::Relation;
use crate::error::Error;
use crate::port::Source;
use crate::sql::{Behavior, TableName, Varying, same_name};
use functions::Functions;
use sea_orm::DbBackend;

/// The views of a database, as they were when its catalog was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Views {
    backend: DbBackend,
    list: Vec<View>,
    /// Schemas that were looked into; on PostgreSQL and SQLite it is always all of them.
    schemas: Vec<String>,
    functions: Functions,
}

/// A view, and what it reads by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct View {
    pub(super) name: Relation,
    /// Whether it holds rows of its own, which change when it is refreshed (PostgreSQL's materialized views).
    pub(super) stored: bool,
    pub(super) reads: Result<Vec<Base>, Veil>,
    /// What makes it answer differently each time.
    pub(super) varies_by: Option<Varying>,
}

/// A table or view that a view reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Base {
    pub(super) table: TableName,
    /// Whether it may be no table of the schema: a partition, whose whole table is named as well, or the name of an expression.
    pub(super) optional: bool,
}

/// Why it is not known what a view reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Veil {
    /// The database user may not see the definition.
    Hidden,
    /// The parser does not understand the definition.
    Unclear,
}

impl Views {
    /// None at all.
    #[cfg(test)]
    pub(crate) fn none(backend: DbBackend) -> Self {
        Self {
            backend,
            list: Vec::new(),
            schemas: Vec::new(),
            functions: Functions::none(backend),
        }
    }

    /// Those that the catalog has now. On MySQL and MariaDB that is those of the current database and of `schemas`.
    ///
    /// # Errors
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if it cannot be asked.
    pub(crate) async fn read(
        source: &dyn Source,
        backend: DbBackend,
        schemas: &[String],
    ) -> Result<Self, Error> {
        let functions = Functions::read(source, backend).await?;
        let list = catalog::read(source, &functions, backend, schemas).await?;
        let mut schemas = schemas.to_vec();
        let own = list.iter().find(|view| view.name.plain);
        let own = own.map(|view| view.name.schema.clone());
        schemas.extend(own.filter(|own| !schemas.contains(own)));
        Ok(Self {
            backend,
            list,
            schemas,
            functions,
        })
    }

    /// The worst that makes a text answer differently each time, if anything does.
    pub(crate) fn varying(&self, behavior: &Behavior) -> Option<Varying> {
        self.functions.varying(behavior)
    }

    /// Schemas that were looked into.
    pub(crate) fn schemas(&self) -> &[String] {
        &self.schemas
    }

    /// Whether the table is a view.
    pub(crate) fn has(&self, table: &TableName) -> bool {
        self.named(table).next().is_some()
    }

    /// The views that may be meant, by their numbers.
    fn named<'a>(&'a self, table: &'a TableName) -> impl Iterator<Item = usize> + 'a {
        let same = |one: &str, other: &str| same_name(self.backend, one, other);
        let is_it = move |name: &Relation| {
            let same_schema = match &table.schema {
                Some(schema) => same(schema, &name.schema),
                None => name.plain,
            };
            same_schema && same(&table.name, &name.name)
        };
        let numbered = self.list.iter().enumerate();
        numbered
            .filter(move |(_, view)| is_it(&view.name))
            .map(|(number, _)| number)
    }
}
