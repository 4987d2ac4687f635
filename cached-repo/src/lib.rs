//! A cached repository for SeaORM.

#[doc(hidden)]
pub mod __private;
mod __private_writes_stub;
mod error;
mod repo;
mod schema;

pub use __private_writes_stub::Writes;
pub use cached_repo_derive::{CachedEntity, cached_schema};
pub use error::{Error, ErrorKind};
pub use repo::{FindByIndex, FindByUnique, FindMany, FindOne};
pub use schema::{CacheSchema, CachedEntity, InSchema};

/// What a module with entities wants in scope.
pub mod prelude {
    pub use crate::{CachedEntity, cached_schema};
}
