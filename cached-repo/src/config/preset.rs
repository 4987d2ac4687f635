//! Named starting points.

use super::Config;
use super::choice::named;
use std::time::Duration;

/// A named starting point for a [`Config`]. Whatever a preset does not mention has its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Preset {
    /// Keep much, for long: for data that is read far more often than it changes.
    ///
    /// Sets [`ttl`](Config::ttl) to one day, [`negative_ttl`](Config::negative_ttl) to five minutes,
    /// [`capacity`](Config::capacity) to 1 000 000 and [`value_limit`](Config::value_limit) to 8 MiB.
    Aggressive,

    /// The defaults. Sets nothing.
    #[default]
    Moderate,

    /// Keep little, for a short time: for small processes, and for getting to know the cache.
    ///
    /// Sets [`ttl`](Config::ttl) to five minutes, [`negative_ttl`](Config::negative_ttl) to five seconds,
    /// [`capacity`](Config::capacity) to 10 000 and [`value_limit`](Config::value_limit) to 64 KiB.
    Light,

    /// One process, without a store. What other processes write is seen only when an entry expires.
    ///
    /// Sets [`ttl`](Config::ttl) to one minute, [`negative_ttl`](Config::negative_ttl) to five seconds, and
    /// [`settle_time`](Config::settle_time) to zero, as memory that was just made has lost no lock.
    MemoryOnly,

    /// Many processes over one store that is further away.
    ///
    /// Sets [`jitter`](Config::jitter) to 0.2, [`store_timeout`](Config::store_timeout) to 250 milliseconds,
    /// [`connect_timeout`](Config::connect_timeout) to three seconds and
    /// [`breaker_cooldown`](Config::breaker_cooldown) to two seconds, so that they neither expire nor probe
    /// together.
    Distributed,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 5] = [
        Self::Aggressive,
        Self::Moderate,
        Self::Light,
        Self::MemoryOnly,
        Self::Distributed,
    ];

    /// The name, as written in `CACHED_REPO_PRESET`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aggressive => "aggressive",
            Self::Moderate => "moderate",
            Self::Light => "light",
            Self::MemoryOnly => "memory-only",
            Self::Distributed => "distributed",
        }
    }
}

impl From<Preset> for Config {
    fn from(preset: Preset) -> Self {
        let defaults = Self {
            preset,
            ..Self::default()
        };
        match preset {
            Preset::Aggressive => Self {
                ttl: Duration::from_secs(86_400),
                negative_ttl: Duration::from_secs(300),
                capacity: 1_000_000,
                value_limit: 8 << 20,
                ..defaults
            },
            Preset::Moderate => defaults,
            Preset::Light => Self {
                ttl: Duration::from_secs(300),
                negative_ttl: Duration::from_secs(5),
                capacity: 10_000,
                value_limit: 64 << 10,
                ..defaults
            },
            Preset::MemoryOnly => Self {
                ttl: Duration::from_secs(60),
                negative_ttl: Duration::from_secs(5),
                settle_time: Some(Duration::ZERO),
                ..defaults
            },
            Preset::Distributed => Self {
                jitter: 0.2,
                store_timeout: Duration::from_millis(250),
                connect_timeout: Duration::from_secs(3),
                breaker_cooldown: Duration::from_secs(2),
                ..defaults
            },
        }
    }
}

named!(Preset, "preset");
