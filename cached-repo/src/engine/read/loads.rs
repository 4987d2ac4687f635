//! Loads that begin together: one pipeline of permits, one query for each kind, and one pipeline of fills for all that begin within one
//! turn of the runtime.
//!
//! Each read keeps its own flight, and with it its lease, its permit and its fill. What is shared is the way to the store and to the
//! database.

use super::fills::{FillEnd, Filler, PendingFill};
use super::flight::{Flights, Stored};
use super::gather::{Gather, Waiting};
use super::limit::Limits;
use super::lists::ListReader;
use super::plan::PlannedRead;
use crate::engine::SharedSource;
use crate::engine::ask::What;
use crate::engine::background::Background;
use crate::engine::checkpoint_hook::CheckpointHook;
use crate::engine::load::{Loaded, Loader, is_same_kind};
use crate::key::Key;
use crate::port::{Checkpoint, Observed, Permit, Store};
use crate::stamp::Token;
use futures_util::future::{Either, join_all, pending, select};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::sync::oneshot;

/// What a load is about to read.
pub(super) struct Begin {
    read: Arc<PlannedRead>,
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
    /// The end of its fill, if its entry is stored with others, too.
    pub(super) stored: Option<Stored>,
}

/// Loads of flights, and their fills.
pub(super) struct Loads {
    pub(super) store: Arc<dyn Store>,
    pub(super) loader: Arc<Loader>,
    pub(super) lists: Arc<ListReader>,
    pub(super) filler: Arc<Filler>,
    pub(super) flights: Arc<Flights>,
    pub(super) background: Arc<Background>,
    pub(super) checkpoints: CheckpointHook,
    pub(super) limits: Limits,
    /// Loads that begin in the same turn.
    pub(super) gather: Arc<Gather<Begin, Begun>>,
    /// Loads that one query and one pipeline are made for.
    pub(super) chunk: usize,
    /// How long a load may keep its lease.
    pub(super) lease_time: Duration,
}

impl Loads {
    /// Polls these reads for the first time as a whole, so that all that begin a load begin it in the same turn.
    pub(super) async fn together<F: Future>(&self, reads: F) -> F::Output {
        let mut reads = pin!(reads);
        let hold = self.gather.hold();
        // Out of tokio's budget: when that is used up, the rest would begin in a later turn.
        let first = poll_fn(|context| {
            let all = pin!(tokio::task::unconstrained(reads.as_mut()));
            Poll::Ready(all.poll(context))
        })
        .await;
        drop(hold);
        match first {
            Poll::Ready(answers) => answers,
            Poll::Pending => reads.await,
        }
    }

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
            while passed < self.lease_time {
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

    /// Obtains the permit of a load, and loads what others load in the same turn.
    pub(super) async fn begin(
        self: &Arc<Self>,
        read: &Arc<PlannedRead>,
        observed: Option<Observed>,
        source: &SharedSource,
    ) -> Begun {
        if !read.joins {
            let Some(observed) = observed else {
                return Begun::default();
            };
            let wanted = vec![(read.request.clone(), observed)];
            let permits = self.store.permit(wanted).await;
            return Begun {
                permit: permits.ok().and_then(|mut permits| permits.pop().flatten()),
                ..Begun::default()
            };
        }
        let begin = Begin {
            read: Arc::clone(read),
            observed,
            source: Arc::clone(source),
        };
        let loads = Arc::clone(self);
        let work = move |begins| async move { loads.begin_all(begins).await };
        let begun = self.gather.join_each(&self.background, begin, work);
        begun.await.unwrap_or_default()
    }

    /// So many at a time that no lease waits for the loads of others.
    async fn begin_all(self: &Arc<Self>, begins: Waiting<Begin, Begun>) {
        let mut rest = begins.into_iter();
        while rest.len() > 0 {
            self.begin_some(rest.by_ref().take(self.chunk).collect())
                .await;
        }
    }

    /// All permits in one pipeline; then one query for each kind of what is asked for. What nobody else asks for is loaded by who
    /// asks.
    async fn begin_some(self: &Arc<Self>, begins: Waiting<Begin, Begun>) {
        let (mut wanted, mut places) = (Vec::new(), Vec::new());
        let mut began = Vec::with_capacity(begins.len());
        for (at, (begin, sender)) in begins.into_iter().enumerate() {
            if let Some(observed) = begin.observed {
                places.push(at);
                wanted.push((begin.read.request.clone(), observed));
            }
            began.push(Underway {
                joins: self.loader.is_joinable(&begin.read.ask),
                read: begin.read,
                source: begin.source,
                sender: Some(sender),
                permit: None,
            });
        }
        if !wanted.is_empty() {
            let permits = self.store.permit(wanted).await.unwrap_or_default();
            let mut permits = permits.into_iter();
            for at in places {
                began[at].permit = permits.next().flatten();
                // Without a permit it waits for another process: by itself.
                began[at].joins &= began[at].permit.is_some();
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
        let (mut fills, mut unused) = (Vec::new(), Vec::new());
        for ((it, sender), loaded) in kind.into_iter().zip(senders).zip(loaded) {
            let mut begun = Begun {
                permit: it.permit,
                loaded,
                stored: None,
            };
            // What a lookup leads to is stored by who looks it up.
            if let Some(loaded) = &begun.loaded
                && !matches!(it.read.ask.what, What::Unique(_))
                && let Some(permit) = begun.permit.take()
            {
                let (end, stored) = oneshot::channel();
                begun.stored = Some(stored);
                fills.push(FlightFill {
                    loaded: loaded.clone(),
                    read: Arc::clone(&it.read),
                    source: it.source,
                    permit,
                    end,
                });
            }
            // A flight that has ended meanwhile, by its time limit or because nobody waits for it, gives back nothing.
            if let Err(Begun {
                permit: Some(permit),
                ..
            }) = sender.send(begun)
            {
                unused.push((it.read.request.key.clone(), permit));
            }
        }
        self.filler.abandon(unused).await;
        if !fills.is_empty() {
            self.fill_flights(fills).await;
        }
    }

    /// One query for all of them. It is dropped if it takes too long, or if nobody waits for any of them.
    async fn load_together(
        &self,
        kind: &[Underway],
        senders: &mut [oneshot::Sender<Begun>],
        source: &SharedSource,
    ) -> Vec<Option<Loaded>> {
        let permits = kind
            .iter()
            .filter_map(|it| Some((&it.read, it.permit.as_ref()?)));
        let leases = leases(permits);
        let asks: Vec<_> = kind.iter().map(|it| &it.read.ask).collect();
        let load = async {
            self.checkpoints.reach(Checkpoint::Permitted).await;
            let loaded = self.loader.load_kind(&asks, source).await;
            self.checkpoints.reach(Checkpoint::Loaded).await;
            Ok(loaded)
        };
        let load = self.limits.in_time(self.while_leased(&leases, load));
        let unattended = async {
            for sender in senders {
                sender.closed().await;
            }
        };
        // In this order: what nobody waits for is not begun.
        match select(pin!(unattended), pin!(load)).await {
            Either::Left(_) => Vec::new(),
            Either::Right((loaded, _)) => loaded.ok().flatten().unwrap_or_default(),
        }
    }

    /// Stores what was loaded together, and ends the flights.
    async fn fill_flights(self: &Arc<Self>, flights: Vec<FlightFill>) {
        let sent = self.flights.depart();
        let (mut fills, mut ends, mut unused) = (Vec::new(), Vec::new(), Vec::new());
        let rows = flights.iter().map(|it| {
            let ask = &it.read.ask;
            self.lists
                .fill_rows(ask, &it.loaded, &it.permit, &it.source)
        });
        let leases = leases(flights.iter().map(|it| (&it.read, &it.permit)));
        self.while_leased(&leases, join_all(rows)).await;
        for it in flights {
            match it.loaded.entry {
                Ok(entry) => {
                    fills.push(PendingFill {
                        read: it.read,
                        permit: it.permit,
                        entry,
                        source: it.source,
                    });
                    ends.push(it.end);
                }
                Err(refusal) => {
                    self.filler.refuse(&it.read, refusal);
                    unused.push((it.read.request.key.clone(), it.permit));
                }
            }
        }
        self.filler.abandon(unused).await;
        for (sender, end) in ends.into_iter().zip(self.filler.fill_each(fills).await) {
            // A flight that has left does not want it.
            let _ = sender.send((end == FillEnd::AsLoaded).then_some(sent));
        }
    }
}

/// A load that has begun.
struct Underway {
    read: Arc<PlannedRead>,
    source: SharedSource,
    /// There until its kind begins.
    sender: Option<oneshot::Sender<Begun>>,
    permit: Option<Permit>,
    /// Whether it is loaded with others.
    joins: bool,
}

/// What was loaded for a flight that waits for its entry to be stored.
struct FlightFill {
    read: Arc<PlannedRead>,
    source: SharedSource,
    permit: Permit,
    loaded: Loaded,
    end: oneshot::Sender<Option<u64>>,
}

/// The leases among these permits: an entry that is replaced where it is needs none.
fn leases<'a>(
    permits: impl Iterator<Item = (&'a Arc<PlannedRead>, &'a Permit)>,
) -> Vec<(&'a Key, Token)> {
    let leased = permits.filter(|(_, permit)| !permit.replaces);
    leased
        .map(|(read, permit)| (&read.request.key, permit.lease))
        .collect()
}

/// The loads that one query can answer, and each of the others by itself.
fn kinds(began: Vec<Underway>) -> Vec<Vec<Underway>> {
    let mut kinds: Vec<Vec<Underway>> = Vec::new();
    for it in began {
        let same = |kind: &&mut Vec<Underway>| {
            let first = kind.first();
            first.is_some_and(|first| {
                first.joins && it.joins && is_same_kind(&first.read.ask, &it.read.ask)
            })
        };
        match kinds.iter_mut().find(same) {
            Some(kind) => kind.push(it),
            None => kinds.push(vec![it]),
        }
    }
    kinds
}
