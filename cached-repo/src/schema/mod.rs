//! The vocabulary of entities and schemas.

mod checks;
mod cycle;
mod edges;
mod entity;
mod foreign_key;
mod info;
mod meta;
mod plan;
mod row;
mod text;
mod verify;

pub use cycle::{Cascades, assert_no_cycle, count_cascades};
pub use entity::{CacheSchema, CachedEntity, InSchema, Member, ResolveEdges, SchemaMember};
pub use foreign_key::{Column, ForeignKeyOf, ForeignKeysOf};
pub(crate) use info::{ALL_FIELDS, Entity, FieldSet, Lookup, Part, Schema, Template, set, text};
pub use meta::{
    EdgeMeta, EntityIdent, EntityMeta, FieldMeta, Lifetimes, LookupMeta, TagMeta, TagPart,
};
pub(crate) use plan::{Reach, Step};
pub use row::{KeyOf, member};
pub(crate) use row::{Row, RowQuery, key_values, typed};
pub use verify::{Members, assert_edges_once, assert_own_prefix, inward_of, meta_of, out_of};

#[cfg(test)]
pub(crate) mod testing;
