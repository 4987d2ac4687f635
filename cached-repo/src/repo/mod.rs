//! The typed interface: the repo that stands where a connection stood, its transactions, and reads.

mod answer;
mod batch;
mod bypass;
mod connection;
mod connection_methods;
mod event;
mod find;
mod handle;
mod invalidate;
mod invalidation_stream;
mod loader;
mod one;
mod operations;
mod pattern;
mod query;
mod read_context;
mod retry;
mod run;
#[cfg(feature = "schema-sync")]
mod schema_sync;
mod search;
mod shared_transaction;
mod statement_scope;
mod stream;
mod sweep;
mod tag;
mod to_end;
mod transaction;
mod undeclared;

pub use batch::Batch;
pub use bypass::{Bypass, BypassKind};
pub use event::{InvalidationRule, RuleBuilder};
pub use find::{FindByIndex, FindByUnique, FindMany, FindOne};
pub use handle::CachedRepo;
pub(crate) use invalidate::invalidate;
pub use invalidation_stream::{Cause, Effect, Invalidation, InvalidationStream, Lagged};
pub use loader::CachedLoader;
pub use one::One;
pub use pattern::Pattern;
pub use query::{
    Answers, AnyOf, BlockAnswer, BlockParameters, BlockReader, Cached, CachedBlock, CachedPages,
    CachedQuery, CountOf, First, FirstOf, Page, PageAt, Paged, Prepared, Shape, Totals,
};
pub use query::{
    CachedTree, Loaded, Nested, Relations, Tree, TreeForm, TreeLoader, Treeless, Unfit, Unnamed,
    put_belongs_to, put_belongs_to_option, put_has_many, put_has_one, put_relations,
    see_belongs_to, see_belongs_to_option, see_has_many, see_has_one, take_belongs_to,
    take_belongs_to_option, take_has_many, take_has_one,
};
pub use read_context::{Reads, Serves, Writes};
pub use retry::{BoxedClosure, RetryPolicy};
pub use search::{Normalized, Search, Warmed};
pub use stream::RowStream;
pub use sweep::{Progress, Sweep};
pub use tag::{IntoTag, Tag};
pub use transaction::CachedTransaction;
pub use undeclared::UndeclaredLookup;
