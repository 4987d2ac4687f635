//! Drives the protocol over the ports: reads, fills, flights, writes. It knows no entity's type.

mod added;
mod ask;
mod background;
mod batch;
mod by_hand;
mod catalog;
mod commit;
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
mod resolve;
mod run;
mod runtime;
mod search;
mod session;
mod settings;
mod shadow;
mod sweep;
mod tags;
mod trip;
mod value;
mod waiter;
mod weigh;
mod write;

pub(crate) use ask::{Ask, Block, Gathered, How, Made, Mode, Options, Query, TtlFrom, What};
pub(crate) use by_hand::Origin;
pub(crate) use catalog::{AnalyzeError, CatalogScope, QueryAnalysis, QueryCatalog, TextDigest};
pub(crate) use commit::is_unknown;
pub(crate) use invalidation::{
    Delivery, ForwardingListener, InvalidationBus, InvalidationEvent, Reason,
};
pub(crate) use mapping::SchemaMapping;
pub(crate) use record::EntryKind;
pub(crate) use run::{Connection, OwnTransaction, Ran, Run, Runner};
pub(crate) use session::Sessions;
pub(crate) use settings::Settings;
pub(crate) use shadow::Shadow;

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
use flight::{Flights, LoadLimits};
use joint::Joint;
use overdue::Refreshes;
use runtime::RuntimeWatch;
use sea_orm::DbBackend;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

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
    pub(crate) schema: Arc<Schema>,
    pub(crate) settings: Settings,
    /// The store, whichever it is.
    pub(crate) store: Arc<dyn Store>,
    /// What answers at once: the same store if it is in this process, else copies of what it holds.
    pub(crate) memory: Option<Arc<MemoryStore>>,
    /// Who keeps these copies true.
    pub(crate) shadow: Option<Arc<Shadow>>,
    /// The same store if it is behind a breaker.
    pub(crate) guard: Option<Guarded>,
    pub(crate) counters: Counters,
    pub(crate) recorders: Arc<Recorders>,
    bus: Arc<InvalidationBus>,
    pub(crate) retries: RetryCounters,
    pub(crate) analyses: Arc<Analyses>,
    pub(crate) sessions: Arc<Sessions>,
    mapping: Arc<SchemaMapping>,
    catalog: Arc<QueryCatalog>,
    pub(crate) backend: DbBackend,
    pub(crate) checkpoints: Option<Arc<dyn Checkpoints>>,
    /// By which refreshes that failed are paused.
    pub(crate) clock: Clock,
    refreshes: Refreshes,
    background: Arc<Background>,
    runtime: RuntimeWatch,
    flights: Arc<Flights>,
    joint: Joint,
    facts: Vec<Facts>,
}

/// Counters of retried transactions.
#[derive(Debug, Default)]
pub(crate) struct RetryCounters {
    pub(crate) committed: AtomicU64,
    pub(crate) retried: AtomicU64,
    pub(crate) failed: AtomicU64,
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
    ) -> Self {
        let mapping = Arc::new(SchemaMapping::new(Arc::clone(&schema), backend));
        let facts = (0..)
            .zip(&schema.entities)
            .map(|(number, entity)| Facts::of(number, entity, &settings, mapping.loose(number)))
            .collect();
        let analyses = Arc::<Analyses>::default();
        let catalog = QueryCatalog::new(Arc::clone(&mapping), Arc::clone(&analyses), &settings);
        let background = Arc::<Background>::default();
        let limits = LoadLimits {
            soft: settings.load_soft_timeout,
            hard: settings.load_timeout,
        };
        Self {
            counters: Counters::new(schema.entities.len()),
            recorders: Arc::default(),
            retries: RetryCounters::default(),
            analyses,
            sessions: Arc::default(),
            mapping,
            catalog: Arc::new(catalog),
            flights: Arc::new(Flights::new(Arc::clone(&background), limits)),
            background,
            runtime: RuntimeWatch::default(),
            joint: Joint::default(),
            checkpoints: None,
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
            facts,
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

    /// What the store can do.
    pub(crate) fn capabilities(&self) -> Capabilities {
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
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.reached(checkpoint).await;
        }
    }

    fn facts(&self, entity: u16) -> &Facts {
        &self.facts[usize::from(entity)]
    }
}

impl Facts {
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
