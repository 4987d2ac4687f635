//! One query for reads that differ in their values alone.

use super::ask::{Ask, What};
use super::load::Loaded;
use super::many::KeyMap;
use super::{Engine, SharedSource};
use crate::error::Error;
use crate::key::{Key, Space};
use crate::protocol::entry_key;
use crate::schema::{Row, RowQuery};
use crate::time::Stopwatch;
use sea_orm::{DbErr, Value};

impl Engine {
    /// Whether one query can answer this along with others: rows are told apart by the values that they were asked for by, which
    /// the database must not compare in a way of its own.
    pub(super) fn is_joinable(&self, ask: &Ask) -> bool {
        let loose = |fields: &[usize]| {
            (fields.iter()).any(|at| self.mapping.loose(ask.entity) >> at & 1 == 1)
        };
        let is_null = |value: &Value| *value == value.as_null();
        match ask.what {
            What::Query => false,
            // Their spellings are looked after by the query for many rows.
            What::Row => true,
            What::Unique(_) | What::Index(_) => {
                !loose(ask.fields(self)) && !ask.values.iter().any(is_null)
            }
        }
    }

    /// One query for each kind of what is asked for.
    pub(super) async fn load_joined(
        &self,
        asked: Vec<(Ask, SharedSource)>,
    ) -> Vec<Option<Result<Loaded, Error>>> {
        let mut answers: Vec<_> = asked.iter().map(|_| None).collect();
        let mut rest: Vec<usize> = (0..asked.len()).collect();
        while let Some(first) = rest.first().copied() {
            let kind = |at: &usize| is_same_kind(&asked[*at].0, &asked[first].0);
            let (places, others): (Vec<usize>, Vec<usize>) = rest.into_iter().partition(kind);
            rest = others;
            let asks: Vec<&Ask> = places.iter().map(|at| &asked[*at].0).collect();
            let loaded = self.load_kind(&asks, &asked[first].1).await;
            for (at, loaded) in places.into_iter().zip(loaded) {
                answers[at] = loaded;
            }
        }
        answers
    }

    /// One query for reads that differ in their values alone. Where it fails each is to be made alone: a value that the database
    /// refuses must not fail the reads of others.
    pub(super) async fn load_kind(
        &self,
        asks: &[&Ask],
        source: &SharedSource,
    ) -> Vec<Option<Result<Loaded, Error>>> {
        if let [only] = asks {
            return vec![Some(self.load(only, &**source).await)];
        }
        let took = Stopwatch::start();
        let found = match asks[0].what {
            What::Row => {
                let keys: Vec<_> = asks.iter().map(|ask| ask.values.clone()).collect();
                let rows = self.query_many(asks[0].entity, &keys, &**source).await;
                rows.map(|rows| {
                    rows.into_iter()
                        .map(|(key, row)| (key, vec![row]))
                        .collect()
                })
            }
            _ => self.query_collections(asks, source).await,
        };
        let Ok(found) = found else {
            return asks.iter().map(|_| None).collect();
        };
        let took = took.elapsed();
        let loaded = |ask: &&Ask| {
            let key = ask.key(self).ok()?;
            // Not taken out: the same may be asked twice, by its key and by a lookup that leads to it.
            let rows = found.get(&key).cloned().unwrap_or_default();
            let mut entry = self.entry(ask, &rows);
            if let Ok(entry) = &mut entry {
                entry.life.cost = took;
            }
            Some(Ok(Loaded { rows, entry }))
        };
        asks.iter().map(loaded).collect()
    }

    /// The rows of several collections of one lookup, under the keys of their entries.
    ///
    /// # Errors
    /// Also if a row bears no values that were asked for: then the database compares in a way that SeaORM does not know of, and
    /// only single queries tell what belongs where.
    async fn query_collections(
        &self,
        asks: &[&Ask],
        source: &SharedSource,
    ) -> Result<KeyMap<Vec<Row>>, Error> {
        let (entity, fields) = (asks[0].entity, asks[0].fields(self));
        let rows = self.schema.entity(entity).rows;
        let columns = self.columns(entity, fields);
        let mut found: KeyMap<Vec<Row>> = KeyMap::default();
        for asks in asks.chunks(self.keys_in_query(fields.len())) {
            for ask in asks {
                found.insert(ask.key(self)?, Vec::new());
            }
            let keys: Vec<_> = asks.iter().map(|ask| ask.values.clone()).collect();
            let query = RowQuery {
                columns: &columns,
                keys: &keys,
                only: &[],
                lock: false,
                limit: None,
            };
            let answers = source.query((rows.select)(self.backend, &query));
            let answers = self.timed_load(entity, asks[0].what.into(), answers);
            for answer in &answers.await? {
                let row = (rows.decode)(answer)?;
                let values = (rows.values)(&*row);
                let key = place_of(asks[0], fields, &values);
                match key.and_then(|key| found.get_mut(&key)) {
                    Some(rows) => rows.push(row),
                    None => return Err(DbErr::Custom("a row that nobody asked for".into()).into()),
                }
            }
        }
        for rows in found.values_mut() {
            self.sort(entity, rows);
            if matches!(asks[0].what, What::Unique(_)) {
                rows.truncate(1);
            }
        }
        Ok(found)
    }
}

/// Whether two reads differ in nothing but their values.
pub(super) fn is_same_kind(one: &Ask, other: &Ask) -> bool {
    (one.entity, one.what) == (other.entity, other.what)
}

/// The key of the entry of the same kind that a row of these values belongs to.
fn place_of(ask: &Ask, fields: &[usize], values: &[Value]) -> Option<Key> {
    let (space, lookup) = match ask.what {
        What::Unique(lookup) => (Space::Unique, lookup),
        What::Index(lookup) => (Space::Index, lookup),
        What::Row | What::Query => return None,
    };
    entry_key(
        space,
        ask.entity,
        lookup,
        fields.iter().map(|at| &values[*at]),
    )
    .ok()
}
