//! The composition root: from settings to a repo.

use crate::codec::RowCodec;
use crate::config::table::{bounds_text, settings};
use crate::config::{Config, ConfigError, Consistency, DatabaseCheck, Preset, WhenStoreDown};
use crate::engine::{
    CheckpointHook, Engine, ForwardingListener, Hooks, InvalidationBus, L1Coherence, Settings,
    Stores,
};
use crate::error::{Error, ErrorKind};
use crate::port::{Checkpoints, Listener, NoCopies, Store};
use crate::repo::CachedRepo;
use crate::schema::{CacheSchema, EntityMeta, Schema};
use crate::store::{Bounds, Guarded, Limits, MemoryStore};
#[cfg(feature = "redis")]
use crate::store::{RedisStore, RemoteSettings};
use crate::time::Clock;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

/// Shortest and longest pause between two signs of life of the connection on which notices arrive.
const BEATS: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// Builds a [`CachedRepo`]. Every setting has the default that [`Config`] documents.
#[must_use = "a builder builds nothing until `.build().await`"]
pub struct RepoBuilder<S> {
    database: DatabaseConnection,
    config: Config,
    clock: Clock,
    checkpoints: Option<Arc<dyn Checkpoints>>,
    #[cfg(feature = "redis")]
    store: Option<RedisStore>,
    schema: PhantomData<fn() -> S>,
}

impl<S> std::fmt::Debug for RepoBuilder<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RepoBuilder")
            .field("config", &self.config)
            .finish_non_exhaustive()
    }
}

macro_rules! methods {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident: $type:ty $(as $argument:ty)? = $default:tt $($unit:ident)? $(, $range:tt)?;
    )*) => {
        /// One method for each setting.
        impl<S: CacheSchema> RepoBuilder<S> {$(
            $(#[doc = $doc])*
            ///
            #[doc = bounds_text!($default $($unit)? $(, $range)?)]
            pub fn $name(mut self, $name: method!(@type $type $(as $argument)?)) -> Self {
                self.config.$name = method!(@value $name $(as $argument)?);
                self
            }
        )*}
    };
}

/// What a method takes, and what it makes of it.
macro_rules! method {
    (@type $type:ty as $argument:ty) => {
        $argument
    };
    (@type $type:ty) => {
        $type
    };
    (@value $name:ident as $argument:ty) => {
        $name.into()
    };
    (@value $name:ident) => {
        $name
    };
}
settings!(methods);

impl<S: CacheSchema> RepoBuilder<S> {
    /// Shares entries with other processes over this server. Left out, entries live in this process alone.
    #[cfg(feature = "redis")]
    pub fn store(mut self, store: RedisStore) -> Self {
        self.store = Some(store);
        self
    }

    /// Starts from a preset; it replaces all settings made before.
    pub fn preset(mut self, preset: Preset) -> Self {
        self.config = Config::from(preset);
        self
    }

    /// Takes all settings from here; it replaces all settings made before.
    pub fn config(mut self, config: Config) -> Self {
        self.config = config;
        self
    }

    /// The clock by which entries in this process expire: a test gives a [manual](Clock::manual) one, and moves time by it.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Holds the engine at named moments: for tests of races.
    #[doc(hidden)]
    pub fn checkpoints(mut self, checkpoints: Arc<dyn Checkpoints>) -> Self {
        self.checkpoints = Some(checkpoints);
        self
    }

    /// Checks the settings, the schema, and by a few queries what the database does by itself, and starts. Nothing is sent to
    /// the store: one that is away is met by the breaker. A warning is logged if strict reads meet
    /// [`WhenStoreDown::Proceed`].
    ///
    /// A mocked connection of SeaORM is asked nothing, and becomes a repo that [passes everything through](CachedRepo::passthrough).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] names every setting that is wrong, or everything that is wrong with the schema. With
    /// [`DatabaseCheck::Error`] also every warning of [`check_database`](CachedRepo::check_database), and then a database that
    /// cannot be asked is [`ErrorKind::Database`] or [`ErrorKind::TimedOut`].
    ///
    /// # Cancellation
    /// Nothing is left behind.
    pub async fn build(self) -> Result<CachedRepo<S>, Error> {
        self.config.validate()?;
        let schema = Arc::new(Schema::of::<S>(&self.config.namespace)?);
        let shared = self.shared(&schema)?;
        if self.database.is_mock_connection() {
            return CachedRepo::passthrough(self.database);
        }
        let backend = self.database.get_database_backend();
        let settings = Settings::from(&self.config);
        let stores = self.stores(&schema, shared);
        let hooks = Hooks {
            checkpoints: CheckpointHook::new(self.checkpoints),
            clock: self.clock,
        };
        let engine = Engine::new(schema, settings, stores, backend, hooks);
        let repo = CachedRepo::assemble(engine, self.database);
        repo.load_views().await;
        repo.check_at_start(self.config.database_check).await?;
        Ok(repo)
    }

    /// The store in this process, or the shared one with copies of what it holds in front of it.
    fn stores(&self, schema: &Arc<Schema>, shared: Option<Arc<dyn Store>>) -> Stores {
        let config = &self.config;
        let bounds = Bounds {
            entries: config.capacity,
            bytes: config.memory_limit as u64,
        };
        let memory = || {
            let entities = schema.entities.len();
            Arc::new(MemoryStore::new(entities, bounds, self.clock.clone()))
        };
        let bus = Arc::new(InvalidationBus::new(Arc::clone(schema)));
        let Some(shared) = shared else {
            let memory = memory();
            return Stores {
                store: Arc::clone(&memory) as _,
                memory: Some(memory),
                coherence: None,
                guard: None,
                bus,
            };
        };
        let limits = Limits {
            call: config.store_timeout,
            cooldown: config.breaker_cooldown,
            threshold: u32::try_from(config.breaker_threshold).unwrap_or(u32::MAX),
            concurrency: config.store_concurrency,
        };
        let guard = Guarded::new(Arc::clone(&shared), limits);
        let level = |meta: &EntityMeta| meta.consistency.unwrap_or(config.consistency);
        let mut entities = schema.entities.iter();
        self.warn_of_strict(schema);
        let memory = entities
            .any(|entity| level(entity.meta) == Consistency::Bounded)
            .then(memory);
        let coherence = memory
            .clone()
            .map(|memory| Arc::new(L1Coherence::new(memory, config.bound)));
        // Also where no copies are kept: who waits for another process's load is told by the same connection.
        let listener: Arc<dyn Listener> = match &coherence {
            Some(coherence) => Arc::clone(coherence) as _,
            None => Arc::new(NoCopies),
        };
        let listener = Arc::new(ForwardingListener::new(listener, Arc::clone(&bus)));
        shared.listen(listener, (config.bound / 4).clamp(BEATS.0, BEATS.1));
        Stores {
            store: Arc::new(guard.clone()),
            memory,
            coherence,
            guard: Some(guard),
            bus,
        }
    }

    /// Says that strict reads may be stale where a write goes on without the store.
    fn warn_of_strict(&self, schema: &Schema) {
        let config = &self.config;
        let is_strict = |meta: &EntityMeta| {
            meta.consistency.unwrap_or(config.consistency) == Consistency::Strict
        };
        if config.when_store_down == WhenStoreDown::Proceed
            && schema.entities.iter().any(|entity| is_strict(entity.meta))
        {
            tracing::warn!(
                "`consistency = strict` meets `when_store_down = proceed`: while this process cannot reach the store, its writes go on, \
                 and other processes that reach it may read what was before them; set `when_store_down` to `refuse` if they must \
                 not, or `consistency` to `bounded`"
            );
        }
    }

    #[cfg(feature = "redis")]
    fn shared(&self, schema: &Arc<Schema>) -> Result<Option<Arc<dyn Store>>, Error> {
        let config = &self.config;
        match (&self.store, config.preset()) {
            (Some(_), _) if config.consistency == Consistency::InProcess => Err(Error::new(
                ErrorKind::Configuration,
                "`consistency = in-process` contradicts a store: take `strict` or `bounded`, or leave out the store",
            )),
            (Some(_), Preset::MemoryOnly) => Err(Error::new(
                ErrorKind::Configuration,
                "`preset = memory-only` contradicts a store: leave out the store or take another preset",
            )),
            (None, Preset::Distributed) => Err(Error::new(
                ErrorKind::Configuration,
                "`preset = distributed` needs a store: give one with `.store(..)` or `CACHED_REPO_URL`",
            )),
            (None, _) => Ok(None),
            (Some(store), _) => {
                let settings = RemoteSettings {
                    connect: config.connect_timeout,
                    call: config.store_timeout,
                    lease: config.lease_time,
                    settle: config.settle_time(),
                    value_limit: config.value_limit,
                    client_tracking: config.client_tracking,
                };
                let codec = Arc::new(RowCodec::new(Arc::clone(schema)));
                Ok(Some(store.attach(Arc::clone(schema), codec, settings)))
            }
        }
    }

    #[cfg(not(feature = "redis"))]
    fn shared(&self, _: &Arc<Schema>) -> Result<Option<Arc<dyn Store>>, Error> {
        match self.config.preset() {
            Preset::Distributed => Err(Error::new(
                ErrorKind::Configuration,
                "`preset = distributed` needs a store: build with the feature `redis`",
            )),
            _ => Ok(None),
        }
    }
}

impl<S: CacheSchema> CachedRepo<S> {
    /// Begins to build a repo over any SeaORM connection.
    pub fn builder(database: DatabaseConnection) -> RepoBuilder<S> {
        RepoBuilder {
            database,
            config: Config::default(),
            clock: Clock::default(),
            checkpoints: None,
            #[cfg(feature = "redis")]
            store: None,
            schema: PhantomData,
        }
    }

    /// A repo without a cache, for tests: it sends the statements that SeaORM would send, and none of its own.
    ///
    /// Every read goes to the database, as SeaORM's own `find` does; options of a read, and whether a query can be cached at all,
    /// do not matter. Nothing is stored. A write runs alone, and nothing is invalidated. So a SeaORM `MockDatabase` needs no other
    /// answers than it needs without this library. The same holds in the repo's transactions.
    ///
    /// [`build`](RepoBuilder::build) makes such a repo of a mocked connection by itself.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if the schema is wrong.
    pub fn passthrough(database: DatabaseConnection) -> Result<Self, Error> {
        let builder = Self::builder(database);
        let schema = Arc::new(Schema::of::<S>(&builder.config.namespace)?);
        let settings = Settings {
            passthrough: true,
            ..Settings::from(&builder.config)
        };
        let stores = builder.stores(&schema, None);
        let backend = builder.database.get_database_backend();
        let engine = Engine::new(schema, settings, stores, backend, Hooks::default());
        Ok(Self::assemble(engine, builder.database))
    }

    /// A repo made from environment variables alone: `DATABASE_URL`, `CACHED_REPO_URL` (left out: in this process only), and
    /// a variable for each setting of [`Config`].
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] names every variable that is missing or wrong; [`ErrorKind::Database`] if the database
    /// cannot be reached.
    pub async fn from_env() -> Result<Self, Error> {
        let config = Config::from_env()?;
        let Ok(url) = std::env::var("DATABASE_URL") else {
            return Err(Error::new(
                ErrorKind::Configuration,
                "`DATABASE_URL` is not set: give the address of the database, for example `sqlite::memory:`",
            ));
        };
        let database = sea_orm::Database::connect(&url)
            .await
            .map_err(|error| without_address(error, &url))?;
        let builder = Self::builder(database).config(config);
        #[cfg(feature = "redis")]
        let builder = match std::env::var("CACHED_REPO_URL") {
            Ok(url) => builder.store(RedisStore::open(&url)?),
            Err(_) => builder,
        };
        builder.build().await
    }
}

/// SeaORM repeats an address that it cannot understand, password and all.
fn without_address(error: DbErr, url: &str) -> Error {
    if !error.to_string().contains(url) {
        return error.into();
    }
    Error::new(
        ErrorKind::Configuration,
        "the address in `DATABASE_URL` cannot be understood; write it as `postgres://user:password@host:port/database`, or \
         with `mysql` or `sqlite`, whichever driver is built in",
    )
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Self::new(ErrorKind::Configuration, error.to_string()).caused_by(error)
    }
}
