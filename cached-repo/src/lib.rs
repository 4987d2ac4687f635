//! Placeholder.

#[doc(hidden)]
pub mod sql;
