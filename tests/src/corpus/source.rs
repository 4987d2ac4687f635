//! Where a query is answered: by the cache, or by the database.

use super::draw::Draw;
use super::market::Market;
use cached_repo::{CachedRepo, ErrorKind};
use sea_orm::{DatabaseConnection, DbBackend, DbErr};
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

/// Who answers.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// The cache.
    Cached(&'a CachedRepo<Market>),
    /// The database.
    Direct(&'a DatabaseConnection),
}

impl Source<'_> {
    /// The kind of database behind.
    #[must_use]
    pub fn backend(self) -> DbBackend {
        match self {
            Self::Cached(repo) => sea_orm::ConnectionTrait::get_database_backend(repo),
            Self::Direct(db) => sea_orm::ConnectionTrait::get_database_backend(db),
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The repo will not cache the query.
    Refused(String),
    /// Anything else.
    Failed(String),
}

impl From<cached_repo::Error> for Failure {
    fn from(error: cached_repo::Error) -> Self {
        let mut text = error.to_string();
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            text = format!("{text}: {error}");
            cause = error.source();
        }
        match error.kind() {
            ErrorKind::Query => Self::Refused(text),
            _ => Self::Failed(text),
        }
    }
}

impl From<DbErr> for Failure {
    fn from(error: DbErr) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Rows as texts, or why there are none.
pub type Answer = Result<Vec<String>, Failure>;
/// An answer that is on its way.
pub type Answering<'a> = Pin<Box<dyn Future<Output = Answer> + Send + 'a>>;
/// Asks a query with parameters that are drawn.
pub type Ask = for<'a> fn(Source<'a>, &mut Draw) -> Answering<'a>;

/// What is compared of rows.
pub fn texts<T: Debug>(rows: &[T]) -> Vec<String> {
    rows.iter().map(|row| format!("{row:?}")).collect()
}

/// What is compared of one value.
pub fn text<T: Debug>(value: &T) -> Vec<String> {
    vec![format!("{value:?}")]
}

/// Who asks for all rows of a query.
macro_rules! all {
    (|$draw:ident| $query:expr) => {
        $crate::corpus::source::asked!(texts, all, $draw, $query)
    };
}

/// Who asks for the first row of a query.
macro_rules! one {
    (|$draw:ident| $query:expr) => {
        $crate::corpus::source::asked!(text, one, $draw, $query)
    };
}

/// Who asks how many rows a query finds.
macro_rules! count {
    (|$draw:ident| $query:expr) => {
        $crate::corpus::source::asked!(text, count, $draw, $query)
    };
}

/// Who asks whether a query finds any row.
macro_rules! exists {
    (|$draw:ident| $query:expr) => {
        $crate::corpus::source::asked!(text, exists, $draw, $query)
    };
}

/// An [`Ask`] by one method of a query.
macro_rules! asked {
    ($show:ident, $method:ident, $draw:ident, $query:expr) => {{
        fn ask<'a>(
            source: $crate::corpus::source::Source<'a>,
            $draw: &mut $crate::corpus::draw::Draw,
        ) -> $crate::corpus::source::Answering<'a> {
            let query = $query;
            Box::pin(async move {
                Ok(match source {
                    $crate::corpus::source::Source::Cached(repo) => {
                        $crate::corpus::source::$show(&query.cached().$method(repo).await?)
                    }
                    $crate::corpus::source::Source::Direct(db) => {
                        $crate::corpus::source::$show(&query.$method(db).await?)
                    }
                })
            })
        }
        ask as $crate::corpus::source::Ask
    }};
}

/// Who asks for a page of a query, with totals: `(query, size, page)`.
macro_rules! page {
    (|$draw:ident| $query:expr) => {{
        fn ask<'a>(
            source: $crate::corpus::source::Source<'a>,
            $draw: &mut $crate::corpus::draw::Draw,
        ) -> $crate::corpus::source::Answering<'a> {
            let (query, size, page): (_, u64, u64) = $query;
            Box::pin(async move {
                let (mut rows, items, pages) = match source {
                    $crate::corpus::source::Source::Cached(repo) => {
                        let found = query.cached().paginate(repo, size);
                        let found = found.fetch_page_and_totals(page).await?;
                        let rows = $crate::corpus::source::texts(&found.items);
                        (rows, found.number_of_items, found.number_of_pages)
                    }
                    $crate::corpus::source::Source::Direct(db) => {
                        let found = query.paginate(db, size);
                        let totals = found.num_items_and_pages().await?;
                        let rows = found.fetch_page(page).await?;
                        let rows = $crate::corpus::source::texts(&rows);
                        (rows, totals.number_of_items, totals.number_of_pages)
                    }
                };
                rows.push(format!("{items} items on {pages} pages"));
                Ok(rows)
            })
        }
        ask as $crate::corpus::source::Ask
    }};
}

/// Who asks a cursor for its rows.
macro_rules! cursor {
    (|$draw:ident| $query:expr) => {{
        fn ask<'a>(
            source: $crate::corpus::source::Source<'a>,
            $draw: &mut $crate::corpus::draw::Draw,
        ) -> $crate::corpus::source::Answering<'a> {
            let mut query = $query;
            Box::pin(async move {
                Ok(match source {
                    $crate::corpus::source::Source::Cached(repo) => {
                        $crate::corpus::source::texts(&query.cached().all(repo).await?)
                    }
                    $crate::corpus::source::Source::Direct(db) => {
                        $crate::corpus::source::texts(&query.all(db).await?)
                    }
                })
            })
        }
        ask as $crate::corpus::source::Ask
    }};
}

pub(super) use {all, asked, count, cursor, exists, one, page};
