//! Every way of writing is seen by the very next read.

#[path = "writes/active_models.rs"]
mod active_models;
#[path = "writes/administration.rs"]
mod administration;
#[path = "writes/bulk.rs"]
mod bulk;
#[path = "writes/entities.rs"]
mod entities;
#[path = "writes/generated.rs"]
mod generated;
#[path = "writes/log.rs"]
mod log;
#[path = "writes/raw.rs"]
mod raw;
#[path = "writes/rowids.rs"]
mod rowids;
#[path = "writes/streams.rs"]
mod streams;
#[path = "writes/undecodable.rs"]
mod undecodable;
