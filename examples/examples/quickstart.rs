//! Run with: cargo run --example quickstart
//!
//! SQLite in memory and a cache in this process: no server is needed.

use cached_repo::{CachedRepo, cached_schema};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, Database, IntoActiveModel, Set, TransactionTrait,
};
use std::time::Instant;

mod user {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(ttl = "1h", dependents(super::dashboard::Entity(via = user_id, on(name))))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(unique)]
        pub email: String,
        pub name: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

mod dashboard {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "dashboards")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(index)]
        pub user_id: i64,
        pub title: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! { pub App { user::Entity, dashboard::Entity } }

use dashboard::Entity as Dashboard;
use user::Entity as User;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let repo = CachedRepo::<App>::builder(Database::connect("sqlite::memory:").await?)
        .build()
        .await?;
    repo.execute_unprepared(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT UNIQUE, name TEXT);
         CREATE TABLE dashboards (id INTEGER PRIMARY KEY, user_id INTEGER, title TEXT);
         INSERT INTO users VALUES (1, 'ada@example.org', 'Ada');
         INSERT INTO dashboards VALUES (1, 1, 'Engines');",
    )
    .await?;

    let start = Instant::now();
    let ada = User::find_cached(1)
        .one(&repo)
        .await?
        .ok_or("no such user")?;
    println!(
        "first read, from the database: {} in {:?}",
        ada.name,
        start.elapsed()
    );

    let start = Instant::now();
    let again = User::find_cached(1)
        .one(&repo)
        .await?
        .ok_or("no such user")?;
    println!(
        "second read, from memory:      {} in {:?}",
        again.name,
        start.elapsed()
    );
    assert!(
        std::sync::Arc::ptr_eq(&ada, &again),
        "the second read is the very same row"
    );

    // The dashboards of user 1 are cached, too, and declared to depend on the name of the user.
    assert_eq!(
        Dashboard::find_cached_by_user_id(1).all(&repo).await?.len(),
        1
    );
    Dashboard::find_cached_by_user_id(1).all(&repo).await?;
    let before = repo.stats();

    // Plain SeaORM: the repo is a connection. The update invalidates the user, and the dashboards with it.
    let mut change = (*ada).clone().into_active_model();
    change.name = Set("Ada Lovelace".into());
    change.update(&repo).await?;
    let ada = User::find_cached(1)
        .one(&repo)
        .await?
        .ok_or("no such user")?;
    Dashboard::find_cached_by_user_id(1).all(&repo).await?;
    let after = repo.stats();
    println!("after the update:              {}", ada.name);
    assert_eq!(ada.name, "Ada Lovelace");
    for entity in ["users", "dashboards"] {
        let misses = |stats: &cached_repo::Stats| stats.entity(entity).map(|stats| stats.misses);
        println!(
            "misses of {entity}: {:?} -> {:?}",
            misses(&before),
            misses(&after)
        );
        assert_ne!(misses(&before), misses(&after), "both were read anew");
    }

    // What is rolled back is seen by nobody and changes nothing.
    let transaction = repo.begin().await?;
    User::delete_cached(1, &transaction).await?;
    assert_eq!(User::find_cached(1).one(&transaction).await?, None);
    transaction.rollback().await?;
    let hits = repo.stats().entity("users").map(|stats| stats.hits);
    assert_eq!(User::find_cached(1).one(&repo).await?, Some(ada));
    assert_eq!(
        repo.stats().entity("users").map(|stats| stats.hits),
        hits.map(|hits| hits + 1)
    );
    println!("after a rollback:              still a hit");

    let stats = repo.stats();
    println!(
        "hit ratio {:.0} %: {:#?}",
        stats.hit_ratio() * 100.0,
        stats.entities
    );
    Ok(())
}
