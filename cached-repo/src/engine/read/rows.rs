//! Rows by primary key: each distinct key is one read.

use super::reader::Reader;
use crate::engine::ask::{Answer, Ask, Options};
use crate::engine::load::KeyMap;
use crate::engine::{EntryKind, SharedSource};
use crate::error::Error;
use crate::port::Payload;
use crate::protocol::row_key;
use crate::schema::Row;
use crate::stats::Count;
use sea_orm::Value;
use std::collections::hash_map::Entry;
use std::sync::Arc;

/// Where the row of a key is found.
#[derive(Clone, Copy)]
enum Place {
    /// At this position already: L1 has answered.
    Here(usize),
    /// Among the answers to the reads.
    Asked(usize),
}

impl Reader {
    /// Rows by primary key, in the order of the keys and as often as they were asked for.
    ///
    /// # Errors
    /// The first one, in the order of the keys.
    ///
    /// # Cancellation
    /// As [`get_each`](Self::get_each).
    pub(crate) async fn get_rows(
        self: &Arc<Self>,
        entity: u16,
        keys: Vec<Vec<Value>>,
        options: Option<Arc<Options>>,
        source: &SharedSource,
    ) -> Result<Vec<Option<Row>>, Error> {
        let asked = options.as_deref().unwrap_or(Options::DEFAULT);
        let memory = self.l1.at_once(asked, entity, EntryKind::Row);
        let arity = self.entities.entity(entity).key.len();
        let mut rows = vec![None; keys.len()];
        let (mut asks, mut places) = (Vec::new(), Vec::new());
        let mut distinct = KeyMap::with_capacity_and_hasher(keys.len(), Default::default());
        let mut hits = 0;
        for (position, values) in keys.into_iter().enumerate() {
            let key = row_key(entity, &values).ok();
            let key = key.filter(|_| values.len() == arity);
            let key = key.ok_or_else(|| self.entities.unkeyable(entity))?;
            let new = match distinct.entry(key) {
                Entry::Vacant(new) => new,
                Entry::Occupied(known) => {
                    match *known.get() {
                        Place::Here(first) => rows[position] = rows[first].clone(),
                        Place::Asked(place) => places.push((position, place)),
                    }
                    continue;
                }
            };
            if let Some(payload) = memory.and_then(|memory| memory.probe(new.key())) {
                hits += 1;
                self.l1.stamp_receipt(asked, new.key());
                rows[position] = row_of(payload);
                new.insert(Place::Here(position));
                continue;
            }
            let place = asks.len();
            asks.push(Ask::row(entity, new.key().clone(), values, options.clone()));
            places.push((position, place));
            new.insert(Place::Asked(place));
        }
        if !asked.part {
            self.observer
                .record_many(entity, EntryKind::Row, Count::Hit, hits);
        }
        if asks.is_empty() {
            return Ok(rows);
        }
        let answers: Result<Vec<Answer>, Error> =
            self.get_each(asks, source).await.into_iter().collect();
        let answers = answers?;
        for (position, place) in places {
            rows[position] = answers[place].first().cloned();
        }
        Ok(rows)
    }
}

/// The row of an entry under a primary key.
fn row_of(payload: Payload) -> Option<Row> {
    match payload {
        Payload::Row(row) => Some(row),
        _ => None,
    }
}
