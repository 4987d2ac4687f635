//! What queries find that is more than rows of one entity: a value, of a type that only the typed shell knows.

use super::Engine;
use super::ask::{Ask, Gathered, Made};
use super::load::{Entry, Loaded, MAX_TAGS};
use crate::key::Key;
use crate::port::{Fetched, Form, Payload, Refusal};
use crate::protocol::user_tags;
use crate::schema::Row;
use std::sync::Arc;

impl Engine {
    /// What to store of a value: as it is in this process, as bytes elsewhere.
    pub(super) fn value_entry(
        &self,
        ask: &Ask,
        made: &Made,
        found: Option<&Row>,
    ) -> Result<Entry, Refusal> {
        if self.sessions.is_open() {
            return Err(Refusal::Unwanted);
        }
        let facts = self.facts(ask.entity);
        let ttl = ask.options().ttl(found.map_or(&[], std::slice::from_ref));
        let life = self.life(ask, ttl.unwrap_or(facts.ttl))?;
        let Some(found) = found else {
            return Ok(Entry {
                payload: Payload::Absent,
                tags: Vec::new(),
                life,
                weight: self.weigh(ask.entity, &Payload::Absent),
            });
        };
        let tags = self.tags_of_value(&made.form, found);
        if tags.len() > MAX_TAGS {
            return Err(Refusal::Unnamed);
        }
        let bytes = (made.form.encode)(&**found).map_err(|_| Refusal::NotEncodable)?;
        let bytes = Payload::Bytes(bytes.into());
        Ok(Entry {
            weight: self.weigh(ask.entity, &bytes),
            payload: match self.capabilities().encodes {
                true => bytes,
                false => Payload::Row(Arc::clone(found)),
            },
            tags,
            life,
        })
    }

    /// What a block has found, and the entry that it makes: it also carries what the block has read beyond the first statement.
    pub(super) fn load_block(&self, ask: &Ask, made: &Made, found: Gathered) -> Loaded {
        if self.is_passthrough() {
            return Loaded {
                rows: found.value.into_iter().collect(),
                entry: Err(Refusal::Unwanted),
            };
        }
        let known = ask.query.as_ref().map_or(&[][..], |query| &query.tags);
        let further = found.tags.into_iter().filter(|tag| !known.contains(tag));
        let entry = self.value_entry(ask, made, found.value.as_ref());
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

    /// The user's tags of all rows that a value holds, each once.
    pub(super) fn tags_of_value(&self, form: &Form, value: &Row) -> Vec<Key> {
        let mut tags = Vec::new();
        (form.rows)(&**value, &mut |id, values| {
            let is_it = |entity: &&crate::schema::Entity| entity.meta.ident.id == id;
            let Some(entity) = self.schema.entities.iter().find(is_it) else {
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
}

impl Engine {
    /// What a store has served, with a value as its own type; `None` if the bytes are none.
    pub(super) fn open(&self, ask: &Ask, mut fetched: Fetched) -> Option<Fetched> {
        let Some(made) = ask.made() else {
            return (!matches!(fetched.payload, Payload::Bytes(_))).then_some(fetched);
        };
        match &fetched.payload {
            Payload::Bytes(bytes) => {
                fetched.payload = Payload::Row((made.form.decode)(bytes).ok()?);
            }
            Payload::Absent => {}
            Payload::Row(_) if !self.capabilities().encodes => {}
            _ => return None,
        }
        Some(fetched)
    }
}
