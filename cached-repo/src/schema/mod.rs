//! The vocabulary of entities and schemas.

mod entity;
mod key_columns;
mod meta;
mod row;

pub use entity::{
    CacheSchema, CachedEntity, ForeignKeyOf, InSchema, Member, ResolveEdges, SchemaMember,
};
pub use key_columns::KeyColumns;
pub use meta::{
    EdgeMeta, EntityIdent, EntityMeta, FieldMeta, Lifetimes, LookupMeta, TagMeta, TagPart,
};
pub use row::{Row, RowQuery, RowTable, key_of, key_values, member, typed};
