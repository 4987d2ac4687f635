#![doc = include_str!("../CRATE.md")]

#[doc(hidden)]
pub mod __private;
mod age;
mod builder;
mod codec;
pub mod config;
pub mod database;
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
pub mod stats;
mod store;
mod time;
mod wire;
mod write_token;

pub use builder::RepoBuilder;
#[doc(inline)]
pub use cached_repo_derive::{CachedEntity, CachedRelation, cached_schema};
pub use config::choice::Consistency;
pub use config::settings::Config;
pub use error::{Error, ErrorKind};
#[doc(hidden)]
pub use port::{Checkpoint, Checkpoints};
pub use receipt::Receipt;
pub use repo::{
    CachedLoader, CachedQuery, CachedRepo, CachedTransaction, Reads, Serves, Tag, Writes,
};
pub use schema::{CacheSchema, CachedEntity, InSchema};
#[cfg(feature = "redis")]
pub use store::RedisStore;
pub use write_token::WriteToken;

/// Reads, and what they can be made to do.
///
/// `find_cached*` on an entity begins a [`FindOne`](query::FindOne), [`FindMany`](query::FindMany),
/// [`FindByUnique`](query::FindByUnique) or [`FindByIndex`](query::FindByIndex). `.cached()` on a query of SeaORM makes a
/// [`Cached`](query::Cached), and [`read_cached`](CachedRepo::read_cached) a [`CachedBlock`](query::CachedBlock).
pub mod query {
    pub use crate::receipt::AnsweredBy;
    pub use crate::repo::{
        Answers, BlockAnswer, BlockParameters, BlockReader, Cached, CachedBlock, CachedPages,
        FindByIndex, FindByUnique, FindMany, FindOne, First, One, Page, Paged, Prepared, RowStream,
        Shape, Totals,
    };
}

/// Several reads in one round trip: [`CachedRepo::batch`].
pub mod batch {
    pub use crate::repo::{AnyOf, Batch, CountOf, FirstOf, PageAt};
}

/// Invalidation beyond the repo's own writes: rules of events, patterns, the stream of what is invalidated, and reports of writes
/// past the repo.
pub mod invalidation {
    pub use crate::repo::{
        Bypass, BypassKind, Cause, Effect, IntoTag, Invalidation, InvalidationRule,
        InvalidationStream, Lagged, Pattern, Progress, RuleBuilder, Sweep,
    };
}

/// Cached searches under normalized texts.
pub mod search {
    pub use crate::repo::{Normalized, Search, Warmed};
}

/// Transactions that are retried: [`CachedRepo::transaction_retry`].
pub mod transaction {
    pub use crate::repo::{BoxedClosure, RetryPolicy};
}

/// What tests of programs that use this library need.
///
/// The guide's page "Test" shows how.
pub mod testing {
    pub use crate::recorder::{ReadKind, ReadOutcome, ReadRecorder, RecordedRead};
    pub use crate::time::Clock;
}

/// What a module with entities wants in scope.
pub mod prelude {
    pub use crate::{
        CachedEntity, CachedLoader, CachedQuery, CachedRelation, CachedRepo, cached_schema,
    };
}
