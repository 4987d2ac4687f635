//! Single reads.

use super::ask::{Answer, Ask, Mode, Options, What};
use super::flight::Flown;
use super::keyed::Sight;
use super::load::bears;
use super::{Engine, SharedSource};
use crate::error::Error;
use crate::key::Key;
use crate::port::{Checkpoint, Found, Observed, Payload, Request};
use crate::protocol::row_key;
use crate::schema::Row;
use crate::stats::Count;
use crate::store::MemoryStore;
use crate::write_token::WriteToken;
use std::sync::Arc;

impl Engine {
    /// Reads through the cache.
    ///
    /// # Cancellation
    /// Dropping the future leaves a load that has begun to a task of its own.
    pub(crate) async fn get(
        self: &Arc<Self>,
        ask: Ask,
        source: &SharedSource,
    ) -> Result<Answer, Error> {
        if let Some(rows) = self.probe(&ask)? {
            self.counters.add(ask.entity, Count::Hit);
            return Ok(rows);
        }
        if ask.options.mode == Mode::Refresh {
            return self.refresh(ask, source).await;
        }
        let mut ask = ask;
        if ask.options.after == Some(WriteToken::UNDELIVERED) {
            // Nobody knows when the store will have heard of that write.
            ask.options.mode = Mode::Bypass;
        }
        let request = ask.request(self)?;
        if ask.options.mode == Mode::Bypass {
            return self.past_the_cache(&ask, &**source).await;
        }
        // A reader's time must not be later than the moment at which it looks at the cache.
        let began = self.flights.now();
        let mut waited = self.settings.wait_time.is_zero();
        loop {
            let observed = match self.look_through(&ask, &request, source).await? {
                Look::Rows(rows) => {
                    self.counters.add(ask.entity, self.store_hit());
                    return Ok(rows);
                }
                Look::Pointer(key) => match self.follow(&ask, key, source).await? {
                    Some(rows) => return Ok(rows),
                    None => Some(Observed {
                        replaceable: true,
                        undecodable: false,
                    }),
                },
                Look::Miss(observed) => Some(observed),
                Look::Leased if !waited && ask.options.mode == Mode::Through => {
                    // Once: a load that cannot be stored is not to be waited for by one process after the other.
                    waited = true;
                    let limit = self.settings.wait_time;
                    let _ = self.store.leased(&request.key, limit).await;
                    continue;
                }
                Look::Keys(_) | Look::Leased | Look::Busy | Look::Away => None,
            };
            if ask.options.mode == Mode::CacheOnly {
                self.counters.add(ask.entity, Count::Miss);
                return Ok(Vec::new());
            }
            let busy = observed.is_none();
            let trip = || self.trip(ask.clone(), request.clone(), observed, source);
            let wait = !self.store.is_shared();
            match self.flights.fly(&request.key, began, wait, trip).await {
                Flown::Arrived(loaded) => {
                    self.counters
                        .add(ask.entity, if busy { Count::Bypass } else { Count::Miss });
                    return Ok(loaded?.rows.clone());
                }
                Flown::TryAgain => {}
            }
        }
    }

    /// What the memory of this process has under the key of a query; counted, if it is a hit.
    pub(crate) fn glance(&self, entity: u16, key: &Key, options: &Options) -> Option<Payload> {
        let memory = self.at_once(options)?;
        let payload = match memory.probe(key)? {
            Payload::Keys(keys) => Payload::Rows(self.gather(memory, key, &keys)?.into()),
            payload => payload,
        };
        self.counters.add(entity, Count::Hit);
        Some(payload)
    }

    /// The same, for a query that is ready to be asked.
    pub(crate) fn glance_at(&self, ask: &Ask) -> Option<Payload> {
        let query = ask.query.as_ref()?;
        self.glance(ask.entity, &query.key, &ask.options)
    }

    /// What the store in this process answers at once, before tags are named, which only a miss needs.
    fn probe(&self, ask: &Ask) -> Result<Option<Answer>, Error> {
        let Some(memory) = self.at_once(&ask.options) else {
            return Ok(None);
        };
        let key = ask.key(self)?;
        Ok(match memory.probe(&key) {
            Some(Payload::Keys(keys)) => self.gather(memory, &key, &keys),
            Some(Payload::Absent) => Some(Vec::new()),
            Some(Payload::Row(row)) => Some(vec![row]),
            Some(Payload::Rows(rows)) => Some(rows.to_vec()),
            Some(Payload::Bytes(_)) | None => None,
            Some(Payload::Pointer(key)) => {
                let key = row_key(ask.entity, &*key).ok();
                match key.and_then(|key| memory.probe(&key)) {
                    Some(Payload::Row(row)) if self.is_found_by(ask, &row) => Some(vec![row]),
                    _ => None,
                }
            }
        })
    }

    /// The store in this process, if it may answer a read of these options.
    pub(super) fn at_once(&self, options: &Options) -> Option<&MemoryStore> {
        let memory = self.memory.as_deref().filter(|_| options.is_plain())?;
        let Some(shadow) = &self.shadow else {
            return Some(memory);
        };
        let heard = options
            .after
            .is_none_or(|token| shadow.has_heard(token.number()));
        (heard && !options.strict).then_some(memory)
    }

    /// How a hit is counted that the store has served.
    pub(super) fn store_hit(&self) -> Count {
        if self.store.is_shared() {
            Count::StoreHit
        } else {
            Count::Hit
        }
    }

    /// Whether a row that a pointer leads to still bears the values that were asked for (rule 7).
    pub(super) fn is_found_by(&self, ask: &Ask, row: &Row) -> bool {
        let values = (self.schema.entity(ask.entity).rows.values)(&**row);
        bears(ask.fields(self), &values, &ask.values)
    }

    /// Reads the database and fills nothing: on request, and inside a transaction, where others must not see the result.
    pub(crate) async fn past_the_cache(
        &self,
        ask: &Ask,
        source: &dyn crate::port::Source,
    ) -> Result<Answer, Error> {
        self.counters.add(ask.entity, Count::Bypass);
        Ok(self.load(ask, source).await?.rows)
    }

    /// One look at the store.
    pub(super) async fn look(&self, ask: &Ask, request: &Request) -> Look {
        let ticket = self.ticket(ask, request);
        let found = match self.store.read(std::slice::from_ref(request)).await {
            Ok(mut found) => found.pop().unwrap_or(Found::Busy),
            Err(error) => {
                tracing::debug!(%error, "read without the store");
                self.counters.add(ask.entity, Count::Error);
                return Look::Away;
            }
        };
        match found {
            Found::Hit(fetched) => {
                self.reach(Checkpoint::Fetched).await;
                if let Some(seen) = self.seen(&fetched) {
                    return Look::Keys(seen);
                }
                let weight = self.weigh(ask.entity, &fetched.payload);
                let Some(fetched) = self.open(ask, fetched) else {
                    self.counters.add(ask.entity, Count::Undecodable);
                    return Look::Miss(Observed {
                        replaceable: true,
                        undecodable: true,
                    });
                };
                self.copy(ask, request, ticket, &fetched, weight);
                match fetched.payload {
                    Payload::Absent => Look::Rows(Vec::new()),
                    Payload::Row(row) => Look::Rows(vec![row]),
                    Payload::Rows(rows) => Look::Rows(rows.to_vec()),
                    Payload::Pointer(key) => Look::Pointer(key),
                    Payload::Keys(_) | Payload::Bytes(_) => Look::Busy,
                }
            }
            Found::Leased => Look::Leased,
            Found::Busy => Look::Busy,
            Found::Miss(observed) => {
                if observed.undecodable {
                    self.counters.add(ask.entity, Count::Undecodable);
                }
                Look::Miss(observed)
            }
        }
    }

    /// Follows a pointer to its row; `None` if the row no longer bears the values (rule 7).
    pub(super) async fn follow(
        self: &Arc<Self>,
        ask: &Ask,
        key: Arc<[sea_orm::Value]>,
        source: &SharedSource,
    ) -> Result<Option<Answer>, Error> {
        let row = Ask {
            entity: ask.entity,
            what: What::Row,
            values: key.to_vec(),
            query: None,
            options: ask.options.clone(),
        };
        let rows = Box::pin(self.get(row, source)).await?;
        let bearing = rows.first().is_some_and(|row| self.is_found_by(ask, row));
        Ok(bearing.then_some(rows))
    }
}

/// What one look at the store showed.
pub(super) enum Look {
    Rows(Answer),
    Pointer(Arc<[sea_orm::Value]>),
    /// A list whose rows are to be read.
    Keys(Sight),
    Miss(Observed),
    Leased,
    Busy,
    Away,
}
