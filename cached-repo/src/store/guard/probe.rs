//! The task that asks the store while the breaker is open, begins a new epoch if an invalidation was not delivered, and closes the
//! breaker.

use super::breaker::{Effect, Event, Probe};
use super::{State, limited};
use crate::port::StoreError;
use std::sync::{Arc, Weak};

/// Longest pause between two probes, as a multiple of the cooldown.
pub(super) const MAX_BACKOFF: u32 = 16;

/// One probe of an open breaker. Dropped before its end, as with the runtime that it runs on, it says so: the next call starts another.
pub(super) struct Prober {
    state: Weak<State>,
    is_over: bool,
}

impl Drop for Prober {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        if let Some(state) = self.state.upgrade() {
            state.switch.on(Event::ProbeLost);
        }
    }
}

impl Prober {
    /// Starts a task; without a runtime the probe is lost at once.
    pub(super) fn start(state: &Arc<State>) {
        let prober = Self {
            state: Arc::downgrade(state),
            is_over: false,
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(prober.run());
        }
    }

    /// Runs until the breaker has closed or the guard is gone.
    async fn run(mut self) {
        let mut pause = 1;
        loop {
            let Some(cooldown) = self.state.upgrade().map(|state| state.limits.cooldown) else {
                return;
            };
            tokio::time::sleep(cooldown * pause).await;
            let Some(state) = self.state.upgrade() else {
                return;
            };
            if state.recover().await.is_ok() {
                self.is_over = true;
                return;
            }
            pause = (pause * 2).min(MAX_BACKOFF);
        }
    }
}

impl State {
    /// Asks, and invalidates the namespace where it must, until the breaker has closed.
    async fn recover(&self) -> Result<(), StoreError> {
        loop {
            let probe = self.switch.probe();
            if let Err(error) = self.ask(probe).await {
                self.switch.on(Event::ProbeFailed);
                return Err(error);
            }
            if self.switch.on(Event::Probed(probe)) == Effect::Closed {
                tracing::info!(store = %self.name, "the store answers again");
                self.closed.notify_waiters();
                return Ok(());
            }
        }
    }

    async fn ask(&self, probe: Probe) -> Result<(), StoreError> {
        let limit = self.limits.call;
        match probe {
            Probe::InvalidateNamespace(_) => {
                limited(limit, self.inner.invalidate_namespace()).await?;
                self.unreleased.release(&*self.inner, limit).await;
                Ok(())
            }
            Probe::Ask => limited(limit, self.inner.read(&[])).await.map(drop),
        }
    }
}
