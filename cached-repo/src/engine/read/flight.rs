//! One load for each key, however many readers miss it.
//!
//! # Rules
//! - The first reader that misses leads: its flight loads and fills. Readers that miss meanwhile follow it.
//! - A follower takes the value only if it is new enough for it (see [`accept_flight`]); otherwise it tries again, and the
//!   flight that it meets or starts then is always new enough. So N readers cost at most two loads one after the other.
//! - Whoever polls a flight drives it. The last reader that leaves one hands it to a task: no load is wasted. Only so many go on like this
//!   ([`MAX_UNATTENDED`]); others are dropped, and give back what they were granted: callers that go away leave no queue of loads behind.
//! - After the soft limit nobody relies on a flight alone: a second one begins beside it, and whichever ends first answers. No more than
//!   [`MAX_LOADS`] of one key are under way: a database that hangs is not asked by everybody.
//! - After the hard limit a load is dropped. Nobody waits longer than that.
//! - Every ending has a name ([`LoadEnd`]).

use super::limit::{Limits, load_timed_out};
use crate::engine::background::Background;
use crate::engine::load::Loaded;
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::time::Deadline;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use tracing::Instrument;

const SHARDS: usize = 64;

/// Loads of one key that may be under way at the same time.
const MAX_LOADS: usize = 2;

/// Loads that may go on though nobody waits for them.
const MAX_UNATTENDED: usize = 4;

/// How a load ended.
#[derive(Clone, Debug)]
pub(super) enum LoadEnd {
    /// With rows, or with the knowledge that there are none.
    Loaded(Arc<Loaded>),
    /// With an error, which every reader of the flight gets.
    Failed(Error),
    /// With a panic in the load.
    Panicked,
    /// It took too long, and was dropped.
    TimedOut,
}

impl LoadEnd {
    fn of(
        result: std::thread::Result<Result<Result<Loaded, Error>, tokio::time::error::Elapsed>>,
    ) -> Self {
        match result {
            Ok(Ok(Ok(loaded))) => Self::Loaded(Arc::new(loaded)),
            Ok(Ok(Err(error))) => Self::Failed(error),
            Ok(Err(_)) => Self::TimedOut,
            Err(_) => Self::Panicked,
        }
    }

    pub(super) fn into_result(self) -> Result<Arc<Loaded>, Error> {
        match self {
            Self::Loaded(loaded) => Ok(loaded),
            Self::Failed(error) => Err(error),
            Self::TimedOut => Err(load_timed_out()),
            Self::Panicked => Err(Error::new(
                ErrorKind::LoadPanicked,
                "reading the row from the database panicked; the panic's message is on standard error",
            )),
        }
    }
}

/// A load that has ended, and whether its fill succeeded.
#[derive(Clone, Debug)]
pub(super) struct Completed {
    pub(super) ending: LoadEnd,
    /// If the fill succeeded, when it was sent, in flights: what it proves, it proves for readers that began before.
    pub(super) filled: Option<u64>,
}

pub(super) type Loading = Shared<BoxFuture<'static, LoadEnd>>;
pub(super) type Completing = Shared<BoxFuture<'static, Completed>>;

#[derive(Clone)]
pub(super) struct Flight {
    key: Key,
    pub(super) ticket: u64,
    /// Until when its readers rely on it alone.
    pub(super) soft: Deadline,
    pub(super) loading: Loading,
    pub(super) completing: Completing,
    /// How many wait for it; changed under the lock of its shard.
    waiters: Arc<AtomicUsize>,
    job: Arc<dyn LoadJob>,
}

impl Flight {
    /// Whether its load has brought nothing, and it only gives back what it was granted: that concerns nobody who comes now.
    pub(super) fn has_failed(&self) -> bool {
        matches!(
            self.loading.peek(),
            Some(LoadEnd::Failed(_) | LoadEnd::Panicked | LoadEnd::TimedOut)
        )
    }
}

/// One who waits for a flight. Dropped before the end, it leaves.
pub(super) struct FlightGuard {
    flights: Arc<Flights>,
    /// There until it is dropped.
    flight: Option<Flight>,
    pub(super) leads: bool,
    is_task: bool,
}

impl FlightGuard {
    fn new(flights: &Arc<Flights>, flight: Flight, leads: bool) -> Self {
        Self {
            flights: Arc::clone(flights),
            flight: Some(flight),
            leads,
            is_task: false,
        }
    }

    pub(super) fn flight(&self) -> Option<&Flight> {
        self.flight.as_ref()
    }
}

impl Drop for FlightGuard {
    fn drop(&mut self) {
        if let Some(flight) = self.flight.take() {
            // A task that is dropped goes with its runtime, which takes no other one.
            self.flights.leave(flight, !self.is_task);
        }
    }
}

/// The flights of one key.
#[derive(Default)]
struct KeyFlights {
    /// The one that readers join who come now.
    joinable: Option<Flight>,
    under_way: usize,
}

type Shard = HashMap<Key, KeyFlights, foldhash::fast::RandomState>;

/// The loads that are under way.
pub(super) struct Flights {
    shards: Box<[Mutex<Shard>]>,
    hasher: foldhash::fast::RandomState,
    tickets: AtomicU64,
    limits: Limits,
    unattended: AtomicUsize,
    background: Arc<Background>,
}

/// When the fill was sent that has stored what was loaded; `None` if it was not stored, or is something else.
pub(super) type Stored = oneshot::Receiver<Option<u64>>;

/// What a flight does.
pub(super) trait LoadJob: Send + Sync + 'static {
    /// Obtains a permit and reads the database.
    fn load(self: Arc<Self>) -> BoxFuture<'static, Result<Loaded, Error>>;

    /// Gives back what the load was granted: it brought nothing, by an error, a panic or the end of its time.
    fn fail(self: Arc<Self>) -> BoxFuture<'static, ()>;

    /// Stores an entry; tells when it was sent, if it holds what was loaded, with all that this depends on, the rows themselves
    /// included, still valid. What is not sent yet is sent after the time that is given.
    fn fill(self: Arc<Self>, loaded: Arc<Loaded>, sent: u64) -> BoxFuture<'static, Option<u64>>;
}

impl Flights {
    pub(super) fn new(background: Arc<Background>, limits: Limits) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: foldhash::fast::RandomState::default(),
            tickets: AtomicU64::new(1),
            limits,
            unattended: AtomicUsize::new(0),
            background,
        }
    }

    /// The time of a reader, in flights: the ticket that the next flight will draw. A look and no more, since hits pass here.
    pub(super) fn now(&self) -> u64 {
        self.tickets.load(Ordering::SeqCst)
    }

    /// The time at which a fill is sent. Drawn, and not looked at: a reader that begins after this has a greater time.
    pub(super) fn depart(&self) -> u64 {
        self.tickets.fetch_add(1, Ordering::SeqCst)
    }

    /// Joins the flight for the key, or leads one.
    pub(super) fn join(
        self: &Arc<Self>,
        key: &Key,
        job: impl FnOnce() -> Arc<dyn LoadJob>,
    ) -> FlightGuard {
        let mut shard = self.shard(key);
        let flights_of_key = shard.entry(key.clone()).or_default();
        let (flight, leads) = match &flights_of_key.joinable {
            Some(flight) => (flight.clone(), false),
            None => (self.lead(flights_of_key, key, job()), true),
        };
        flight.waiters.fetch_add(1, Ordering::Relaxed);
        drop(shard);
        FlightGuard::new(self, flight, leads)
    }

    /// Leads a flight beside the given one, which has taken too long, or joins one that somebody else leads; `None` if there may be no
    /// more of them.
    pub(super) fn join_second(
        self: &Arc<Self>,
        slow: &Flight,
        job: impl FnOnce() -> Arc<dyn LoadJob>,
    ) -> Option<FlightGuard> {
        let key = &slow.key;
        let mut shard = self.shard(key);
        let flights_of_key = shard.entry(key.clone()).or_default();
        let other = flights_of_key.joinable.as_ref();
        let (flight, leads) = match other.filter(|other| other.ticket != slow.ticket) {
            Some(other) => (other.clone(), false),
            None if flights_of_key.under_way >= MAX_LOADS => return None,
            None => (self.lead(flights_of_key, key, job()), true),
        };
        flight.waiters.fetch_add(1, Ordering::Relaxed);
        drop(shard);
        Some(FlightGuard::new(self, flight, leads))
    }

    /// A new flight, which readers join from now on.
    fn lead(
        self: &Arc<Self>,
        flights_of_key: &mut KeyFlights,
        key: &Key,
        job: Arc<dyn LoadJob>,
    ) -> Flight {
        // The ticket is drawn before the load begins: a reader with a smaller one began earlier.
        let ticket = self.tickets.fetch_add(1, Ordering::SeqCst);
        let limit = self.limits.hard;
        let load = Arc::clone(&job).load();
        let load = AssertUnwindSafe(async move { tokio::time::timeout(limit, load).await });
        // Whoever polls it: it belongs to the span of the reader that leads.
        let loading = load.catch_unwind().map(LoadEnd::of);
        let loading = loading.in_current_span().boxed().shared();
        let removal = Removal {
            flights: Arc::clone(self),
            key: key.clone(),
            ticket,
        };
        let completing = complete(loading.clone(), Arc::clone(&job), removal);
        let completing = completing.in_current_span().boxed().shared();
        let flight = Flight {
            key: key.clone(),
            ticket,
            soft: Deadline::after(self.limits.soft),
            loading,
            completing,
            waiters: Arc::default(),
            job,
        };
        flights_of_key.under_way += 1;
        flights_of_key.joinable = Some(flight.clone());
        flight
    }

    /// One of those who waited for the flight has gone. The last one leaves it to a task, if it may go on.
    fn leave(self: &Arc<Self>, flight: Flight, may_go_on: bool) {
        let mut shard = self.shard(&flight.key);
        if flight.waiters.fetch_sub(1, Ordering::Relaxed) > 1 || flight.completing.peek().is_some()
        {
            return;
        }
        // What has been loaded only needs to be stored.
        let unattended = match flight.loading.peek() {
            Some(_) => may_go_on.then_some(None),
            None if may_go_on => Unattended::new(self).map(Some),
            None => None,
        };
        if let Some(unattended) = unattended {
            flight.waiters.fetch_add(1, Ordering::Relaxed);
            drop(shard);
            let completing = flight.completing.clone();
            let mut guard = FlightGuard::new(self, flight, true);
            guard.is_task = true;
            self.background.spawn(async move {
                let (_guard, _unattended) = (guard, unattended);
                completing.await;
            });
            return;
        }
        let joinable = shard.get_mut(&flight.key).and_then(|flights_of_key| {
            let joinable = &mut flights_of_key.joinable;
            joinable.take_if(|joinable| joinable.ticket == flight.ticket)
        });
        drop(shard);
        // The last of it: it takes itself off the list, for which it needs the lock.
        let job = Arc::clone(&flight.job);
        drop((joinable, flight));
        self.background.spawn(job.fail());
    }

    fn shard(&self, key: &Key) -> MutexGuard<'_, Shard> {
        let at = self.hasher.hash_one(key) as usize % SHARDS;
        self.shards[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The whole flight: load, fill, and out of the list, whatever happens.
async fn complete(loading: Loading, job: Arc<dyn LoadJob>, removal: Removal) -> Completed {
    let ending = loading.await;
    let filled = match &ending {
        LoadEnd::Loaded(loaded) => {
            let sent = removal.flights.depart();
            let fill = job.fill(Arc::clone(loaded), sent);
            // It may load once more.
            let fill = tokio::time::timeout(removal.flights.limits.hard, fill);
            let filled = AssertUnwindSafe(fill).catch_unwind().await;
            filled.ok().and_then(Result::ok).flatten()
        }
        LoadEnd::Failed(_) | LoadEnd::Panicked | LoadEnd::TimedOut => {
            job.fail().await;
            None
        }
    };
    drop(removal);
    Completed { ending, filled }
}

/// Takes a flight off the list when it ends.
struct Removal {
    flights: Arc<Flights>,
    key: Key,
    ticket: u64,
}

impl Drop for Removal {
    fn drop(&mut self) {
        let mut shard = self.flights.shard(&self.key);
        let Some(flights_of_key) = shard.get_mut(&self.key) else {
            return;
        };
        flights_of_key.under_way -= 1;
        let joinable = &mut flights_of_key.joinable;
        let own = joinable.take_if(|joinable| joinable.ticket == self.ticket);
        if flights_of_key.under_way == 0 {
            shard.remove(&self.key);
        }
        drop(shard);
        drop(own);
    }
}

/// One of the loads that go on though nobody waits for them.
struct Unattended(Arc<Flights>);

impl Unattended {
    fn new(flights: &Arc<Flights>) -> Option<Self> {
        let more = |unattended: usize| (unattended < MAX_UNATTENDED).then_some(unattended + 1);
        let counted = flights
            .unattended
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        counted.ok().map(|_| Self(Arc::clone(flights)))
    }
}

impl Drop for Unattended {
    fn drop(&mut self) {
        self.0.unattended.fetch_sub(1, Ordering::Relaxed);
    }
}
