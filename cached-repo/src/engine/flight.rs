//! One load for each key, however many readers miss it.
//!
//! # Rules
//! - The first reader that misses leads: its flight loads and fills. Readers that miss meanwhile follow it.
//! - A follower takes the value only if it is new enough for it (see [`accept_flight`]); otherwise it tries again, and the
//!   flight that it meets or starts then is always new enough. So N readers cost at most two loads one after the other.
//! - Whoever polls a flight drives it. A reader that is dropped leaves its flight to a task of its own: nobody hangs, and no
//!   load is wasted.
//! - Every ending has a name ([`Ending`]).

use super::background::Background;
use super::load::Loaded;
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::protocol::{FlightDecision, accept_flight};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::BuildHasher;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;
use tracing::Instrument;

const SHARDS: usize = 64;

/// How a load ended.
#[derive(Clone, Debug)]
pub(super) enum Ending {
    /// With rows, or with the knowledge that there are none.
    Loaded(Arc<Loaded>),
    /// With an error, which every reader of the flight gets.
    Failed(Error),
    /// With a panic in the load.
    Panicked,
}

impl Ending {
    fn of(result: std::thread::Result<Result<Loaded, Error>>) -> Self {
        match result {
            Ok(Ok(loaded)) => Self::Loaded(Arc::new(loaded)),
            Ok(Err(error)) => Self::Failed(error),
            Err(_) => Self::Panicked,
        }
    }

    pub(super) fn into_result(self) -> Result<Arc<Loaded>, Error> {
        match self {
            Self::Loaded(loaded) => Ok(loaded),
            Self::Failed(error) => Err(error),
            Self::Panicked => Err(Error::new(
                ErrorKind::LoadPanicked,
                "reading the row from the database panicked; the panic's message is on standard error",
            )),
        }
    }
}

/// A load that has ended, and whether its fill succeeded.
#[derive(Clone, Debug)]
pub(super) struct Landed {
    pub(super) ending: Ending,
    /// If the fill succeeded, when it was sent, in flights: what it proves, it proves for readers that began before.
    pub(super) filled: Option<u64>,
}

type Loading = Shared<BoxFuture<'static, Ending>>;
type Landing = Shared<BoxFuture<'static, Landed>>;

#[derive(Clone, Debug)]
struct Flight {
    ticket: u64,
    loading: Loading,
    landing: Landing,
}

impl Flight {
    /// Whether its load has brought nothing, and it only gives back what it was granted: that concerns nobody who comes now.
    fn has_failed(&self) -> bool {
        matches!(
            self.loading.peek(),
            Some(Ending::Failed(_) | Ending::Panicked)
        )
    }
}

/// The loads that are under way.
#[derive(Debug)]
pub(super) struct Flights {
    shards: Box<[Mutex<HashMap<Key, Flight, foldhash::fast::RandomState>>]>,
    hasher: foldhash::fast::RandomState,
    tickets: AtomicU64,
    background: Arc<Background>,
}

impl Flights {
    pub(super) fn new(background: Arc<Background>) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: foldhash::fast::RandomState::default(),
            tickets: AtomicU64::new(1),
            background,
        }
    }
}

/// When the fill was sent that has stored what was loaded; `None` if it was not stored, or is something else.
pub(super) type Stored = oneshot::Receiver<Option<u64>>;

/// What a flight does.
pub(super) trait Trip: Send + Sync + 'static {
    /// Obtains a permit and reads the database.
    fn load(self: Arc<Self>) -> BoxFuture<'static, Result<Loaded, Error>>;

    /// Gives back what the load was granted: it brought nothing, by an error or a panic.
    fn fail(self: Arc<Self>) -> BoxFuture<'static, ()>;

    /// Stores an entry; tells when it was sent, if it holds what was loaded, with all that this depends on, the rows themselves
    /// included, still valid. What is not sent yet is sent after the time that is given.
    fn fill(self: Arc<Self>, loaded: Arc<Loaded>, sent: u64) -> BoxFuture<'static, Option<u64>>;
}

/// What a flight brought to one reader.
pub(super) enum Flown {
    Arrived(Result<Arc<Loaded>, Error>),
    /// The value may be older than the reader.
    TryAgain,
}

/// What became of a flight that nobody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Driven {
    /// It has loaded what can be stored, and has stored it unless that was invalidated meanwhile.
    Loaded,
    Failed,
    /// There was one already.
    ByAnother,
}

/// A reader's place in a flight.
enum Seat {
    /// It leads: its value is there after the load.
    Leader(Loading, Landing),
    Follower(Flight),
}

impl Flights {
    /// The time of a reader, in flights: the ticket that the next flight will draw. A look and no more, since hits pass here.
    pub(super) fn now(&self) -> u64 {
        self.tickets.load(Ordering::SeqCst)
    }

    /// The time at which a fill is sent. Drawn, and not looked at: a reader that begins after this has a greater time.
    pub(super) fn depart(&self) -> u64 {
        self.tickets.fetch_add(1, Ordering::SeqCst)
    }

    /// Joins the flight for the key, or leads one. A leader that need not wait for the fill returns after the load.
    pub(super) async fn fly(
        self: &Arc<Self>,
        key: &Key,
        began: u64,
        wait_for_fill: bool,
        trip: impl FnOnce() -> Arc<dyn Trip>,
    ) -> Flown {
        match self.board(key, trip) {
            Seat::Leader(loading, landing) => {
                let rest = Rest(landing, &self.background);
                let ending = if wait_for_fill {
                    rest.ride().await.ending
                } else {
                    // Dropping the rest hands the fill to a task: it is not on the reader's way.
                    loading.await
                };
                Flown::Arrived(ending.into_result())
            }
            Seat::Follower(flight) => {
                let has_failed = flight.has_failed();
                let landed = Rest(flight.landing, &self.background).ride().await;
                match (
                    accept_flight(
                        began,
                        flight.ticket,
                        landed.filled.is_some_and(|sent| began <= sent),
                    ),
                    &landed.ending,
                ) {
                    (FlightDecision::TryAgain, Ending::Loaded(_)) => Flown::TryAgain,
                    _ if has_failed => Flown::TryAgain,
                    _ => Flown::Arrived(landed.ending.into_result()),
                }
            }
        }
    }

    /// Leads a flight for the key to its end, unless there is one.
    pub(super) async fn drive(
        self: &Arc<Self>,
        key: &Key,
        trip: impl FnOnce() -> Arc<dyn Trip>,
    ) -> Driven {
        match self.board(key, trip) {
            Seat::Follower(_) => Driven::ByAnother,
            Seat::Leader(_, landing) => {
                let landed = Rest(landing, &self.background).ride().await;
                match landed.ending {
                    Ending::Loaded(loaded) if loaded.entry.is_ok() => Driven::Loaded,
                    _ => Driven::Failed,
                }
            }
        }
    }

    fn board(self: &Arc<Self>, key: &Key, trip: impl FnOnce() -> Arc<dyn Trip>) -> Seat {
        let mut shard = self.shard(key);
        let slot = match shard.entry(key.clone()) {
            Entry::Occupied(flight) => return Seat::Follower(flight.get().clone()),
            Entry::Vacant(slot) => slot,
        };
        // The ticket is drawn before the load begins: a reader with a smaller one began earlier.
        let ticket = self.tickets.fetch_add(1, Ordering::SeqCst);
        let trip = trip();
        let load = AssertUnwindSafe(Arc::clone(&trip).load());
        // Whoever polls it: it belongs to the span of the reader that leads.
        let loading = load.catch_unwind().map(Ending::of);
        let loading = loading.in_current_span().boxed().shared();
        let removal = Removal {
            flights: Arc::clone(self),
            key: key.clone(),
            ticket,
        };
        let landing = land(loading.clone(), trip, removal);
        let landing = landing.in_current_span().boxed().shared();
        slot.insert(Flight {
            ticket,
            loading: loading.clone(),
            landing: landing.clone(),
        });
        Seat::Leader(loading, landing)
    }

    fn shard(
        &self,
        key: &Key,
    ) -> MutexGuard<'_, HashMap<Key, Flight, foldhash::fast::RandomState>> {
        let at = self.hasher.hash_one(key) as usize % SHARDS;
        self.shards[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// The whole flight: load, fill, and out of the list, whatever happens.
async fn land(loading: Loading, trip: Arc<dyn Trip>, removal: Removal) -> Landed {
    let ending = loading.await;
    let filled = match &ending {
        Ending::Loaded(loaded) => {
            let sent = removal.flights.depart();
            let fill = AssertUnwindSafe(trip.fill(Arc::clone(loaded), sent));
            fill.catch_unwind().await.unwrap_or(None)
        }
        Ending::Failed(_) | Ending::Panicked => {
            trip.fail().await;
            None
        }
    };
    drop(removal);
    Landed { ending, filled }
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
        if shard
            .get(&self.key)
            .is_some_and(|flight| flight.ticket == self.ticket)
        {
            shard.remove(&self.key);
        }
    }
}

/// The rest of a flight. Dropped before the end, it goes on as a task of its own.
struct Rest<'a>(Landing, &'a Arc<Background>);

impl Rest<'_> {
    async fn ride(&self) -> Landed {
        self.0.clone().await
    }
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        if self.0.peek().is_none() {
            let rest = self.0.clone();
            self.1.spawn(async move { drop(rest.await) });
        }
    }
}
