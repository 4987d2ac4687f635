//! The repo: what stands where a connection stood.

use super::connection::{Pool, begun};
use super::query::{BlockAnswer, BlockParameters, BlockReader, CachedBlock, Labels};
use super::read_context::Reads as _;
use super::run::{done, rows};
use super::transaction::{self, CachedTransaction};
use crate::config::Consistency;
use crate::engine::{Connection, Engine, Ran, Run, SharedSource};
use crate::schema::CacheSchema;
use crate::stats::Stats;
use crate::write_token::WriteToken;
use async_trait::async_trait;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, IsolationLevel, QueryResult, Statement, TransactionError, TransactionOptions,
    TransactionTrait, Value,
};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;

/// A SeaORM connection with a cache in front of its reads and invalidation behind its writes.
///
/// It stands where a [`DatabaseConnection`] stood: it is a [`ConnectionTrait`], so every statement of SeaORM runs through it,
/// and what a statement writes is invalidated, whichever way it was written: active models, bulk updates, nested saves, raw
/// SQL. Reads by `find_cached*` go through the cache; SeaORM's own reads go to the database.
///
/// Cheap to clone; all clones share one cache.
///
/// # Cancellation
/// A write runs on a task of its own: a caller that goes away does not leave a write without its invalidation.
pub struct CachedRepo<S> {
    pub(super) shared: Arc<Shared>,
    schema: PhantomData<fn() -> S>,
}

pub(super) struct Shared {
    pub(super) engine: Arc<Engine>,
    pub(super) database: DatabaseConnection,
    pub(super) source: SharedSource,
    pub(super) connection: Arc<dyn Connection>,
    pub(super) labels: Arc<Labels>,
}

impl Shared {
    pub(super) fn new(engine: Arc<Engine>, database: DatabaseConnection) -> Self {
        let pool = Pool::new(database.clone(), &engine);
        Self {
            engine,
            database,
            source: Arc::new(pool.clone()),
            connection: Arc::new(pool),
            labels: Arc::default(),
        }
    }
}

impl<S> Clone for CachedRepo<S> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            schema: PhantomData,
        }
    }
}

impl<S: CacheSchema> fmt::Debug for CachedRepo<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedRepo")
            .field("schema", &S::NAME)
            .finish_non_exhaustive()
    }
}

impl<S: CacheSchema> CachedRepo<S> {
    pub(crate) fn assemble(engine: Engine, database: DatabaseConnection) -> Self {
        Self {
            shared: Arc::new(Shared::new(Arc::new(engine), database)),
            schema: PhantomData,
        }
    }

    pub(crate) fn engine(&self) -> &Arc<Engine> {
        &self.shared.engine
    }

    fn pool(&self) -> Pool {
        Pool::new(self.shared.database.clone(), self.engine())
    }

    /// What the repo has done so far. The counters are read one by one: under traffic they are of slightly different moments.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.engine().stats()
    }

    /// Covers every write through this repo, in this process, that has returned before this call: a read in any process that
    /// is given it with `.at_least(&token)` sees them.
    ///
    /// While an invalidation could not be delivered to the store, the token says so, and such reads go to the database.
    #[must_use]
    pub fn token(&self) -> WriteToken {
        self.engine().token()
    }

    /// How new the reads are of entities that say nothing themselves: without a shared store always
    /// [`Consistency::InProcess`].
    #[must_use]
    pub fn consistency(&self) -> Consistency {
        self.engine().consistency()
    }

    /// Whether it keeps no cache, and sends every statement to the database as it is: [`passthrough`](Self::passthrough).
    #[must_use]
    pub fn is_passthrough(&self) -> bool {
        self.engine().is_passthrough()
    }

    /// Waits until no fill is under way. With a server as store a read does not wait for its own fill: a program that ends,
    /// or a test that counts, may want to.
    ///
    /// # Cancellation
    /// Nothing is left behind.
    pub async fn wait_idle(&self) {
        self.engine().reader().wait_idle().await;
    }

    /// The answer to any number of reads, cached under one key: a dashboard, a page with all that it shows. What it depends on is found by watching the statements that the block sends; it goes with every write to
    /// any table that one of them reads.
    ///
    /// The parameters are a tuple, `(customer_id, "eu")`, or a list of values, `[customer_id.into()]`; `[]` if there are none.
    ///
    /// The key is made of the label, the parameters, the type of the answer and the first statement. Whatever else the block's
    /// answer depends on must be among the parameters. The block is begun once more on a miss, so before its first statement it
    /// should do nothing but prepare it.
    ///
    /// A label belongs to one place in the program: used at another it is an error of the kind
    /// [`ErrorKind::Query`](crate::ErrorKind::Query). So is a block that writes, locks rows, sends no statement, or sends one that
    /// cannot be cached.
    #[track_caller]
    pub fn read_cached<P, F, Fut, T>(
        &self,
        label: impl Into<String>,
        parameters: impl BlockParameters<P>,
        block: F,
    ) -> CachedBlock<'_, F>
    where
        F: Fn(BlockReader) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<T, DbErr>> + Send + 'static,
        T: BlockAnswer,
    {
        let parameters = parameters.into_parameters();
        self.block_at(Location::caller(), label.into(), parameters, block)
    }

    /// A cached block whose label belongs to this place in the program.
    pub(super) fn block_at<F, Fut, T>(
        &self,
        place: &'static Location<'static>,
        label: String,
        parameters: Vec<Value>,
        block: F,
    ) -> CachedBlock<'_, F>
    where
        F: Fn(BlockReader) -> Fut,
        Fut: Future<Output = Result<T, DbErr>>,
        T: BlockAnswer,
    {
        CachedBlock::new(
            self.read_context(),
            &self.shared.source,
            &self.shared.labels,
            (place, label),
            parameters,
            block,
        )
    }

    /// A transaction that is begun like this.
    async fn outermost<F>(
        &self,
        begin: impl FnOnce(DatabaseConnection) -> F,
    ) -> Result<CachedTransaction<S>, DbErr>
    where
        F: Future<Output = Result<DatabaseTransaction, DbErr>> + Send + 'static,
    {
        self.engine().check_runtime()?;
        let transaction = begun(begin(self.shared.database.clone())).await?;
        let (engine, pool) = (self.engine(), self.pool());
        Ok(CachedTransaction::outermost(engine, pool, transaction))
    }

    async fn run(&self, run: Run) -> Result<Ran, DbErr> {
        let writer = self.engine().writer();
        writer
            .autocommit(Arc::clone(&self.shared.connection), run)
            .await
    }
}

#[async_trait]
impl<S: CacheSchema> ConnectionTrait for CachedRepo<S> {
    fn get_database_backend(&self) -> DbBackend {
        self.shared.database.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        done(self.run(Run::Execute(statement)).await?)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        done(self.run(Run::Unprepared(sql.to_owned())).await?)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(rows(self.run(Run::QueryOne(statement)).await?)
            .into_iter()
            .next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(rows(self.run(Run::Query(statement)).await?))
    }

    fn support_returning(&self) -> bool {
        self.shared.database.support_returning()
    }

    fn is_mock_connection(&self) -> bool {
        self.shared.database.is_mock_connection()
    }
}

#[async_trait]
impl<S: CacheSchema> TransactionTrait for CachedRepo<S> {
    type Transaction = CachedTransaction<S>;

    async fn begin(&self) -> Result<CachedTransaction<S>, DbErr> {
        self.outermost(|database| async move { database.begin().await })
            .await
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<CachedTransaction<S>, DbErr> {
        self.outermost(move |database| async move {
            database
                .begin_with_config(isolation_level, access_mode)
                .await
        })
        .await
    }

    async fn begin_with_options(
        &self,
        options: TransactionOptions,
    ) -> Result<CachedTransaction<S>, DbErr> {
        self.outermost(move |database| async move { database.begin_with_options(options).await })
            .await
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c CachedTransaction<S>,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        transaction::finish(self.begin().await, callback).await
    }

    async fn transaction_with_config<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(
                &'c CachedTransaction<S>,
            ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        let begun = self.begin_with_config(isolation_level, access_mode).await;
        transaction::finish(begun, callback).await
    }
}
