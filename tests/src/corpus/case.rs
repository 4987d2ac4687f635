//! A query of the corpus.

use super::cells::Cells;
use super::draw::Draw;
use super::source::{Answering, Ask, Source, texts};
use crate::Database;
use cached_repo::CachedQuery;
use sea_orm::FromQueryResult;

/// A query, with parameters that are drawn each time that it is asked.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What it asks for. No two have the same.
    pub name: &'static str,
    /// Whether it names values of an indexed column.
    pub pinned: bool,
    asked: Asked,
    ordered: bool,
    databases: &'static [Database],
}

#[derive(Clone, Copy, Debug)]
enum Asked {
    /// By SeaORM's builders.
    Built(Ask),
    /// By a text with `{kind}` where parameters belong.
    Text(&'static str),
}

/// Every database.
const ALL: &[Database] = &[Database::Sqlite, Database::Postgres, Database::MariaDb];

impl Case {
    const fn new(name: &'static str, asked: Asked, ordered: bool) -> Self {
        Self {
            name,
            pinned: false,
            asked,
            ordered,
            databases: ALL,
        }
    }

    /// SQL whose rows come in any order.
    #[must_use]
    pub const fn bag(name: &'static str, sql: &'static str) -> Self {
        Self::new(name, Asked::Text(sql), false)
    }

    /// SQL whose rows come in one order.
    #[must_use]
    pub const fn list(name: &'static str, sql: &'static str) -> Self {
        Self::new(name, Asked::Text(sql), true)
    }

    /// A built query whose rows come in any order.
    #[must_use]
    pub const fn built(name: &'static str, ask: Ask) -> Self {
        Self::new(name, Asked::Built(ask), false)
    }

    /// A built query whose rows come in one order.
    #[must_use]
    pub const fn sorted(name: &'static str, ask: Ask) -> Self {
        Self::new(name, Asked::Built(ask), true)
    }

    /// Not every database has it.
    #[must_use]
    pub const fn on(self, databases: &'static [Database]) -> Self {
        Self { databases, ..self }
    }

    /// It names values of an indexed column.
    #[must_use]
    pub(super) const fn pinned(self) -> Self {
        Self {
            pinned: true,
            ..self
        }
    }

    /// Whether the database has it.
    #[must_use]
    pub fn runs_on(&self, database: Database) -> bool {
        self.databases.contains(&database)
    }

    /// Asks; what is drawn is found in `draw`.
    pub fn ask<'a>(&self, source: Source<'a>, draw: &mut Draw) -> Answering<'a> {
        let sql = match self.asked {
            Asked::Built(ask) => return ask(source, draw),
            Asked::Text(sql) => sql,
        };
        let query = Cells::find_by_statement(draw.statement(source.backend(), sql));
        Box::pin(async move {
            Ok(match source {
                Source::Cached(repo) => texts(&query.cached().all(repo).await?),
                Source::Direct(db) => texts(&query.all(db).await?),
            })
        })
    }

    /// Whether two answers are the same, as far as the query says.
    #[must_use]
    pub fn same(&self, one: &[String], other: &[String]) -> bool {
        if self.ordered || one == other {
            return one == other;
        }
        let sorted = |rows: &[String]| {
            let mut rows = rows.to_vec();
            rows.sort_unstable();
            rows
        };
        sorted(one) == sorted(other)
    }
}
