//! The load and the fill of one read.

use super::ask::{Ask, Mode, What};
use super::flight::{Stored, Trip};
use super::load::{Entry, Loaded};
use super::look::Look;
use super::{Engine, SharedSource};
use crate::error::Error;
use crate::key::Key;
use crate::port::{Checkpoint, Found, Landing, Observed, Payload, Permit, Refusal, Request};
use crate::schema::Row;
use crate::stamp::Token;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Either, pending, select};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};

impl Engine {
    pub(super) fn trip(
        self: &Arc<Self>,
        ask: Ask,
        request: Request,
        observed: Option<Observed>,
        source: &SharedSource,
    ) -> Arc<dyn Trip> {
        Arc::new(ReadTrip {
            engine: Arc::clone(self),
            ask,
            request,
            observed: Mutex::new(observed),
            permit: Mutex::new(None),
            stored: Mutex::new(None),
            source: Arc::clone(source),
        })
    }
}

/// The load and fill of one read.
struct ReadTrip {
    engine: Arc<Engine>,
    ask: Ask,
    request: Request,
    /// What the store saw; `None` if nothing may be filled.
    observed: Mutex<Option<Observed>>,
    permit: Mutex<Option<Permit>>,
    /// What becomes of the entry, if it is stored with others.
    stored: Mutex<Option<Stored>>,
    source: SharedSource,
}

impl Trip for ReadTrip {
    fn load(self: Arc<Self>) -> BoxFuture<'static, Result<Loaded, Error>> {
        async move {
            let observed = take(&self.observed);
            let engine = &self.engine;
            let fills = observed.is_some();
            let begun = (engine.begin(&self.ask, &self.request, observed, &self.source)).await;
            if fills
                && begun.permit.is_none()
                && begun.loaded.is_none()
                && let Some(rows) = self.loaded_elsewhere().await?
            {
                let entry = Err(Refusal::Invalidated);
                return Ok(Loaded { rows, entry });
            }
            let leased = begun.permit.as_ref().filter(|permit| !permit.replaces);
            let lease = leased.map(|permit| permit.lease);
            put(&self.permit, begun.permit);
            put(&self.stored, begun.stored);
            if let Some(loaded) = begun.loaded {
                return Ok(loaded);
            }
            let load = async {
                engine.reach(Checkpoint::Permitted).await;
                let loaded = engine.load(&self.ask, &*self.source).await;
                engine.reach(Checkpoint::Loaded).await;
                loaded
            };
            let leases: Vec<_> = lease
                .iter()
                .map(|token| (&self.request.key, *token))
                .collect();
            engine.while_leased(&leases, load).await
        }
        .boxed()
    }

    fn fail(self: Arc<Self>) -> BoxFuture<'static, ()> {
        async move {
            if let Some(permit) = take(&self.permit) {
                let permits = vec![(self.request.key.clone(), permit)];
                self.engine.store.abandon(permits).await;
            }
        }
        .boxed()
    }

    fn fill(self: Arc<Self>, loaded: Arc<Loaded>, sent: u64) -> BoxFuture<'static, Option<u64>> {
        async move {
            if let Some(stored) = take(&self.stored) {
                let sent = stored.await.ok().flatten();
                self.engine.reach(Checkpoint::Filled).await;
                return sent;
            }
            let permit = take(&self.permit)?;
            let entry = match loaded.entry.clone() {
                Ok(entry) => entry,
                Err(refusal) => {
                    let kind = self.ask.what.into();
                    self.engine.landed(self.ask.entity, kind, Err(refusal));
                    let permits = vec![(self.request.key.clone(), permit)];
                    self.engine.store.abandon(permits).await;
                    return None;
                }
            };
            let lease = [(&self.request.key, permit.lease)];
            let leased = if permit.replaces { &[][..] } else { &lease[..] };
            let rows = (self.engine).fill_rows(&self.ask, &loaded, &permit, &self.source);
            self.engine.while_leased(leased, rows).await;
            let shared = self.engine.store.share_permit(&permit);
            let filled = self
                .engine
                .land(&self.ask, &self.request, permit, entry, &self.source)
                .await;
            self.engine.reach(Checkpoint::Filled).await;
            if filled != Filled::Not {
                self.fill_target(&loaded, shared).await;
            }
            // That a pointer is still valid says which row it is, and nothing about what is in the row.
            let proves = filled == Filled::AsLoaded && !matches!(self.ask.what, What::Unique(_));
            proves.then_some(sent)
        }
        .boxed()
    }
}

impl ReadTrip {
    /// What another process has stored that was quicker to take the lease.
    async fn loaded_elsewhere(&self) -> Result<Option<Vec<Row>>, Error> {
        let engine = &self.engine;
        let limit = engine.settings.wait_time;
        if limit.is_zero()
            || !engine.capabilities().shared
            || self.ask.options.mode != Mode::Through
        {
            return Ok(None);
        }
        if engine.store.leased(&self.request.key, limit).await.is_err() {
            return Ok(None);
        }
        let look = engine.look(&self.ask, &self.request).await;
        let look = engine.look_through(&self.ask, &self.request, look, &self.source);
        match look.await? {
            Look::Rows(rows) => Ok(Some(rows)),
            // Past copies: whoever shares this flight may ask for more than they promise.
            Look::Pointer(key) => engine.follow(&self.ask.strictly(), key, &self.source).await,
            // Loaded anew by this very reader.
            Look::Overdue(..) => Ok(None),
            Look::Keys(_) | Look::Miss(_) | Look::Leased | Look::Busy | Look::Away => Ok(None),
        }
    }

    /// The row that a unique lookup has found is worth caching too, so that the next lookup is a hit. Where it was loaded
    /// without a permit that covers it, it is read once more, off everybody's way.
    async fn fill_target(&self, loaded: &Loaded, permit: Option<Permit>) {
        let Ok(Entry {
            payload: Payload::Pointer(key),
            ..
        }) = &loaded.entry
        else {
            return;
        };
        let ask = Ask {
            entity: self.ask.entity,
            what: What::Row,
            values: key.to_vec(),
            query: None,
            options: self.ask.options.clone(),
        };
        let Ok(request) = ask.request(&self.engine) else {
            return;
        };
        if let Some(permit) = permit {
            if let Ok(entry) = self.engine.entry(&ask, &loaded.rows) {
                self.engine
                    .land(&ask, &request, permit, entry, &self.source)
                    .await;
            }
            return;
        }
        if let Ok(Some(Found::Miss(observed))) = self
            .engine
            .store
            .read(std::slice::from_ref(&request))
            .await
            .map(|mut found| found.pop())
        {
            self.fill_row(&ask, &request, observed).await;
        }
    }

    async fn fill_row(&self, ask: &Ask, request: &Request, observed: Observed) {
        let begun = self
            .engine
            .begin(ask, request, Some(observed), &self.source);
        let begun = begun.await;
        if let Some(stored) = begun.stored {
            let _ = stored.await;
            return;
        }
        let Some(permit) = begun.permit else {
            return;
        };
        match self.engine.load(ask, &*self.source).await {
            Ok(Loaded {
                entry: Ok(entry), ..
            }) => {
                self.engine
                    .land(ask, request, permit, entry, &self.source)
                    .await;
            }
            _ => {
                self.engine
                    .store
                    .abandon(vec![(request.key.clone(), permit)])
                    .await
            }
        }
    }
}

impl Engine {
    /// Does the work, and keeps these leases alive until it has ended, or for `lease_time`.
    pub(super) async fn while_leased<T>(
        &self,
        leases: &[(&Key, Token)],
        work: impl Future<Output = T>,
    ) -> T {
        let pause = self.store.renewal().filter(|_| !leases.is_empty());
        let Some(pause) = pause else {
            return work.await;
        };
        let renewal = async {
            let mut passed = pause;
            while passed < self.settings.lease_time {
                tokio::time::sleep(pause).await;
                // One that is lost refuses the fill, and no more.
                let _ = self.store.renew(leases).await;
                passed += pause;
            }
            pending().await
        };
        match select(pin!(work), pin!(renewal)).await {
            Either::Left((done, _)) => done,
            Either::Right((never, _)) => never,
        }
    }

    /// Stores an entry, if everything that it depends on is still valid.
    async fn land(
        self: &Arc<Self>,
        ask: &Ask,
        request: &Request,
        permit: Permit,
        entry: Entry,
        source: &SharedSource,
    ) -> Filled {
        let fill = |permit, entry| self.fill(request.clone(), permit, entry);
        let mut last = self.fill_one(ask, fill(permit, entry)).await;
        let mut filled = Filled::AsLoaded;
        if let Some(Landing::TooYoung(permit)) = last {
            // Rule 1: the row names a tag whose stamp is younger than the load. With the stamp in hand it is loaded again.
            let again = self.load_again(ask, source).await;
            filled = Filled::Anew;
            last = match again.map(|loaded| loaded.entry) {
                Ok(Ok(entry)) => self.fill_one(ask, fill(permit, entry)).await,
                _ => Some(Landing::TooYoung(permit)),
            };
        }
        let landed = result(last.as_ref());
        if let Some(Landing::TooYoung(permit)) = last {
            self.store
                .abandon(vec![(request.key.clone(), permit)])
                .await;
        }
        self.landed(ask.entity, ask.what.into(), landed);
        landed.map_or(Filled::Not, |()| filled)
    }
}

/// What was stored in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filled {
    /// What was loaded: nothing that it depends on was invalidated since.
    AsLoaded,
    /// What a second load has found; the first may be older.
    Anew,
    Not,
}

/// How a fill ended, in the end.
pub(super) fn result(landing: Option<&Landing>) -> Result<(), Refusal> {
    match landing {
        Some(Landing::Filled) => Ok(()),
        Some(Landing::Refused(refusal)) => Err(*refusal),
        Some(Landing::TooYoung(_)) | None => Err(Refusal::Invalidated),
    }
}

fn put<T>(slot: &Mutex<Option<T>>, value: Option<T>) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = value;
}

fn take<T>(slot: &Mutex<Option<T>>) -> Option<T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[cfg(test)]
mod tests;
