//! What operators and the program's own events ask of a repo.

use super::bypass::{self, Bypass};
use super::event::{InvalidationRule, touches_of};
use super::handle::CachedRepo;
use super::invalidation_stream::InvalidationStream;
use super::pattern::Pattern;
use super::sweep::Sweep;
use super::tag::IntoTag;
use crate::config::DatabaseCheck;
use crate::database::{self, DatabaseReport};
use crate::engine::Reason;
use crate::error::Error;
use crate::graph::WriteExplanation;
use crate::key::{Key, NO_ENTITY};
use crate::protocol::{Targets, Touch, TouchSet};
use crate::recorder::{ReadRecorder, Recorders};
use crate::schema::{ALL_FIELDS, CacheSchema, InSchema};
use crate::stats::CauseKind;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::DatabaseConnection;
use sea_orm::metric::Info;

impl<S: CacheSchema> CachedRepo<S> {
    /// Invalidates every entry that carries the tag, however many there are: `tag!(Shop, "tenant:{}", 7)`, which does not
    /// compile if nothing declares such a tag. A text that is known at run time alone is checked by `text.parse::<Tag<Shop>>()?`.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnavailable`](crate::ErrorKind::StoreUnavailable) if the store did not take it. It is not lost: nothing older is served once the store
    /// answers again.
    ///
    /// # Cancellation
    /// Begun, it ends, on a task of its own: it is delivered or owed, even if the caller is gone.
    pub fn invalidate_tag<T>(&self, tag: T) -> BoxFuture<'_, Result<(), Error>>
    where
        T: IntoTag<Schema = S>,
    {
        let mut targets = Targets::default();
        targets.add(Key::user(tag.into_tag().as_ref()));
        // In a box, whose type does not name that of the tag: one that is none is reported once.
        async move {
            let reason = Reason::of(CauseKind::Tag, NO_ENTITY);
            let invalidator = self.engine().invalidator();
            invalidator.invalidate(targets, reason).await
        }
        .boxed()
    }

    /// Invalidates every entry of an entity, and of what depends on it.
    ///
    /// # Errors
    /// As [`invalidate_tag`](Self::invalidate_tag).
    ///
    /// # Cancellation
    /// As [`invalidate_tag`](Self::invalidate_tag).
    pub async fn invalidate_entity<E: InSchema<S>>(&self) -> Result<(), Error> {
        let mut touches = TouchSet::default();
        touches.add(Touch::Table {
            entity: E::INDEX as u16,
            fields: ALL_FIELDS,
        });
        let reason = Reason::of(CauseKind::Entity, E::INDEX as u16);
        let invalidator = self.engine().invalidator();
        let targets = invalidator.targets(&touches);
        invalidator.invalidate(targets, reason).await
    }

    /// Invalidates everything in the namespace.
    ///
    /// # Errors
    /// As [`invalidate_tag`](Self::invalidate_tag).
    ///
    /// # Cancellation
    /// As [`invalidate_tag`](Self::invalidate_tag).
    pub async fn invalidate_all(&self) -> Result<(), Error> {
        self.engine().invalidator().invalidate_namespace().await
    }

    /// Invalidates the entries whose names match the pattern, step by step. For operators: it looks at every name in the store, and
    /// takes nothing along that depends on what it finds. Programs invalidate by row, tag, entity or [event](Self::emit).
    pub fn invalidate_matching(&self, pattern: Pattern) -> Sweep<S> {
        Sweep::new(self.clone(), pattern)
    }

    /// Invalidates what the event's rule says, all of it in one round trip. What it tells of must have been committed before the
    /// call.
    ///
    /// # Errors
    /// [`ErrorKind::Key`](crate::ErrorKind::Key) if the rule names a value that cannot be a key; then nothing is invalidated.
    /// [`ErrorKind::StoreUnavailable`](crate::ErrorKind::StoreUnavailable) if the store did not take it. It is not lost: nothing older is served once the store
    /// answers again.
    ///
    /// # Cancellation
    /// Begun, it ends, on a task of its own: it is delivered or owed, even if the caller is gone.
    pub async fn emit<V: InvalidationRule<S> + ?Sized>(&self, event: &V) -> Result<(), Error> {
        let touches = touches_of(self.engine(), event)?;
        if touches.is_empty() {
            return Ok(());
        }
        let invalidator = self.engine().invalidator();
        invalidator.invalidate_touches(touches).await
    }

    /// A stream of what is invalidated from now on, by this process and by what the notices of others say. An invalidation appears
    /// when it has taken effect: a transaction that is rolled back says nothing.
    ///
    /// A subscriber never slows down a write. One that is more than 1024 invalidations behind misses the oldest, and gets
    /// [`Lagged`](crate::invalidation::Lagged) with their number.
    ///
    /// # Cancellation
    /// Dropping the stream ends the subscription. The stream ends when the last clone of the repo is gone.
    pub fn subscribe(&self) -> InvalidationStream {
        InvalidationStream::new(self.engine().bus().subscribe())
    }

    /// What an update of these columns of a row would invalidate, and why. Neither the database nor the store is asked.
    ///
    /// ```text
    /// println!("{}", repo.explain_write::<user::Entity>([user::Column::Name]));
    /// ```
    #[must_use]
    pub fn explain_write<E: InSchema<S>>(
        &self,
        columns: impl IntoIterator<Item = E::Column>,
    ) -> WriteExplanation {
        WriteExplanation::of_update::<S, E>(columns)
    }

    /// What an insert of a row would invalidate, and why: see [`explain_write`](Self::explain_write).
    #[must_use]
    pub fn explain_insert<E: InSchema<S>>(&self) -> WriteExplanation {
        WriteExplanation::of_insert::<S, E>()
    }

    /// What a delete of a row would invalidate, and why: see [`explain_write`](Self::explain_write).
    #[must_use]
    pub fn explain_delete<E: InSchema<S>>(&self) -> WriteExplanation {
        WriteExplanation::of_delete::<S, E>()
    }

    /// Records how each read through this repo is answered, from now on until the recorder is dropped: for tests that ask which
    /// reads of the code under test were hits.
    ///
    /// ```
    /// # use cached_repo::{CacheSchema, CachedRepo, Error};
    /// # async fn test<App: CacheSchema>(repo: CachedRepo<App>) {
    /// let reads = repo.record_reads();
    /// // .. the code under test ..
    /// let all_hits = reads.take().iter().all(|read| read.is_hit());
    /// # let _ = all_hits;
    /// # }
    /// ```
    ///
    /// Recorded is what [`stats`](Self::stats) counts as hit, miss or bypass: reads by `find_cached*`, by `.cached()` and of blocks,
    /// each key of `find_cached_many`. SeaORM's own reads are not. Reads inside a transaction are bypasses.
    pub fn record_reads(&self) -> ReadRecorder {
        Recorders::begin(&self.engine().observer().recorders)
    }

    /// The connection underneath, for what has to go **past** the repo: code that wants SeaORM's own type (migrations,
    /// RBAC, a pool of sqlx), and writes that are not to be invalidated one by one (bulk loads).
    ///
    /// The cache sees nothing of a write through it. Until the entries expire, readers are served what was there before,
    /// unless the program invalidates by hand, after the commit: [`invalidate_entity`](Self::invalidate_entity) for rows of an
    /// entity, [`invalidate_all`](Self::invalidate_all) for a migration.
    ///
    /// Reads do not need it: SeaORM's own reads through the repo go to the database.
    #[must_use]
    pub fn bypassing_connection(&self) -> &DatabaseConnection {
        &self.shared.database
    }

    /// Logs a warning for each write past the repo: each statement that is sent through this handle and writes to a table of
    /// the schema. It counts them in [`Stats::bypassed_writes`](crate::stats::Stats::bypassed_writes). It is for finding them while a
    /// program is developed: it invalidates nothing.
    ///
    /// Give it the handle that the rest of the program uses, before it is cloned:
    ///
    /// ```
    /// # use cached_repo::{CacheSchema, CachedRepo, Error};
    /// # use sea_orm::Database;
    /// # async fn start<App: CacheSchema>() -> Result<(), Error> {
    /// let mut database = Database::connect("sqlite::memory:").await?;
    /// let repo = CachedRepo::<App>::builder(database.clone()).build().await?;
    /// repo.report_bypasses(&mut database)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Seen are statements through this handle, through clones made of it from now on, and in transactions begun on these;
    /// whether they succeed or not, are committed or rolled back. Not seen is `execute_unprepared`, of which SeaORM tells
    /// nobody, nor what goes through handles that were cloned earlier, or through a proxy of SeaORM. What runs through a repo
    /// is never reported, even if that repo was built from this handle later. Once the repo is gone, nothing is reported.
    ///
    /// SeaORM keeps one callback for each handle: this replaces an earlier one. See [`bypass_callback`](Self::bypass_callback).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if the handle has no place for a callback (a mock, or not connected), or speaks to another
    /// kind of database than the repo.
    pub fn report_bypasses(&self, handle: &mut DatabaseConnection) -> Result<(), Error> {
        self.report_bypasses_to(handle, bypass::log)
    }

    /// [`report_bypasses`](Self::report_bypasses) to a function of one's own instead of the log, for example one that fails a
    /// test.
    ///
    /// The function is called on the way of the statement, after the database has answered: a backtrace taken in it leads to
    /// the line that wrote. It may panic: the panic is the writer's.
    ///
    /// # Errors
    /// As [`report_bypasses`](Self::report_bypasses).
    pub fn report_bypasses_to<F>(
        &self,
        handle: &mut DatabaseConnection,
        report: F,
    ) -> Result<(), Error>
    where
        F: Fn(&Bypass) + Send + Sync + 'static,
    {
        bypass::check(handle, self.engine())?;
        handle.set_metric_callback(self.bypass_callback(report));
        Ok(())
    }

    /// What [`report_bypasses_to`](Self::report_bypasses_to) sets as callback, for programs that have a callback already: call
    /// it from that one.
    pub fn bypass_callback<F>(
        &self,
        report: F,
    ) -> impl Fn(&Info<'_>) + Send + Sync + 'static + use<S, F>
    where
        F: Fn(&Bypass) + Send + Sync + 'static,
    {
        bypass::callback(self.engine(), report)
    }

    /// Compares the schema with the foreign keys and triggers of the database: what these change and the schema does not know
    /// is served old until it expires, and so are rows of entities that map views. It takes five or six queries to the database's catalog.
    ///
    /// Building a repo does the same and logs what it finds, unless `database_check` says otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if the database cannot be asked. What it refuses to tell is a
    /// finding.
    ///
    /// # Cancellation
    /// Nothing is left behind.
    pub async fn check_database(&self) -> Result<DatabaseReport, Error> {
        let engine = self.engine();
        database::check(&*self.shared.source, engine.backend(), engine.schema()).await
    }

    /// Compares the schema with the database when the repo is built.
    pub(crate) async fn check_at_start(&self, choice: DatabaseCheck) -> Result<(), Error> {
        let engine = self.engine();
        database::check_at_start(
            &*self.shared.source,
            engine.backend(),
            engine.schema(),
            choice,
        )
        .await
    }

    /// Reads what stands behind the views of the database.
    pub(crate) async fn load_views(&self) {
        self.engine()
            .catalog()
            .load_views_at_start(&*self.shared.source)
            .await;
    }
}
