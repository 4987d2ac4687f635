//! Why a query cannot be cached.

use crate::database::Obstacle;
use crate::error::{Error, ErrorKind};
use crate::sql::{Nature, TableName, Varying};

/// Why a query has no analysis.
#[derive(Clone, Debug)]
pub(crate) enum AnalyzeError {
    /// The query cannot be cached.
    NotCacheable(Error),
    /// The database's catalog must be read first. By the definitions of views that are known, the query cannot be cached for this
    /// reason; without a reason, none are known.
    CatalogNeeded(Option<Error>),
}

impl From<Error> for AnalyzeError {
    fn from(error: Error) -> Self {
        Self::NotCacheable(error)
    }
}

pub(super) fn reads_no_table() -> Error {
    Error::new(
        ErrorKind::Query,
        "the query reads no table, so that no write would ever end it: read it without `.cached()`",
    )
}

pub(super) fn cannot_analyze() -> Error {
    Error::new(
        ErrorKind::Query,
        "it cannot be told which tables the query reads, so that nobody would know when it changes: read it without `.cached()`, or \
         write it in one plain SELECT",
    )
}

pub(super) fn unmapped(table: &TableName) -> Error {
    Error::new(
        ErrorKind::Query,
        "the query reads a table that no entity of the schema maps, so that nobody would know when it changes: add its entity to \
         `cached_schema!`",
    )
    .with("table", &table.name)
}

pub(super) fn unmapped_behind(table: &TableName, view: String) -> Error {
    Error::new(
        ErrorKind::Query,
        "the query reads a view, and behind it stands a table that no entity of the schema maps, so that nobody would know when it \
         changes: add the entity of that table to `cached_schema!`",
    )
    .with("table", &table.name)
    .with("view", view)
}

pub(super) fn reads_materialized_view(view: String) -> Error {
    Error::new(
        ErrorKind::Query,
        "the query reads a materialized view, which changes when it is refreshed, and not when its tables are written: give the \
         query a lifetime of its own by `.ttl(..)`",
    )
    .with("view", view)
}

pub(super) fn hides_its_tables(obstacle: Obstacle) -> Error {
    let message = match obstacle.cure {
        Some(cure) => format!(
            "the database does not show its user what a view reads, so that nobody would know when the query changes: {cure}"
        ),
        None => "it cannot be told what a view reads, so that nobody would know when the query changes: read its tables in place of \
                 the view, or read it without `.cached()`"
            .to_owned(),
    };
    Error::new(ErrorKind::Query, message).with("view", obstacle.view)
}

/// Its answer differs each time, or leaves out what the query does.
pub(super) fn not_repeatable(what: Varying) -> Error {
    let message = match what.nature {
        Nature::Acts => {
            "the query does something, or may do so, that an answer from the cache would leave out: read it without `.cached()`"
        }
        Nature::Unknown => {
            "nothing says that a function answers the same each time: give the query a lifetime of its own by `.ttl(..)`, or declare \
             a function of your own to be what it is (IMMUTABLE on PostgreSQL, DETERMINISTIC on MariaDB and MySQL)"
        }
        Nature::Steady | Nature::Varies => {
            "the query answers differently each time, whatever is written: give it a lifetime of its own by `.ttl(..)`, or pass the \
             value as a parameter"
        }
    };
    Error::new(ErrorKind::Query, message).with("function", what.name)
}
