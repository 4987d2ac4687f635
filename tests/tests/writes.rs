//! Every way of writing is seen by the very next read.

#[path = "writes/active_models.rs"]
mod active_models;
