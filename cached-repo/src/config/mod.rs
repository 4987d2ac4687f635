//! The settings of a repo: what each means, where it comes from and what it may be.
//!
//! Settings come from a [`Preset`], from the environment ([`Config::from_env`]) or from code. A variable that is
//! set wins over the preset. Every wrong value is reported, not only the first.
//!
//! | setting | variable | default | accepted |
//! |---|---|---|---|
//! | `preset` | `CACHED_REPO_PRESET` | `moderate` | `aggressive`, `moderate`, `light`, `memory-only` or `distributed` |
//! | `namespace` | `CACHED_REPO_NAMESPACE` | `cr` | 1 to 64 of the letters `A` to `Z`, `a` to `z`, digits, `_`, `.` and `-` |
//! | `ttl` | `CACHED_REPO_TTL` | `1h` | a duration from 1ms to 3650d |
//! | `negative_ttl` | `CACHED_REPO_NEGATIVE_TTL` | `30s` | a duration from 0s to 3650d |
//! | `jitter` | `CACHED_REPO_JITTER` | `0.1` | a fraction from 0 to 0.5 |
//! | `stale_while_revalidate` | `CACHED_REPO_STALE_WHILE_REVALIDATE` | `0s` | a duration from 0s to 3650d |
//! | `stale_if_error` | `CACHED_REPO_STALE_IF_ERROR` | `0s` | a duration from 0s to 3650d |
//! | `refresh_ahead` | `CACHED_REPO_REFRESH_AHEAD` | `0` | a fraction from 0 to 0.99 |
//! | `early_refresh` | `CACHED_REPO_EARLY_REFRESH` | `0` | a number from 0 to 10 |
//! | `capacity` | `CACHED_REPO_CAPACITY` | `100000` | a whole number from 0 to 1000000000 |
//! | `memory_limit` | `CACHED_REPO_MEMORY_LIMIT` | `268435456` | a whole number from 0 to 1099511627776 |
//! | `value_limit` | `CACHED_REPO_VALUE_LIMIT` | `1048576` | a whole number from 1 to 536870912 |
//! | `consistency` | `CACHED_REPO_CONSISTENCY` | `bounded` | `strict`, `bounded` or `in-process` |
//! | `bound` | `CACHED_REPO_BOUND` | `5s` | a duration from 1ms to 1h |
//! | `client_tracking` | `CACHED_REPO_CLIENT_TRACKING` | `false` | `true` or `false` |
//! | `store_timeout` | `CACHED_REPO_STORE_TIMEOUT` | `100ms` | a duration from 1ms to 1m |
//! | `connect_timeout` | `CACHED_REPO_CONNECT_TIMEOUT` | `1s` | a duration from 1ms to 5m |
//! | `store_concurrency` | `CACHED_REPO_STORE_CONCURRENCY` | `256` | a whole number from 1 to 100000 |
//! | `lease_time` | `CACHED_REPO_LEASE_TIME` | `10s` | a duration from 1ms to 1h |
//! | `wait_time` | `CACHED_REPO_WAIT_TIME` | `1s` | a duration from 0s to 1m |
//! | `load_soft_timeout` | `CACHED_REPO_LOAD_SOFT_TIMEOUT` | `10s` | a duration from 1ms to 1h |
//! | `load_timeout` | `CACHED_REPO_LOAD_TIMEOUT` | `1m` | a duration from 1ms to 1d |
//! | `lock_time` | `CACHED_REPO_LOCK_TIME` | `10s` | a duration from 1ms to 1d |
//! | `settle_time` | `CACHED_REPO_SETTLE_TIME` | `10s` | a duration from 0s to 1d |
//! | `breaker_threshold` | `CACHED_REPO_BREAKER_THRESHOLD` | `5` | a whole number from 1 to 1000 |
//! | `breaker_cooldown` | `CACHED_REPO_BREAKER_COOLDOWN` | `500ms` | a duration from 1ms to 1h |
//! | `when_store_down` | `CACHED_REPO_WHEN_STORE_DOWN` | `proceed` | `proceed` or `refuse` |
//! | `chunk` | `CACHED_REPO_CHUNK` | `1000` | a whole number from 1 to 30000 |
//! | `database_check` | `CACHED_REPO_DATABASE_CHECK` | `warn` | `off`, `warn` or `error` |
//!
//! A duration is a whole number and a unit: `250ms`, `10s`, `5m`, `1h`, `1d`, `2w`.
//!
//! # Not here
//!
//! `CACHED_REPO_URL` (the store) and `DATABASE_URL` (the source) are read where the connections are made. Both
//! may hold a password, so nothing here reads or shows them.

pub(crate) mod duration;
mod error;
mod lists;
mod preset;
mod setting;
#[cfg(test)]
mod tests;

use std::time::Duration;

pub use self::error::{ConfigError, SettingError};
pub use self::lists::Lists;
pub use self::preset::{Consistency, DatabaseCheck, Preset, UnknownName, WhenStoreDown};
use self::setting::{SETTINGS, Setting};

/// The settings of a repo.
///
/// Start from [`Config::default`], from a [`Preset`] or from the environment, change the fields, and let the
/// builder check them. The module documentation has a table of all settings.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Config {
    /// The preset that the other settings started from. Changing it here changes no other field: use
    /// [`Config::from`]. Default: [`Preset::Moderate`].
    pub preset: Preset,

    /// The first part of every key in the store. Repos share entries exactly when they share the store and the
    /// namespace. Default: `cr`.
    pub namespace: String,

    /// How long a value may be served when its entity names no TTL. Default: one hour.
    pub ttl: Duration,

    /// How long the absence of a row may be served. Zero keeps no absence. Default: 30 seconds.
    pub negative_ttl: Duration,

    /// The largest fraction by which a TTL is cut at random, so that entries stored together do not expire
    /// together. Default: 0.1.
    pub jitter: f64,

    /// How long after its lifetime an entry is served while it is loaded anew behind the reader, for entities that say nothing
    /// themselves (RFC 5861). Zero serves nothing past its lifetime. Default: zero.
    pub stale_while_revalidate: Duration,

    /// How long after its lifetime an entry is served if the database fails (RFC 5861). Zero hands the error on.
    /// Default: zero.
    pub stale_if_error: Duration,

    /// The fraction of its lifetime after which an entry that is read is loaded anew behind the reader. Zero waits for the
    /// end. Default: zero.
    pub refresh_ahead: f64,

    /// How eagerly readers load an entry anew at random, the nearer its end and the longer its load takes: beta of XFetch
    /// (A. Vattani, F. Chierichetti, K. Lowenstein, "Optimal Probabilistic Cache Stampede Prevention", PVLDB 8 (8), 2015), of
    /// which the paper finds 1 a good choice. Zero is never. Default: zero.
    pub early_refresh: f64,

    /// How many entries the process keeps in its own memory. Zero keeps none. Default: 100 000.
    pub capacity: usize,

    /// How many bytes these entries may take, roughly. An entry counts as `memory_limit / capacity` bytes at least, and one
    /// that takes a great part of the limit is not kept. Zero keeps none. Default: 268 435 456 (256 MiB).
    pub memory_limit: usize,

    /// The largest encoded value that is stored, in bytes; a larger one is read from the source every time.
    /// Default: 1 048 576 (1 MiB).
    pub value_limit: usize,

    /// How new a read is over a shared store, for entities that say nothing themselves. Default: [`Consistency::Bounded`].
    pub consistency: Consistency,

    /// The longest time for which a copy of an entry of the store is served from this process's memory. It is how long
    /// another process's write may go unseen if its notice does not arrive. Default: five seconds.
    pub bound: Duration,

    /// Whether copies go at once also when a program that is not this library deletes or changes keys of the namespace in
    /// the store; else they go at the [`bound`](Config::bound). The server then tells every process of every key that anybody
    /// changes (client tracking, by broadcast), also of fills, which costs the server work in proportion to their number.
    /// Default: `false`.
    pub client_tracking: bool,

    /// How long one call to the store may take before it counts as failed. Default: 100 milliseconds.
    pub store_timeout: Duration,

    /// How long connecting to the store may take. Default: one second.
    pub connect_timeout: Duration,

    /// How many calls of readers may wait for the store's answers at the same time. Further ones wait for their turn, for
    /// [`store_timeout`](Config::store_timeout) at most, and then go to the database. Default: 256.
    pub store_concurrency: usize,

    /// How long a load keeps other processes from loading the same entry over a shared store: its lease is renewed for so long, and
    /// what it loads later is not stored. The load itself ends at [`load_timeout`](Config::load_timeout). Default: ten seconds.
    pub lease_time: Duration,

    /// How long a reader waits when another process is loading what it misses, before it asks the source itself. Zero waits
    /// for nobody. Default: one second.
    pub wait_time: Duration,

    /// How long a load may take until its readers no longer rely on it: a second load of the same key begins beside it, and
    /// whichever ends first answers. A reader that has an entry to serve instead
    /// ([`stale_if_error`](Config::stale_if_error)) serves it then. Default: ten seconds.
    pub load_soft_timeout: Duration,

    /// How long a load may take at all, and how long a reader waits for loads. Then the load is dropped, and everybody who waits
    /// for it gets [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut). Default: one minute.
    pub load_timeout: Duration,

    /// How long the lock of a write lives when its writer dies before it can release it. Until then readers go
    /// to the source. It must be longer than the longest write outside of a transaction, and than the longest
    /// commit. Default: ten seconds.
    pub lock_time: Duration,

    /// How long a namespace epoch that was just created refuses fills, because a store that lost its data has
    /// lost the locks of running writes, too. `None` takes [`Config::lock_time`]. Less than that opens a gap: a
    /// store that restarts between the lock and the commit of a writer that then dies. Default: `None`.
    pub settle_time: Option<Duration>,

    /// How many intervals with time-outs, one after the other, open the breaker. An interval lasts about as long as
    /// [`store_timeout`](Config::store_timeout), and counts if at least half of the calls that end in it time out. A lost
    /// connection, and an invalidation that fails, open the breaker at once. Default: 5.
    pub breaker_threshold: usize,

    /// How long an open breaker waits before it lets one call probe the store. Default: 500 milliseconds.
    pub breaker_cooldown: Duration,

    /// What a write does when the store cannot be reached. Default: [`WhenStoreDown::Proceed`].
    pub when_store_down: WhenStoreDown,

    /// How many keys one `IN` query asks the source for. Default: 1000.
    pub chunk: usize,

    /// What building the repo does about foreign keys and triggers that the schema does not know. Anything but
    /// [`DatabaseCheck::Off`] takes three or four queries. Default: [`DatabaseCheck::Warn`].
    pub database_check: DatabaseCheck,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            preset: Preset::Moderate,
            namespace: "cr".to_owned(),
            ttl: Duration::from_secs(3600),
            negative_ttl: Duration::from_secs(30),
            jitter: 0.1,
            stale_while_revalidate: Duration::ZERO,
            stale_if_error: Duration::ZERO,
            refresh_ahead: 0.0,
            early_refresh: 0.0,
            capacity: 100_000,
            memory_limit: 256 << 20,
            value_limit: 1 << 20,
            consistency: Consistency::Bounded,
            bound: Duration::from_secs(5),
            client_tracking: false,
            store_timeout: Duration::from_millis(100),
            connect_timeout: Duration::from_secs(1),
            store_concurrency: 256,
            lease_time: Duration::from_secs(10),
            wait_time: Duration::from_secs(1),
            load_soft_timeout: Duration::from_secs(10),
            load_timeout: Duration::from_secs(60),
            lock_time: Duration::from_secs(10),
            settle_time: None,
            breaker_threshold: 5,
            breaker_cooldown: Duration::from_millis(500),
            when_store_down: WhenStoreDown::Proceed,
            chunk: 1000,
            database_check: DatabaseCheck::Warn,
        }
    }
}

impl Config {
    /// The settings that the environment asks for; what it does not mention comes from its preset.
    ///
    /// # Errors
    ///
    /// All variables with a wrong value. An empty variable is a wrong value: unset it to get the default.
    pub fn from_env() -> Result<Self, ConfigError> {
        // Text that is not Unicode turns into text that no setting accepts, and is reported like any other.
        Self::from_vars(|name| Some(std::env::var_os(name)?.to_string_lossy().into_owned()))
    }

    /// As [`Config::from_env`], from variables that `get` knows.
    ///
    /// # Errors
    ///
    /// All variables with a wrong value.
    pub fn from_vars(get: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let mut config = Self::default();
        let mut problems = Vec::new();
        // The preset stands first in the table, so that all other variables win over it.
        for setting in SETTINGS {
            let Some(text) = get(&setting.variable()) else {
                continue;
            };
            if let Err(problem) = setting.read(&mut config, &text) {
                problems.push(SettingError::new(setting, &text, problem));
            }
        }
        if problems.is_empty() {
            config.validate().map(|()| config)
        } else {
            Err(ConfigError::new(problems))
        }
    }

    /// Checks every setting.
    ///
    /// # Errors
    ///
    /// All settings with a wrong value.
    pub fn validate(&self) -> Result<(), ConfigError> {
        let wrong = |setting: &Setting| {
            let problem = setting.check(self).err()?;
            Some(SettingError::new(setting, &setting.show(self), problem))
        };
        let problems: Vec<_> = SETTINGS.iter().filter_map(wrong).collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(ConfigError::new(problems))
        }
    }

    /// How long a namespace epoch that was just created refuses fills: [`Config::settle_time`], else
    /// [`Config::lock_time`].
    pub fn settle_time(&self) -> Duration {
        self.settle_time.unwrap_or(self.lock_time)
    }
}
