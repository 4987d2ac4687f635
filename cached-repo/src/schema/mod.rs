//! The vocabulary of entities and schemas.

mod cycle;
mod entity;
mod foreign_key;
mod meta;
mod row;
mod text;
mod verify;

pub use cycle::{Cascades, assert_no_cycle, count_cascades};
pub use entity::{CacheSchema, CachedEntity, InSchema, Member, ResolveEdges, SchemaMember};
pub use foreign_key::{Column, ForeignKeyOf, ForeignKeysOf};
pub use meta::{
    EdgeMeta, EntityIdent, EntityMeta, FieldMeta, Lifetimes, LookupMeta, TagMeta, TagPart,
};
pub use row::{Row, RowQuery, RowTable, key_of, key_values, member, typed};
pub use verify::{Members, assert_edges_once, assert_own_prefix, inward_of, meta_of, out_of};
