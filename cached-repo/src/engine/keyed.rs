//! Lists that are stored as primary keys, over the rows that are stored under their own.
//!
//! # One moment
//! A list and its rows are read at different moments; what a reader gets must be what the database could have said at one. It
//! rests on this: a list of keys carries the tags of a list that is stored whole, so a write to any of its rows ends it, and
//! that before the write takes effect (rule 5: what a write ends is locked before the commit). As long as one entry of a list is
//! current, from its load on, nothing in the database has changed that it shows: neither which rows, nor what is in them.
//!
//! 1. So a row that is current, or is loaded, while the same entry of the list is current, is a row of that list. The list is looked
//!    at *after* its rows: in the process it is probed again; over Redis it is part of the MGET that reads the rows, which
//!    answers at one moment; and where rows were loaded, it is read once more after the load.
//! 2. *The same entry*: another one with the same keys proves nothing of the time between the two. In the process it is known by its
//!    address; over Redis by its token, which no other entry has.
//! 3. If it is not the same, or a row is gone, or does not bear the values of the index (only a write past the repo does that), the
//!    read begins again; a few times. Then the list is loaded by its own statement, which is one moment.
//! 4. *Copies* (rule 10) are no such proof: notices are carried out later than what they tell of, and a list that was copied after a
//!    write could meet a row that was copied before it. So the copy of a list is whole. It is made of what one MGET has shown,
//!    goes with what the list goes with, and shares the rows that were copied with equal values.
//!
//! # Fills
//! The rows come first, so that whoever sees the list finds them. Rows that are stored already stay, with their tags and lifetimes. In
//! the process the permit of the list covers every key, and the other rows of its load are stored as they are: one load. Over Redis a row's lease must be older than its load (rule 4), and which
//! rows there are is known only after it: what the row cache lacks is loaded by key, off the reader's way. So a cold list costs its
//! statement and one by keys; a list of which one row has changed, its statement and that row.
//!
//! # Stored whole all the same
//! What asks for more than the row cache can keep: reads with a lifetime or tags of their own, unless they ask for keys, and
//! refreshes, since others have stored the rows by other rules. And what cannot be found again by key.

use super::ask::{Ask, Mode, Options, What};
use super::load::{Loaded, bears};
use super::look::{Look, Sight};
use super::trip::result;
use super::{Engine, EntryKind, SharedSource};
use crate::config::Lists;
use crate::error::Error;
use crate::key::Key;
use crate::port::{Fetched, Fill, Found, Observed, Payload, Permit, Request};
use crate::protocol::row_key;
use crate::schema::Row;
use crate::store::MemoryStore;
use sea_orm::Value;
use std::sync::Arc;

/// How often a list is looked for that changes while its rows are read, before it is loaded.
const TRIES: usize = 3;

/// What one look at a list and its rows has shown.
struct View {
    rows: Vec<Option<Row>>,
    /// Whether the list is still what it was.
    same: bool,
}

impl Engine {
    /// The keys of these rows, if that is how they are to be stored.
    pub(super) fn keys_of(&self, ask: &Ask, rows: &[Row]) -> Option<Payload> {
        let options = &ask.options;
        let is_own =
            options.ttl.is_some() || options.ttl_from.is_some() || !options.tags.is_empty();
        let plain = match &ask.query {
            Some(query) => query.plain,
            None => true,
        };
        let fits = !rows.is_empty() && rows.len() <= self.settings.chunk;
        // One that is served beyond its life would have to be judged with all of its rows.
        let ages = !ask.aging(self).is_none();
        if !plain || !fits || ages || self.mapping.has_loose_key(ask.entity) {
            return None;
        }
        let default = || match is_own {
            true => Lists::Whole,
            false => self.facts(ask.entity).lists,
        };
        if options.lists.unwrap_or_else(default) != Lists::Keys {
            return None;
        }
        let entity = self.schema.entity(ask.entity);
        let mut keys = Vec::with_capacity(rows.len() * entity.key.len());
        for row in rows {
            let values = (entity.rows.values)(&**row);
            let key = entity.key.iter().map(|at| &values[*at]);
            row_key(ask.entity, key.clone()).ok()?;
            keys.extend(key.cloned());
        }
        Some(Payload::Keys(keys.into()))
    }

    /// The rows of a list in this process, if all of them are here.
    pub(super) fn gather(
        &self,
        memory: &MemoryStore,
        list: &Key,
        keys: &Arc<[Value]>,
    ) -> Option<Vec<Row>> {
        let rows = self.each_key(list.entity(), keys).map(|key| {
            let key = row_key(list.entity(), key).ok()?;
            match memory.probe(&key)? {
                Payload::Row(row) => Some(row),
                _ => None,
            }
        });
        let rows = rows.collect::<Option<Vec<Row>>>()?;
        match memory.probe(list)? {
            Payload::Keys(now) if Arc::ptr_eq(&now, keys) => Some(rows),
            _ => None,
        }
    }

    /// What a look at the store has shown; of a list of keys, the rows.
    pub(super) async fn look_through(
        self: &Arc<Self>,
        ask: &Ask,
        request: &Request,
        mut look: Look,
        source: &SharedSource,
    ) -> Result<Look, Error> {
        for _ in 0..TRIES {
            let Look::Keys(seen) = look else {
                return Ok(look);
            };
            let age = seen.age;
            let rows = Box::pin(self.assemble(ask, request, seen, source)).await?;
            if let Some(rows) = rows {
                self.tell(ask, age);
                return Ok(Look::Rows(rows));
            }
            look = self.look(ask, request).await;
        }
        Ok(match look {
            Look::Keys(_) => Look::Miss(Observed {
                replaceable: true,
                ..Observed::default()
            }),
            look => look,
        })
    }

    /// The rows of a list that was seen; `None` if it has changed since.
    async fn assemble(
        self: &Arc<Self>,
        ask: &Ask,
        request: &Request,
        seen: Sight,
        source: &SharedSource,
    ) -> Result<Option<Vec<Row>>, Error> {
        let View { rows, same } = self.view(ask, request, &seen).await;
        if !same {
            return Ok(None);
        }
        let missing: Vec<Vec<Value>> = (self.each_key(ask.entity, &seen.keys).zip(&rows))
            .filter(|(_, row)| row.is_none())
            .map(|(key, _)| key.to_vec())
            .collect();
        if missing.is_empty() {
            return Ok(Some(rows.into_iter().flatten().collect()));
        }
        if ask.options.mode == Mode::CacheOnly {
            return Ok(None);
        }
        let options = Options {
            part: true,
            strict: true,
            ..Options::default()
        };
        let loaded = self.get_many(ask.entity, missing, options, source).await?;
        let values = self.schema.entity(ask.entity).rows.values;
        let belongs = |row: &Row| bears(ask.fields(self), &values(&**row), &ask.values);
        let mut loaded = loaded.into_iter().map(|row| row.filter(belongs));
        let rows: Option<Vec<Row>> = (rows.into_iter())
            .map(|row| row.or_else(|| loaded.next().flatten()))
            .collect();
        let again = self.store.read(std::slice::from_ref(request)).await;
        let again = again.ok().and_then(|mut found| self.sight(found.pop()?));
        Ok(rows.filter(|_| again.is_some_and(|again| again.mark == seen.mark)))
    }

    /// One look at the rows of a list and, after them, at the list.
    async fn view(&self, ask: &Ask, request: &Request, seen: &Sight) -> View {
        let parts: Vec<Ask> = (self.each_key(ask.entity, &seen.keys))
            .map(|key| Ask::row(ask.entity, key.to_vec()))
            .collect();
        let mut requests: Vec<Request> = Vec::with_capacity(parts.len() + 1);
        requests.extend(parts.iter().filter_map(|part| part.request(self).ok()));
        let mut tickets: Vec<_> = (parts.iter().zip(&requests))
            .map(|(part, request)| self.ticket(part, request))
            .collect();
        let ticket = self.ticket(ask, request);
        requests.push(request.clone());
        let mut found = self.store.read(&requests).await.unwrap_or_default();
        let list = found.pop().and_then(|found| self.sight(found));
        let mut rest = list.as_ref().map_or(seen.rest, |list| list.rest);
        let mut rows = Vec::with_capacity(parts.len());
        for (at, found) in found.into_iter().enumerate() {
            let fetched = match found {
                // What is kept beyond its life is for who has asked for that.
                Found::Hit(fetched) if fetched.age.passed < fetched.age.life => fetched,
                _ => {
                    rows.push(None);
                    continue;
                }
            };
            rest = rest.min(fetched.rest);
            let ticket = tickets.get_mut(at).and_then(Option::take);
            rows.push(self.shared(&parts[at], &requests[at], ticket, &fetched));
        }
        rows.resize(parts.len(), None);
        let same = list.as_ref().is_some_and(|list| list.mark == seen.mark);
        if let (true, Some(ticket)) = (same, ticket)
            && let Some(all) = rows.iter().cloned().collect::<Option<Arc<[Row]>>>()
        {
            let payload = Payload::Rows(all);
            let weight = self.weigh(ask.entity, &payload);
            let whole = Fetched {
                payload,
                further: seen.further,
                rest,
                age: list.map(|list| list.age).unwrap_or_default(),
                held: None,
            };
            self.copy(ask, request, Some(ticket), &whole, weight);
        }
        View { rows, same }
    }

    /// A row that the store has served: its copy in this process, if that has the same values, else it is copied.
    fn shared(
        &self,
        ask: &Ask,
        request: &Request,
        ticket: Option<super::shadow::Ticket>,
        fetched: &Fetched,
    ) -> Option<Row> {
        let Payload::Row(row) = &fetched.payload else {
            return None;
        };
        let values = self.schema.entity(ask.entity).rows.values;
        let copies = self.memory.as_deref().filter(|_| ticket.is_some());
        if let Some(Payload::Row(copy)) = copies.and_then(|copies| copies.probe(&request.key))
            && values(&*copy) == values(&**row)
        {
            return Some(copy);
        }
        let weight = self.weigh(ask.entity, &fetched.payload);
        self.copy(ask, request, ticket, fetched, weight);
        Some(Arc::clone(row))
    }

    /// What a store has served, if it is a list of keys.
    fn sight(&self, found: Found) -> Option<Sight> {
        match found {
            Found::Hit(fetched) => self.seen(&fetched),
            _ => None,
        }
    }

    pub(super) fn seen(&self, fetched: &Fetched) -> Option<Sight> {
        let Payload::Keys(keys) = &fetched.payload else {
            return None;
        };
        let mark = match fetched.held {
            Some(token) => u128::from_le_bytes(*token.as_bytes()),
            // Held here, the address is nobody else's.
            None => keys.as_ptr() as usize as u128,
        };
        Some(Sight {
            keys: Arc::clone(keys),
            mark,
            further: fetched.further,
            rest: fetched.rest,
            age: fetched.age,
        })
    }

    /// Stores the rows of a list that is about to be stored as keys.
    pub(super) async fn fill_rows(
        self: &Arc<Self>,
        ask: &Ask,
        loaded: &Loaded,
        permit: &Permit,
        source: &SharedSource,
    ) {
        let Ok(Payload::Keys(keys)) = loaded.entry.as_ref().map(|entry| &entry.payload) else {
            return;
        };
        let parts = self.each_key(ask.entity, keys).map(<[Value]>::to_vec);
        if self.capabilities().remote {
            let options = Options {
                part: true,
                strict: true,
                ..Options::default()
            };
            let _ = self
                .get_many(ask.entity, parts.collect(), options, source)
                .await;
            return;
        }
        let fills: Vec<Fill> = (parts.zip(&loaded.rows))
            .filter_map(|(key, row)| {
                let part = Ask::row(ask.entity, key);
                let request = part.request(self).ok()?;
                let memory = self.memory.as_deref()?;
                if memory.probe(&request.key).is_some() {
                    return None;
                }
                let entry = self.entry(&part, std::slice::from_ref(row)).ok()?;
                let permit = self.store.share_permit(permit)?;
                Some(self.fill(request, permit, entry))
            })
            .collect();
        let landings = self.store.fill(fills).await;
        for landing in landings.unwrap_or_else(|error| self.fills_failed(ask.entity, &error)) {
            self.landed(ask.entity, EntryKind::Row, result(Some(&landing)));
        }
    }

    /// The keys of a list, one by one.
    fn each_key<'a>(&self, entity: u16, keys: &'a [Value]) -> std::slice::ChunksExact<'a, Value> {
        keys.chunks_exact(self.schema.entity(entity).key.len().max(1))
    }
}

impl Ask {
    /// One row, as the entity stores it.
    fn row(entity: u16, values: Vec<Value>) -> Self {
        Self {
            entity,
            what: What::Row,
            values,
            query: None,
            options: Options::default(),
        }
    }
}
