//! The corpus.

pub mod market;
