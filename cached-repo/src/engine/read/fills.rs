//! Fills: what was loaded, stored if everything that it depends on is still valid.

use super::gather::Gather;
use super::plan::PlannedRead;
use crate::engine::SharedSource;
use crate::engine::background::Background;
use crate::engine::load::{Entry, Loaded, Loader};
use crate::engine::observer::Observer;
use crate::key::Key;
use crate::port::{Fill, FillOutcome, Permit, Refusal, Store};
use std::sync::Arc;

/// An entry on its way into the store.
pub(super) struct PendingFill {
    pub(super) read: Arc<PlannedRead>,
    pub(super) permit: Permit,
    pub(super) entry: Entry,
    /// Where it is loaded again from, if it must be.
    pub(super) source: SharedSource,
}

/// What was stored in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FillEnd {
    /// What was loaded: nothing that it depends on was invalidated since.
    AsLoaded,
    /// What a second load has found; the first may be older.
    Reloaded,
    Refused,
}

/// A fill whose entry names a tag with a stamp that is younger than the load, with that stamp in its permit.
struct Young {
    place: usize,
    read: Arc<PlannedRead>,
    permit: Permit,
    source: SharedSource,
}

/// Stores entries.
pub(super) struct Filler {
    pub(super) store: Arc<dyn Store>,
    pub(super) loader: Arc<Loader>,
    pub(super) observer: Arc<Observer>,
    pub(super) background: Arc<Background>,
    /// Single fills of the same turn.
    pub(super) gather: Arc<Gather<PendingFill, FillEnd>>,
    /// Entries in one call.
    pub(super) chunk: usize,
}

impl Filler {
    /// Stores one entry, with what others store in the same turn if the read does its steps with others.
    pub(super) async fn fill_one(self: &Arc<Self>, fill: PendingFill) -> FillEnd {
        if !fill.read.joins || !self.store.capabilities().remote {
            let mut ends = self.fill_each(vec![fill]).await;
            return ends.pop().unwrap_or(FillEnd::Refused);
        }
        let filler = Arc::clone(self);
        let store = move |fills| async move { filler.fill_each(fills).await };
        let end = self.gather.join(&self.background, fill, store);
        end.await.unwrap_or(FillEnd::Refused)
    }

    /// Stores entries; what became of each, in order.
    ///
    /// Rule 1: one that names tags with stamps younger than its load is loaded again, with the stamps in hand.
    pub(super) async fn fill_each(&self, fills: Vec<PendingFill>) -> Vec<FillEnd> {
        let mut ends = vec![FillEnd::Refused; fills.len()];
        let (mut sent, mut rest) = (Vec::with_capacity(fills.len()), Vec::new());
        for PendingFill {
            read,
            permit,
            entry,
            source,
        } in fills
        {
            sent.push(fill(&read, permit, entry));
            rest.push((read, source));
        }
        let mut young = Vec::new();
        let outcomes = self.fill_in_chunks(sent).await.into_iter();
        for (place, ((read, source), outcome)) in rest.into_iter().zip(outcomes).enumerate() {
            match outcome {
                Some(FillOutcome::StampTooYoung(permit)) => young.push(Young {
                    place,
                    read,
                    permit,
                    source,
                }),
                outcome => {
                    if self.note_fill(&read, outcome.as_ref()) {
                        ends[place] = FillEnd::AsLoaded;
                    }
                }
            }
        }
        if !young.is_empty() {
            for place in self.fill_again(young).await {
                ends[place] = FillEnd::Reloaded;
            }
        }
        ends
    }

    /// Loads again what is too young, and stores it; the places of what was stored.
    async fn fill_again(&self, young: Vec<Young>) -> Vec<usize> {
        let reads = young.iter().map(|it| (&it.read.ask, &it.source));
        let loaded = self.loader.load_kinds(reads.collect()).await;
        let (mut sent, mut rest, mut unused) = (Vec::new(), Vec::new(), Vec::new());
        for (it, loaded) in young.into_iter().zip(loaded) {
            match loaded {
                Ok(Loaded {
                    entry: Ok(entry), ..
                }) => {
                    sent.push(fill(&it.read, it.permit, entry));
                    rest.push((it.place, it.read));
                }
                // Not to be had: the next reader will see.
                _ => {
                    self.note_fill(&it.read, None);
                    unused.push((it.read.request.key.clone(), it.permit));
                }
            }
        }
        let mut stored = Vec::with_capacity(rest.len());
        for ((place, read), outcome) in rest.into_iter().zip(self.fill_in_chunks(sent).await) {
            if self.note_fill(&read, outcome.as_ref()) {
                stored.push(place);
            }
            if let Some(FillOutcome::StampTooYoung(permit)) = outcome {
                unused.push((read.request.key.clone(), permit));
            }
        }
        self.abandon(unused).await;
        stored
    }

    /// Gives back permits that will not be used, so that the next reader may fill.
    pub(super) async fn abandon(&self, permits: Vec<(Key, Permit)>) {
        if !permits.is_empty() {
            self.store.abandon(permits).await;
        }
    }

    /// Counts and logs an entry that must not be stored.
    pub(super) fn refuse(&self, read: &PlannedRead, refusal: Refusal) {
        self.observer
            .fill_ended(read.ask.entity, read.ask.what.into(), Err(refusal));
    }

    /// Counts and logs how a fill ended; whether it is stored.
    fn note_fill(&self, read: &PlannedRead, outcome: Option<&FillOutcome>) -> bool {
        let ended = match outcome {
            Some(FillOutcome::Stored) => Ok(()),
            Some(FillOutcome::Refused(refusal)) => Err(*refusal),
            Some(FillOutcome::StampTooYoung(_)) | None => Err(Refusal::Invalidated),
        };
        self.observer
            .fill_ended(read.ask.entity, read.ask.what.into(), ended);
        ended.is_ok()
    }

    /// Fills in calls of limited size; one outcome for each, `None` where the store did not answer.
    async fn fill_in_chunks(&self, fills: Vec<Fill>) -> Vec<Option<FillOutcome>> {
        let mut outcomes = Vec::with_capacity(fills.len());
        let mut rest = fills.into_iter();
        while rest.len() > 0 {
            let some: Vec<Fill> = rest.by_ref().take(self.chunk).collect();
            let count = some.len();
            let entity = some[0].request.key.entity();
            let ended = self.store.fill(some).await;
            let ended = ended.unwrap_or_else(|error| self.observer.fills_failed(entity, &error));
            let padded = ended.into_iter().map(Some);
            outcomes.extend(padded.chain(std::iter::repeat_with(|| None)).take(count));
        }
        outcomes
    }
}

/// The entry as the store takes it.
fn fill(read: &PlannedRead, permit: Permit, entry: Entry) -> Fill {
    Fill {
        request: read.request.clone(),
        permit,
        weight: entry.weight,
        payload: entry.payload,
        tags: entry.tags,
        life: entry.life,
    }
}
