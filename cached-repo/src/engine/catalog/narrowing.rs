//! Narrowing: a query that pins the columns of an index depends on partitions of the table, and not on all of its rows.
//!
//! Its entry carries the tags that a read of that index by these values would carry. Every write to a row takes those of the
//! values that the row has had and has (rule 7); every write whose rows are not known takes the table's.
//!
//! That asks for more than an index does. A read of an index looks at what it has loaded, and stores no row that the database
//! has found under another spelling (`load.rs`); a query may hold no such row at all, and still depend on one. So a value
//! narrows only where the database takes for equal what has the same key, and nothing else.

use crate::engine::mapping::SchemaMapping;
use crate::key::{Key, is_null};
use crate::protocol::lookup_tags;
use crate::sql::{Filter, Operand, Pinned};
use sea_orm::{ColumnType, Value};

/// Partitions of one table that a query may name. Beyond it, it depends on all rows: each of its reads asks the store for the
/// stamps of all its tags.
const MAX_PARTITIONS: usize = 32;

/// Finds the partitions of one entity that a query with these values reads.
#[derive(Clone, Copy)]
pub(super) struct Narrowing<'a> {
    pub(super) mapping: &'a SchemaMapping,
    pub(super) entity: u16,
    pub(super) values: &'a [Value],
}

impl Narrowing<'_> {
    /// The tags that stand for the rows that the query reads; `None` if these cannot be named, and it depends on all rows.
    pub(super) fn tags(self, pinned: &Pinned) -> Option<Vec<Key>> {
        let mut tags = vec![Key::table(self.entity)];
        let mut partitions = 0;
        for filter in &pinned.filters {
            let (count, named) = self.partitions(filter)?;
            partitions += count;
            tags.extend(named);
        }
        (partitions <= MAX_PARTITIONS).then_some(tags)
    }

    /// How many partitions of an index hold what the filter lets through, and their tags. The first index serves whose columns
    /// are pinned.
    fn partitions(self, filter: &Filter) -> Option<(usize, Vec<Key>)> {
        let entity = self.entity;
        let info = self.mapping.schema().entity(entity);
        (0..).zip(&info.indexes).find_map(|(number, index)| {
            let keys = filter.keys(&self.mapping.columns(entity, &index.fields))?;
            if keys.len() > MAX_PARTITIONS {
                return None;
            }
            let mut tags = Vec::new();
            for key in &keys {
                let key: Option<Vec<Value>> = (index.fields.iter().zip(key))
                    .map(|(at, operand)| self.exact(*at, operand))
                    .collect();
                tags.extend(lookup_tags(info, entity, number, &key?).ok()?);
            }
            Some((keys.len(), tags))
        })
    }

    /// The value that every row has in this field that equals the operand; `None` if there may be several.
    fn exact(self, at: usize, operand: &Operand) -> Option<Value> {
        let kind = self.mapping.schema().entity(self.entity).types[at].as_ref()?;
        let is_exact = self.mapping.loose(self.entity) & 1 << at == 0 && compares_exactly(kind);
        // NULL equals nothing: no row is found by it, and which partition would stand for that?
        let value = self.mapping.bind(self.entity, at, operand, self.values);
        value.filter(|value| is_exact && !is_null(value))
    }
}

/// Whether a column of this type holds equal to a value of its own what has the same key, and nothing else.
///
/// Not times, which a parameter may give more precisely than the column keeps them; not decimals, which SQLite rounds; not a
/// year, which MySQL completes; not bytes of a fixed length, which MySQL pads; not types that only the database knows.
fn compares_exactly(kind: &ColumnType) -> bool {
    use ColumnType as Type;
    matches!(
        kind,
        Type::TinyInteger
            | Type::SmallInteger
            | Type::Integer
            | Type::BigInteger
            | Type::TinyUnsigned
            | Type::SmallUnsigned
            | Type::Unsigned
            | Type::BigUnsigned
            | Type::Boolean
            | Type::Char(_)
            | Type::String(_)
            | Type::Text
            | Type::Enum { .. }
            | Type::Uuid
            | Type::Date
            | Type::VarBinary(_)
            | Type::Blob
    )
}
