//! Reads through the cache and past it.

mod attempt;
mod fills;
mod flight;
mod gather;
mod get;
mod joint;
mod l1;
mod l1_copies;
mod limit;
mod lists;
mod load_job;
mod lookup;
mod past;
mod plan;
mod refresh;
mod rows;
mod stale;
mod waiter;

pub(crate) use l1::L1;

use super::Hooks;
use super::background::Background;
use super::checkpoint_hook::CheckpointHook;
use super::entities::Entities;
use super::load::Loader;
use super::observer::Observer;
use super::runtime::RuntimeWatch;
use super::settings::Settings;
use super::write::Invalidator;
use crate::port::{Capabilities, Store};
use crate::stats::Count;
use crate::time::Clock;
use flight::{Flights, LoadLimits};
use joint::Joint;
use stale::Refreshes;
use std::sync::Arc;

/// Reads through the cache. It knows neither the texts of queries nor how writes find what they change.
pub(crate) struct Reader {
    entities: Arc<Entities>,
    settings: Settings,
    store: Arc<dyn Store>,
    l1: L1,
    loader: Loader,
    observer: Arc<Observer>,
    invalidator: Arc<Invalidator>,
    flights: Arc<Flights>,
    joint: Joint,
    refreshes: Refreshes,
    background: Arc<Background>,
    runtime: Arc<RuntimeWatch>,
    checkpoints: CheckpointHook,
    /// By which refreshes that failed are paused.
    clock: Clock,
}

/// What a reader works with.
pub(super) struct ReaderParts {
    pub(super) entities: Arc<Entities>,
    pub(super) settings: Settings,
    pub(super) store: Arc<dyn Store>,
    pub(super) l1: L1,
    pub(super) loader: Loader,
    pub(super) observer: Arc<Observer>,
    pub(super) invalidator: Arc<Invalidator>,
    pub(super) runtime: Arc<RuntimeWatch>,
    pub(super) hooks: Hooks,
}

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

impl Reader {
    pub(super) fn new(parts: ReaderParts) -> Self {
        let background = Arc::<Background>::default();
        let limits = LoadLimits {
            soft: parts.settings.load_soft_timeout,
            hard: parts.settings.load_timeout,
        };
        Self {
            entities: parts.entities,
            settings: parts.settings,
            store: parts.store,
            l1: parts.l1,
            loader: parts.loader,
            observer: parts.observer,
            invalidator: parts.invalidator,
            flights: Arc::new(Flights::new(Arc::clone(&background), limits)),
            joint: Joint::default(),
            refreshes: Refreshes::default(),
            background,
            runtime: parts.runtime,
            checkpoints: parts.hooks.checkpoints,
            clock: parts.hooks.clock,
        }
    }

    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    /// How a hit is counted that the store has served.
    fn store_hit(&self) -> Count {
        if self.capabilities().shared {
            Count::StoreHit
        } else {
            Count::Hit
        }
    }

    /// What this process holds.
    #[inline]
    pub(crate) fn l1(&self) -> &L1 {
        &self.l1
    }

    /// Returns when no fill is under way.
    pub(crate) async fn wait_idle(&self) {
        self.background.idle().await;
    }
}
