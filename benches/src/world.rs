//! The servers, and what is in them.

use crate::Failure;
use crate::user::{self, sample};
use cached_repo::config::DatabaseCheck;
use cached_repo::{CacheSchema, CachedRepo, Consistency, RedisStore, RepoBuilder, cached_schema};
use redis::aio::MultiplexedConnection;
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, EntityTrait, IntoActiveModel,
    Schema,
};
use std::time::Duration;

cached_schema! { pub(crate) App { user::Entity } }

/// Rows in the table. Each measure that needs cold keys takes new ones, of these.
pub(crate) const ROWS: i64 = 40_000;

/// Rows that the measures with warm keys read.
pub(crate) const WARM: i64 = 1000;

/// Where everything is.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) database: DatabaseConnection,
    pub(crate) redis: MultiplexedConnection,
    pub(crate) store: RedisStore,
    /// First part of every key of this run: others may work on the same server.
    prefix: String,
}

impl World {
    /// A world with [`ROWS`] rows.
    pub(crate) async fn new() -> Result<Self, Failure> {
        Self::of(ROWS).await
    }

    /// A world with so many rows.
    pub(crate) async fn of(rows: i64) -> Result<Self, Failure> {
        let url = testkit::shared::redis()?;
        let redis = redis::Client::open(url.url())?
            .get_multiplexed_async_connection()
            .await?;
        Ok(Self {
            database: database(rows).await?,
            redis,
            store: RedisStore::connect(url.url()).await?,
            // Short, as a namespace is: all subjects send it with each key.
            prefix: format!("b{:06x}", fastrand::u32(..1 << 24)),
        })
    }

    fn builder<S: CacheSchema>(&self) -> RepoBuilder<S> {
        CachedRepo::builder(self.database.clone()).database_check(DatabaseCheck::Off)
    }

    /// A repo with its cache in this process.
    pub(crate) async fn local_repo(&self) -> Result<CachedRepo<App>, Failure> {
        Ok(self.builder().build().await?)
    }

    /// The same, of another schema.
    pub(crate) async fn local_repo_of<S: CacheSchema>(&self) -> Result<CachedRepo<S>, Failure> {
        Ok(self.builder().build().await?)
    }

    /// The same, with room for some millions of entries.
    pub(crate) async fn large_repo_of<S: CacheSchema>(&self) -> Result<CachedRepo<S>, Failure> {
        Ok(self.builder().capacity(4_000_000).build().await?)
    }

    /// A repo with its cache in this process, of so many entries.
    pub(crate) async fn small_repo(&self, capacity: usize) -> Result<CachedRepo<App>, Failure> {
        Ok(self.builder().capacity(capacity).build().await?)
    }

    /// A repo over Redis, with keys of its own, that asks Redis at every read.
    pub(crate) async fn shared_repo(&self, name: &str) -> Result<CachedRepo<App>, Failure> {
        self.repo_at(Consistency::Strict, name).await
    }

    /// The same, of another schema.
    pub(crate) async fn shared_repo_of<S: CacheSchema>(
        &self,
        name: &str,
    ) -> Result<CachedRepo<S>, Failure> {
        self.repo_at(Consistency::Strict, name).await
    }

    /// A repo over Redis, with keys of its own.
    pub(crate) async fn repo_at<S: CacheSchema>(
        &self,
        level: Consistency,
        name: &str,
    ) -> Result<CachedRepo<S>, Failure> {
        Ok(self
            .builder()
            .store(self.store.clone())
            .consistency(level)
            // No copy ends while it is measured.
            .bound(Duration::from_secs(3600))
            .namespace(format!("{}-{name}", self.prefix))
            // A new namespace would refuse fills for a while, in case that a writer is under way.
            .settle_time(Duration::ZERO)
            // The machine may be busy; a store that counts as away would spoil the run.
            .store_timeout(Duration::from_secs(10))
            .build()
            .await?)
    }

    /// The prefix of the keys of what is written by hand.
    pub(crate) fn prefix(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }
}

async fn database(rows: i64) -> Result<DatabaseConnection, Failure> {
    let mut options = ConnectOptions::new("sqlite::memory:");
    // Each connection would have a memory of its own.
    options.max_connections(1).sqlx_logging(false);
    let database = Database::connect(options).await?;
    let schema = Schema::new(database.get_database_backend());
    database
        .execute(&schema.create_table_from_entity(user::Entity))
        .await?;
    let ids: Vec<i64> = (1..=rows).collect();
    for ids in ids.chunks(500) {
        let rows = ids.iter().map(|id| sample(*id).into_active_model());
        user::Entity::insert_many(rows).exec(&database).await?;
    }
    Ok(database)
}

/// Ids of the warm rows, in an order that no prefetcher guesses; as many as asked for.
pub(crate) fn warm_ids(count: usize) -> Vec<i64> {
    // 387 and 1000 have no common divisor: every id comes up once in a thousand.
    (0..WARM)
        .cycle()
        .take(count)
        .map(|at| at * 387 % WARM + 1)
        .collect()
}
