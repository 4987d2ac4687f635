//! Drives the protocol over the ports: reads, fills, flights, writes. It knows no entity's type.

mod ask;
mod background;
mod batch;
mod catalog;
mod checkpoint_hook;
mod flight;
mod gather;
mod invalidation;
mod joint;
mod joint_fill;
mod joint_load;
mod keyed;
mod limit;
mod load;
mod look;
mod many;
mod many_load;
mod mapping;
mod outcome;
mod overdue;
mod read;
mod record;
mod refresh;
mod runtime;
mod settings;
mod shadow;
mod status;
mod tags;
mod trip;
mod value;
mod waiter;
mod weigh;
mod write;

pub(crate) use ask::{Ask, Block, Gathered, How, Made, Mode, Options, Query, TtlFrom, What};
pub(crate) use catalog::{AnalyzeError, CatalogScope, QueryAnalysis, QueryCatalog, TextDigest};
pub(crate) use invalidation::{
    Delivery, ForwardingListener, InvalidationBus, InvalidationEvent, Reason,
};
pub(crate) use mapping::SchemaMapping;
pub(crate) use record::EntryKind;
pub(crate) use settings::Settings;
pub(crate) use shadow::Shadow;
pub(crate) use write::{
    Connection, Invalidator, OwnTransaction, Ran, Run, Runner, Sessions, Writer, is_unknown,
};

use crate::age::Aging;
use crate::config::{Consistency, Lists};
use crate::error::{Error, ErrorKind};
use crate::key::{Key, Space};
use crate::port::{Capabilities, Checkpoint, Checkpoints, Refusal, Source, Store};
use crate::protocol::fill_tags;
use crate::recorder::Recorders;
use crate::schema::{Entity, FieldSet, Schema};
use crate::sql::Analyses;
use crate::stats::{Count, Counters};
use crate::store::{Guarded, MemoryStore};
use crate::time::Clock;
use background::Background;
use checkpoint_hook::CheckpointHook;
use flight::{Flights, LoadLimits};
use joint::Joint;
use overdue::Refreshes;
use runtime::RuntimeWatch;
use sea_orm::DbBackend;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use write::{InvalidatorParts, WriterParts};

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
    pub(crate) bus: Arc<InvalidationBus>,
}

/// What all clones of a repo share.
pub(crate) struct Engine {
    schema: Arc<Schema>,
    settings: Settings,
    /// The store, whichever it is.
    store: Arc<dyn Store>,
    /// What answers at once: the same store if it is in this process, else copies of what it holds.
    pub(crate) memory: Option<Arc<MemoryStore>>,
    /// Who keeps these copies true.
    shadow: Option<Arc<Shadow>>,
    /// The same store if it is behind a breaker.
    guard: Option<Guarded>,
    counters: Counters,
    recorders: Arc<Recorders>,
    bus: Arc<InvalidationBus>,
    sessions: Arc<Sessions>,
    mapping: Arc<SchemaMapping>,
    catalog: Arc<QueryCatalog>,
    invalidator: Arc<Invalidator>,
    writer: Arc<Writer>,
    backend: DbBackend,
    checkpoints: CheckpointHook,
    /// By which refreshes that failed are paused.
    pub(crate) clock: Clock,
    refreshes: Refreshes,
    background: Arc<Background>,
    runtime: Arc<RuntimeWatch>,
    flights: Arc<Flights>,
    joint: Joint,
    facts: Vec<Facts>,
}

/// What is computed once for each entity.
#[derive(Debug)]
struct Facts {
    /// Tags of its rows that are known beforehand.
    row_tags: Arc<[Key]>,
    /// Tags of its unique lookups.
    unique_tags: Arc<[Key]>,
    /// Fields whose text the database compares loosely.
    loose: FieldSet,
    ttl: Duration,
    negative_ttl: Duration,
    jitter: f64,
    aging: Aging,
    /// How its lists are stored that nobody else decides on.
    lists: Lists,
    /// Whether no copies are kept in front of a shared store.
    is_strict: bool,
    /// Whether its single reads do their steps together.
    batch: bool,
    /// Whether it was said already that some of its values cannot be stored.
    warned: AtomicBool,
}

impl Engine {
    pub(crate) fn new(
        schema: Arc<Schema>,
        settings: Settings,
        stores: Stores,
        backend: DbBackend,
        checkpoints: Option<Arc<dyn Checkpoints>>,
    ) -> Self {
        let mapping = Arc::new(SchemaMapping::new(Arc::clone(&schema), backend));
        let analyses = Arc::<Analyses>::default();
        let catalog = QueryCatalog::new(Arc::clone(&mapping), Arc::clone(&analyses), &settings);
        let catalog = Arc::new(catalog);
        let counters = Counters::new(schema.entities.len());
        let sessions = Arc::<Sessions>::default();
        let runtime = Arc::<RuntimeWatch>::default();
        let checkpoints = CheckpointHook::new(checkpoints);
        let invalidator = InvalidatorParts {
            store: Arc::clone(&stores.store),
            l1: stores.shadow.clone(),
            bus: Arc::clone(&stores.bus),
            catalog: Arc::clone(&catalog),
            counters: counters.clone(),
            checkpoints: checkpoints.clone(),
            mapping: Arc::clone(&mapping),
            runtime: Arc::clone(&runtime),
        };
        let invalidator = Arc::new(Invalidator::new(invalidator, &settings));
        let writer = WriterParts {
            mapping: Arc::clone(&mapping),
            invalidator: Arc::clone(&invalidator),
            analyses,
            sessions: Arc::clone(&sessions),
            counters: counters.clone(),
            runtime: Arc::clone(&runtime),
        };
        let background = Arc::<Background>::default();
        let limits = LoadLimits {
            soft: settings.load_soft_timeout,
            hard: settings.load_timeout,
        };
        Self {
            facts: Facts::of_all(&mapping, &settings),
            writer: Arc::new(Writer::new(writer, &settings)),
            invalidator,
            counters,
            recorders: Arc::default(),
            sessions,
            mapping,
            catalog,
            flights: Arc::new(Flights::new(Arc::clone(&background), limits)),
            background,
            runtime,
            joint: Joint::default(),
            checkpoints,
            clock: Clock::default(),
            refreshes: Refreshes::default(),
            schema,
            settings,
            store: stores.store,
            memory: stores.memory,
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

    /// Publishes invalidations.
    pub(crate) fn bus(&self) -> &InvalidationBus {
        &self.bus
    }

    /// How the schema lies in the database.
    pub(crate) fn mapping(&self) -> &SchemaMapping {
        &self.mapping
    }

    /// What the texts of queries depend on.
    pub(crate) fn catalog(&self) -> &QueryCatalog {
        &self.catalog
    }

    /// Runs writes.
    pub(crate) fn writer(&self) -> &Arc<Writer> {
        &self.writer
    }

    /// Invalidates what is named, outside of writes.
    pub(crate) fn invalidator(&self) -> &Arc<Invalidator> {
        &self.invalidator
    }

    /// Transactions that were begun as text.
    pub(crate) fn sessions(&self) -> &Arc<Sessions> {
        &self.sessions
    }

    /// How reads were answered, for tests that record that.
    pub(crate) fn recorders(&self) -> &Arc<Recorders> {
        &self.recorders
    }

    /// # Errors
    /// [`ErrorKind::RuntimeEnded`] if the runtime has ended in which the repo was built.
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

    /// Counts how a fill ended, and logs it.
    fn landed(&self, entity: u16, kind: EntryKind, landing: Result<(), Refusal>) {
        self.log_fill(entity, kind, landing);
        let reason = match landing {
            Ok(()) => return self.counters.add(entity, Count::Fill),
            Err(Refusal::Invalidated) => return self.counters.add(entity, Count::RefusedFill),
            Err(Refusal::Unwanted) => return,
            Err(Refusal::TooLarge) => "it is larger than `value_limit`",
            Err(Refusal::NotEncodable) => {
                "a column has a type that this build of cached-repo leaves out (see its features), or serde refuses a value"
            }
            Err(Refusal::Unnamed) => {
                "it carries too many tags, or the database found it under a value that is spelled otherwise"
            }
        };
        self.counters.add(entity, Count::Uncacheable);
        if !self.facts(entity).warned.swap(true, Ordering::Relaxed) {
            let entity = self.schema.entity(entity).prefix();
            tracing::warn!(
                entity,
                reason,
                "a value is not cached; further ones are only counted"
            );
        }
    }

    /// Returns when no fill is under way.
    pub(crate) async fn drain(&self) {
        self.background.idle().await;
    }

    /// Lets a test hold the engine here.
    async fn reach(&self, checkpoint: Checkpoint) {
        self.checkpoints.reach(checkpoint).await;
    }

    fn facts(&self, entity: u16) -> &Facts {
        &self.facts[usize::from(entity)]
    }
}

impl Facts {
    fn of_all(mapping: &SchemaMapping, settings: &Settings) -> Vec<Self> {
        let entities = (0..).zip(&mapping.schema().entities);
        entities
            .map(|(number, entity)| Self::of(number, entity, settings, mapping.loose(number)))
            .collect()
    }

    fn of(number: u16, entity: &Entity, settings: &Settings, loose: FieldSet) -> Self {
        let mut row_tags = fill_tags(entity, number);
        let mut unique_tags = vec![Key::epoch(), Key::table(number)];
        let text = Key::bare(Space::Text, number, 0);
        if loose & entity.key_set() != 0 {
            row_tags.push(text.clone());
        }
        if loose & entity.named != 0 {
            unique_tags.push(text);
        }
        let lifetimes = entity.meta.lifetimes;
        Self {
            row_tags: row_tags.into(),
            unique_tags: unique_tags.into(),
            loose,
            ttl: lifetimes.ttl.unwrap_or(settings.ttl),
            negative_ttl: lifetimes.negative_ttl.unwrap_or(settings.negative_ttl),
            warned: AtomicBool::new(false),
            batch: entity.meta.batch,
            lists: entity.meta.lists.unwrap_or(Lists::Whole),
            is_strict: entity.meta.consistency.unwrap_or(settings.consistency)
                == Consistency::Strict,
            jitter: lifetimes
                .jitter
                .map_or(settings.jitter, |jitter| f64::from(jitter) / 1000.0),
            aging: lifetimes.aging().or(&settings.aging),
        }
    }

    /// A lifetime with a random part cut off, so that what was filled together does not expire together.
    fn cut(&self, ttl: Duration) -> Duration {
        ttl.mul_f64(1.0 - self.jitter * fastrand::f64())
    }
}

/// A value that no entry can be found by.
fn unkeyable(entity: &Entity) -> Error {
    Error::new(
        ErrorKind::Key,
        "a value given as a key has a type that has no canonical form; use an integer, text, UUID, date, boolean or decimal",
    )
    .with("entity", entity.prefix())
}

/// A source that lives as long as it likes.
pub(crate) type SharedSource = Arc<dyn Source>;
