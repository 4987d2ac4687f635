//! Placeholder.

mod codec;
mod config;
mod entry;
mod stamp;
mod wire;

pub use self::config::{Config, ConfigError, Preset, SettingError, UnknownName, WhenStoreDown};
