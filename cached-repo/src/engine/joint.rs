//! Single reads that do their steps together: one look at the store, one pipeline of permits, one query, one pipeline of fills for
//! all that ask within one turn of the runtime.
//!
//! Each read keeps its own flight, and with it its lease, its permit and its fill. What is shared is the way to the store and to the
//! database.

use super::ask::{Ask, What};
use super::flight::Stored;
use super::gather::{Gather, Waiting};
use super::joint_fill::Boarded;
use super::joint_load::is_same_kind;
use super::load::Loaded;
use super::{Engine, SharedSource};
use crate::error::Error;
use crate::port::{Checkpoint, Fill, Found, Landing, Observed, Permit, Request, StoreError};
use futures_util::future::{Either, join_all, select};
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
        if !self.joins(ask) || !self.capabilities().remote {
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
    async fn begin_all(self: &Arc<Self>, begins: Waiting<Begin, Begun>) {
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
                sender: Some(sender),
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
    async fn begin_kind(self: &Arc<Self>, mut kind: Vec<Underway>) {
        let mut senders: Vec<_> = kind.iter_mut().filter_map(|it| it.sender.take()).collect();
        let mut loaded = match kind.as_slice() {
            [first, _, ..] => self.load_together(&kind, &mut senders, &first.source).await,
            _ => Vec::new(),
        };
        loaded.resize_with(kind.len(), || None);
        let (mut boarded, mut unused) = (Vec::new(), Vec::new());
        for ((it, told), loaded) in kind.into_iter().zip(senders).zip(loaded) {
            let key = it.request.key.clone();
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
                    loaded: loaded.clone(),
                    ask: it.ask,
                    request: it.request,
                    source: it.source,
                    permit,
                    sender,
                });
            }
            // A flight that has ended before it was told, by its time limit or because nobody waits for it, gives back nothing.
            if let Err(Begun {
                permit: Some(permit),
                ..
            }) = told.send(begun)
            {
                unused.push((key, permit));
            }
        }
        if !unused.is_empty() {
            self.store.abandon(unused).await;
        }
        if !boarded.is_empty() {
            self.store_kind(boarded).await;
        }
    }

    /// One query for all of them. It is dropped if it takes too long, or if nobody waits for any of them.
    async fn load_together(
        &self,
        kind: &[Underway],
        senders: &mut [oneshot::Sender<Begun>],
        source: &SharedSource,
    ) -> Vec<Option<Result<Loaded, Error>>> {
        let leases = kind.iter().filter_map(|it| {
            let permit = it.permit.as_ref().filter(|permit| !permit.replaces)?;
            Some((&it.request.key, permit.lease))
        });
        let leases: Vec<_> = leases.collect();
        let asks: Vec<&Ask> = kind.iter().map(|it| &it.ask).collect();
        let load = async {
            self.reach(Checkpoint::Permitted).await;
            let loaded = self.load_kind(&asks, source).await;
            self.reach(Checkpoint::Loaded).await;
            Ok(loaded)
        };
        let load = self.in_time(self.while_leased(&leases, load));
        let unattended = async {
            for sender in senders {
                sender.closed().await;
            }
        };
        // In this order: what nobody waits for is not begun.
        match select(pin!(unattended), pin!(load)).await {
            Either::Left(_) => Vec::new(),
            Either::Right((loaded, _)) => loaded.unwrap_or_default(),
        }
    }

    /// Stores one entry; `None` if the store did not answer.
    pub(super) async fn fill_one(self: &Arc<Self>, ask: &Ask, fill: Fill) -> Option<Landing> {
        if !self.joins(ask) || !self.capabilities().remote {
            return self.fill_all(vec![fill]).await.pop().flatten();
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
}

/// A load that has begun.
struct Underway {
    ask: Ask,
    request: Request,
    source: SharedSource,
    /// There until its kind begins.
    sender: Option<oneshot::Sender<Begun>>,
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
