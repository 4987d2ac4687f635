//! A fresh database and a fresh namespace for each test.

use crate::shop::{self, Shop};
use cached_repo::config::DatabaseCheck;
use cached_repo::stats::EntityStats;
use cached_repo::testing::Clock;
use cached_repo::{CacheSchema, CachedRepo, Consistency, RedisStore, RepoBuilder};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, EntityTrait, Schema};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// A file in a temporary folder.
    Sqlite,
    /// A database of its own on the shared server.
    Postgres,
    /// A database of its own on the shared server.
    MariaDb,
}

/// Which store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Store {
    /// In the process.
    Memory,
    /// A namespace of its own on the shared server, which every read asks.
    Redis,
    /// The same, with copies in the process in front of it.
    Bounded,
}

impl Store {
    /// Whether entries lie on a server.
    #[must_use]
    pub fn is_shared(self) -> bool {
        self != Self::Memory
    }

    /// Gives the store to a repo.
    ///
    /// # Panics
    /// If the server is not there.
    pub fn give<S: CacheSchema>(self, builder: RepoBuilder<S>) -> RepoBuilder<S> {
        let consistency = match self {
            Self::Memory => return builder,
            Self::Redis => Consistency::Strict,
            Self::Bounded => Consistency::Bounded,
        };
        let server = server(testkit::shared::redis());
        let store = RedisStore::open(server.url()).expect("the address is right");
        builder.store(store).consistency(consistency)
    }
}

/// A database with the shop's tables, a store, and a repo over both.
#[derive(Debug)]
pub struct World {
    /// Which database it is.
    pub database: Database,
    /// Which store it is.
    pub store: Store,
    /// The repo.
    pub repo: CachedRepo<Shop>,
    /// Moves the lifetimes of entries in the process.
    pub clock: Clock,
    /// Another connection to the database, past the repo.
    pub raw: DatabaseConnection,
    url: String,
    namespace: String,
    /// Keeps the file of an SQLite database.
    _folder: Option<tempfile::TempDir>,
}

impl World {
    /// A fresh one.
    pub async fn new(database: Database, store: Store) -> Self {
        Self::with(database, store, |builder| builder).await
    }

    /// A fresh one with other settings.
    pub async fn with(
        database: Database,
        store: Store,
        settings: impl FnOnce(RepoBuilder<Shop>) -> RepoBuilder<Shop>,
    ) -> Self {
        let name = unique_name();
        let mut folder = None;
        let url = match database {
            Database::Sqlite => {
                let made = tempfile::tempdir().expect("a temporary folder");
                let path = made.path().join("shop.db");
                folder = Some(made);
                format!("sqlite://{}?mode=rwc", path.display())
            }
            Database::Postgres => {
                server(testkit::shared::postgres().and_then(|server| server.create_database(&name)))
            }
            Database::MariaDb => {
                server(testkit::shared::mariadb().and_then(|server| server.create_database(&name)))
            }
        };
        let raw = connect(&url, database).await;
        create_tables(&raw).await;
        let clock = Clock::manual();
        let builder = builder(&url, database, store, &name)
            .await
            .clock(clock.clone());
        let repo = settings(builder)
            .build()
            .await
            .expect("the settings are right");
        Self {
            database,
            store,
            repo,
            clock,
            raw,
            url,
            namespace: name,
            _folder: folder,
        }
    }

    /// A repo over the same database and namespace, as another process would have it.
    pub async fn another(&self) -> CachedRepo<Shop> {
        self.another_with(|builder| builder).await
    }

    /// The same with other settings.
    pub async fn another_with(
        &self,
        settings: impl FnOnce(RepoBuilder<Shop>) -> RepoBuilder<Shop>,
    ) -> CachedRepo<Shop> {
        let builder = builder(&self.url, self.database, self.store, &self.namespace).await;
        settings(builder.clock(self.clock.clone()))
            .build()
            .await
            .expect("the settings are right")
    }

    /// A repo over the same database and namespace whose pool has one connection.
    ///
    /// # Panics
    /// If the database is not there.
    pub async fn on_one_connection(&self) -> CachedRepo<Shop> {
        let raw = connect_by(&self.url, 1).await;
        let builder = builder_on(raw, self.store, &self.namespace);
        builder.build().await.expect("the settings are right")
    }

    /// A repo of another schema over the same database, in a namespace of its own.
    pub async fn beside<S: CacheSchema>(&self) -> RepoBuilder<S> {
        let namespace = format!("{}_beside", self.namespace);
        let builder = builder(&self.url, self.database, self.store, &namespace).await;
        builder.clock(self.clock.clone())
    }

    /// First part of the keys in Redis.
    #[must_use]
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// How the database is connected to; SeaORM's own settings otherwise.
    #[must_use]
    pub fn address(&self) -> ConnectOptions {
        ConnectOptions::new(&self.url)
    }

    /// A repo over another connection to the same database, in the same namespace.
    ///
    /// # Panics
    /// If the settings are wrong.
    pub async fn over(
        &self,
        database: DatabaseConnection,
        settings: impl FnOnce(RepoBuilder<Shop>) -> RepoBuilder<Shop>,
    ) -> CachedRepo<Shop> {
        let builder = CachedRepo::<Shop>::builder(database)
            .namespace(&self.namespace)
            .settle_time(Duration::ZERO)
            .database_check(DatabaseCheck::Off)
            .store_timeout(Duration::from_secs(5));
        let built = settings(self.store.give(builder)).build().await;
        built.expect("the settings are right")
    }

    /// Counters of the entity with this prefix.
    #[must_use]
    pub fn stats(&self, prefix: &str) -> EntityStats {
        self.repo
            .stats()
            .entity(prefix)
            .expect("an entity of the shop")
            .clone()
    }

    /// Returns when no fill is under way: with a server as store, a read does not wait for its own.
    pub async fn settle(&self) {
        self.repo.wait_idle().await;
    }
}

fn unique_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("t{}_{}_{number}", std::process::id(), fastrand::u32(..))
}

fn server<T>(found: Result<T, testkit::ServerError>) -> T {
    found.unwrap_or_else(|error| panic!("{error}"))
}

async fn connect(url: &str, database: Database) -> DatabaseConnection {
    connect_by(url, if database == Database::Sqlite { 4 } else { 8 }).await
}

async fn connect_by(url: &str, connections: u32) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .connect_timeout(Duration::from_secs(20));
    options.max_connections(connections);
    sea_orm::Database::connect(options)
        .await
        .expect("the database is there")
}

async fn builder<S: CacheSchema>(
    url: &str,
    database: Database,
    store: Store,
    namespace: &str,
) -> RepoBuilder<S> {
    builder_on(connect(url, database).await, store, namespace)
}

fn builder_on<S: CacheSchema>(
    connection: DatabaseConnection,
    store: Store,
    namespace: &str,
) -> RepoBuilder<S> {
    let builder = CachedRepo::<S>::builder(connection)
        .namespace(namespace)
        // A fresh namespace has forgotten nothing, and a loaded machine is no reason to open the breaker.
        .settle_time(Duration::ZERO)
        // Tables are made as each test needs them; `database_check` tests it.
        .database_check(DatabaseCheck::Off)
        .store_timeout(Duration::from_secs(5));
    store.give(builder)
}

async fn create_tables(db: &DatabaseConnection) {
    create(db, shop::User).await;
    create(db, shop::Order).await;
    create(db, shop::Line).await;
    create(db, shop::Dashboard).await;
    create(db, shop::Note).await;
}

async fn create(db: &DatabaseConnection, entity: impl EntityTrait) {
    let backend = db.get_database_backend();
    let table = Schema::new(backend).create_table_from_entity(entity);
    db.execute(&table).await.expect("the table is created");
}
