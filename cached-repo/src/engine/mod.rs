//! Drives the protocol over the ports: reads, fills, flights, writes. It knows no entity's type.

mod ask;
mod background;
mod catalog;
mod checkpoint_hook;
mod entities;
mod invalidation;
mod l1_coherence;
mod load;
mod mapping;
mod observer;
mod read;
mod runtime;
mod settings;
mod status;
mod tags;
mod write;

pub(crate) use ask::{
    Ask, Block, Gathered, Mode, Options, Producer, Query, ResultShape, TtlFrom, What,
};
pub(crate) use catalog::{AnalyzeError, CatalogScope, QueryAnalysis, QueryCatalog, TextDigest};
pub(crate) use checkpoint_hook::CheckpointHook;
pub(crate) use invalidation::{
    Delivery, ForwardingListener, InvalidationBus, InvalidationEvent, Reason,
};
pub(crate) use l1_coherence::L1Coherence;
pub(crate) use mapping::SchemaMapping;
pub(crate) use observer::{EntryKind, Observer};
pub(crate) use read::{L1, Reader};
pub(crate) use settings::Settings;
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
    pub(crate) coherence: Option<Arc<L1Coherence>>,
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
    coherence: Option<Arc<L1Coherence>>,
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
        let parts = Parts::new(&schema, &settings, backend);
        let invalidator = parts.invalidator(&stores, &settings, &hooks);
        let writer = parts.writer(&invalidator, &settings);
        let reader = parts.reader(&stores, &settings, &invalidator, hooks);
        Self {
            writer: Arc::new(writer),
            reader,
            invalidator,
            observer: parts.observer,
            sessions: parts.sessions,
            mapping: parts.mapping,
            catalog: parts.catalog,
            runtime: parts.runtime,
            schema,
            settings,
            store: stores.store,
            coherence: stores.coherence,
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

/// What several collaborators share.
struct Parts {
    entities: Arc<Entities>,
    mapping: Arc<SchemaMapping>,
    analyses: Arc<Analyses>,
    catalog: Arc<QueryCatalog>,
    observer: Arc<Observer>,
    sessions: Arc<Sessions>,
    runtime: Arc<RuntimeWatch>,
}

impl Parts {
    fn new(schema: &Arc<Schema>, settings: &Settings, backend: DbBackend) -> Self {
        let mapping = Arc::new(SchemaMapping::new(Arc::clone(schema), backend));
        let entities = Arc::new(Entities::new(Arc::clone(schema), &mapping, settings));
        let analyses = Arc::<Analyses>::default();
        let catalog = QueryCatalog::new(Arc::clone(&mapping), Arc::clone(&analyses), settings);
        Self {
            observer: Arc::new(Observer::new(Arc::clone(&entities))),
            catalog: Arc::new(catalog),
            sessions: Arc::default(),
            runtime: Arc::default(),
            entities,
            mapping,
            analyses,
        }
    }

    fn invalidator(&self, stores: &Stores, settings: &Settings, hooks: &Hooks) -> Arc<Invalidator> {
        let parts = InvalidatorParts {
            store: Arc::clone(&stores.store),
            l1: stores.coherence.clone(),
            bus: Arc::clone(&stores.bus),
            catalog: Arc::clone(&self.catalog),
            counters: self.observer.counters.clone(),
            checkpoints: hooks.checkpoints.clone(),
            mapping: Arc::clone(&self.mapping),
            runtime: Arc::clone(&self.runtime),
        };
        Arc::new(Invalidator::new(parts, settings))
    }

    fn writer(&self, invalidator: &Arc<Invalidator>, settings: &Settings) -> Writer {
        let parts = WriterParts {
            mapping: Arc::clone(&self.mapping),
            invalidator: Arc::clone(invalidator),
            analyses: Arc::clone(&self.analyses),
            sessions: Arc::clone(&self.sessions),
            counters: self.observer.counters.clone(),
            runtime: Arc::clone(&self.runtime),
        };
        Writer::new(parts, settings)
    }

    fn loader(&self, stores: &Stores, settings: &Settings) -> Loader {
        Loader {
            entities: Arc::clone(&self.entities),
            mapping: Arc::clone(&self.mapping),
            catalog: Arc::clone(&self.catalog),
            sessions: Arc::clone(&self.sessions),
            observer: Arc::clone(&self.observer),
            encodes: stores.store.capabilities().encodes,
            chunk: settings.chunk,
            is_passthrough: settings.passthrough,
        }
    }

    fn reader(
        &self,
        stores: &Stores,
        settings: &Settings,
        invalidator: &Arc<Invalidator>,
        hooks: Hooks,
    ) -> Arc<Reader> {
        let l1 = L1::new(
            Arc::clone(&self.entities),
            Arc::clone(&self.observer),
            stores.memory.clone(),
            stores.coherence.clone(),
        );
        Reader::new(ReaderParts {
            entities: Arc::clone(&self.entities),
            settings: settings.clone(),
            store: Arc::clone(&stores.store),
            l1: Arc::new(l1),
            loader: Arc::new(self.loader(stores, settings)),
            observer: Arc::clone(&self.observer),
            invalidator: Arc::clone(invalidator),
            runtime: Arc::clone(&self.runtime),
            hooks,
        })
    }
}

/// A source that lives as long as it likes.
pub(crate) type SharedSource = Arc<dyn Source>;
