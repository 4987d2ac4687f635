//! Drives the protocol over the ports: reads, fills, flights, writes. It knows no entity's type.

mod added;
mod ask;
mod background;
mod batch;
mod by_hand;
mod causes;
mod commit;
mod depend;
mod digest;
mod flight;
mod gather;
mod integers;
mod joint;
mod joint_fill;
mod joint_load;
mod keyed;
mod limit;
mod load;
mod look;
mod many;
mod many_load;
mod narrow;
mod news;
mod outcome;
mod overdue;
mod query;
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
mod text_cache;
mod trip;
mod value;
mod views;
mod waiter;
mod weigh;
mod write;

pub(crate) use ask::{Ask, Block, Gathered, How, Made, Mode, Options, Query, TtlFrom, What};
pub(crate) use by_hand::Origin;
pub(crate) use causes::Reason;
pub(crate) use commit::is_unknown;
pub(crate) use digest::TextDigest;
pub(crate) use news::{Heard, News, Reached, Told};
pub(crate) use query::{Basis, Unsure};
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
use crate::schema::{Entity, FieldSet, RowQuery, Schema};
use crate::sql::Analyses;
use crate::stats::{Count, Counters};
use crate::store::{Guarded, MemoryStore};
use crate::time::Clock;
use background::Background;
use flight::{Flights, LoadLimits};
use joint::Joint;
use overdue::Refreshes;
use runtime::RuntimeWatch;
use sea_orm::{ColumnType, DbBackend};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;
use text_cache::TextCache;
use views::KnownViews;

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
    pub(crate) news: Arc<News>,
    pub(crate) retries: RetryCounters,
    pub(crate) analyses: Analyses,
    pub(crate) sessions: Arc<Sessions>,
    bases: TextCache<Result<Arc<Basis>, Error>>,
    views: KnownViews,
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
    /// How a query begins that selects its rows as they are.
    plain: Box<str>,
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
        let facts = (0..)
            .zip(&schema.entities)
            .map(|(number, entity)| Facts::of(number, entity, &settings, backend))
            .collect();
        let background = Arc::<Background>::default();
        let limits = LoadLimits {
            soft: settings.load_soft_timeout,
            hard: settings.load_timeout,
        };
        Self {
            counters: Counters::new(schema.entities.len()),
            recorders: Arc::default(),
            retries: RetryCounters::default(),
            analyses: Analyses::default(),
            sessions: Arc::default(),
            bases: TextCache::default(),
            views: KnownViews::default(),
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
            news: stores.news,
            backend,
            facts,
        }
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
    pub(crate) async fn wait_idle(&self) {
        self.background.idle().await;
    }

    /// Lets a test hold the engine here.
    async fn reach(&self, checkpoint: Checkpoint) {
        if let Some(checkpoints) = &self.checkpoints {
            checkpoints.reached(checkpoint).await;
        }
    }

    /// Fields of an entity whose text the database compares loosely.
    pub(crate) fn loose(&self, entity: u16) -> FieldSet {
        self.facts[usize::from(entity)].loose
    }

    /// Whether the database may find a row of the entity under a key that is spelled otherwise.
    pub(crate) fn has_loose_key(&self, entity: u16) -> bool {
        self.loose(entity) & self.schema.entity(entity).key_set() != 0
    }

    fn facts(&self, entity: u16) -> &Facts {
        &self.facts[usize::from(entity)]
    }
}

impl Facts {
    fn of(number: u16, entity: &Entity, settings: &Settings, backend: DbBackend) -> Self {
        let loose = loose(entity, backend);
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
            plain: plain(entity, backend),
            is_strict: entity.meta.consistency.unwrap_or(settings.consistency)
                == Consistency::Strict,
            jitter: lifetimes.jitter.unwrap_or(settings.jitter),
            aging: lifetimes.aging().or(&settings.aging),
        }
    }

    /// A lifetime with a random part cut off, so that what was filled together does not expire together.
    fn cut(&self, ttl: Duration) -> Duration {
        ttl.mul_f64(1.0 - self.jitter * fastrand::f64())
    }
}

/// What every query for rows of the entity begins with, up to its table: another one may select something else under the names
/// of its columns.
fn plain(entity: &Entity, backend: DbBackend) -> Box<str> {
    let query = RowQuery {
        columns: &[],
        keys: &[],
        only: &[],
        lock: false,
        limit: None,
    };
    let text = (entity.rows.select)(backend, &query).sql;
    let end = text.rfind(" WHERE ").unwrap_or(text.len());
    text[..end].into()
}

/// Fields whose text the database may hold equal to a differently spelled one: MySQL and MariaDB compare most text without
/// regard to case, accents and trailing blanks, PostgreSQL compares `citext` without regard to case and `char(n)` without
/// regard to trailing blanks.
fn loose(entity: &Entity, backend: DbBackend) -> FieldSet {
    entity.types.iter().enumerate().fold(0, |all, (at, kind)| {
        let mysql = backend == DbBackend::MySql;
        let loose = match kind {
            Some(ColumnType::Custom(name)) => {
                mysql || name.to_string().eq_ignore_ascii_case("citext")
            }
            Some(ColumnType::Char(_)) => mysql || backend == DbBackend::Postgres,
            Some(ColumnType::String(_) | ColumnType::Text | ColumnType::Enum { .. }) => mysql,
            _ => false,
        };
        if loose { all | 1 << at } else { all }
    })
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
