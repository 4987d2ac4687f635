//! Run with: cargo run --example quickstart
//! SQLite in memory and a cache in this process: no server is needed.
use cached_repo::{CachedRepo, cached_schema};
use sea_orm::{ActiveModelTrait, ConnectionTrait, Database, IntoActiveModel, Set, TransactionTrait};
use std::{sync::Arc, time::Instant};

mod user {
    use {cached_repo::CachedEntity, sea_orm::entity::prelude::*};
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(ttl = "1h", dependents(super::dashboard::Entity(via = user_id, on(name))))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub name: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

mod dashboard {
    use {cached_repo::CachedEntity, sea_orm::entity::prelude::*};
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "dashboards")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(index)]
        pub user_id: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! { pub App { user::Entity, dashboard::Entity } }
use {dashboard::Entity as Dashboard, user::Entity as User};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let database = Database::connect("sqlite::memory:").await?;
    database
        .execute_unprepared(
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO users VALUES (1, 'Ada');
         CREATE TABLE dashboards (id INTEGER PRIMARY KEY, user_id INTEGER); INSERT INTO dashboards VALUES (1, 1);",
        )
        .await?;
    let repo = CachedRepo::<App>::builder(database).build().await?;

    let start = Instant::now();
    let ada = User::find_cached(1).one(&repo).await?.ok_or("no user 1")?;
    println!("1. first read, from the database: {:?}", start.elapsed());
    let start = Instant::now();
    let again = User::find_cached(1).one(&repo).await?.ok_or("no user 1")?;
    println!("2. second read, from memory:      {:?}", start.elapsed());
    assert!(Arc::ptr_eq(&ada, &again), "it is the very same row");

    Dashboard::find_cached_by_user_id(1).all(&repo).await?;
    let mut change = (*ada).clone().into_active_model();
    change.name = Set("Ada Lovelace".into());
    change.update(&repo).await?; // plain SeaORM: the repo is a connection
    let ada = User::find_cached(1).one(&repo).await?.ok_or("no user 1")?;
    println!("3. after an update:               {}", ada.name);
    assert_eq!(ada.name, "Ada Lovelace", "the update has invalidated the row");

    Dashboard::find_cached_by_user_id(1).all(&repo).await?;
    let dashboards = repo.stats().entity("dashboards").cloned().ok_or("no such entity")?;
    println!("4. its dashboards went with it:   {} misses", dashboards.misses);
    assert_eq!((dashboards.hits, dashboards.misses), (0, 2), "they depend on the name of the user");

    let transaction = repo.begin().await?;
    User::delete_cached(1, &transaction).await?;
    transaction.rollback().await?;
    let same = User::find_cached(1).one(&repo).await?.ok_or("no user 1")?;
    assert!(Arc::ptr_eq(&ada, &same), "nobody has noticed anything");
    println!("5. after a rollback:              still the cached row");

    println!("6. {:.0} % of the reads were hits: {:#?}", repo.stats().hit_ratio() * 100.0, repo.stats().entities);
    Ok(())
}
