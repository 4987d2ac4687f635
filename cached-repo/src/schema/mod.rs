//! The vocabulary of entities and schemas.

mod entity;
mod foreign_key;
mod meta;
mod row;

pub use entity::{CacheSchema, CachedEntity, InSchema, Member, ResolveEdges, SchemaMember};
pub use foreign_key::{Column, ForeignKeyOf, ForeignKeysOf};
pub use meta::{
    EdgeMeta, EntityIdent, EntityMeta, FieldMeta, Lifetimes, LookupMeta, TagMeta, TagPart,
};
pub use row::{Row, RowQuery, RowTable, key_of, key_values, member, typed};
