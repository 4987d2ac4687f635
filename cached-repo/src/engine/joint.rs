//! Single reads that do their steps together: one look at the store, one pipeline of permits, one query, one pipeline of fills for
//! all that ask within one turn of the runtime.
//!
//! Each read keeps its own flight, and with it its lease, its permit and its fill. What is shared is the way to the store and to the
//! database.

use super::ask::{Ask, What};
use super::gather::{Gather, Waiting};
use super::joint_fill::Boarded;
use super::load::Loaded;
use super::many::KeyMap;
use super::{Engine, SharedSource};
use crate::error::Error;
use crate::key::{Key, Space};
use crate::port::{Checkpoint, Fill, Found, Landing, Observed, Permit, Request, StoreError};
use crate::protocol::entry_key;
use crate::schema::{Row, RowQuery};
use crate::stats::Count;
use futures_util::future::join_all;
use sea_orm::{DbErr, Value};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use tokio::sync::oneshot;

/// What a load is about to read.
struct Begin {
    ask: Ask,
    request: Request,
    /// What the store saw; `None` if nothing may be filled.
    observed: Option<Observed>,
    source: SharedSource,
}

/// How a load has begun.
#[derive(Default)]
pub(super) struct Begun {
    pub(super) permit: Option<Permit>,
    /// What was loaded already, with what others have asked for.
    pub(super) loaded: Option<Loaded>,
    /// What becomes of its entry, which is then stored with others, too.
    pub(super) stored: Option<Stored>,
}

/// When the fill was sent that has stored what was loaded; `None` if it was not stored, or is something else.
pub(super) type Stored = oneshot::Receiver<Option<u64>>;

/// Loads of one turn, and what each brings: `None` if it is to be made alone.
type Loads = Gather<(Ask, SharedSource), Option<Result<Loaded, Error>>>;

/// What waits for the runtime's next turn.
#[derive(Default)]
pub(super) struct Joint {
    reads: Arc<Gather<Request, Result<Found, StoreError>>>,
    begins: Arc<Gather<Begin, Begun>>,
    fills: Arc<Gather<Fill, Option<Landing>>>,
    loads: Arc<Loads>,
}

impl Joint {
    /// Polls these reads for the first time as a whole, so that all that begin a load begin it in the same turn.
    pub(super) async fn together<F: Future>(&self, reads: F) -> F::Output {
        let mut reads = pin!(reads);
        let hold = self.begins.hold();
        let first = poll_fn(|context| Poll::Ready(reads.as_mut().poll(context))).await;
        drop(hold);
        match first {
            Poll::Ready(answers) => answers,
            Poll::Pending => reads.await,
        }
    }
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

    /// Obtains the permit of a load, and loads what others load in the same turn.
    pub(super) async fn begin(
        self: &Arc<Self>,
        ask: &Ask,
        request: &Request,
        observed: Option<Observed>,
        source: &SharedSource,
    ) -> Begun {
        if !self.joins(ask) {
            let Some(observed) = observed else {
                return Begun::default();
            };
            let permits = self.store.permit(vec![(request.clone(), observed)]).await;
            return Begun {
                permit: permits.ok().and_then(|mut permits| permits.pop().flatten()),
                ..Begun::default()
            };
        }
        let engine = Arc::clone(self);
        let begin = Begin {
            ask: ask.clone(),
            request: request.clone(),
            observed,
            source: Arc::clone(source),
        };
        let work = move |begins| async move { engine.begin_all(begins).await };
        let begun = self.joint.begins.join_each(&self.background, begin, work);
        begun.await.unwrap_or_default()
    }

    /// All permits in one pipeline; then one query for each kind of what is asked for. What nobody else asks for is loaded by who
    /// asks.
    async fn begin_all(&self, begins: Waiting<Begin, Begun>) {
        let mut wanted = Vec::new();
        let mut places = Vec::new();
        let mut began = Vec::with_capacity(begins.len());
        for (at, (begin, sender)) in begins.into_iter().enumerate() {
            let Begin {
                ask,
                request,
                observed,
                source,
            } = begin;
            let joins = observed.is_none() && self.is_joinable(&ask);
            if let Some(observed) = observed {
                places.push(at);
                wanted.push((request.clone(), observed));
            }
            began.push(Underway {
                ask,
                request,
                source,
                sender,
                permit: None,
                joins,
            });
        }
        if !wanted.is_empty() {
            let permits = self.permit_many(wanted).await;
            for (at, permit) in places.into_iter().zip(permits) {
                // Without one it waits for another process: by itself.
                began[at].joins = permit.is_some() && self.is_joinable(&began[at].ask);
                began[at].permit = permit;
            }
        }
        join_all(kinds(began).into_iter().map(|kind| self.begin_kind(kind))).await;
    }

    /// One query for reads that differ in their values alone, with the leases of all of them kept alive; then one pipeline of fills.
    async fn begin_kind(&self, kind: Vec<Underway>) {
        let mut loaded = Vec::new();
        if let [first, _, ..] = kind.as_slice() {
            let leases: Vec<_> = (kind.iter())
                .filter_map(|it| Some((&it.request.key, it.permit.as_ref()?.lease)))
                .collect();
            let asks: Vec<&Ask> = kind.iter().map(|it| &it.ask).collect();
            let load = async {
                self.reach(Checkpoint::Permitted).await;
                let loaded = self.load_kind(&asks, &first.source).await;
                self.reach(Checkpoint::Loaded).await;
                loaded
            };
            loaded = self.while_leased(&leases, load).await;
        }
        loaded.resize_with(kind.len(), || None);
        let mut boarded = Vec::new();
        for (it, loaded) in kind.into_iter().zip(loaded) {
            let mut begun = Begun {
                permit: it.permit,
                loaded: loaded.and_then(Result::ok),
                stored: None,
            };
            // What a lookup leads to is stored by who looks it up.
            if let Some(loaded) = &begun.loaded
                && !matches!(it.ask.what, What::Unique(_))
                && let Some(permit) = begun.permit.take()
            {
                let (sender, stored) = oneshot::channel();
                begun.stored = Some(stored);
                boarded.push(Boarded {
                    entry: loaded.entry.clone(),
                    ask: it.ask,
                    request: it.request,
                    source: it.source,
                    permit,
                    sender,
                });
            }
            // Whoever asks is a flight, which nothing stops; a lease that is lost all the same ends by itself.
            let _ = it.sender.send(begun);
        }
        if !boarded.is_empty() {
            self.store_kind(boarded).await;
        }
    }

    /// Stores one entry; `None` if the store did not answer.
    pub(super) async fn fill_one(self: &Arc<Self>, ask: &Ask, fill: Fill) -> Option<Landing> {
        if !self.joins(ask) || !self.store.is_shared() {
            let landings = self.store.fill(vec![fill]).await;
            return landings.ok().and_then(|mut landings| landings.pop());
        }
        let engine = Arc::clone(self);
        let store = move |fills| async move { engine.fill_all(fills).await };
        let landing = self.joint.fills.join(&self.background, fill, store);
        landing.await.flatten()
    }

    /// Loads what is asked for once more, in one query with what others ask for. The caller has its stamps: the query begins after
    /// it has joined (rule 1).
    pub(super) async fn load_again(
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

/// A load that has begun.
struct Underway {
    ask: Ask,
    request: Request,
    source: SharedSource,
    sender: oneshot::Sender<Begun>,
    permit: Option<Permit>,
    /// Whether it is loaded with others.
    joins: bool,
}

/// The loads that one query can answer, and each of the others by itself.
fn kinds(began: Vec<Underway>) -> Vec<Vec<Underway>> {
    let mut kinds: Vec<Vec<Underway>> = Vec::new();
    for it in began {
        let same = |kind: &&mut Vec<Underway>| {
            let first = kind.first();
            first.is_some_and(|first| first.joins && it.joins && is_same_kind(&first.ask, &it.ask))
        };
        match kinds.iter_mut().find(same) {
            Some(kind) => kind.push(it),
            None => kinds.push(vec![it]),
        }
    }
    kinds
}

/// Whether two reads differ in nothing but their values.
fn is_same_kind(one: &Ask, other: &Ask) -> bool {
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
