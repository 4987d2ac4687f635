#![doc = include_str!("../CRATE.md")]

#[doc(hidden)]
pub mod __private;
mod age;
mod builder;
mod codec;
mod config;
mod database;
mod engine;
mod entry;
mod error;
pub mod graph;
mod key;
mod port;
mod protocol;
mod receipt;
mod recorder;
mod repo;
mod schema;
mod sql;
mod stamp;
mod stats;
mod store;
mod time;
mod wire;
mod write_token;

pub use builder::RepoBuilder;
#[doc(inline)]
pub use cached_repo_derive::{CachedEntity, CachedRelation, cached_schema};
pub use config::{
    Config, ConfigError, Consistency, DatabaseCheck, Lists, Preset, SettingError, UnknownName,
    WhenStoreDown,
};
pub use database::{DatabaseReport, Finding, FindingKind};
pub use error::{Error, ErrorKind};
pub use graph::{InvalidationGraph, WriteExplanation};
#[doc(hidden)]
pub use port::{Checkpoint, Checkpoints};
pub use receipt::{AnsweredBy, Receipt};
pub use repo::{
    Answers, AnyOf, Batch, BlockAnswer, BlockParameters, BlockReader, BoxedClosure, Bypass,
    BypassKind, CacheEvent, Cached, CachedBlock, CachedLoader, CachedPages, CachedQuery,
    CachedRepo, CachedTransaction, Cause, CountOf, Effect, FindByIndex, FindByUnique, FindMany,
    FindOne, First, FirstOf, IntoTag, Invalidation, InvalidationStream, Invalidations, News,
    Normalized, One, Page, PageAt, Paged, Pattern, Prepared, Progress, Reads, RetryPolicy,
    RowStream, Search, Serves, Shape, Sweep, Tag, Totals, Warmed, Writes,
};
pub use schema::{CacheSchema, CachedEntity, InSchema};
pub use stats::{
    CauseKind, CauseStats, EntityStats, FanOut, InvalidationStats, Stats, StoreStats,
    TransactionStats,
};
#[cfg(feature = "redis")]
pub use store::RedisStore;
pub use time::Clock;
pub use write_token::WriteToken;

/// What tests of programs that use this library need.
///
/// The guide's page "Test" shows how.
pub mod testing {
    pub use crate::recorder::{ReadKind, ReadOutcome, ReadRecorder, RecordedRead};
}

/// What a module with entities wants in scope.
pub mod prelude {
    pub use crate::{
        CachedEntity, CachedLoader, CachedQuery, CachedRelation, CachedRepo, cached_schema,
    };
}
