//! The entities that the guide's snippets share, in an SQLite database in memory.

use cached_repo::{CachedRepo, cached_schema};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection};

/// People who order.
pub mod user {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A user.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(
        ttl = "1h",
        negative_ttl = "30s",
        tags("users", "tenant:{tenant_id}"),
        dependents(super::order::Entity(via = customer_id))
    )]
    pub struct Model {
        /// Numbered by the database.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Leads to one row.
        #[sea_orm(unique)]
        #[cached(unique)]
        pub email: String,
        /// Leads to a collection.
        #[cached(index)]
        pub tenant_id: i64,
        /// Leads nowhere.
        pub name: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// What they order.
pub mod order {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// An order.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        /// Numbered by the database.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Whose it is.
        #[cached(index)]
        pub customer_id: i64,
        /// In cents.
        pub total: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// All that the shop caches.
    #[cached(tags("homepage"))]
    pub Shop { user::Entity, order::Entity }
}

pub use order::Entity as Order;
pub use user::Entity as User;

/// A database with two users and an order.
///
/// # Errors
/// The database's.
pub async fn database() -> Result<DatabaseConnection, sea_orm::DbErr> {
    let database = Database::connect("sqlite::memory:").await?;
    let tables = "
        CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE, tenant_id INTEGER NOT NULL, name TEXT NOT NULL);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, total INTEGER NOT NULL);
        INSERT INTO users VALUES (1, 'ada@example.org', 7, 'Ada'), (2, 'bob@example.org', 7, 'Bob');
        INSERT INTO orders VALUES (1, 1, 1999);";
    database.execute_unprepared(tables).await?;
    Ok(database)
}

/// A repo over that database, with the store in the process.
///
/// # Errors
/// The database's.
pub async fn repo() -> Result<CachedRepo<Shop>, cached_repo::Error> {
    CachedRepo::<Shop>::builder(database().await?).build().await
}
