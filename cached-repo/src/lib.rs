//! Placeholder.

mod wire;
