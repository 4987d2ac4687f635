//! The query corpus: queries of every kind over one schema, and random writes between them.
//!
//! Behind each write some queries are answered by the cache, twice, and by the database. All answers must be the same: a write that
//! leaves a query in the cache which it has changed is found. A query that was cached, had to be loaded again and found what it had found
//! before was forgotten needlessly; the share of these says how precise invalidation is.
//!
//! One thing after the other: races are for the staleness checker ([`staleness`](crate::staleness)).

pub mod case;
pub mod cells;
pub mod cli;
pub mod draw;
pub mod fill;
pub mod findings;
pub mod market;
pub mod options;
pub mod place;
pub mod queries;
pub mod run;
pub mod source;
pub mod step;
pub mod writes;

pub use cli::main;
