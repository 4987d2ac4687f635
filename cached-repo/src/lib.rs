//! Placeholder.

mod entry;
mod stamp;
mod wire;
