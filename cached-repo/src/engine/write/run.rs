//! Statements on their way to the database, and what runs them.

use crate::port::Source;
use async_trait::async_trait;
use sea_orm::{DbErr, ExecResult, QueryResult, Statement, Value};

/// A statement, and how the caller wants its answer.
#[derive(Debug)]
pub(crate) enum Run {
    Execute(Statement),
    Unprepared(String),
    Query(Statement),
    QueryOne(Statement),
}

/// The answer.
#[derive(Debug)]
pub(crate) enum Ran {
    Done(ExecResult),
    Rows(Vec<QueryResult>),
}

impl Run {
    pub(crate) fn sql(&self) -> &str {
        match self {
            Self::Execute(statement) | Self::Query(statement) | Self::QueryOne(statement) => {
                &statement.sql
            }
            Self::Unprepared(sql) => sql,
        }
    }

    pub(super) fn values(&self) -> &[Value] {
        match self {
            Self::Execute(statement) | Self::Query(statement) | Self::QueryOne(statement) => {
                statement.values.as_ref().map_or(&[], |values| &values.0)
            }
            Self::Unprepared(_) => &[],
        }
    }
}

/// A connection or transaction that runs statements.
#[async_trait]
pub(crate) trait Runner: Source {
    async fn run(&self, run: Run) -> Result<Ran, DbErr>;
}

/// A transaction of the engine's own around one statement.
#[async_trait]
pub(crate) trait OwnTransaction: Send {
    fn runner(&self) -> &dyn Runner;
    async fn commit(self: Box<Self>) -> Result<(), DbErr>;
    async fn rollback(self: Box<Self>) -> Result<(), DbErr>;
}

/// A connection that can begin one.
#[async_trait]
pub(crate) trait Connection: Runner {
    async fn begin(&self) -> Result<Box<dyn OwnTransaction>, DbErr>;
}

impl Ran {
    /// Rows that the statement wrote or returned.
    pub(super) fn count(&self) -> u64 {
        match self {
            Self::Done(result) => result.rows_affected(),
            Self::Rows(rows) => rows.len() as u64,
        }
    }
}
