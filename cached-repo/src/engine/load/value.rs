//! What queries find that is more than rows of one entity: a value, of a type that only the typed shell knows.

use super::{Entry, Loaded, Loader, MAX_TAGS, weigh};
use crate::config::Lists;
use crate::engine::ask::{Ask, Gathered, ResultShape};
use crate::key::Key;
use crate::port::{Fetched, Form, Payload, Refusal};
use crate::protocol::{row_key, user_tags};
use crate::schema::{Row, Schema};
use std::sync::Arc;

impl Loader {
    /// What to store of a value: as it is in this process, as bytes elsewhere.
    pub(in crate::engine) fn value_entry(
        &self,
        ask: &Ask,
        shape: &ResultShape,
        found: Option<&Row>,
    ) -> Result<Entry, Refusal> {
        if self.sessions.is_open() {
            return Err(Refusal::Unwanted);
        }
        let facts = self.entities.defaults(ask.entity);
        let ttl = ask.options().ttl(found.map_or(&[], std::slice::from_ref));
        let life = self.life(ask, ttl.unwrap_or(facts.ttl))?;
        let Some(found) = found else {
            return Ok(Entry {
                payload: Payload::Absent,
                tags: Vec::new(),
                life,
                weight: weigh(self.entities.schema(), ask.entity, &Payload::Absent),
            });
        };
        let tags = tags_of_value(self.entities.schema(), &shape.form, found);
        if tags.len() > MAX_TAGS {
            return Err(Refusal::Unnamed);
        }
        let bytes = (shape.form.encode)(&**found).map_err(|_| Refusal::NotEncodable)?;
        let bytes = Payload::Bytes(bytes.into());
        Ok(Entry {
            weight: weigh(self.entities.schema(), ask.entity, &bytes),
            payload: match self.encodes {
                true => bytes,
                false => Payload::Row(Arc::clone(found)),
            },
            tags,
            life,
        })
    }

    /// What a block has found, and the entry that it makes: it also carries what the block has read beyond the first statement.
    pub(in crate::engine) fn load_block(
        &self,
        ask: &Ask,
        shape: &ResultShape,
        found: Gathered,
    ) -> Loaded {
        if self.is_passthrough {
            return Loaded {
                rows: found.value.into_iter().collect(),
                entry: Err(Refusal::Unwanted),
            };
        }
        let known = ask.query.as_ref().map_or(&[][..], |query| &query.tags);
        let further = found.tags.into_iter().filter(|tag| !known.contains(tag));
        let entry = self.value_entry(ask, shape, found.value.as_ref());
        let entry = entry.and_then(|mut entry| {
            entry.tags.extend(further);
            match found.passing || entry.tags.len() > MAX_TAGS {
                true => Err(Refusal::Unnamed),
                false => Ok(entry),
            }
        });
        Loaded {
            rows: found.value.into_iter().collect(),
            entry,
        }
    }

    /// What a store has served, with a value as its own type; `None` if the bytes are none.
    pub(in crate::engine) fn open(&self, ask: &Ask, mut fetched: Fetched) -> Option<Fetched> {
        let Some(shape) = ask.result_shape() else {
            return (!matches!(fetched.payload, Payload::Bytes(_))).then_some(fetched);
        };
        match &fetched.payload {
            Payload::Bytes(bytes) => {
                fetched.payload = Payload::Row((shape.form.decode)(bytes).ok()?);
            }
            Payload::Absent => {}
            Payload::Row(_) if !self.encodes => {}
            _ => return None,
        }
        Some(fetched)
    }

    /// The keys of these rows, if that is how they are to be stored.
    pub(in crate::engine) fn keys_of(&self, ask: &Ask, rows: &[Row]) -> Option<Payload> {
        let options = ask.options();
        let is_own =
            options.ttl.is_some() || options.ttl_from.is_some() || !options.tags.is_empty();
        let plain = match &ask.query {
            Some(query) => query.plain,
            None => true,
        };
        let fits = !rows.is_empty() && rows.len() <= self.chunk;
        // One that is served beyond its life would have to be judged with all of its rows.
        let ages = !ask.aging(&self.entities).is_none();
        if !plain || !fits || ages || self.mapping.has_loose_key(ask.entity) {
            return None;
        }
        let default = || match is_own {
            true => Lists::Whole,
            false => self.entities.defaults(ask.entity).lists,
        };
        if options.lists.unwrap_or_else(default) != Lists::Keys {
            return None;
        }
        let entity = self.entities.entity(ask.entity);
        let mut keys = Vec::with_capacity(rows.len() * entity.key.len());
        for row in rows {
            let values = (entity.rows.values)(&**row);
            let key = entity.key.iter().map(|at| &values[*at]);
            row_key(ask.entity, key.clone()).ok()?;
            keys.extend(key.cloned());
        }
        Some(Payload::Keys(keys.into()))
    }
}

/// The user's tags of all rows that a value holds, each once.
pub(in crate::engine) fn tags_of_value(schema: &Schema, form: &Form, value: &Row) -> Vec<Key> {
    let mut tags = Vec::new();
    (form.rows)(&**value, &mut |id, values| {
        let is_it = |entity: &&crate::schema::Entity| entity.meta.ident.id == id;
        let Some(entity) = schema.entities.iter().find(is_it) else {
            return;
        };
        for tag in user_tags(entity, &values) {
            // One too many is enough to know that there are too many.
            if tags.len() <= MAX_TAGS && !tags.contains(&tag) {
                tags.push(tag);
            }
        }
    });
    tags
}
