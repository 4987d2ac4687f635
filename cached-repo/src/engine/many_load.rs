//! Loads and fills of many rows.

use super::load::Entry;
use super::many::{KeyMap, Ready, Wanted};
use super::trip::result;
use super::{Engine, EntryKind, SharedSource};
use crate::error::Error;
use crate::key::Key;
use crate::port::{Checkpoint, Fill, Landing, Observed, Permit, Request, Source};
use crate::protocol::row_key;
use crate::receipt::Receipt;
use crate::schema::{Row, RowQuery};
use crate::time::Stopwatch;
use sea_orm::Value;
use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

/// Most keys of several columns in one query: each is a condition of its own, and SQLite reads a thousand of these, one within
/// the other.
const MAX_TUPLES: usize = 500;

impl Engine {
    /// Permits, one load and one fill.
    pub(super) async fn load_part(
        self: &Arc<Self>,
        entity: u16,
        mut part: Vec<Wanted>,
        rows: &mut [Option<Row>],
        source: &SharedSource,
    ) -> Result<(), Error> {
        let missed = part.iter_mut().enumerate().filter_map(|(at, wanted)| {
            let observed = wanted.observed.take()?;
            Some((at, (wanted.request.clone(), observed)))
        });
        let (places, requests): (Vec<usize>, Vec<_>) = missed.unzip();
        if !requests.is_empty() {
            let permits = self.permit_many(requests).await;
            for (at, permit) in places.into_iter().zip(permits) {
                part[at].permit = permit;
            }
        }
        let load = async {
            self.reach(Checkpoint::Permitted).await;
            let loaded = self.load_leased(entity, &part, source).await;
            self.reach(Checkpoint::Loaded).await;
            loaded
        };
        match self.in_time(load).await {
            Ok((loaded, took)) => {
                let spared = part.iter().filter(|wanted| wanted.spare.is_some());
                spared.for_each(|wanted| self.recovered(&wanted.request.key));
                let ready = self.ready(part, loaded, took, rows).await;
                self.fill_many(entity, ready, source).await;
                Ok(())
            }
            Err(error) => self.spare(part, error, rows).await,
        }
    }

    /// Loads what is wanted while its leases are kept alive; and how long it took.
    async fn load_leased(
        &self,
        entity: u16,
        wanted: &[Wanted],
        source: &SharedSource,
    ) -> Result<(KeyMap<Row>, Duration), Error> {
        let permits = wanted.iter().filter_map(|wanted| {
            let permit = wanted.permit.as_ref().filter(|permit| !permit.replaces)?;
            Some((&wanted.request.key, permit.lease))
        });
        let leases: Vec<_> = permits.collect();
        let took = Stopwatch::start();
        let load = self.load_many(entity, wanted, &**source);
        let loaded = self.while_leased(&leases, load).await?;
        Ok((loaded, took.elapsed()))
    }

    /// Permits for all requests, in order; what the store does not answer goes without.
    pub(super) async fn permit_many(
        &self,
        requests: Vec<(Request, Observed)>,
    ) -> Vec<Option<Permit>> {
        let mut permits = Vec::with_capacity(requests.len());
        let mut rest = requests.into_iter();
        loop {
            let some: Vec<_> = rest.by_ref().take(self.settings.chunk).collect();
            if some.is_empty() {
                return permits;
            }
            let none = some.len();
            let granted = self.store.permit(some).await;
            permits.extend(
                granted.unwrap_or_else(|_| std::iter::repeat_with(|| None).take(none).collect()),
            );
        }
    }

    /// Hands the loaded rows to the reader, and sorts out what is to be stored.
    pub(super) async fn ready(
        &self,
        wanted: Vec<Wanted>,
        loaded: KeyMap<Row>,
        took: Duration,
        rows: &mut [Option<Row>],
    ) -> Vec<Ready> {
        let mut ready = Vec::with_capacity(wanted.len());
        let mut unused = Vec::new();
        for wanted in wanted {
            let row = loaded.get(&wanted.request.key).map(Arc::clone);
            match self.entry(&wanted.ask, row.as_slice()) {
                Ok(mut entry) if wanted.permit.is_some() => {
                    wanted.ask.options.receipt.iter().for_each(Receipt::loaded);
                    rows[wanted.place] = row;
                    entry.life.cost = took;
                    ready.push(Ready { wanted, entry });
                }
                _ => {
                    rows[wanted.place] = row;
                    unused.push(wanted);
                }
            }
        }
        self.give_back(unused).await;
        ready
    }

    /// Gives back the permits of what will not be filled, so that the next reader may.
    pub(super) async fn give_back(&self, wanted: Vec<Wanted>) {
        let permits = wanted
            .into_iter()
            .filter_map(|wanted| Some((wanted.request.key, wanted.permit?)));
        let permits: Vec<(Key, Permit)> = permits.collect();
        if !permits.is_empty() {
            self.store.abandon(permits).await;
        }
    }

    /// The wanted rows that exist.
    pub(super) async fn load_many(
        &self,
        entity: u16,
        wanted: &[Wanted],
        source: &dyn Source,
    ) -> Result<KeyMap<Row>, Error> {
        let keys: Vec<Vec<Value>> = wanted
            .iter()
            .map(|wanted| wanted.ask.values.clone())
            .collect();
        self.query_many(entity, &keys, source).await
    }

    /// The rows of these keys that exist, under the keys that were asked for.
    pub(super) async fn query_many(
        &self,
        entity: u16,
        keys: &[Vec<Value>],
        source: &dyn Source,
    ) -> Result<KeyMap<Row>, Error> {
        let width = self.schema.entity(entity).key.len();
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
            if loose && !self.is_passthrough() {
                self.query_spellings(entity, keys, source, &mut found)
                    .await?;
            }
        }
        Ok(found)
    }

    /// How many keys of so many columns one query asks for. `chunk` is less than any database binds.
    pub(super) fn keys_in_query(&self, width: usize) -> usize {
        match width {
            0 | 1 => self.settings.chunk,
            _ => (self.settings.chunk / width).clamp(1, MAX_TUPLES),
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
        let info = self.schema.entity(entity);
        let columns = self.columns(entity, &info.key);
        let query = RowQuery {
            columns: &columns,
            keys,
            only: &[],
            lock: false,
            limit: None,
        };
        let answer = source.query((info.rows.select)(self.backend, &query));
        let answer = self.timed_load(entity, EntryKind::Row, answer).await?;
        let keyed = |result| {
            let row = (info.rows.decode)(result)?;
            let values = (info.rows.values)(&*row);
            let key = info.key.iter().map(|at| &values[*at]);
            Ok((row_key(entity, key).ok(), row))
        };
        answer.iter().map(keyed).collect()
    }

    /// Stores what was loaded: off the reader's way if the store is another process.
    pub(super) async fn fill_many(
        self: &Arc<Self>,
        entity: u16,
        ready: Vec<Ready>,
        source: &SharedSource,
    ) {
        if ready.is_empty() {
            return;
        }
        if self.capabilities().remote {
            let (engine, source) = (Arc::clone(self), Arc::clone(source));
            let fill = async move { engine.land_many(entity, ready, &source).await };
            self.background.spawn(fill);
        } else {
            self.land_many(entity, ready, source).await;
        }
    }

    async fn land_many(&self, entity: u16, ready: Vec<Ready>, source: &SharedSource) {
        let mut rest = ready.into_iter();
        loop {
            let some: Vec<Ready> = rest.by_ref().take(self.settings.chunk).collect();
            if some.is_empty() {
                return;
            }
            self.land_some(entity, some, source).await;
        }
    }

    async fn land_some(&self, entity: u16, ready: Vec<Ready>, source: &SharedSource) {
        let mut loads = Vec::with_capacity(ready.len());
        let mut fills = Vec::with_capacity(ready.len());
        for Ready { wanted, entry } in ready {
            if let Some(permit) = wanted.permit {
                fills.push(self.fill(wanted.request.clone(), permit, entry));
                loads.push((wanted.ask, wanted.request));
            }
        }
        let landings = self.store.fill(fills).await;
        let landings = landings.unwrap_or_else(|error| self.fills_failed(entity, &error));
        let mut young = Vec::new();
        for ((ask, request), landing) in loads.into_iter().zip(landings) {
            match landing {
                Landing::TooYoung(permit) => young.push((ask, request, permit)),
                landing => self.landed(entity, EntryKind::Row, result(Some(&landing))),
            }
        }
        if !young.is_empty() {
            self.land_again(entity, young, source).await;
        }
    }

    /// Rule 1: rows that name tags with stamps younger than the load are loaded again, with the stamps in hand.
    async fn land_again(
        &self,
        entity: u16,
        young: Vec<(super::ask::Ask, Request, Permit)>,
        source: &SharedSource,
    ) {
        let keys: Vec<Vec<Value>> = young.iter().map(|(ask, ..)| ask.values.clone()).collect();
        let loaded = self
            .query_many(entity, &keys, &**source)
            .await
            .unwrap_or_default();
        let mut fills = Vec::with_capacity(young.len());
        let mut unused = Vec::new();
        for (ask, request, permit) in young {
            let row = loaded.get(&request.key).map(Arc::clone);
            match row.and_then(|row| self.entry(&ask, &[row]).ok()) {
                Some(entry) => fills.push(self.fill(request, permit, entry)),
                // Gone, or not to be had: the next reader will see.
                None => unused.push((request.key, permit)),
            }
        }
        let keys: Vec<Key> = fills.iter().map(|fill| fill.request.key.clone()).collect();
        let landings = self.store.fill(fills).await;
        let landings = landings.unwrap_or_else(|error| self.fills_failed(entity, &error));
        for (key, landing) in keys.into_iter().zip(landings) {
            self.landed(entity, EntryKind::Row, result(Some(&landing)));
            if let Landing::TooYoung(permit) = landing {
                unused.push((key, permit));
            }
        }
        if !unused.is_empty() {
            self.store.abandon(unused).await;
        }
    }

    /// Loads rows anew whose entries stay where they are meanwhile; their keys, and whether it failed.
    pub(super) async fn reload_many(
        self: &Arc<Self>,
        entity: u16,
        due: Vec<(Wanted, Observed)>,
        source: &SharedSource,
    ) -> (Vec<Key>, bool) {
        let (mut wanted, observed): (Vec<Wanted>, Vec<Observed>) = due.into_iter().unzip();
        let keys: Vec<Key> = wanted
            .iter()
            .map(|wanted| wanted.request.key.clone())
            .collect();
        let requests = wanted.iter().map(|wanted| wanted.request.clone());
        let permits = self.permit_many(requests.zip(observed).collect()).await;
        for (wanted, permit) in wanted.iter_mut().zip(permits) {
            wanted.permit = permit;
        }
        wanted.retain(|wanted| wanted.permit.is_some());
        let took = Stopwatch::start();
        let load = self.load_many(entity, &wanted, &**source);
        let loaded = match self.in_time(load).await {
            Ok(loaded) => loaded,
            Err(_) => {
                self.give_back(wanted).await;
                return (keys, true);
            }
        };
        let places = wanted.iter().map(|wanted| wanted.place + 1).max();
        let mut rows = vec![None; places.unwrap_or_default()];
        let ready = self.ready(wanted, loaded, took.elapsed(), &mut rows).await;
        self.land_many(entity, ready, source).await;
        (keys, false)
    }

    pub(super) fn fill(&self, request: Request, permit: Permit, entry: Entry) -> Fill {
        Fill {
            request,
            permit,
            weight: entry.weight,
            payload: entry.payload,
            tags: entry.tags,
            life: entry.life,
        }
    }
}
