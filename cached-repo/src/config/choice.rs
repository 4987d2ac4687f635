//! Settings that are one of a few names.

use std::fmt;

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
    /// [`bound`](crate::Config::bound) at the latest if none does.
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

/// Lets an enum with `ALL` and `name` be shown, be read, and be the type of a setting.
macro_rules! named {
    ($choice:ident, $what:literal) => {
        impl std::fmt::Display for $choice {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $choice {
            type Err = $crate::config::UnknownName;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let known = Self::ALL.into_iter().find(|it| it.name() == text);
                known.ok_or($crate::config::UnknownName::of($what))
            }
        }

        impl $crate::config::value::Value for $choice {
            type Range = ();

            fn read(text: &str) -> Result<Self, String> {
                let known: Result<Self, _> = text.trim().parse();
                known.map_err(|unknown| unknown.to_string())
            }

            fn show(&self) -> String {
                self.to_string()
            }

            fn accepted((): &()) -> String {
                $crate::config::value::one_of(&Self::ALL)
            }

            fn check(&self, (): &()) -> Result<(), String> {
                Ok(())
            }
        }
    };
}

pub(super) use named;

named!(WhenStoreDown, "choice");
named!(Consistency, "level");
named!(DatabaseCheck, "choice");

/// A text is the name of no choice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownName(&'static str);

impl UnknownName {
    pub(super) const fn of(what: &'static str) -> Self {
        Self(what)
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is not the name of a {}", self.0)
    }
}

impl std::error::Error for UnknownName {}
