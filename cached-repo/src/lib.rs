//! Placeholder.

mod stamp;
mod wire;
