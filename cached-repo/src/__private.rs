//! What generated code may use. Not part of the public interface.

pub use crate::__private_writes_stub::{delete, insert, invalidate, save, update};
pub use crate::schema::{
    CacheSchema, CachedEntity, Cascades, Column, EdgeMeta, EntityIdent, EntityMeta, FieldMeta,
    ForeignKeyOf, ForeignKeysOf, InSchema, Lifetimes, LookupMeta, Member, Members, ResolveEdges,
    SchemaMember, TagMeta, TagPart, assert_edges_once, assert_no_cycle, assert_own_prefix,
    count_cascades, inward_of, member, meta_of, out_of,
};
pub use sea_orm;

use crate::repo::{FindByIndex, FindByUnique, FindMany, FindOne};
use sea_orm::sea_query::ValueType;
use sea_orm::{EntityTrait, PrimaryKeyTrait, Value};

/// Type of the primary key of `E`: a tuple for a composite one.
pub type KeyOf<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// Compiles only if the column that `_via` reads holds keys of type `K`.
pub const fn assert_foreign_key<K, M, F: ForeignKeyOf<K>>(_via: fn(M) -> F) {}

/// The column that `read` reads.
pub const fn column<M, F>(read: fn(M) -> F) -> Column<F> {
    Column::read_by(read)
}

/// Compiles only if these columns hold composite keys of type `K`.
pub const fn assert_foreign_keys<K, V: ForeignKeysOf<K>>(_via: &V) {}

/// Compiles only if the column that `_via` reads holds values of the column that `_parent` reads.
pub const fn assert_reference<P, K, M, F: ForeignKeyOf<K>>(_parent: fn(P) -> K, _via: fn(M) -> F) {}

/// The next column of a row.
pub fn take<T: ValueType>(values: &mut std::vec::IntoIter<Value>) -> Option<T> {
    T::try_from(values.next()?).ok()
}

/// Begins a read by primary key.
pub fn find_one<E: CachedEntity>(key: KeyOf<E>) -> FindOne<E> {
    FindOne::new(key)
}

/// Begins a read of many rows by primary key.
pub fn find_many<E, I>(keys: I) -> FindMany<E>
where
    E: CachedEntity,
    I: IntoIterator,
    I::Item: Into<KeyOf<E>>,
{
    FindMany::new(keys)
}

/// Begins a read of one row by the unique lookup at this position of [`EntityMeta::uniques`].
pub fn find_by_unique<E: CachedEntity>(lookup: usize, values: Vec<Value>) -> FindByUnique<E> {
    FindByUnique::new(lookup, values)
}

/// Begins a read of a collection by the index at this position of [`EntityMeta::indexes`].
pub fn find_by_index<E: CachedEntity>(lookup: usize, values: Vec<Value>) -> FindByIndex<E> {
    FindByIndex::new(lookup, values)
}
