//! Single reads that do their steps together: one look at the store, one pipeline of permits, one query, one pipeline of fills for
//! all that ask within one turn of the runtime.
//!
//! Each read keeps its own flight, and with it its lease, its permit and its fill. What is shared is the way to the store and to the
//! database.

use super::ask::{Ask, What};
use super::gather::Gather;
use super::load::Loaded;
use super::many::KeyMap;
use super::{Engine, SharedSource};
use crate::error::Error;
use crate::key::{Key, Space};
use crate::port::{Fill, Found, Landing, Observed, Permit, Request, StoreError};
use crate::protocol::entry_key;
use crate::schema::{Row, RowQuery};
use crate::stats::Count;
use futures_util::future::join_all;
use sea_orm::{DbErr, Value};
use std::sync::Arc;

/// Loads of one turn, and what each brings: `None` if it is to be made alone.
type Loads = Gather<(Ask, SharedSource), Option<Result<Loaded, Error>>>;

/// What waits for the runtime's next turn.
#[derive(Default)]
pub(super) struct Joint {
    reads: Arc<Gather<Request, Result<Found, StoreError>>>,
    permits: Arc<Gather<(Request, Observed), Option<Permit>>>,
    fills: Arc<Gather<Fill, Option<Landing>>>,
    loads: Arc<Loads>,
}

impl Engine {
    /// Whether this read does its steps with others.
    fn joins(&self, ask: &Ask) -> bool {
        ask.options.beside || self.facts(ask.entity).batch
    }

    /// Looks one entry up.
    pub(super) async fn read_one(
        self: &Arc<Self>,
        ask: &Ask,
        request: &Request,
    ) -> Result<Found, StoreError> {
        if !self.joins(ask) || !self.store.is_shared() {
            let found = self.store.read(std::slice::from_ref(request)).await?.pop();
            return Ok(found.unwrap_or(Found::Busy));
        }
        let engine = Arc::clone(self);
        let read = move |requests: Vec<Request>| async move {
            match engine.read_many(&requests).await {
                Ok(found) => found.into_iter().map(Ok).collect(),
                Err(error) => requests.iter().map(|_| Err(error.clone())).collect(),
            }
        };
        let found = self
            .joint
            .reads
            .join(&self.background, request.clone(), read);
        found.await.unwrap_or(Ok(Found::Busy))
    }

    /// Permission to fill, or `None`: then the read goes on without.
    pub(super) async fn permit(
        self: &Arc<Self>,
        ask: &Ask,
        request: &Request,
        observed: Observed,
    ) -> Option<Permit> {
        let wanted = (request.clone(), observed);
        if !self.joins(ask) || !self.store.is_shared() {
            let permits = self.store.permit(vec![wanted]).await;
            return permits.ok().and_then(|mut permits| permits.pop().flatten());
        }
        let engine = Arc::clone(self);
        let permit = move |wanted| async move { engine.permit_many(wanted).await };
        let permit = self.joint.permits.join(&self.background, wanted, permit);
        permit.await.flatten()
    }

    /// Stores one entry; `None` if the store did not answer.
    pub(super) async fn fill_one(self: &Arc<Self>, ask: &Ask, fill: Fill) -> Option<Landing> {
        if !self.joins(ask) || !self.store.is_shared() {
            let landings = self.store.fill(vec![fill]).await;
            return landings.ok().and_then(|mut landings| landings.pop());
        }
        let engine = Arc::clone(self);
        let store = move |fills: Vec<Fill>| async move {
            let mut landings = Vec::with_capacity(fills.len());
            let mut rest = fills.into_iter();
            loop {
                let some: Vec<Fill> = rest.by_ref().take(engine.settings.chunk).collect();
                if some.is_empty() {
                    return landings;
                }
                let count = some.len();
                let landed = engine.store.fill(some).await.unwrap_or_default();
                let padded = landed.into_iter().map(Some);
                landings.extend(padded.chain(std::iter::repeat_with(|| None)).take(count));
            }
        };
        let landing = self.joint.fills.join(&self.background, fill, store);
        landing.await.flatten()
    }

    /// Loads what is asked for, in one query with what others ask for. The caller has its permit: the query begins after it has
    /// joined (rule 1).
    pub(super) async fn load_beside(
        self: &Arc<Self>,
        ask: &Ask,
        source: &SharedSource,
    ) -> Result<Loaded, Error> {
        if self.joins(ask) && self.is_joinable(ask) {
            let engine = Arc::clone(self);
            let load = move |asked| async move { engine.load_joined(asked).await };
            let asked = (ask.clone(), Arc::clone(source));
            let loaded = self.joint.loads.join(&self.background, asked, load).await;
            if let Some(loaded) = loaded.flatten() {
                return loaded;
            }
        }
        self.load(ask, &**source).await
    }

    /// Whether one query can answer this along with others: rows are told apart by the values that they were asked for by, which
    /// the database must not compare in a way of its own.
    fn is_joinable(&self, ask: &Ask) -> bool {
        let loose =
            |fields: &[usize]| (fields.iter()).any(|at| self.loose(ask.entity) >> at & 1 == 1);
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
    async fn load_joined(
        &self,
        asked: Vec<(Ask, SharedSource)>,
    ) -> Vec<Option<Result<Loaded, Error>>> {
        let mut kinds: Vec<(u16, What, Vec<usize>)> = Vec::new();
        for (at, (ask, _)) in asked.iter().enumerate() {
            match (kinds.iter_mut()).find(|kind| (kind.0, kind.1) == (ask.entity, ask.what)) {
                Some((_, _, places)) => places.push(at),
                None => kinds.push((ask.entity, ask.what, vec![at])),
            }
        }
        let mut answers: Vec<_> = asked.iter().map(|_| None).collect();
        let loads = kinds.into_iter().map(|(_, _, places)| {
            let asked = &asked;
            async move {
                let asks: Vec<&Ask> = places.iter().map(|at| &asked[*at].0).collect();
                let loaded = self.load_kind(&asks, &asked[places[0]].1).await;
                (places, loaded)
            }
        });
        for (places, loaded) in join_all(loads).await {
            for (at, loaded) in places.into_iter().zip(loaded) {
                answers[at] = loaded;
            }
        }
        answers
    }

    /// One query for reads that differ in their values alone. Where it fails each is to be made alone: a value that the database
    /// refuses must not fail the reads of others.
    async fn load_kind(
        &self,
        asks: &[&Ask],
        source: &SharedSource,
    ) -> Vec<Option<Result<Loaded, Error>>> {
        if let [only] = asks {
            return vec![Some(self.load(only, &**source).await)];
        }
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
        let Ok(mut found) = found else {
            return asks.iter().map(|_| None).collect();
        };
        let loaded = |ask: &&Ask| {
            let key = ask.key(self).ok()?;
            let rows: Vec<Row> = found.remove(&key).unwrap_or_default();
            let entry = self.entry(ask, &rows);
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
                lock: false,
                limit: None,
            };
            self.counters.add(entity, Count::Load);
            for answer in &source.query((rows.select)(self.backend, &query)).await? {
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
