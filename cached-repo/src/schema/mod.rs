//! The vocabulary of entities and schemas.

mod checks;
mod entity;
mod foreign_key;
pub(crate) mod graph;
mod info;
mod meta;
mod resolve;
mod row;
mod row_table;

pub use entity::{
    CacheSchema, CachedEntity, EntityRelations, InSchema, Member, Pair, Probe, ResolveEdges,
    Unknown, Unrelated,
};
pub use foreign_key::{Column, ForeignKeyOf, ForeignKeysOf};
pub(crate) use graph::{ALL_FIELDS, Chain, DELETED, FieldSet, INSERTED, Reach, Step};
pub(crate) use info::{Entity, Lookup, Part, Schema, Template, set, text};
pub use meta::{
    Action, EdgeMeta, EntityIdent, EntityMeta, FieldMeta, IndependentMeta, Lifetimes, LookupMeta,
    Name, Place, RelationKind, RelationMeta, TagMeta, TagPart,
};
pub use row::{ColumnReader, KeyOf, RowTable, read_column};
pub(crate) use row::{Row, RowQuery, key_values, typed};
pub use row_table::rows_of;

#[cfg(test)]
pub(crate) mod testing;
