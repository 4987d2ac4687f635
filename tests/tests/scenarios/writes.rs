//! Every way of writing is seen by the very next read.

mod active_models;
mod administration;
mod bulk;
mod entities;
mod generated;
mod log;
mod raw;
mod rowids;
mod streams;
mod undecodable;
