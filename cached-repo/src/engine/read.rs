//! Single reads.

use super::ask::{Answer, Ask, Mode, Options, What};
use super::limit::WaitLimits;
use super::load::{Loaded, bears};
use super::look::{Kept, Look, Spare};
use super::shadow::Ticket;
use super::waiter::{Flown, Waiter};
use super::{Engine, EntryKind, SharedSource};
use crate::age::AgeDecision;
use crate::error::Error;
use crate::key::Key;
use crate::port::{Checkpoint, Found, Observed, Payload, Request, StoreError};
use crate::protocol::row_key;
use crate::receipt::{AnsweredBy, Receipt};
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
            self.record(ask.entity, ask.kind(), Count::Hit);
            self.tell_of_memory(&ask.options, || ask.key(self).ok());
            return Ok(rows);
        }
        self.check_runtime()?;
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
        self.seek(ask, request, began, None, source).await
    }

    /// The rest of a read that began then. What its first look at the store has shown may be known.
    pub(super) async fn seek(
        self: &Arc<Self>,
        ask: Ask,
        request: Request,
        began: u64,
        mut seen: Option<Look>,
        source: &SharedSource,
    ) -> Result<Answer, Error> {
        let mut waited = self.settings.wait_time.is_zero();
        let mut spare = None;
        let mut limits = None;
        loop {
            let look = match seen.take() {
                Some(look) => look,
                None => self.look(&ask, &request).await,
            };
            let look = match self.look_through(&ask, &request, look, source).await? {
                Look::Overdue(kept, overdue) => {
                    self.admit((&ask, &request), kept, *overdue, source, &mut spare)
                }
                look => look,
            };
            let mut observed = match look {
                Look::Rows(rows) => {
                    self.record(ask.entity, ask.kind(), self.store_hit());
                    return Ok(rows);
                }
                Look::Pointer(key) => match self.follow(&ask, key, source).await? {
                    Some(rows) => return Ok(rows),
                    None => Some(Observed {
                        replaceable: true,
                        ..Observed::default()
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
                Look::Keys(_) | Look::Leased | Look::Busy | Look::Away | Look::Overdue(..) => None,
            };
            if ask.options.mode == Mode::CacheOnly {
                self.record(ask.entity, ask.kind(), Count::Miss);
                return Ok(Vec::new());
            }
            let busy = observed.is_none();
            let in_process = !self.capabilities().remote;
            let trip = || {
                let seen = observed.take();
                // A second load beside the first is stored as well, unless the first one holds the key's lease.
                observed = (in_process && seen.is_some()).then(Observed::default);
                self.trip(ask.clone(), request.clone(), seen, source)
            };
            let waiter = self.waiter(began, &mut limits, spare.is_some());
            match self.flights.fly(&request.key, waiter, trip).await {
                Flown::Arrived(loaded) => {
                    let count = if busy { Count::Bypass } else { Count::Miss };
                    self.record(ask.entity, ask.kind(), count);
                    let of = (&ask, &request);
                    return self.arrived(of, loaded, spare, source).await;
                }
                Flown::TryAgain => {}
            }
        }
    }

    /// A reader that waits for loads from its first one on.
    fn waiter(&self, began: u64, limits: &mut Option<WaitLimits>, has_spare: bool) -> Waiter {
        let limits = limits.get_or_insert_with(|| self.wait_limits());
        Waiter {
            began,
            waits_for_fill: !self.capabilities().remote,
            until: limits.ends(has_spare),
        }
    }

    /// What a load has brought, or what there is in its place.
    async fn arrived(
        self: &Arc<Self>,
        of: (&Ask, &Request),
        loaded: Result<Arc<Loaded>, Error>,
        spare: Option<Spare>,
        source: &SharedSource,
    ) -> Result<Answer, Error> {
        match loaded {
            Ok(loaded) => {
                of.0.options.receipt.iter().for_each(Receipt::loaded);
                if spare.is_some() {
                    self.recovered(&of.1.key);
                }
                Ok(loaded.rows.clone())
            }
            Err(error) => self.in_place_of(of, error, spare, source).await,
        }
    }

    /// What the memory of this process has under the key of a query; counted, if it is a hit.
    pub(crate) fn glance(&self, entity: u16, key: &Key, options: &Options) -> Option<Payload> {
        let memory = self.at_once(options, entity, EntryKind::Query)?;
        let payload = match memory.probe(key)? {
            Payload::Keys(keys) => Payload::Rows(self.gather(memory, key, &keys)?.into()),
            payload => payload,
        };
        self.record(entity, EntryKind::Query, Count::Hit);
        self.tell_of_memory(options, || Some(key.clone()));
        Some(payload)
    }

    /// Tells a receipt how old the entry is that this process's memory has answered with.
    pub(super) fn tell_of_memory(&self, options: &Options, key: impl FnOnce() -> Option<Key>) {
        if let Some(receipt) = &options.receipt
            && let Some(memory) = &self.memory
            && let Some(found) = key().and_then(|key| memory.find(&key))
        {
            receipt.served(AnsweredBy::Memory, found.age);
        }
    }

    /// The same, for a query that is ready to be asked.
    pub(crate) fn glance_at(&self, ask: &Ask) -> Option<Payload> {
        let query = ask.query.as_ref()?;
        self.glance(ask.entity, &query.key, &ask.options)
    }

    /// What the store in this process answers at once, before tags are named, which only a miss needs.
    pub(super) fn probe(&self, ask: &Ask) -> Result<Option<Answer>, Error> {
        let Some(memory) = self.at_once(&ask.options, ask.entity, ask.what.into()) else {
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

    /// The store in this process, if it may answer a read of these options for entries of this kind.
    ///
    /// With a token, copies answer for rows by their key alone, and for those that depend on no other rows: the notice of a write
    /// names the place that a row has then, and a list may hold the row where it was before.
    pub(super) fn at_once(
        &self,
        options: &Options,
        entity: u16,
        kind: EntryKind,
    ) -> Option<&MemoryStore> {
        let memory = self.memory.as_deref().filter(|_| options.is_plain())?;
        let Some(shadow) = &self.shadow else {
            return Some(memory);
        };
        if options.strict {
            return None;
        }
        let Some(token) = options.after.filter(|token| token.number() > 0) else {
            return Some(memory);
        };
        let is_row = kind == EntryKind::Row && self.schema.entity(entity).partitions.is_empty();
        (is_row && shadow.has_heard(token.number())).then_some(memory)
    }

    /// How a hit is counted that the store has served.
    pub(super) fn store_hit(&self) -> Count {
        if self.capabilities().shared {
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
        self.record(ask.entity, ask.kind(), Count::Bypass);
        let rows = self.load(ask, source).await?.rows;
        ask.options.receipt.iter().for_each(Receipt::loaded);
        Ok(rows)
    }

    /// One look at the store.
    pub(super) async fn look(self: &Arc<Self>, ask: &Ask, request: &Request) -> Look {
        let ticket = self.ticket(ask, request);
        let found = self.read_one(ask, request).await;
        self.show(ask, request, ticket, found).await
    }

    /// What the store's answer means to the read.
    pub(super) async fn show(
        &self,
        ask: &Ask,
        request: &Request,
        ticket: Option<Ticket>,
        found: Result<Found, StoreError>,
    ) -> Look {
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                self.store_failed(ask.entity, ask.what.into(), &error);
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
                    self.record(ask.entity, ask.what.into(), Count::Undecodable);
                    return Look::Miss(Observed {
                        replaceable: true,
                        undecodable: true,
                        held: None,
                    });
                };
                let overdue = self.overdue(ask, &fetched);
                if overdue.is_none() {
                    self.copy(ask, request, ticket, &fetched, weight);
                    self.tell(ask, fetched.age);
                }
                let kept = match fetched.payload {
                    Payload::Absent => Kept::Rows(Vec::new()),
                    Payload::Row(row) => Kept::Rows(vec![row]),
                    Payload::Rows(rows) => Kept::Rows(rows.to_vec()),
                    Payload::Pointer(key) => Kept::Pointer(key),
                    Payload::Keys(_) | Payload::Bytes(_) => return Look::Busy,
                };
                match (kept, overdue) {
                    (Kept::Rows(rows), None) => Look::Rows(rows),
                    (Kept::Pointer(key), None) => Look::Pointer(key),
                    (_, Some(overdue)) if overdue.decision == AgeDecision::Load => {
                        Look::Miss(overdue.observed)
                    }
                    (kept, Some(overdue)) => Look::Overdue(kept, Box::new(overdue)),
                }
            }
            Found::Leased => Look::Leased,
            Found::Busy => Look::Busy,
            Found::Miss(observed) => {
                if observed.undecodable {
                    self.record(ask.entity, ask.what.into(), Count::Undecodable);
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
            options: ask.options_of_row(),
        };
        let rows = Box::pin(self.get(row, source)).await?;
        let bearing = rows.first().is_some_and(|row| self.is_found_by(ask, row));
        Ok(bearing.then_some(rows))
    }
}
