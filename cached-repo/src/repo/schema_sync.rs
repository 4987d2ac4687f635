//! `sea_schema::Connection`, by which SeaORM's `SchemaBuilder::sync` looks at the database before it changes it.
//!
//! It looks by this trait, and changes by `ConnectionTrait`: that is where DDL invalidates.

use super::{CachedRepo, CachedTransaction};
use crate::engine::Engine;
use crate::schema::CacheSchema;
use async_trait::async_trait;
use sea_orm::sea_query::SelectStatement;
use sea_schema::Connection;
use sea_schema::sqlx_types::{SqlxError, SqlxRow};

/// Refuses what may write: rows of this trait's own type cannot be handed on by what invalidates.
fn reads_only(engine: &Engine, sql: &str) -> Result<(), SqlxError> {
    match engine.catalog().is_read(sql) {
        true => Ok(()),
        false => Err(SqlxError::Configuration(
            "`sea_schema::Connection` of a repo only reads: run statements that may write by SeaORM's `ConnectionTrait`"
                .into(),
        )),
    }
}

/// Implements the trait over SeaORM's own implementation for what is underneath.
macro_rules! impl_schema_connection {
    ($handle:ident, $self:ident => $inner:expr) => {
        #[async_trait]
        impl<S: CacheSchema> Connection for $handle<S> {
            async fn query_all(
                &$self,
                select: SelectStatement,
            ) -> Result<Vec<SqlxRow>, SqlxError> {
                let sql = $self.get_database_backend().build(&select).sql;
                reads_only($self.engine(), &sql)?;
                Connection::query_all($inner, select).await
            }

            async fn query_all_raw(&$self, sql: String) -> Result<Vec<SqlxRow>, SqlxError> {
                reads_only($self.engine(), &sql)?;
                Connection::query_all_raw($inner, sql).await
            }
        }
    };
}

impl_schema_connection!(CachedRepo, self => &self.shared.database);
impl_schema_connection!(CachedTransaction, self => self.inner().get());
