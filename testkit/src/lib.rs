//! Private servers for tests: found on this machine, started on a free
//! loopback port in a temporary folder, stopped by process id.
//!
//! ```no_run
//! use testkit::{Postgres, Redis};
//!
//! let mut redis = Redis::start()?;
//! redis.kill(); // everything in it is lost
//! redis.restart()?; // empty, on the same port
//!
//! let postgres = Postgres::start()?;
//! let url = postgres.create_database("orders")?;
//! # Ok::<(), testkit::ServerError>(())
//! ```
//!
//! Tests that need nothing but *a* server take the one of [`shared`]: starting
//! PostgreSQL costs a second, a database in a running one a few milliseconds.
//!
//! # Rules
//!
//! 1. A server listens on 127.0.0.1 only.
//! 2. A server never outlives the process that started it, however that process
//!    ends: each has a watchdog (see the `watchdog` module).
//! 3. Readiness is asked of *our* server, never of a port: somebody else may
//!    have taken the port in between.
//!
//! # Not here
//!
//! Installing anything: `cargo xtask test` does that.

mod account;
pub mod clock;
mod database;
mod error;
mod find;
mod mariadb;
mod port;
mod postgres;
mod process;
#[cfg(feature = "proxy")]
mod proxy;
mod redis;
pub mod shared;
mod signal;
mod start;
mod subprocess;
mod watchdog;

pub use error::ServerError;
pub use find::find_program;
pub use mariadb::MariaDb;
pub use postgres::Postgres;
#[cfg(feature = "proxy")]
pub use proxy::Proxy;
pub use redis::Redis;
pub use subprocess::Subprocess;
