//! The settings of a repo: what each means, where it comes from and what it may be.
//!
//! Settings come from a [`Preset`], from the environment ([`Config::from_env`]) or from code. A variable that is
//! set wins over the preset. Every wrong value is reported, not only the first.
//!
//! The variable of a setting is its name in capitals behind `CACHED_REPO_`. A duration is one or more numbers, each with a unit
//! (`250ms`, `1h 30m`), a fraction a number or a percentage (`0.1`, `10%`). The guide's page "Configuration" has the grammar, and a
//! table of all settings.
//!
//! # Not here
//!
//! `CACHED_REPO_URL` (the store) and `DATABASE_URL` (the source) are read where the connections are made. Both
//! may hold a password, so nothing here reads or shows them.

pub(crate) mod choice;
mod duration;
mod error;
mod fraction;
mod lists;
mod preset;
mod setting;
pub(crate) mod settings;
pub(crate) mod table;
#[cfg(test)]
mod tests;
mod value;

pub(crate) use self::choice::Consistency;
pub use self::choice::{DatabaseCheck, UnknownName, WhenStoreDown};
pub use self::error::{ConfigError, SettingError};
pub use self::lists::Lists;
pub use self::preset::Preset;
pub(crate) use self::settings::Config;
