//! Where a run takes place: a database and a namespace of its own.

use super::market::{self, Market};
use super::options::Options;
use crate::{Database, Store};
use cached_repo::config::DatabaseCheck;
use cached_repo::{CachedRepo, Consistency, RedisStore};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection};
use std::time::Duration;
use testkit::shared::{self, SharedUrl};

/// Longer than any run: nothing goes by itself.
const TTL: Duration = Duration::from_secs(7 * 24 * 3600);

/// A database of the run's own on a shared server, or a file, with the market's tables.
#[derive(Debug)]
pub struct Place {
    /// A connection past all repos.
    pub raw: DatabaseConnection,
    url: String,
    name: String,
    redis: Option<SharedUrl>,
    server: Option<SharedUrl>,
    /// Keeps the file of an SQLite database.
    _folder: tempfile::TempDir,
}

impl Place {
    /// Finds the servers, or starts them.
    ///
    /// # Errors
    /// A server is not there.
    pub async fn new(options: &Options) -> Result<Self, String> {
        let name = format!("corpus_{}_{}", std::process::id(), fastrand::u32(..));
        let folder = tempfile::tempdir().map_err(said)?;
        let server = match options.database {
            Database::Sqlite => None,
            Database::Postgres => Some(shared::postgres().map_err(said)?),
            Database::MariaDb => Some(shared::mariadb().map_err(said)?),
        };
        let url = match &server {
            Some(server) => {
                let url = server.create_database(&name).map_err(said)?;
                // More texts than sqlx keeps: with MariaDB, forgetting one costs 40 ms, in which the kernel waits for more to send.
                format!("{url}?statement-cache-capacity=2000")
            }
            None => format!(
                "sqlite://{}?mode=rwc",
                folder.path().join("market.db").display()
            ),
        };
        let redis = match options.store {
            Store::Memory => None,
            Store::Redis | Store::Bounded => Some(shared::redis().map_err(said)?),
        };
        let raw = connect(&url).await?;
        if server.is_none() {
            // Readers and a writer of several repos do not lock each other out.
            let mode = "PRAGMA journal_mode = WAL";
            raw.execute_unprepared(mode).await.map_err(said)?;
        }
        market::create(&raw).await.map_err(said)?;
        Ok(Self {
            raw,
            url,
            name,
            redis,
            server,
            _folder: folder,
        })
    }

    /// A repo as a process of its own would have it.
    ///
    /// # Errors
    /// A server is not there.
    pub async fn repo(&self) -> Result<CachedRepo<Market>, String> {
        let builder = CachedRepo::<Market>::builder(connect(&self.url).await?)
            .namespace(&self.name)
            .ttl(TTL)
            // A fresh namespace has forgotten nothing, and a loaded machine is no reason to open the breaker.
            .settle_time(Duration::ZERO)
            .store_timeout(Duration::from_secs(5))
            .database_check(DatabaseCheck::Error);
        let builder = match &self.redis {
            Some(redis) => {
                let store = RedisStore::open(redis.url()).map_err(said)?;
                builder.store(store).consistency(Consistency::Strict)
            }
            None => builder,
        };
        builder.build().await.map_err(said)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(server) = &self.server {
            // The server may be gone with the session that started it; then so is the database.
            let _ = server.drop_database(&self.name);
        }
    }
}

async fn connect(url: &str) -> Result<DatabaseConnection, String> {
    let mut options = ConnectOptions::new(url);
    options
        .sqlx_logging(false)
        .max_connections(4)
        .connect_timeout(Duration::from_secs(20));
    sea_orm::Database::connect(options).await.map_err(said)
}

fn said(error: impl std::fmt::Display) -> String {
    error.to_string()
}
