//! Puts the collaborators of a reader together.

use super::attempt::Seeker;
use super::bypass::Bypass;
use super::fills::Filler;
use super::flight::Flights;
use super::l1::L1;
use super::limit::Limits;
use super::lists::ListReader;
use super::load_job::Jobs;
use super::loads::Loads;
use super::lookup::StoreReader;
use super::plan::Planner;
use super::row_reads::{Reads, RowReads};
use super::stale::{RefreshList, Refresher};
use crate::engine::Hooks;
use crate::engine::background::Background;
use crate::engine::entities::Entities;
use crate::engine::load::Loader;
use crate::engine::observer::Observer;
use crate::engine::runtime::RuntimeWatch;
use crate::engine::settings::Settings;
use crate::engine::write::Invalidator;
use crate::port::Store;
use std::sync::{Arc, Weak};

/// What a reader works with.
pub(in crate::engine) struct ReaderParts {
    pub(in crate::engine) entities: Arc<Entities>,
    pub(in crate::engine) settings: Settings,
    pub(in crate::engine) store: Arc<dyn Store>,
    pub(in crate::engine) l1: Arc<L1>,
    pub(in crate::engine) loader: Arc<Loader>,
    pub(in crate::engine) observer: Arc<Observer>,
    pub(in crate::engine) invalidator: Arc<Invalidator>,
    pub(in crate::engine) runtime: Arc<RuntimeWatch>,
    pub(in crate::engine) hooks: Hooks,
}

/// The collaborators that are made of the parts.
pub(super) struct Collaborators {
    pub(super) planner: Arc<Planner>,
    pub(super) lookups: Arc<StoreReader>,
    pub(super) seeker: Seeker,
    pub(super) jobs: Arc<Jobs>,
    pub(super) refresher: Arc<Refresher>,
    pub(super) flights: Arc<Flights>,
    pub(super) bypass: Bypass,
    pub(super) background: Arc<Background>,
}

impl ReaderParts {
    /// Collaborators that read rows by `reads`.
    pub(super) fn collaborators(&self, reads: Weak<dyn Reads>) -> Collaborators {
        let limits = Limits {
            soft: self.settings.load_soft_timeout,
            hard: self.settings.load_timeout,
        };
        let background = Arc::<Background>::default();
        let flights = Arc::new(Flights::new(Arc::clone(&background), limits));
        let planner = Arc::new(self.planner());
        let lookups = Arc::new(self.lookups(&background));
        let rows = Arc::new(RowReads::new(Arc::clone(&self.entities), reads));
        let filler = Arc::new(self.filler(&background));
        let lists = Arc::new(self.lists(&planner, &lookups, &filler, &rows));
        let loads = Arc::new(Loads {
            store: Arc::clone(&self.store),
            loader: Arc::clone(&self.loader),
            lists: Arc::clone(&lists),
            filler: Arc::clone(&filler),
            flights: Arc::clone(&flights),
            background: Arc::clone(&background),
            checkpoints: self.hooks.checkpoints.clone(),
            limits,
            gather: Arc::default(),
            chunk: self.settings.chunk,
            lease_time: self.settings.lease_time,
        });
        let jobs = Arc::new(Jobs {
            planner: Arc::clone(&planner),
            lookups: Arc::clone(&lookups),
            lists: Arc::clone(&lists),
            rows: Arc::clone(&rows),
            filler,
            loads,
        });
        let refresher = Arc::new(self.refresher(&lookups, &jobs, &flights, &background));
        let seeker = Seeker {
            lookups: Arc::clone(&lookups),
            lists,
            rows,
            jobs: Arc::clone(&jobs),
            refresher: Arc::clone(&refresher),
            flights: Arc::clone(&flights),
            observer: Arc::clone(&self.observer),
            limits,
        };
        Collaborators {
            planner,
            lookups,
            seeker,
            jobs,
            refresher,
            flights,
            bypass: self.bypass(),
            background,
        }
    }

    fn planner(&self) -> Planner {
        Planner {
            entities: Arc::clone(&self.entities),
            l1: Arc::clone(&self.l1),
            observer: Arc::clone(&self.observer),
        }
    }

    fn lookups(&self, background: &Arc<Background>) -> StoreReader {
        StoreReader {
            entities: Arc::clone(&self.entities),
            store: Arc::clone(&self.store),
            l1: Arc::clone(&self.l1),
            loader: Arc::clone(&self.loader),
            observer: Arc::clone(&self.observer),
            background: Arc::clone(background),
            checkpoints: self.hooks.checkpoints.clone(),
            gather: Arc::default(),
            chunk: self.settings.chunk,
            wait_time: self.settings.wait_time,
        }
    }

    fn filler(&self, background: &Arc<Background>) -> Filler {
        Filler {
            store: Arc::clone(&self.store),
            loader: Arc::clone(&self.loader),
            observer: Arc::clone(&self.observer),
            background: Arc::clone(background),
            gather: Arc::default(),
            chunk: self.settings.chunk,
        }
    }

    fn lists(
        &self,
        planner: &Arc<Planner>,
        lookups: &Arc<StoreReader>,
        filler: &Arc<Filler>,
        rows: &Arc<RowReads>,
    ) -> ListReader {
        ListReader {
            entities: Arc::clone(&self.entities),
            store: Arc::clone(&self.store),
            l1: Arc::clone(&self.l1),
            loader: Arc::clone(&self.loader),
            planner: Arc::clone(planner),
            lookups: Arc::clone(lookups),
            filler: Arc::clone(filler),
            rows: Arc::clone(rows),
        }
    }

    fn refresher(
        &self,
        lookups: &Arc<StoreReader>,
        jobs: &Arc<Jobs>,
        flights: &Arc<Flights>,
        background: &Arc<Background>,
    ) -> Refresher {
        Refresher {
            store: Arc::clone(&self.store),
            lookups: Arc::clone(lookups),
            jobs: Arc::clone(jobs),
            flights: Arc::clone(flights),
            observer: Arc::clone(&self.observer),
            background: Arc::clone(background),
            list: RefreshList::default(),
            clock: self.hooks.clock.clone(),
            pause: self.settings.pause,
        }
    }

    fn bypass(&self) -> Bypass {
        Bypass {
            entities: Arc::clone(&self.entities),
            loader: Arc::clone(&self.loader),
            observer: Arc::clone(&self.observer),
            is_passthrough: self.settings.passthrough,
        }
    }
}
