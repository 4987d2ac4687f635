//! What the engine takes of the configuration.

use crate::age::Aging;
use crate::config::{Config, Consistency, WhenStoreDown};
use std::time::Duration;

/// Settings that the engine needs.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) ttl: Duration,
    pub(crate) negative_ttl: Duration,
    /// Share of a lifetime that is cut at random.
    pub(crate) jitter: f64,
    /// What entities allow beyond a lifetime that say nothing themselves.
    pub(crate) aging: Aging,
    /// First pause after a refresh that has failed.
    pub(crate) pause: Duration,
    pub(crate) lock_time: Duration,
    /// How long a reader waits for another process's load.
    pub(crate) wait_time: Duration,
    /// How long a load may keep its lease.
    pub(crate) lease_time: Duration,
    /// How long a load may take until a second one begins beside it.
    pub(crate) load_soft_timeout: Duration,
    /// How long a load may take, and how long a reader waits for loads.
    pub(crate) load_timeout: Duration,
    /// Keys in one query.
    pub(crate) chunk: usize,
    /// Whether writes are refused while the store is away.
    pub(crate) refuse_when_down: bool,
    /// What entities promise that say nothing themselves.
    pub(crate) consistency: Consistency,
    /// Whether there is no cache: statements go to the database as they are.
    pub(crate) passthrough: bool,
}

impl From<&Config> for Settings {
    fn from(config: &Config) -> Self {
        Self {
            ttl: config.ttl,
            negative_ttl: config.negative_ttl,
            jitter: config.jitter,
            aging: Aging {
                stale_while_revalidate: config.stale_while_revalidate,
                stale_if_error: config.stale_if_error,
                refresh_ahead: config.refresh_ahead,
                early_refresh: config.early_refresh,
            },
            pause: config.breaker_cooldown,
            lock_time: config.lock_time,
            wait_time: config.wait_time,
            lease_time: config.lease_time,
            load_soft_timeout: config.load_soft_timeout,
            load_timeout: config.load_timeout,
            chunk: config.chunk,
            refuse_when_down: config.when_store_down == WhenStoreDown::Refuse,
            consistency: config.consistency,
            passthrough: false,
        }
    }
}
