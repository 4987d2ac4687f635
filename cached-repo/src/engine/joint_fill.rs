//! Fills of what was loaded together.

use super::ask::Ask;
use super::load::Loaded;
use super::trip::result;
use super::{Engine, SharedSource};
use crate::port::{Fill, Landing, Permit, Request};
use std::sync::Arc;
use tokio::sync::oneshot;

/// An entry that is stored with others, and the flight that is told.
pub(super) struct Boarded {
    pub(super) ask: Ask,
    pub(super) request: Request,
    pub(super) source: SharedSource,
    pub(super) permit: Permit,
    pub(super) loaded: Loaded,
    pub(super) sender: oneshot::Sender<Option<u64>>,
}

/// A flight that waits for its entry to be stored.
type Waiting = (Ask, Request, SharedSource, oneshot::Sender<Option<u64>>);

impl Engine {
    /// Stores what was loaded together, and tells the flights.
    pub(super) async fn store_kind(self: &Arc<Self>, boarded: Vec<Boarded>) {
        let sent = self.flights.depart();
        let (mut fills, mut rest, mut unused) = (Vec::new(), Vec::new(), Vec::new());
        for it in boarded {
            self.fill_rows(&it.ask, &it.loaded, &it.permit, &it.source)
                .await;
            match it.loaded.entry {
                Ok(entry) => {
                    fills.push(self.fill(it.request.clone(), it.permit, entry));
                    rest.push((it.ask, it.request, it.source, it.sender));
                }
                Err(refusal) => {
                    self.landed(it.ask.entity, it.ask.what.into(), Err(refusal));
                    unused.push((it.request.key, it.permit));
                }
            }
        }
        if !unused.is_empty() {
            self.store.abandon(unused).await;
        }
        let mut young = Vec::new();
        for (it, landing) in rest.into_iter().zip(self.fill_all(fills).await) {
            if let Some(Landing::TooYoung(permit)) = landing {
                young.push((it, permit));
                continue;
            }
            let landed = result(landing.as_ref());
            self.landed(it.0.entity, it.0.what.into(), landed);
            // One that does not wait for it is not told.
            let _ = it.3.send(landed.is_ok().then_some(sent));
        }
        if let Some(((_, _, source, _), _)) = young.first() {
            let source = SharedSource::clone(source);
            self.store_anew(young, &source).await;
        }
    }

    /// Rule 1: what names tags with stamps younger than the load is loaded again, with the stamps in hand. That says nothing about
    /// what was loaded first.
    async fn store_anew(&self, young: Vec<(Waiting, Permit)>, source: &SharedSource) {
        let asks: Vec<&Ask> = young.iter().map(|((ask, ..), _)| ask).collect();
        let loaded = self.load_kind(&asks, source).await;
        let (mut fills, mut stored, mut unused) = (Vec::new(), Vec::new(), Vec::new());
        // The flights end with this.
        let mut flights = Vec::new();
        for (((ask, request, _, sender), permit), loaded) in young.into_iter().zip(loaded) {
            flights.push(sender);
            match loaded {
                Some(Ok(Loaded {
                    entry: Ok(entry), ..
                })) => {
                    stored.push((ask, request.key.clone()));
                    fills.push(self.fill(request, permit, entry));
                }
                // Not to be had: the next reader will see.
                _ => unused.push((request.key, permit)),
            }
        }
        for ((ask, key), landing) in stored.into_iter().zip(self.fill_all(fills).await) {
            self.landed(ask.entity, ask.what.into(), result(landing.as_ref()));
            if let Some(Landing::TooYoung(permit)) = landing {
                unused.push((key, permit));
            }
        }
        if !unused.is_empty() {
            self.store.abandon(unused).await;
        }
    }

    /// Fills in calls of limited size; one landing for each, `None` where the store did not answer.
    pub(super) async fn fill_all(&self, fills: Vec<Fill>) -> Vec<Option<Landing>> {
        let mut landings = Vec::with_capacity(fills.len());
        let mut rest = fills.into_iter();
        loop {
            let some: Vec<Fill> = rest.by_ref().take(self.settings.chunk).collect();
            if some.is_empty() {
                return landings;
            }
            let count = some.len();
            let entity = some[0].request.key.entity();
            let landed = self.store.fill(some).await;
            let landed = landed.unwrap_or_else(|error| self.fills_failed(entity, &error));
            let padded = landed.into_iter().map(Some);
            landings.extend(padded.chain(std::iter::repeat_with(|| None)).take(count));
        }
    }
}
