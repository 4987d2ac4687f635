//! Rows by primary key from the database.

use super::KeyMap;
use super::Loader;
use crate::engine::EntryKind;
use crate::error::Error;
use crate::key::Key;
use crate::port::Source;
use crate::protocol::row_key;
use crate::schema::{Row, RowQuery};
use sea_orm::Value;
use std::collections::HashSet;

/// Most keys of several columns in one query: each is a condition of its own, and SQLite reads a thousand of these, one within
/// the other.
const MAX_TUPLES: usize = 500;

impl Loader {
    /// The rows of these keys that exist, under the keys that were asked for.
    pub(in crate::engine) async fn query_rows(
        &self,
        entity: u16,
        keys: &[Vec<Value>],
        source: &dyn Source,
    ) -> Result<KeyMap<Row>, Error> {
        let width = self.entities.entity(entity).key.len();
        let chunk = self.keys_in_query(width);
        let mut found = KeyMap::default();
        for keys in keys.chunks(chunk) {
            let asked: HashSet<Key> = keys
                .iter()
                .filter_map(|key| row_key(entity, key).ok())
                .collect();
            // A row that nobody asked for by its own key tells of a collation that SeaORM does not know of.
            let mut loose = self.mapping.has_loose_key(entity);
            for (key, row) in self.query_chunk(entity, keys, source).await? {
                match key.filter(|key| asked.contains(key)) {
                    Some(key) => drop(found.insert(key, row)),
                    None => loose = true,
                }
            }
            if loose && !self.is_passthrough {
                self.query_spellings(entity, keys, source, &mut found)
                    .await?;
            }
        }
        Ok(found)
    }

    /// How many keys of so many columns one query asks for. `chunk` is less than any database binds.
    pub(in crate::engine) fn keys_in_query(&self, width: usize) -> usize {
        match width {
            0 | 1 => self.chunk,
            _ => (self.chunk / width).clamp(1, MAX_TUPLES),
        }
    }

    /// Keys that the database takes for differently spelled ones: only it knows which row each of them means.
    async fn query_spellings(
        &self,
        entity: u16,
        keys: &[Vec<Value>],
        source: &dyn Source,
        found: &mut KeyMap<Row>,
    ) -> Result<(), Error> {
        let missing: Vec<Vec<Value>> = keys
            .iter()
            .filter(|values| row_key(entity, *values).is_ok_and(|key| !found.contains_key(&key)))
            .cloned()
            .collect();
        if missing.is_empty() || self.query_chunk(entity, &missing, source).await?.is_empty() {
            return Ok(());
        }
        for values in &missing {
            let one = std::slice::from_ref(values);
            let rows = self.query_chunk(entity, one, source).await?;
            if let (Ok(key), Some((_, row))) = (row_key(entity, values), rows.into_iter().next()) {
                found.insert(key, row);
            }
        }
        Ok(())
    }

    /// One query, and the keys that the rows have.
    async fn query_chunk(
        &self,
        entity: u16,
        keys: &[Vec<Value>],
        source: &dyn Source,
    ) -> Result<Vec<(Option<Key>, Row)>, Error> {
        let info = self.entities.entity(entity);
        let columns = self.columns(entity, &info.key);
        let query = RowQuery {
            columns: &columns,
            keys,
            only: &[],
            lock: false,
            limit: None,
        };
        let answer = source.query((info.rows.select)(self.mapping.backend(), &query));
        let answer = self
            .observer
            .timed_load(entity, EntryKind::Row, answer)
            .await?;
        let keyed = |result| {
            let row = (info.rows.decode)(result)?;
            let values = (info.rows.values)(&*row);
            let key = info.key.iter().map(|at| &values[*at]);
            Ok((row_key(entity, key).ok(), row))
        };
        answer.iter().map(keyed).collect()
    }
}
