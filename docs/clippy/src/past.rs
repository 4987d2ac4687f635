//! Ways past the repo. Each is reported: an `#[expect]` stands on the smallest item or statement with one report in it.

use crate::entities::{App, compact, dense, expanded};
use cached_repo::CachedRepo;
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, Set, TransactionTrait, sqlx};

/// The type, by an import.
pub mod imported {
    #[expect(clippy::disallowed_types)]
    use sea_orm::DatabaseConnection;

    /// What a web program keeps.
    pub struct State {
        /// For all handlers.
        #[expect(clippy::disallowed_types)]
        pub connection: DatabaseConnection,
    }
}

/// The same by SeaORM's prelude, which every entity imports.
pub mod by_prelude {
    use sea_orm::entity::prelude::*;

    /// A function that could have asked for `&impl ConnectionTrait`.
    #[expect(clippy::disallowed_types)]
    pub fn reader(_: &DatabaseConnection) {}

    /// The same by its shorter name.
    #[expect(clippy::disallowed_types)]
    pub fn again(_: &DbConn) {}
}

/// The dense format.
///
/// # Errors
/// The database's.
#[expect(clippy::disallowed_types)]
pub async fn write_dense(db: &sea_orm::DatabaseConnection) -> Result<(), DbErr> {
    let user = dense::user::ActiveModel::builder().set_email("ada@example.org");
    user.save(db).await.map(drop)
}

/// The compact format.
///
/// # Errors
/// The database's.
#[expect(clippy::disallowed_types)]
pub async fn write_compact(db: &sea_orm::DatabaseTransaction) -> Result<(), DbErr> {
    compact::Entity::delete_many().exec(db).await.map(drop)
}

/// The expanded format.
///
/// # Errors
/// The database's.
#[expect(clippy::disallowed_types)]
pub async fn write_expanded(db: &sea_orm::DatabaseExecutor<'_>) -> Result<(), DbErr> {
    let note = expanded::ActiveModel {
        title: Set("Today".to_owned()),
        ..Default::default()
    };
    note.insert(db).await.map(drop)
}

/// No type is named here, and the connection comes from somewhere all the same.
///
/// # Errors
/// The database's.
pub async fn inferred(url: &str) -> Result<(), DbErr> {
    #[expect(clippy::disallowed_methods)]
    let connection = sea_orm::Database::connect(url).await?;
    let transaction = connection.begin().await?;
    dense::user::Entity::delete_by_id(1)
        .exec(&transaction)
        .await?;
    transaction.commit().await
}

/// A pool beside SeaORM.
#[expect(clippy::disallowed_types)]
pub type Postgres = sqlx::PgPool;
/// Another.
#[expect(clippy::disallowed_types)]
pub type MySql = sqlx::Pool<sqlx::MySql>;
/// Another.
#[expect(clippy::disallowed_types)]
pub type Sqlite = sqlx::SqlitePool;

/// SeaORM over pools, and their pools from SeaORM.
pub fn pools(postgres: Postgres, mysql: MySql, sqlite: Sqlite) {
    #[expect(clippy::disallowed_methods)]
    let connection = sea_orm::SqlxPostgresConnector::from_sqlx_postgres_pool(postgres);
    #[expect(clippy::disallowed_methods)]
    let _ = connection.get_postgres_connection_pool();
    #[expect(clippy::disallowed_methods)]
    let connection = sea_orm::SqlxMySqlConnector::from_sqlx_mysql_pool(mysql);
    #[expect(clippy::disallowed_methods)]
    let _ = connection.get_mysql_connection_pool();
    #[expect(clippy::disallowed_methods)]
    let connection = sea_orm::SqlxSqliteConnector::from_sqlx_sqlite_pool(sqlite);
    #[expect(clippy::disallowed_methods)]
    let _ = connection.get_sqlite_connection_pool();
}

/// A bypass that is meant: reported too, so that it has to say why.
///
/// # Errors
/// The database's.
pub async fn meant(repo: &CachedRepo<App>) -> Result<(), cached_repo::Error> {
    #[expect(clippy::disallowed_methods, reason = "invalidated below")]
    let connection = repo.bypassing_connection();
    connection
        .execute_unprepared("UPDATE users SET email = lower(email)")
        .await?;
    repo.invalidate_entity::<dense::user::Entity>().await
}
