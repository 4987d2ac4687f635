//! Other schemas over the database and the store of a world.

use crate::World;
use cached_repo::config::DatabaseCheck;
use cached_repo::{CacheSchema, CachedRepo, RepoBuilder};
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, Schema};
use std::time::Duration;

/// A repo of another schema over the same database and namespace.
///
/// # Panics
/// If the schema or a server is wrong.
pub async fn repo_over<S: CacheSchema>(world: &World) -> CachedRepo<S> {
    let built = builder_over(world).build().await;
    built.unwrap_or_else(|error| panic!("{error}"))
}

/// The builder of [`repo_over`].
///
/// # Panics
/// If a server is not there.
pub fn builder_over<S: CacheSchema>(world: &World) -> RepoBuilder<S> {
    let builder = CachedRepo::<S>::builder(world.raw.clone())
        .namespace(world.namespace())
        .clock(world.clock.clone())
        .settle_time(Duration::ZERO)
        .database_check(DatabaseCheck::Off)
        .store_timeout(Duration::from_secs(5));
    world.store.give(builder)
}

/// Makes the table of an entity.
///
/// # Panics
/// If the database refuses it.
pub async fn create_table(db: &DatabaseConnection, entity: impl EntityTrait) {
    let table = Schema::new(db.get_database_backend()).create_table_from_entity(entity);
    db.execute(&table).await.expect("the table is created");
}
