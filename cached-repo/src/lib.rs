//! Placeholder.

mod codec;
mod entry;
mod stamp;
mod wire;
