//! The database, as the engine sees it.

use async_trait::async_trait;
use sea_orm::{DbErr, QueryResult, Statement};

/// Where rows come from.
#[async_trait]
pub(crate) trait Source: Send + Sync {
    /// Runs a statement that reads.
    ///
    /// # Cancellation
    /// Dropping the future abandons the read; nothing else depends on it.
    async fn query(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr>;

    /// Runs statements that read, one after the other. All see the same state of the database, as far as it can do that.
    ///
    /// # Cancellation
    /// As [`query`](Self::query).
    async fn query_together(
        &self,
        statements: Vec<Statement>,
    ) -> Result<Vec<Vec<QueryResult>>, DbErr> {
        let mut answers = Vec::with_capacity(statements.len());
        for statement in statements {
            answers.push(self.query(statement).await?);
        }
        Ok(answers)
    }
}
