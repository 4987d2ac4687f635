//! The consistency protocol, explored exhaustively: every order in which a few readers and writers can take their steps, and in
//! which processes, the store and the network can fail.
//!
//! Each world is small, and about one thing:
//! - [`entries`]: entries of the shared store, and the stamps, leases and locks that keep them true;
//! - [`pointers`]: unique lookups, which lead to a row;
//! - [`copies`]: copies of entries in each process, and the notices that end them;
//! - [`wakes`]: waiting for the load of another process.
//!
//! # Variants
//! A model that finds nothing may be blind. So in each world each rule is left out once, and the model must find out. Bounds
//! that CAVEATS.md names are tests of the same kind: they find the case that is named there.

mod check;
mod copies;
mod entries;
mod pointers;
mod wakes;
