//! Statements on a connection of SeaORM, and their answers.

use super::statement_scope::in_scope;
use crate::engine::{Ran, Run};
use sea_orm::{ConnectionTrait, DbErr, ExecResult, QueryResult};

/// Runs the statement.
pub(super) async fn run(connection: &impl ConnectionTrait, run: Run) -> Result<Ran, DbErr> {
    Ok(match run {
        Run::Execute(statement) => Ran::Done(in_scope(connection.execute_raw(statement)).await?),
        Run::Unprepared(sql) => Ran::Done(in_scope(connection.execute_unprepared(&sql)).await?),
        Run::Query(statement) => Ran::Rows(in_scope(connection.query_all_raw(statement)).await?),
        Run::QueryOne(statement) => {
            let row = in_scope(connection.query_one_raw(statement)).await?;
            Ran::Rows(row.into_iter().collect())
        }
    })
}

/// The answer to a statement that was executed.
pub(super) fn done(ran: Ran) -> Result<ExecResult, DbErr> {
    match ran {
        Ran::Done(result) => Ok(result),
        Ran::Rows(_) => Err(DbErr::Custom(
            "a statement that was executed returned rows".into(),
        )),
    }
}

/// The answer to a query.
pub(super) fn rows(ran: Ran) -> Vec<QueryResult> {
    match ran {
        Ran::Rows(rows) => rows,
        Ran::Done(_) => Vec::new(),
    }
}
