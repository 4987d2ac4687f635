//! Many rows by primary key: one look at the store, one query for each chunk of misses, one fill.

use super::ask::{Ask, Mode, Options, What};
use super::load::Entry;
use super::read::result;
use super::{Engine, SharedSource};
use crate::error::Error;
use crate::key::Key;
use crate::port::{Checkpoint, Fill, Found, Landing, Observed, Payload, Permit, Request, Source};
use crate::schema::{Row, RowQuery};
use crate::stats::Count;
use sea_orm::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// A key that must be read from the database.
struct Wanted {
    ask: Ask,
    request: Request,
    permit: Option<Permit>,
}

/// An entry on its way into the store.
struct Ready {
    wanted: Wanted,
    entry: Entry,
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
        options: Options,
        source: &SharedSource,
    ) -> Result<Vec<Option<Row>>, Error> {
        let mut asks: Vec<(Ask, Request)> = Vec::new();
        let mut places: HashMap<Key, usize> = HashMap::new();
        let mut order = Vec::with_capacity(keys.len());
        for values in keys {
            let ask = Ask {
                entity,
                what: What::Row,
                values,
                options: options.clone(),
            };
            let request = ask.request(self)?;
            order.push(request.key.clone());
            if !places.contains_key(&request.key) {
                places.insert(request.key.clone(), asks.len());
                asks.push((ask, request));
            }
        }
        let mut rows: HashMap<Key, Option<Row>> = HashMap::with_capacity(asks.len());
        let wanted = self.look_many(entity, asks, &options, &mut rows).await;
        if options.mode != Mode::CacheOnly && !wanted.is_empty() {
            self.reach(Checkpoint::Permitted).await;
            let ready = self.load_many(entity, wanted, &**source, &mut rows).await?;
            self.reach(Checkpoint::Loaded).await;
            self.fill_many(entity, ready, source).await;
        }
        Ok(order
            .into_iter()
            .map(|key| rows.get(&key).cloned().flatten())
            .collect())
    }

    /// Rows by primary key from the database alone.
    pub(crate) async fn get_many_past_the_cache(
        &self,
        entity: u16,
        keys: Vec<Vec<Value>>,
        source: &dyn Source,
    ) -> Result<Vec<Option<Row>>, Error> {
        self.counters
            .add_many(entity, Count::Bypass, keys.len() as u64);
        let mut order = Vec::with_capacity(keys.len());
        for values in &keys {
            let key = crate::protocol::row_key(entity, values);
            order.push(key.map_err(|_| super::unkeyable(self.schema.entity(entity)))?);
        }
        let found = self.query_many(entity, &keys, source).await?;
        Ok(order
            .iter()
            .map(|key| found.get(key).map(|(row, _)| Arc::clone(row)))
            .collect())
    }

    /// Takes what the cache has; what it has not is wanted.
    async fn look_many(
        &self,
        entity: u16,
        asks: Vec<(Ask, Request)>,
        options: &Options,
        rows: &mut HashMap<Key, Option<Row>>,
    ) -> Vec<Wanted> {
        let requests: Vec<Request> = asks.iter().map(|(_, request)| request.clone()).collect();
        let found = match options.mode {
            Mode::Bypass => requests.iter().map(|_| Found::Busy).collect(),
            Mode::Refresh => requests.iter().map(|_| refresh()).collect(),
            Mode::Through | Mode::CacheOnly => {
                self.store.read(&requests).await.unwrap_or_else(|_| {
                    self.counters.add(entity, Count::Error);
                    requests.iter().map(|_| Found::Busy).collect()
                })
            }
        };
        let mut wanted = Vec::new();
        let mut missed = Vec::new();
        for ((ask, request), found) in asks.into_iter().zip(found) {
            match found {
                Found::Hit(payload) => {
                    self.counters.add(entity, Count::Hit);
                    let row = if let Payload::Row(row) = payload {
                        Some(row)
                    } else {
                        None
                    };
                    rows.insert(request.key, row);
                    continue;
                }
                Found::Busy => self.counters.add(entity, Count::Bypass),
                Found::Miss(observed) => {
                    self.counters.add(entity, Count::Miss);
                    if observed.undecodable {
                        self.counters.add(entity, Count::Undecodable);
                    }
                    missed.push((wanted.len(), request.clone(), observed));
                }
            }
            wanted.push(Wanted {
                ask,
                request,
                permit: None,
            });
        }
        if options.mode != Mode::CacheOnly && !missed.is_empty() {
            let (places, requests): (Vec<usize>, Vec<_>) = missed
                .into_iter()
                .map(|(at, request, observed)| (at, (request, observed)))
                .unzip();
            for (at, permit) in places
                .into_iter()
                .zip(self.store.permit(requests).await.unwrap_or_default())
            {
                wanted[at].permit = permit;
            }
        }
        wanted
    }

    async fn load_many(
        &self,
        entity: u16,
        wanted: Vec<Wanted>,
        source: &dyn Source,
        rows: &mut HashMap<Key, Option<Row>>,
    ) -> Result<Vec<Ready>, Error> {
        let keys: Vec<Vec<Value>> = wanted
            .iter()
            .map(|wanted| wanted.ask.values.clone())
            .collect();
        let mut found = self.query_many(entity, &keys, source).await?;
        let mut ready = Vec::with_capacity(wanted.len());
        for wanted in wanted {
            let row = found.remove(&wanted.request.key).map(|(row, _)| row);
            rows.insert(wanted.request.key.clone(), row.clone());
            if wanted.permit.is_some()
                && let Some(entry) = self.entry(&wanted.ask, row.as_slice())
            {
                ready.push(Ready { wanted, entry });
            }
        }
        Ok(ready)
    }

    /// The rows of these keys that exist.
    async fn query_many(
        &self,
        entity: u16,
        keys: &[Vec<Value>],
        source: &dyn Source,
    ) -> Result<HashMap<Key, (Row, Vec<Value>)>, Error> {
        let info = self.schema.entity(entity);
        let columns = self.columns(entity, &info.key);
        let chunk = (self.settings.chunk / columns.len()).max(1);
        let mut found = HashMap::with_capacity(keys.len());
        for keys in keys.chunks(chunk) {
            let query = RowQuery {
                columns: &columns,
                keys,
                lock: false,
            };
            self.counters.add(entity, Count::Load);
            for result in &source
                .query((info.rows.select)(self.backend, &query))
                .await?
            {
                let row = (info.rows.decode)(result)?;
                let values = (info.rows.values)(&*row);
                let key = info.key.iter().map(|at| &values[*at]);
                if let Ok(key) = crate::protocol::row_key(entity, key) {
                    found.insert(key, (row, values));
                }
            }
        }
        Ok(found)
    }

    /// Stores what was loaded: off the reader's way if the store is another process.
    async fn fill_many(self: &Arc<Self>, entity: u16, ready: Vec<Ready>, source: &SharedSource) {
        if ready.is_empty() {
            return;
        }
        let (engine, source) = (Arc::clone(self), Arc::clone(source));
        let shared = self.store.is_shared();
        let work = async move { engine.land_many(entity, ready, &source).await };
        if shared {
            self.background.spawn(work);
        } else {
            work.await;
        }
    }

    async fn land_many(&self, entity: u16, ready: Vec<Ready>, source: &SharedSource) {
        let mut asks: HashMap<Key, Ask> = HashMap::new();
        let mut fills = Vec::with_capacity(ready.len());
        for Ready { wanted, entry } in ready {
            let Some(permit) = wanted.permit else {
                continue;
            };
            asks.insert(wanted.request.key.clone(), wanted.ask);
            fills.push(fill(wanted.request, permit, entry));
        }
        let requests: Vec<Request> = fills.iter().map(|fill| fill.request.clone()).collect();
        let landings = self.store.fill(fills).await.unwrap_or_default();
        let mut young = Vec::new();
        for (request, landing) in requests.into_iter().zip(landings) {
            match landing {
                Landing::TooYoung(permit) => young.push((request, permit)),
                landing => self.landed(entity, result(Some(&landing))),
            }
        }
        if !young.is_empty() {
            self.land_again(entity, young, &asks, source).await;
        }
    }

    /// Rule 1: rows that name tags with stamps younger than the load are loaded again, with the stamps in hand.
    async fn land_again(
        &self,
        entity: u16,
        young: Vec<(Request, Permit)>,
        asks: &HashMap<Key, Ask>,
        source: &SharedSource,
    ) {
        let wanted: Vec<Wanted> = young
            .into_iter()
            .filter_map(|(request, permit)| {
                let ask = asks.get(&request.key)?.clone();
                Some(Wanted {
                    ask,
                    request,
                    permit: Some(permit),
                })
            })
            .collect();
        let Ok(ready) = self
            .load_many(entity, wanted, &**source, &mut HashMap::new())
            .await
        else {
            return;
        };
        let fills = ready.into_iter().filter_map(|Ready { wanted, entry }| {
            Some(fill(wanted.request, wanted.permit?, entry))
        });
        for landing in self.store.fill(fills.collect()).await.unwrap_or_default() {
            self.landed(entity, result(Some(&landing)));
        }
    }
}

fn fill(request: Request, permit: Permit, entry: Entry) -> Fill {
    Fill {
        request,
        permit,
        payload: entry.payload,
        tags: entry.tags,
        ttl: entry.ttl,
    }
}

fn refresh() -> Found {
    Found::Miss(Observed {
        replaceable: true,
        undecodable: false,
    })
}
