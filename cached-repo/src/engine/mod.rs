//! Drives the protocol over the ports: reads, fills, flights, writes. It knows no entity's type.

mod added;
mod ask;
mod background;
mod by_hand;
mod catalog;
mod causes;
mod checkpoint;
mod commit;
mod entities;
mod load;
mod mapping;
mod news;
mod observer;
mod read;
mod resolve;
mod run;
mod runtime;
mod search;
mod session;
mod settings;
mod shadow;
mod sweep;
mod tags;
mod write;

pub(crate) use ask::{Ask, Block, Gathered, How, Made, Mode, Options, Query, TtlFrom, What};
pub(crate) use by_hand::Origin;
pub(crate) use catalog::{AnalyzeError, CatalogScope, QueryAnalysis, QueryCatalog, TextDigest};
pub(crate) use causes::Reason;
pub(crate) use checkpoint::CheckpointHook;
pub(crate) use commit::is_unknown;
pub(crate) use mapping::SchemaMapping;
pub(crate) use news::{Heard, News, Reached, Told};
pub(crate) use observer::EntryKind;
pub(crate) use read::{L1, Reader};
pub(crate) use run::{Connection, OwnTransaction, Ran, Run, Runner};
pub(crate) use session::Sessions;
pub(crate) use settings::Settings;
pub(crate) use shadow::Shadow;

use crate::error::Error;
use crate::port::{Capabilities, Checkpoint, Source, Store};
use crate::schema::Schema;
use crate::sql::Analyses;
use crate::store::{Guarded, MemoryStore};
use crate::time::Clock;
use entities::Entities;
use load::Loader;
use observer::Observer;
use read::ReaderParts;
use runtime::RuntimeWatch;
use sea_orm::DbBackend;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The stores of an engine.
pub(crate) struct Stores {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) memory: Option<Arc<MemoryStore>>,
    pub(crate) shadow: Option<Arc<Shadow>>,
    pub(crate) guard: Option<Guarded>,
    pub(crate) news: Arc<News>,
}

/// What tests replace.
#[derive(Debug, Default)]
pub(crate) struct Hooks {
    pub(crate) checkpoints: CheckpointHook,
    pub(crate) clock: Clock,
}

/// What all clones of a repo share.
pub(crate) struct Engine {
    pub(crate) schema: Arc<Schema>,
    pub(crate) settings: Settings,
    /// The store, whichever it is.
    pub(crate) store: Arc<dyn Store>,
    /// Who keeps these copies true.
    pub(crate) shadow: Option<Arc<Shadow>>,
    /// The same store if it is behind a breaker.
    pub(crate) guard: Option<Guarded>,
    observer: Arc<Observer>,
    reader: Arc<Reader>,
    pub(crate) news: Arc<News>,
    pub(crate) retries: RetryCounters,
    pub(crate) analyses: Arc<Analyses>,
    pub(crate) sessions: Arc<Sessions>,
    mapping: Arc<SchemaMapping>,
    catalog: Arc<QueryCatalog>,
    pub(crate) backend: DbBackend,
    checkpoints: CheckpointHook,
    runtime: Arc<RuntimeWatch>,
}

/// Counters of retried transactions.
#[derive(Debug, Default)]
pub(crate) struct RetryCounters {
    pub(crate) committed: AtomicU64,
    pub(crate) retried: AtomicU64,
    pub(crate) failed: AtomicU64,
}

impl Engine {
    pub(crate) fn new(
        schema: Arc<Schema>,
        settings: Settings,
        stores: Stores,
        backend: DbBackend,
        hooks: Hooks,
    ) -> Self {
        let mapping = Arc::new(SchemaMapping::new(Arc::clone(&schema), backend));
        let entities = Arc::new(Entities::new(Arc::clone(&schema), &mapping, &settings));
        let analyses = Arc::<Analyses>::default();
        let catalog = QueryCatalog::new(Arc::clone(&mapping), Arc::clone(&analyses), &settings);
        let catalog = Arc::new(catalog);
        let observer = Arc::new(Observer::new(Arc::clone(&entities)));
        let sessions = Arc::<Sessions>::default();
        let runtime = Arc::<RuntimeWatch>::default();
        let loader = Loader {
            entities: Arc::clone(&entities),
            mapping: Arc::clone(&mapping),
            catalog: Arc::clone(&catalog),
            sessions: Arc::clone(&sessions),
            observer: Arc::clone(&observer),
            encodes: stores.store.capabilities().encodes,
            chunk: settings.chunk,
            is_passthrough: settings.passthrough,
        };
        let l1 = Arc::new(L1::new(
            Arc::clone(&entities),
            Arc::clone(&observer),
            stores.memory,
            stores.shadow.clone(),
        ));
        let reader = Reader::new(ReaderParts {
            entities,
            settings: settings.clone(),
            store: Arc::clone(&stores.store),
            l1,
            loader,
            observer: Arc::clone(&observer),
            news: Arc::clone(&stores.news),
            runtime: Arc::clone(&runtime),
            checkpoints: hooks.checkpoints.clone(),
            clock: hooks.clock,
        });
        Self {
            observer,
            retries: RetryCounters::default(),
            analyses,
            sessions,
            mapping,
            catalog,
            reader: Arc::new(reader),
            runtime,
            checkpoints: hooks.checkpoints,
            schema,
            settings,
            store: stores.store,
            shadow: stores.shadow,
            guard: stores.guard,
            news: stores.news,
            backend,
        }
    }

    /// The entities of the schema.
    #[inline]
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The kind of the database.
    pub(crate) fn backend(&self) -> DbBackend {
        self.backend
    }

    /// How the schema lies in the database.
    pub(crate) fn mapping(&self) -> &SchemaMapping {
        &self.mapping
    }

    /// What the texts of queries depend on.
    pub(crate) fn catalog(&self) -> &QueryCatalog {
        &self.catalog
    }

    /// What the store can do.
    pub(crate) fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    /// Whether there is no cache: statements go to the database as they are.
    pub(crate) fn is_passthrough(&self) -> bool {
        self.settings.passthrough
    }

    /// Answers reads.
    #[inline]
    pub(crate) fn reader(&self) -> &Arc<Reader> {
        &self.reader
    }

    /// Counts, logs and records.
    #[inline]
    pub(crate) fn observer(&self) -> &Observer {
        &self.observer
    }

    /// # Errors
    /// [`ErrorKind::RuntimeEnded`](crate::ErrorKind::RuntimeEnded) if the runtime has ended in which the repo was built.
    pub(crate) fn check_runtime(&self) -> Result<(), Error> {
        self.runtime.check()
    }

    async fn reach(&self, checkpoint: Checkpoint) {
        self.checkpoints.reach(checkpoint).await;
    }
}

/// A source that lives as long as it likes.
pub(crate) type SharedSource = Arc<dyn Source>;
