//! A cached repository for SeaORM.

#[doc(hidden)]
pub mod __private;
mod codec;
mod config;
mod engine;
mod entry;
mod error;
mod key;
mod port;
mod protocol;
mod repo;
mod schema;
#[doc(hidden)]
pub mod sql;
mod stamp;
mod stats;
mod store;
mod time;
mod wire;

pub use cached_repo_derive::{CachedEntity, cached_schema};
pub use config::{Config, ConfigError, Preset, SettingError, UnknownName, WhenStoreDown};
pub use error::{Error, ErrorKind};
pub use repo::{FindByIndex, FindByUnique, FindMany, FindOne};
pub use schema::{CacheSchema, CachedEntity, InSchema};

/// What a module with entities wants in scope.
pub mod prelude {
    pub use crate::{CachedEntity, cached_schema};
}
