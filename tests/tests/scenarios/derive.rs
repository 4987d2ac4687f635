//! What the macros generate, for every way to write an entity.
#![deny(warnings)]
#![expect(unreachable_pub, reason = "entities are public, as everywhere")]

mod edges;
mod formats;
mod grammar;
mod keys;
mod lookups;
mod meta;
mod names;
mod relation_enum;
mod relations;
mod values;
mod writes;
