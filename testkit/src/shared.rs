//! Servers that many tests share.
//!
//! `cargo xtask test` starts one server of each kind and tells where they are by
//! environment variables. Without these (a test run by hand) each test process
//! starts its own, once, when it first asks; its watchdog ends it with the
//! process.
//!
//! # Rules
//!
//! 1. Each test makes its own database, and puts its own prefix before each key
//!    in Redis: others work there at the same time.
//! 2. Nobody kills, freezes or flushes a shared server; take a
//!    [`Redis`] of your own for that.

use std::env;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use crate::database;
use crate::{MariaDb, Postgres, Redis, ServerError};

/// The variable with the URL of a PostgreSQL to share.
pub const POSTGRES: &str = "CACHED_REPO_TEST_POSTGRES";
/// The variable with the URL of a MariaDB to share.
pub const MARIADB: &str = "CACHED_REPO_TEST_MARIADB";
/// The variable with the URL of a Redis to share.
pub const REDIS: &str = "CACHED_REPO_TEST_REDIS";

static OWN_POSTGRES: Own<Postgres> = Own::new();
static OWN_MARIADB: Own<MariaDb> = Own::new();
static OWN_REDIS: Own<Redis> = Own::new();

/// Where a shared server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedUrl(String);

impl SharedUrl {
    /// The URL to connect to.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.0
    }

    /// Makes an empty database and returns its URL, as
    /// [`Postgres::create_database`] does.
    ///
    /// # Errors
    ///
    /// As there; also [`ServerError::BadUrl`] for Redis, which has none.
    pub fn create_database(&self, name: &str) -> Result<String, ServerError> {
        database::create(&self.0, name)
    }

    /// Removes a database, as [`Postgres::drop_database`] does.
    ///
    /// # Errors
    ///
    /// As [`SharedUrl::create_database`].
    pub fn drop_database(&self, name: &str) -> Result<(), ServerError> {
        database::drop(&self.0, name)
    }
}

impl fmt::Display for SharedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The PostgreSQL to share.
///
/// # Errors
///
/// None was named, and none could be started.
pub fn postgres() -> Result<SharedUrl, ServerError> {
    named(POSTGRES).map_or_else(|| OWN_POSTGRES.url(Postgres::start, Postgres::url), Ok)
}

/// The MariaDB to share.
///
/// # Errors
///
/// As [`postgres`].
pub fn mariadb() -> Result<SharedUrl, ServerError> {
    named(MARIADB).map_or_else(|| OWN_MARIADB.url(MariaDb::start, MariaDb::url), Ok)
}

/// The Redis to share.
///
/// # Errors
///
/// As [`postgres`].
pub fn redis() -> Result<SharedUrl, ServerError> {
    named(REDIS).map_or_else(|| OWN_REDIS.url(Redis::start, Redis::url), Ok)
}

fn named(variable: &str) -> Option<SharedUrl> {
    env::var(variable)
        .ok()
        .filter(|url| !url.is_empty())
        .map(SharedUrl)
}

/// A server of this process's own, started when first asked for.
struct Own<S>(Mutex<Option<S>>);

impl<S> Own<S> {
    const fn new() -> Self {
        Self(Mutex::new(None))
    }

    fn url(
        &self,
        start: impl FnOnce() -> Result<S, ServerError>,
        url: impl FnOnce(&S) -> String,
    ) -> Result<SharedUrl, ServerError> {
        // Locked while starting: everybody waits for the one server.
        let mut own = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let server = match own.take() {
            Some(server) => server,
            None => start()?,
        };
        Ok(SharedUrl(url(own.insert(server))))
    }
}
