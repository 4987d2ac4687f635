//! Many rows by primary key: one look at the store, one query for each chunk of misses, one fill.

use super::ask::{Ask, Mode, Options, What};
use super::load::Entry;
use super::look::{Admitted, Overdue};
use super::shadow::Ticket;
use super::{Engine, EntryKind, SharedSource, unkeyable};
use crate::age::Age;
use crate::error::Error;
use crate::key::Key;
use crate::port::{
    Checkpoint, Fetched, Found, Observed, Payload, Permit, Request, Source, StoreError,
};
use crate::protocol::row_key;
use crate::schema::Row;
use crate::stats::Count;
use crate::write_token::WriteToken;
use sea_orm::Value;
use std::collections::HashMap;
use std::collections::hash_map;
use std::sync::Arc;

/// A map by keys of our own making.
pub(super) type KeyMap<T> = HashMap<Key, T, foldhash::fast::RandomState>;

/// A key that the cache in this process could not answer at once.
pub(super) struct Wanted {
    pub(super) ask: Ask,
    pub(super) request: Request,
    pub(super) permit: Option<Permit>,
    /// What the store saw where it had nothing to serve; `None` where nothing may be filled.
    pub(super) observed: Option<Observed>,
    /// What answers if the load fails: an entry past its lifetime.
    pub(super) spare: Option<(Option<Row>, Age)>,
    /// Where its row belongs among the distinct keys.
    pub(super) place: usize,
}

/// An entry on its way into the store.
pub(super) struct Ready {
    pub(super) wanted: Wanted,
    pub(super) entry: Entry,
}

/// What became of a key that is asked for again.
#[derive(Clone, Copy)]
enum Place {
    /// Its row lies at this position of the answer.
    Here(usize),
    /// It is looked for at this place.
    Wanted(usize),
}

/// What one look at the store leaves to be done.
struct Looked {
    wanted: Vec<Wanted>,
    /// Served, and to be loaded anew behind the reader.
    due: Vec<(Wanted, Overdue)>,
}

/// The distinct keys that are still looked for, and which of the asked ones they answer.
#[derive(Default)]
struct Rest {
    wanted: Vec<Wanted>,
    /// Position of an asked key, and its place among the distinct ones.
    places: Vec<(usize, usize)>,
}

impl Engine {
    /// Rows by primary key, in the order of the keys and as often as they were asked for.
    ///
    /// # Cancellation
    /// Dropping the future abandons loads that have begun; leases end by themselves.
    pub(crate) async fn get_many(
        self: &Arc<Self>,
        entity: u16,
        keys: Vec<Vec<Value>>,
        mut options: Options,
        source: &SharedSource,
    ) -> Result<Vec<Option<Row>>, Error> {
        if options.after == Some(WriteToken::UNDELIVERED) {
            options.mode = Mode::Bypass;
        }
        let mut rows = vec![None; keys.len()];
        let rest = self.probe_many(entity, keys, &options, &mut rows)?;
        if rest.wanted.is_empty() {
            return Ok(rows);
        }
        self.check_runtime()?;
        let mut found = vec![None; rest.wanted.len()];
        let looked = self
            .look_many(entity, rest.wanted, &options, &mut found)
            .await;
        if !looked.due.is_empty() && options.mode == Mode::Through {
            self.refresh_many_behind(entity, looked.due, source);
        }
        if options.mode != Mode::CacheOnly && !looked.wanted.is_empty() {
            let mut rest = looked.wanted.into_iter();
            loop {
                // Part by part, so that no lease waits for the loads of others.
                let part: Vec<Wanted> = rest.by_ref().take(self.settings.chunk).collect();
                if part.is_empty() {
                    break;
                }
                self.load_part(entity, part, &mut found, source).await?;
            }
        }
        for (position, place) in rest.places {
            rows[position].clone_from(&found[place]);
        }
        Ok(rows)
    }

    /// Rows by primary key from the database alone.
    pub(crate) async fn get_many_past_the_cache(
        &self,
        entity: u16,
        keys: Vec<Vec<Value>>,
        source: &dyn Source,
    ) -> Result<Vec<Option<Row>>, Error> {
        self.record_many(entity, EntryKind::Row, Count::Bypass, keys.len() as u64);
        let bad = |_| unkeyable(self.schema.entity(entity));
        let order: Result<Vec<Key>, Error> = keys
            .iter()
            .map(|values| row_key(entity, values).map_err(bad))
            .collect();
        let found = self.query_many(entity, &keys, source).await?;
        Ok(order?
            .iter()
            .map(|key| found.get(key).map(Arc::clone))
            .collect())
    }

    /// Takes what the store in this process has, and sorts out the rest.
    fn probe_many(
        &self,
        entity: u16,
        keys: Vec<Vec<Value>>,
        options: &Options,
        rows: &mut [Option<Row>],
    ) -> Result<Rest, Error> {
        let arity = self.schema.entity(entity).key.len();
        let memory = self.at_once(options, entity, EntryKind::Row);
        let mut hits = 0;
        let mut rest = Rest::default();
        let mut distinct: KeyMap<Place> = KeyMap::default();
        for (position, values) in keys.into_iter().enumerate() {
            let key = row_key(entity, &values)
                .ok()
                .filter(|_| values.len() == arity);
            let key = key.ok_or_else(|| unkeyable(self.schema.entity(entity)))?;
            let new = match distinct.entry(key) {
                hash_map::Entry::Vacant(new) => new,
                hash_map::Entry::Occupied(known) => {
                    match *known.get() {
                        Place::Here(first) => rows[position] = rows[first].clone(),
                        Place::Wanted(place) => rest.places.push((position, place)),
                    }
                    continue;
                }
            };
            if let Some(payload) = memory.and_then(|memory| memory.probe(new.key())) {
                hits += 1;
                self.tell_of_memory(options, || Some(new.key().clone()));
                rows[position] = row_of(payload);
                new.insert(Place::Here(position));
                continue;
            }
            let place = rest.wanted.len();
            let ask = Ask {
                entity,
                what: What::Row,
                values,
                query: None,
                options: options.clone(),
            };
            let tags = ask.row_tags(self);
            let request = Request {
                key: new.key().clone(),
                tags,
                ages: ask.ages(self),
            };
            rest.wanted.push(Wanted {
                ask,
                request,
                permit: None,
                observed: None,
                spare: None,
                place,
            });
            rest.places.push((position, place));
            new.insert(Place::Wanted(place));
        }
        self.note(options, entity, Count::Hit, hits);
        Ok(rest)
    }

    /// Counts what became of keys, unless they are a part of a read that is counted itself.
    pub(super) fn note(&self, options: &Options, entity: u16, count: Count, by: u64) {
        if !options.part {
            self.record_many(entity, EntryKind::Row, count, by);
        }
    }

    /// Takes what the store has; what it has not is wanted.
    async fn look_many(
        &self,
        entity: u16,
        wanted: Vec<Wanted>,
        options: &Options,
        rows: &mut [Option<Row>],
    ) -> Looked {
        let mode = options.mode;
        let requests: Vec<Request> = wanted.iter().map(|wanted| wanted.request.clone()).collect();
        if mode == Mode::Refresh {
            let keys: Vec<Key> = requests.iter().map(|request| request.key.clone()).collect();
            for keys in keys.chunks(self.settings.chunk) {
                self.discard(keys).await;
            }
        }
        let ticket = |wanted: &Wanted| self.ticket(&wanted.ask, &wanted.request);
        let mut tickets: Vec<_> = wanted.iter().map(ticket).collect();
        let busy = || requests.iter().map(|_| Found::Busy).collect();
        let found = match mode {
            Mode::Bypass => busy(),
            Mode::Through | Mode::Refresh | Mode::CacheOnly => {
                self.read_many(&requests).await.unwrap_or_else(|error| {
                    self.store_failed(entity, EntryKind::Row, &error);
                    busy()
                })
            }
        };
        let (mut rest, mut due) = (Vec::new(), Vec::new());
        self.reach(Checkpoint::Fetched).await;
        let each = wanted.into_iter().zip(found).zip(&mut tickets);
        for ((mut wanted, found), ticket) in each {
            match found {
                Found::Hit(fetched) => match self.overdue(&wanted.ask, &fetched) {
                    None => {
                        self.serve_one(&wanted, ticket.take(), fetched, rows);
                        continue;
                    }
                    Some(overdue) => {
                        let row = row_of(fetched.payload);
                        match self.admit_one(&mut wanted, overdue, row, rows) {
                            Admitted::Served => continue,
                            Admitted::Due(overdue) => {
                                due.push((wanted, overdue));
                                continue;
                            }
                            Admitted::Missed => self.note(options, entity, Count::Miss, 1),
                        }
                    }
                },
                Found::Leased | Found::Busy => self.note(options, entity, Count::Bypass, 1),
                Found::Miss(observed) => {
                    self.note(options, entity, Count::Miss, 1);
                    if observed.undecodable {
                        self.record(entity, EntryKind::Row, Count::Undecodable);
                    }
                    wanted.observed = Some(observed);
                }
            }
            rest.push(wanted);
        }
        Looked { wanted: rest, due }
    }

    /// Serves a row that the store has, and copies it.
    fn serve_one(
        &self,
        wanted: &Wanted,
        ticket: Option<Ticket>,
        fetched: Fetched,
        rows: &mut [Option<Row>],
    ) {
        let (ask, request) = (&wanted.ask, &wanted.request);
        self.note(&ask.options, ask.entity, self.store_hit(), 1);
        let weight = self.weigh(ask.entity, &fetched.payload);
        self.copy(ask, request, ticket, &fetched, weight);
        self.tell(ask, fetched.age);
        rows[wanted.place] = row_of(fetched.payload);
    }

    /// Reads the store in calls of limited size: each has its time limit, and none keeps others from being answered.
    pub(super) async fn read_many(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        let mut found = Vec::with_capacity(requests.len());
        for requests in requests.chunks(self.settings.chunk) {
            found.extend(self.store.read(requests).await?);
        }
        Ok(found)
    }
}

/// The row of an entry under a primary key.
fn row_of(payload: Payload) -> Option<Row> {
    match payload {
        Payload::Row(row) => Some(row),
        _ => None,
    }
}
