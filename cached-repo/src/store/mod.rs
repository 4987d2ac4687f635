//! The stores. They never see each other.

mod guard;
mod memory;
#[cfg(feature = "redis")]
mod redis;
#[cfg(feature = "redis")]
mod remote;

pub(crate) use guard::{Guarded, Limits};
pub(crate) use memory::{Bounds, MemoryStore};
#[cfg(feature = "redis")]
pub use redis::RedisStore;
#[cfg(feature = "redis")]
pub(crate) use remote::RemoteSettings;
