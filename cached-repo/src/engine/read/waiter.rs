//! A reader's way through flights: it waits for one, and for a second one beside it if the first takes too long.

use super::flight::{
    Completed, Completing, Flight, FlightGuard, Flights, LoadEnd, LoadJob, Loading,
};
use super::limit::load_timed_out;
use crate::engine::load::Loaded;
use crate::error::Error;
use crate::key::Key;
use crate::protocol::{FlightDecision, accept_flight};
use crate::time::Deadline;
use futures_util::FutureExt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};

/// What a flight brought to one reader.
pub(super) enum FlightOutcome {
    Ended(Result<Arc<Loaded>, Error>),
    /// The value may be older than the reader.
    TryAgain,
}

/// What became of a flight that nobody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RefreshOutcome {
    /// It has loaded what can be stored, and has stored it unless that was invalidated meanwhile.
    Loaded,
    Failed,
    /// There was one already.
    ByAnother,
}

/// A reader of a flight.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waiter {
    /// When it began, in flights.
    pub(super) began: u64,
    /// Whether it waits for the fill of a flight that it leads.
    pub(super) waits_for_fill: bool,
    /// When it gives up.
    pub(super) until: Deadline,
}

/// What a waiter waits for.
enum Wait {
    Load(Loading),
    Fill(Completing),
}

impl Wait {
    fn of(guard: &FlightGuard, waiter: Waiter) -> Option<Self> {
        let flight = guard.flight()?;
        Some(match guard.leads && !waiter.waits_for_fill {
            true => Self::Load(flight.loading.clone()),
            false => Self::Fill(flight.completing.clone()),
        })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Completed> {
        match self {
            // Dropping the wait hands the fill to a task: it is not on the reader's way.
            Self::Load(loading) => loading.poll_unpin(context).map(|ending| Completed {
                ending,
                filled: None,
            }),
            Self::Fill(completing) => completing.poll_unpin(context),
        }
    }
}

/// One flight of a waiter.
struct FlightWait {
    /// Dropped before the guard: who leaves last drops the flight.
    wait: Wait,
    guard: FlightGuard,
    /// Whether it had brought nothing when the waiter joined.
    had_failed: bool,
}

impl FlightWait {
    /// What its end means to the waiter.
    fn outcome(&self, began: u64, completed: Completed) -> FlightOutcome {
        if self.guard.leads {
            return FlightOutcome::Ended(completed.ending.into_result());
        }
        let ticket = self.guard.flight().map_or(0, |flight| flight.ticket);
        let filled = completed.filled.is_some_and(|sent| began <= sent);
        match (accept_flight(began, ticket, filled), &completed.ending) {
            (FlightDecision::TryAgain, LoadEnd::Loaded(_)) => FlightOutcome::TryAgain,
            _ if self.had_failed => FlightOutcome::TryAgain,
            _ => FlightOutcome::Ended(completed.ending.into_result()),
        }
    }
}

/// All flights of a waiter.
struct FlightWaits(Vec<FlightWait>);

impl FlightWaits {
    fn add(&mut self, guard: FlightGuard, waiter: Waiter) {
        if let Some(wait) = Wait::of(&guard, waiter) {
            let has_failed = guard.flight().is_some_and(Flight::has_failed);
            let had_failed = !guard.leads && has_failed;
            self.0.push(FlightWait {
                guard,
                wait,
                had_failed,
            });
        }
    }

    /// The first that ends.
    async fn next(&mut self) -> (FlightWait, Completed) {
        poll_fn(|context| {
            let polled = (0..self.0.len()).find_map(|at| match self.0[at].wait.poll(context) {
                Poll::Ready(completed) => Some((at, completed)),
                Poll::Pending => None,
            });
            match polled {
                Some((at, completed)) => Poll::Ready((self.0.swap_remove(at), completed)),
                None => Poll::Pending,
            }
        })
        .await
    }

    /// The flight that began last.
    fn last(&self) -> Option<&Flight> {
        self.0.last().and_then(|wait| wait.guard.flight())
    }
}

impl Flights {
    /// Joins the flight for the key, or leads one. A leader that need not wait for the fill returns after the load.
    pub(super) async fn fly(
        self: &Arc<Self>,
        key: &Key,
        waiter: Waiter,
        mut job: impl FnMut() -> Arc<dyn LoadJob>,
    ) -> FlightOutcome {
        let mut waits = FlightWaits(Vec::with_capacity(1));
        waits.add(self.join(key, &mut job), waiter);
        let mut may_add = true;
        loop {
            let soft = waits.last().filter(|_| may_add).map(|flight| flight.soft);
            let until = soft.map_or(waiter.until, |soft| soft.min(waiter.until));
            match until.limit(waits.next()).await {
                Some((wait, completed)) => match wait.outcome(waiter.began, completed) {
                    // Another one may do better, and there is room for one more beside it.
                    FlightOutcome::Ended(Err(_)) | FlightOutcome::TryAgain
                        if !waits.0.is_empty() =>
                    {
                        may_add = true;
                    }
                    flown => return flown,
                },
                None if waiter.until.has_passed() => {
                    return FlightOutcome::Ended(Err(load_timed_out()));
                }
                None => {
                    let slow = waits.last().cloned();
                    match slow.and_then(|slow| self.join_second(&slow, &mut job)) {
                        Some(guard) => waits.add(guard, waiter),
                        None => may_add = false,
                    }
                }
            }
        }
    }

    /// Leads a flight for the key to its end, unless there is one.
    pub(super) async fn drive(
        self: &Arc<Self>,
        key: &Key,
        job: impl FnOnce() -> Arc<dyn LoadJob>,
    ) -> RefreshOutcome {
        let guard = self.join(key, job);
        let completing = guard.flight().map(|flight| flight.completing.clone());
        let Some(completing) = completing.filter(|_| guard.leads) else {
            return RefreshOutcome::ByAnother;
        };
        match completing.await.ending {
            LoadEnd::Loaded(loaded) if loaded.entry.is_ok() => RefreshOutcome::Loaded,
            _ => RefreshOutcome::Failed,
        }
    }
}
