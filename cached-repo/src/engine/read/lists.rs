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

use super::fills::{Filler, PendingFill};
use super::l1::L1;
use super::lookup::{ListEntry, Lookup, StoreReader, list_of};
use super::plan::{PlannedRead, Planner};
use super::row_reads::RowReads;
use crate::engine::SharedSource;
use crate::engine::ask::{Ask, Mode, What};
use crate::engine::entities::{Entities, bears};
use crate::engine::l1_coherence::CopyPermit;
use crate::engine::load::{Loaded, Loader, weigh};
use crate::error::Error;
use crate::port::{Fetched, Found, Observed, Payload, Permit, Request, Store};
use crate::schema::Row;
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

/// Answers reads of lists that are stored as keys.
pub(super) struct ListReader {
    pub(super) entities: Arc<Entities>,
    pub(super) store: Arc<dyn Store>,
    pub(super) l1: Arc<L1>,
    pub(super) loader: Arc<Loader>,
    pub(super) planner: Arc<Planner>,
    pub(super) lookups: Arc<StoreReader>,
    pub(super) filler: Arc<Filler>,
    pub(super) rows: Arc<RowReads>,
}

impl ListReader {
    /// What a look at the store has shown; of a list of keys, the rows.
    pub(super) async fn look_through(
        &self,
        read: &Arc<PlannedRead>,
        mut lookup: Lookup,
        source: &SharedSource,
    ) -> Result<Lookup, Error> {
        for _ in 0..TRIES {
            let Lookup::Keys(list) = lookup else {
                return Ok(lookup);
            };
            let age = list.age;
            if let Some(rows) = Box::pin(self.assemble(read, list, source)).await? {
                self.lookups.stamp_receipt(&read.ask, age);
                return Ok(Lookup::Hit(rows));
            }
            lookup = self.lookups.look_up_one(read).await;
        }
        Ok(match lookup {
            Lookup::Keys(_) => Lookup::Miss(Observed::REPLACEABLE),
            lookup => lookup,
        })
    }

    /// The rows of a list that was seen; `None` if it has changed since.
    async fn assemble(
        &self,
        read: &PlannedRead,
        seen: ListEntry,
        source: &SharedSource,
    ) -> Result<Option<Vec<Row>>, Error> {
        let (ask, request) = (&read.ask, &read.request);
        let View { rows, same } = self.view(read, &seen).await;
        if !same {
            return Ok(None);
        }
        let missing: Vec<Vec<Value>> = (self.entities.each_key(ask.entity, &seen.keys).zip(&rows))
            .filter(|(_, row)| row.is_none())
            .map(|(key, _)| key.to_vec())
            .collect();
        if missing.is_empty() {
            return Ok(Some(rows.into_iter().flatten().collect()));
        }
        if ask.options().mode == Mode::CacheOnly {
            return Ok(None);
        }
        let loaded = self.rows.parts(ask.entity, missing, source).await?;
        let values = self.entities.entity(ask.entity).rows.values;
        let belongs = |row: &Row| bears(ask.fields(&self.entities), &values(&**row), &ask.values);
        let mut loaded = loaded.into_iter().map(|row| row.filter(belongs));
        let rows: Option<Vec<Row>> = (rows.into_iter())
            .map(|row| row.or_else(|| loaded.next().flatten()))
            .collect();
        let again = self.store.read(std::slice::from_ref(request)).await;
        let again = again.ok().and_then(|mut found| list_of(found.pop()?));
        Ok(rows.filter(|_| again.is_some_and(|again| again.mark == seen.mark)))
    }

    /// One look at the rows of a list and, after them, at the list.
    async fn view(&self, list: &PlannedRead, seen: &ListEntry) -> View {
        let parts: Vec<Arc<PlannedRead>> = (self.entities.each_key(list.ask.entity, &seen.keys))
            .filter_map(|key| self.part_of(&list.ask, key).ok())
            .collect();
        let mut copy_permits: Vec<_> = (parts.iter())
            .map(|part| self.l1.copy_permit(&part.ask, &part.request))
            .collect();
        let copy_permit = self.l1.copy_permit(&list.ask, &list.request);
        let mut requests: Vec<Request> = Vec::with_capacity(parts.len() + 1);
        requests.extend(parts.iter().map(|part| part.request.clone()));
        requests.push(list.request.clone());
        let mut found = self.store.read(&requests).await.unwrap_or_default();
        let present = found.pop().and_then(list_of);
        let mut rest = present.as_ref().map_or(seen.rest, |list| list.rest);
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
            let copy_permit = copy_permits.get_mut(at).and_then(Option::take);
            rows.push(self.shared(&parts[at], copy_permit, &fetched));
        }
        rows.resize(parts.len(), None);
        let same = present.as_ref().is_some_and(|it| it.mark == seen.mark);
        if let (true, Some(copy_permit)) = (same, copy_permit)
            && let Some(all) = rows.iter().cloned().collect::<Option<Arc<[Row]>>>()
        {
            let payload = Payload::Rows(all);
            let weight = weigh(self.entities.schema(), list.ask.entity, &payload);
            let whole = Fetched {
                payload,
                further: seen.further,
                rest,
                age: present.map(|list| list.age).unwrap_or_default(),
                held: None,
            };
            self.l1
                .copy(&list.ask, &list.request, Some(copy_permit), &whole, weight);
        }
        View { rows, same }
    }

    /// The read of a row of a list, as the entity stores it.
    fn part_of(&self, list: &Ask, key: &[Value]) -> Result<Arc<PlannedRead>, Error> {
        let part = Ask::new(list.entity, What::Row, key.to_vec(), None);
        self.planner.plan_through(part, false)
    }

    /// A row that the store has served: its copy in this process, if that has the same values, else it is copied.
    fn shared(
        &self,
        part: &PlannedRead,
        copy_permit: Option<CopyPermit>,
        fetched: &Fetched,
    ) -> Option<Row> {
        let (ask, request) = (&part.ask, &part.request);
        let Payload::Row(row) = &fetched.payload else {
            return None;
        };
        let values = self.entities.entity(ask.entity).rows.values;
        let copies = self.l1.memory().filter(|_| copy_permit.is_some());
        if let Some(Payload::Row(copy)) = copies.and_then(|copies| copies.probe(&request.key))
            && values(&*copy) == values(&**row)
        {
            return Some(copy);
        }
        let weight = weigh(self.entities.schema(), ask.entity, &fetched.payload);
        self.l1.copy(ask, request, copy_permit, fetched, weight);
        Some(Arc::clone(row))
    }

    /// Stores the rows of a list that is about to be stored as keys.
    pub(super) async fn fill_rows(
        &self,
        ask: &Ask,
        loaded: &Loaded,
        permit: &Permit,
        source: &SharedSource,
    ) {
        let Ok(Payload::Keys(keys)) = loaded.entry.as_ref().map(|entry| &entry.payload) else {
            return;
        };
        let parts = self.entities.each_key(ask.entity, keys);
        if self.store.capabilities().remote {
            let keys = parts.map(<[Value]>::to_vec).collect();
            let _ = self.rows.parts(ask.entity, keys, source).await;
            return;
        }
        let fills = (parts.zip(&loaded.rows)).filter_map(|(key, row)| {
            let read = self.part_of(ask, key).ok()?;
            let memory = self.l1.memory()?;
            if memory.probe(&read.request.key).is_some() {
                return None;
            }
            let row = std::slice::from_ref(row);
            Some(PendingFill {
                entry: self.loader.entry(&read.ask, row).ok()?,
                permit: self.store.share_permit(permit)?,
                source: Arc::clone(source),
                read,
            })
        });
        self.filler.fill_each(fills.collect()).await;
    }
}
