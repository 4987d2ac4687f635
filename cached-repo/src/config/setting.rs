//! The table of settings: how each is read, checked and shown.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use super::duration::{parse_duration, show_duration};
use super::{Config, Consistency, DatabaseCheck, Preset, WhenStoreDown};

/// One setting.
pub(super) struct Setting {
    /// The name of its field in [`Config`].
    pub(super) name: &'static str,
    kind: Kind,
}

/// What a setting holds, and how to get at it.
enum Kind {
    Preset,
    Namespace,
    Fraction(
        fn(&Config) -> f64,
        fn(&mut Config, f64),
        RangeInclusive<f64>,
    ),
    WhenStoreDown,
    Consistency,
    DatabaseCheck,
    Switch(fn(&Config) -> bool, fn(&mut Config, bool)),
    Duration(
        fn(&Config) -> Duration,
        fn(&mut Config, Duration),
        RangeInclusive<Duration>,
    ),
    Count(
        fn(&Config) -> usize,
        fn(&mut Config, usize),
        RangeInclusive<usize>,
    ),
}

const ZERO: Duration = Duration::ZERO;
/// The store counts in milliseconds: anything shorter would be no time at all.
const MILLI: Duration = Duration::from_millis(1);
const MINUTE: Duration = Duration::from_secs(60);
const FIVE_MINUTES: Duration = Duration::from_secs(5 * 60);
const HOUR: Duration = Duration::from_secs(3600);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Ten years: an end to what is surely a mistake, and far from any overflow.
const YEARS: Duration = Duration::from_secs(3650 * 24 * 3600);

/// The whole of a lifetime would leave no time for the load.
const AHEAD: RangeInclusive<f64> = 0.0..=0.99;
const NAMESPACE_BYTES: RangeInclusive<usize> = 1..=64;

/// All settings. The preset comes first, because reading it sets all others.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "preset",
        kind: Kind::Preset,
    },
    Setting {
        name: "namespace",
        kind: Kind::Namespace,
    },
    duration("ttl", |c| c.ttl, |c, v| c.ttl = v, MILLI..=YEARS),
    duration(
        "negative_ttl",
        |c| c.negative_ttl,
        |c, v| c.negative_ttl = v,
        ZERO..=YEARS,
    ),
    fraction("jitter", |c| c.jitter, |c, v| c.jitter = v, 0.0..=0.5),
    duration(
        "stale_while_revalidate",
        |c| c.stale_while_revalidate,
        |c, v| c.stale_while_revalidate = v,
        ZERO..=YEARS,
    ),
    duration(
        "stale_if_error",
        |c| c.stale_if_error,
        |c, v| c.stale_if_error = v,
        ZERO..=YEARS,
    ),
    fraction(
        "refresh_ahead",
        |c| c.refresh_ahead,
        |c, v| c.refresh_ahead = v,
        AHEAD,
    ),
    fraction(
        "early_refresh",
        |c| c.early_refresh,
        |c, v| c.early_refresh = v,
        0.0..=10.0,
    ),
    count(
        "capacity",
        |c| c.capacity,
        |c, v| c.capacity = v,
        0..=1_000_000_000,
    ),
    count(
        "memory_limit",
        |c| c.memory_limit,
        |c, v| c.memory_limit = v,
        0..=1 << 40,
    ),
    // Redis keeps no string longer than 512 MiB.
    count(
        "value_limit",
        |c| c.value_limit,
        |c, v| c.value_limit = v,
        1..=512 << 20,
    ),
    Setting {
        name: "consistency",
        kind: Kind::Consistency,
    },
    duration("bound", |c| c.bound, |c, v| c.bound = v, MILLI..=HOUR),
    Setting {
        name: "client_tracking",
        kind: Kind::Switch(|c| c.client_tracking, |c, v| c.client_tracking = v),
    },
    duration(
        "store_timeout",
        |c| c.store_timeout,
        |c, v| c.store_timeout = v,
        MILLI..=MINUTE,
    ),
    duration(
        "connect_timeout",
        |c| c.connect_timeout,
        |c, v| c.connect_timeout = v,
        MILLI..=FIVE_MINUTES,
    ),
    count(
        "store_concurrency",
        |c| c.store_concurrency,
        |c, v| c.store_concurrency = v,
        1..=100_000,
    ),
    duration(
        "lease_time",
        |c| c.lease_time,
        |c, v| c.lease_time = v,
        MILLI..=HOUR,
    ),
    duration(
        "wait_time",
        |c| c.wait_time,
        |c, v| c.wait_time = v,
        ZERO..=MINUTE,
    ),
    duration(
        "load_soft_timeout",
        |c| c.load_soft_timeout,
        |c, v| c.load_soft_timeout = v,
        MILLI..=HOUR,
    ),
    duration(
        "load_timeout",
        |c| c.load_timeout,
        |c, v| c.load_timeout = v,
        MILLI..=DAY,
    ),
    duration(
        "lock_time",
        |c| c.lock_time,
        |c, v| c.lock_time = v,
        MILLI..=DAY,
    ),
    duration(
        "settle_time",
        Config::settle_time,
        |c, v| c.settle_time = Some(v),
        ZERO..=DAY,
    ),
    count(
        "breaker_threshold",
        |c| c.breaker_threshold,
        |c, v| c.breaker_threshold = v,
        1..=1_000,
    ),
    duration(
        "breaker_cooldown",
        |c| c.breaker_cooldown,
        |c, v| c.breaker_cooldown = v,
        MILLI..=HOUR,
    ),
    Setting {
        name: "when_store_down",
        kind: Kind::WhenStoreDown,
    },
    // PostgreSQL takes 65 535 parameters in a query, SQLite 32 766.
    count("chunk", |c| c.chunk, |c, v| c.chunk = v, 1..=30_000),
    Setting {
        name: "database_check",
        kind: Kind::DatabaseCheck,
    },
];

const fn duration(
    name: &'static str,
    get: fn(&Config) -> Duration,
    set: fn(&mut Config, Duration),
    range: RangeInclusive<Duration>,
) -> Setting {
    Setting {
        name,
        kind: Kind::Duration(get, set, range),
    }
}

const fn count(
    name: &'static str,
    get: fn(&Config) -> usize,
    set: fn(&mut Config, usize),
    range: RangeInclusive<usize>,
) -> Setting {
    Setting {
        name,
        kind: Kind::Count(get, set, range),
    }
}

const fn fraction(
    name: &'static str,
    get: fn(&Config) -> f64,
    set: fn(&mut Config, f64),
    range: RangeInclusive<f64>,
) -> Setting {
    Setting {
        name,
        kind: Kind::Fraction(get, set, range),
    }
}

/// The environment variable of the setting `name`.
pub(super) fn variable(name: &str) -> String {
    format!("CACHED_REPO_{}", name.to_ascii_uppercase())
}

impl Setting {
    /// The environment variable that sets it.
    pub(super) fn variable(&self) -> String {
        variable(self.name)
    }

    /// Sets it to what `text` says, when that is a value it accepts.
    pub(super) fn read(&self, config: &mut Config, text: &str) -> Result<(), String> {
        match &self.kind {
            // Everything else that was set must come later than this.
            Kind::Preset => *config = named::<Preset>(text)?.into(),
            Kind::Namespace => text.clone_into(&mut config.namespace),
            Kind::Fraction(_, set, _) => set(config, number(text, "is not a number")?),
            Kind::WhenStoreDown => config.when_store_down = named(text)?,
            Kind::Consistency => config.consistency = named(text)?,
            Kind::DatabaseCheck => config.database_check = named(text)?,
            Kind::Switch(_, set) => set(config, switch(text)?),
            Kind::Duration(_, set, _) => set(config, parse_duration(text)?),
            Kind::Count(_, set, _) => set(config, number(text, "is not a whole number")?),
        }
        self.check(config)
    }

    /// Whether its value is one that it accepts; else what is wrong, as the end of a sentence.
    pub(super) fn check(&self, config: &Config) -> Result<(), String> {
        match &self.kind {
            Kind::Preset
            | Kind::WhenStoreDown
            | Kind::Consistency
            | Kind::DatabaseCheck
            | Kind::Switch(..) => Ok(()),
            Kind::Namespace => check_namespace(&config.namespace),
            Kind::Fraction(get, _, range) => within(&get(config), range),
            Kind::Duration(get, _, range) => within(&get(config), range),
            Kind::Count(get, _, range) => within(&get(config), range),
        }
    }

    /// Its value, as it would be written in the environment.
    pub(super) fn show(&self, config: &Config) -> String {
        match &self.kind {
            Kind::Preset => config.preset.to_string(),
            Kind::Namespace => config.namespace.clone(),
            Kind::Fraction(get, ..) => get(config).to_string(),
            Kind::WhenStoreDown => config.when_store_down.to_string(),
            Kind::Consistency => config.consistency.to_string(),
            Kind::DatabaseCheck => config.database_check.to_string(),
            Kind::Switch(get, _) => get(config).to_string(),
            Kind::Duration(get, ..) => show_duration(get(config)),
            Kind::Count(get, ..) => get(config).to_string(),
        }
    }

    /// What values it takes.
    pub(super) fn accepted(&self) -> String {
        match &self.kind {
            Kind::Preset => one_of(&Preset::ALL),
            Kind::Namespace => format!(
                "{} to {} of the letters `A` to `Z`, `a` to `z`, digits, `_`, `.` and `-`",
                NAMESPACE_BYTES.start(),
                NAMESPACE_BYTES.end(),
            ),
            Kind::Fraction(_, _, range) => {
                let what = if *range.end() < 1.0 {
                    "fraction"
                } else {
                    "number"
                };
                format!("a {what} from {} to {}", range.start(), range.end())
            }
            Kind::WhenStoreDown => one_of(&WhenStoreDown::ALL),
            Kind::Consistency => one_of(&Consistency::ALL),
            Kind::DatabaseCheck => one_of(&DatabaseCheck::ALL),
            Kind::Switch(..) => one_of(&[true, false]),
            Kind::Duration(_, _, range) => {
                let (least, most) = (range.start(), range.end());
                format!(
                    "a duration from {} to {}",
                    show_duration(*least),
                    show_duration(*most)
                )
            }
            Kind::Count(_, _, range) => {
                format!("a whole number from {} to {}", range.start(), range.end())
            }
        }
    }
}

fn named<T: FromStr<Err: Display>>(text: &str) -> Result<T, String> {
    text.trim()
        .parse()
        .map_err(|error: T::Err| error.to_string())
}

fn number<T: FromStr>(text: &str, problem: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| problem.to_owned())
}

fn switch(text: &str) -> Result<bool, String> {
    let is_on = text.trim().parse();
    is_on.map_err(|_| "is neither `true` nor `false`".to_owned())
}

fn within<T: PartialOrd>(value: &T, range: &RangeInclusive<T>) -> Result<(), String> {
    if range.contains(value) {
        Ok(())
    } else {
        Err("is out of range".to_owned())
    }
}

fn check_namespace(text: &str) -> Result<(), String> {
    if !NAMESPACE_BYTES.contains(&text.len()) {
        return Err(format!("has {} bytes", text.len()));
    }
    // Above all no braces: Redis Cluster would take them for a hash tag.
    match text
        .chars()
        .find(|c| !c.is_ascii_alphanumeric() && !"_.-".contains(*c))
    {
        None => Ok(()),
        Some(c) => Err(format!("has the character {c:?}")),
    }
}

fn one_of<T: Display>(names: &[T]) -> String {
    let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
