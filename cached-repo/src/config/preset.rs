//! Named starting points, what to do without the store, and what to do about the database.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::Config;

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

/// What a write does when the store cannot be reached, so that it can neither lock nor invalidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum WhenStoreDown {
    /// Write to the source. This process serves nothing from the store until what it owes is made good, which
    /// it does by itself when the store answers. Other processes that still reach the store serve the old
    /// entries until then, and until they expire if this process dies first.
    #[default]
    Proceed,
    /// Fail before the source is touched: no write without its invalidation.
    Refuse,
}

impl WhenStoreDown {
    /// Both choices.
    pub const ALL: [Self; 2] = [Self::Proceed, Self::Refuse];

    /// The name, as written in `CACHED_REPO_WHEN_STORE_DOWN`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Proceed => "proceed",
            Self::Refuse => "refuse",
        }
    }
}

/// How new a read is, in a repo over a shared store. What each promises, and where that ends, stands in `CAVEATS.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Consistency {
    /// A read that begins after a write has returned, in whichever process, gets that write or a newer one. Each hit is a
    /// question to the store.
    Strict,
    /// This process keeps copies of what the store holds, and serves them without asking. Its own writes it sees at once. Those of
    /// other processes it sees when their notice arrives, well below a millisecond on a local network, and after
    /// [`Config::bound`] at the latest if none does.
    #[default]
    Bounded,
    /// [`Strict`](Self::Strict) inside this one process: what a repo without a shared store keeps, whatever it is told. A
    /// repo with one refuses it.
    InProcess,
}

impl Consistency {
    /// All levels.
    pub const ALL: [Self; 3] = [Self::Strict, Self::Bounded, Self::InProcess];

    /// The name, as written in `CACHED_REPO_CONSISTENCY`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Bounded => "bounded",
            Self::InProcess => "in-process",
        }
    }
}

/// What is done about a database that changes rows by itself, by foreign keys and triggers that the cache schema does not
/// know. They are compared when the repo is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum DatabaseCheck {
    /// Nothing is compared, and nothing is asked of the database.
    Off,
    /// Each finding is logged as a warning, and so is a check that could not be made.
    #[default]
    Warn,
    /// The repo is not built while there is a warning, or if the check cannot be made.
    Error,
}

impl DatabaseCheck {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::Off, Self::Warn, Self::Error];

    /// The name, as written in `CACHED_REPO_DATABASE_CHECK`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

macro_rules! named {
    ($choice:ident, $what:literal) => {
        impl fmt::Display for $choice {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.name())
            }
        }

        impl FromStr for $choice {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                let known = Self::ALL.into_iter().find(|it| it.name() == text);
                known.ok_or(UnknownName($what))
            }
        }
    };
}

named!(Preset, "preset");
named!(WhenStoreDown, "choice");
named!(Consistency, "level");
named!(DatabaseCheck, "choice");

/// A text is the name of no choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownName(&'static str);

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is not the name of a {}", self.0)
    }
}

impl std::error::Error for UnknownName {}
