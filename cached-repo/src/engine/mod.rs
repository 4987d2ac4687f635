//! Drives the protocol over the ports: reads, fills, flights, writes. It knows no entity's type.

mod ask;
mod background;
mod catalog;
mod checkpoint_hook;
mod entities;
mod invalidation;
mod load;
mod mapping;
mod observer;
mod read;
mod runtime;
mod settings;
mod shadow;
mod status;
mod tags;
mod write;

pub(crate) use ask::{Ask, Block, Gathered, How, Made, Mode, Options, Query, TtlFrom, What};
pub(crate) use catalog::{AnalyzeError, CatalogScope, QueryAnalysis, QueryCatalog, TextDigest};
pub(crate) use checkpoint_hook::CheckpointHook;
pub(crate) use invalidation::{
    Delivery, ForwardingListener, InvalidationBus, InvalidationEvent, Reason,
};
pub(crate) use mapping::SchemaMapping;
pub(crate) use observer::{EntryKind, Observer};
pub(crate) use read::{L1, Reader};
pub(crate) use settings::Settings;
pub(crate) use shadow::Shadow;
pub(crate) use write::{
    Connection, Invalidator, OwnTransaction, Ran, Run, Runner, Sessions, Writer, is_unknown,
};

use crate::error::Error;
use crate::port::{Capabilities, Source, Store};
use crate::schema::Schema;
use crate::sql::Analyses;
use crate::store::{Guarded, MemoryStore};
use crate::time::Clock;
use entities::Entities;
use load::Loader;
use read::ReaderParts;
use runtime::RuntimeWatch;
use sea_orm::DbBackend;
use std::sync::Arc;
use write::{InvalidatorParts, WriterParts};

/// The stores of an engine.
pub(crate) struct Stores {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) memory: Option<Arc<MemoryStore>>,
    pub(crate) shadow: Option<Arc<Shadow>>,
    pub(crate) guard: Option<Guarded>,
    pub(crate) bus: Arc<InvalidationBus>,
}

/// What tests replace.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) checkpoints: CheckpointHook,
    pub(crate) clock: Clock,
}

/// What all clones of a repo share: its collaborators, each of which does its part alone.
pub(crate) struct Engine {
    schema: Arc<Schema>,
    settings: Settings,
    /// The store, whichever it is.
    store: Arc<dyn Store>,
    /// Keeps L1 true, if it is in front of a shared store.
    shadow: Option<Arc<Shadow>>,
    /// The same store if it is behind a breaker.
    guard: Option<Guarded>,
    observer: Arc<Observer>,
    bus: Arc<InvalidationBus>,
    sessions: Arc<Sessions>,
    mapping: Arc<SchemaMapping>,
    catalog: Arc<QueryCatalog>,
    invalidator: Arc<Invalidator>,
    reader: Arc<Reader>,
    writer: Arc<Writer>,
    backend: DbBackend,
    runtime: Arc<RuntimeWatch>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
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
        let invalidator = InvalidatorParts {
            store: Arc::clone(&stores.store),
            l1: stores.shadow.clone(),
            bus: Arc::clone(&stores.bus),
            catalog: Arc::clone(&catalog),
            counters: Arc::clone(&observer.counters),
            checkpoints: hooks.checkpoints.clone(),
            mapping: Arc::clone(&mapping),
            runtime: Arc::clone(&runtime),
        };
        let invalidator = Arc::new(Invalidator::new(invalidator, &settings));
        let writer = WriterParts {
            mapping: Arc::clone(&mapping),
            invalidator: Arc::clone(&invalidator),
            analyses,
            sessions: Arc::clone(&sessions),
            counters: Arc::clone(&observer.counters),
            runtime: Arc::clone(&runtime),
        };
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
        let l1 = L1::new(
            Arc::clone(&entities),
            Arc::clone(&observer),
            stores.memory,
            stores.shadow.clone(),
        );
        let reader = Reader::new(ReaderParts {
            entities,
            settings: settings.clone(),
            store: Arc::clone(&stores.store),
            l1,
            loader,
            observer: Arc::clone(&observer),
            invalidator: Arc::clone(&invalidator),
            runtime: Arc::clone(&runtime),
            hooks,
        });
        Self {
            writer: Arc::new(Writer::new(writer, &settings)),
            reader: Arc::new(reader),
            invalidator,
            observer,
            sessions,
            mapping,
            catalog,
            runtime,
            schema,
            settings,
            store: stores.store,
            shadow: stores.shadow,
            guard: stores.guard,
            bus: stores.bus,
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

    /// Answers reads.
    #[inline]
    pub(crate) fn reader(&self) -> &Arc<Reader> {
        &self.reader
    }

    /// Runs writes.
    pub(crate) fn writer(&self) -> &Arc<Writer> {
        &self.writer
    }

    /// Invalidates what is named, outside of writes.
    pub(crate) fn invalidator(&self) -> &Arc<Invalidator> {
        &self.invalidator
    }

    /// Publishes invalidations.
    pub(crate) fn bus(&self) -> &InvalidationBus {
        &self.bus
    }

    /// Counts, logs and records.
    #[inline]
    pub(crate) fn observer(&self) -> &Observer {
        &self.observer
    }

    /// How the schema lies in the database.
    pub(crate) fn mapping(&self) -> &SchemaMapping {
        &self.mapping
    }

    /// What the texts of queries depend on.
    pub(crate) fn catalog(&self) -> &QueryCatalog {
        &self.catalog
    }

    /// Transactions that were begun as text.
    pub(crate) fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    /// # Errors
    /// [`ErrorKind::RuntimeEnded`](crate::ErrorKind::RuntimeEnded) if the runtime has ended in which the repo was built.
    pub(crate) fn check_runtime(&self) -> Result<(), Error> {
        self.runtime.check()
    }

    /// What the store can do.
    fn capabilities(&self) -> Capabilities {
        self.store.capabilities()
    }

    /// Whether there is no cache: statements go to the database as they are.
    pub(crate) fn is_passthrough(&self) -> bool {
        self.settings.passthrough
    }
}

/// A source that lives as long as it likes.
pub(crate) type SharedSource = Arc<dyn Source>;
