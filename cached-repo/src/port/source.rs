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
}
