//! A database that does not answer.

use crate::config::DatabaseCheck;
use crate::database::check_at_start;
use crate::error::ErrorKind;
use crate::port::Source;
use crate::schema::testing::schema;
use async_trait::async_trait;
use sea_orm::{DbBackend, DbErr, QueryResult, Statement};

struct Silent;

#[async_trait]
impl Source for Silent {
    async fn query(&self, _: Statement) -> Result<Vec<QueryResult>, DbErr> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_locked_catalog_does_not_keep_a_program_from_starting() {
    let start =
        |choice| async move { check_at_start(&Silent, DbBackend::Sqlite, &schema(), choice).await };
    start(DatabaseCheck::Off).await.expect("nothing is asked");
    start(DatabaseCheck::Warn)
        .await
        .expect("a warning is no error");
    let error = start(DatabaseCheck::Error).await.expect_err("no answer");
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    assert!(
        error.to_string().contains("`database_check = off`"),
        "{error}"
    );
}
