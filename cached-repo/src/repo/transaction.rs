//! Transactions of a repo (rule 6).

use super::connection::{Open, Own, Pool};
use super::run::{done, rows};
use super::shared_transaction::SharedTransaction;
use crate::engine::{Engine, Ran, Run};
use crate::protocol::TouchSet;
use crate::schema::CacheSchema;
use async_trait::async_trait;
use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult,
    Statement, TransactionError, TransactionOptions, TransactionSession, TransactionTrait,
};
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tracing::Instrument;

/// A transaction of a [`CachedRepo`](crate::CachedRepo): what it writes is invalidated when the outermost transaction commits,
/// and not at all if it is rolled back or dropped.
///
/// Reads through it, `find_cached*` included, go to the database and fill nothing.
///
/// # Cancellation
/// Dropped before the commit, it is rolled back. A commit that has begun runs to its end on a task of its own, and so does
/// its invalidation.
#[must_use = "a transaction that is dropped is rolled back"]
pub struct CachedTransaction<S> {
    /// There until it is committed or rolled back.
    inner: Option<SharedTransaction>,
    scope: Scope,
    schema: PhantomData<fn() -> S>,
}

/// What a transaction has touched, and where that goes.
struct Scope {
    engine: Arc<Engine>,
    /// The connection outside of the transaction.
    pool: Pool,
    mine: Arc<Mutex<Noted>>,
    /// The transaction around this savepoint.
    parent: Option<Arc<Mutex<Noted>>>,
}

#[derive(Default)]
struct Noted {
    touches: TouchSet,
    /// Some of it may be committed already: a statement has ended the transaction behind SeaORM's back.
    escaped: bool,
}

impl Noted {
    fn merge(&mut self, other: Self) {
        self.touches.merge(other.touches);
        self.escaped |= other.escaped;
    }
}

fn lock(noted: &Mutex<Noted>) -> MutexGuard<'_, Noted> {
    noted.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<S> fmt::Debug for CachedTransaction<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedTransaction").finish_non_exhaustive()
    }
}

impl<S: CacheSchema> CachedTransaction<S> {
    pub(super) fn outermost(engine: &Arc<Engine>, pool: Pool, inner: SharedTransaction) -> Self {
        Self::new(inner, Arc::clone(engine), pool, None)
    }

    fn new(
        inner: SharedTransaction,
        engine: Arc<Engine>,
        pool: Pool,
        parent: Option<Arc<Mutex<Noted>>>,
    ) -> Self {
        Self {
            inner: Some(inner),
            scope: Scope {
                engine,
                pool,
                mine: Arc::default(),
                parent,
            },
            schema: PhantomData,
        }
    }

    fn nested(&self, inner: SharedTransaction) -> Self {
        let nested = Self::new(
            inner,
            Arc::clone(&self.scope.engine),
            self.scope.pool.clone(),
            Some(Arc::clone(&self.scope.mine)),
        );
        lock(&nested.scope.mine).escaped = lock(&self.scope.mine).escaped;
        nested
    }

    pub(super) fn engine(&self) -> &Arc<Engine> {
        &self.scope.engine
    }

    #[expect(
        clippy::expect_used,
        reason = "taken only by the methods that consume the transaction"
    )]
    pub(super) fn inner(&self) -> &SharedTransaction {
        self.inner
            .as_ref()
            .expect("a transaction is open until it is consumed")
    }

    /// Commits, and invalidates what the transaction has written. When this returns, no later read is answered with anything
    /// older. A savepoint hands what it has written to the transaction around it.
    ///
    /// # Errors
    /// The database's. If nobody knows whether the commit took effect, what it wrote stays out of the cache for a while and
    /// is then read anew. With `when_store_down = refuse`, a commit is refused while the store is away.
    ///
    /// # Cancellation
    /// A commit that has begun ends, and so does its invalidation.
    pub async fn commit(mut self) -> Result<(), DbErr> {
        let Some(inner) = self.inner.take() else {
            return Ok(());
        };
        let noted = std::mem::take(&mut *lock(&self.scope.mine));
        if let Some(parent) = &self.scope.parent {
            // Before the savepoint is released: whatever becomes of that, too much is noted and not too little.
            lock(parent).merge(noted);
            return inner.commit().await;
        }
        let writer = Arc::clone(self.scope.engine.writer());
        let pool = self.scope.pool.clone();
        let commit = async move {
            writer
                .commit(&noted.touches, Box::new(Own(inner)), &pool)
                .await
        };
        tokio::spawn(commit.in_current_span())
            .await
            .unwrap_or_else(|_| {
                Err(DbErr::Custom(
                    "a commit panicked; see standard error".into(),
                ))
            })
    }

    /// Rolls back: nothing is invalidated.
    ///
    /// # Errors
    /// The database's.
    pub async fn rollback(mut self) -> Result<(), DbErr> {
        match self.inner.take() {
            Some(inner) => inner.rollback().await,
            None => Ok(()),
        }
    }

    async fn run(&self, run: Run) -> Result<Ran, DbErr> {
        let written = Mutex::new(TouchSet::default());
        let note = |touches: TouchSet, escaped: bool| {
            written
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .merge(touches.clone());
            lock(&self.scope.mine).merge(Noted { touches, escaped });
        };
        let engine = &self.scope.engine;
        let answer = engine
            .writer()
            .within(&Open(self.inner()), run, &note)
            .await;
        let written = written.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !written.is_empty() && lock(&self.scope.mine).escaped {
            // It may be committed already. What the store does not take now it owes, and the end of the transaction tries again.
            let _ = engine.invalidator().invalidate_touches(written).await;
        }
        answer
    }

    /// Adds what is to be invalidated with the transaction.
    pub(super) async fn note(&self, touches: TouchSet) {
        let escaped = {
            let mut mine = lock(&self.scope.mine);
            mine.touches.merge(touches.clone());
            mine.escaped
        };
        if escaped {
            // As of a statement: what it goes with may be committed already.
            let invalidator = self.scope.engine.invalidator();
            let _ = invalidator.invalidate_touches(touches).await;
        }
    }

    pub(super) fn streams(&self, statement: &Statement) -> bool {
        self.scope.engine.catalog().is_read(&statement.sql)
    }
}

impl Drop for Scope {
    /// What escaped from a transaction that was not committed is invalidated all the same.
    fn drop(&mut self) {
        let noted = std::mem::take(&mut *lock(&self.mine));
        if !noted.escaped {
            return;
        }
        if let Some(parent) = &self.parent {
            lock(parent).merge(noted);
            return;
        }
        let invalidator = Arc::clone(self.engine.invalidator());
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            // What the store does not take now it owes.
            let invalidate = async move { invalidator.invalidate_touches(noted.touches).await };
            runtime.spawn(invalidate.in_current_span());
        }
    }
}

/// Runs a closure in a transaction that was begun for it.
pub(super) async fn finish<S, F, T, E>(
    begun: Result<CachedTransaction<S>, DbErr>,
    callback: F,
) -> Result<T, TransactionError<E>>
where
    S: CacheSchema,
    F: for<'c> FnOnce(
            &'c CachedTransaction<S>,
        ) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
        + Send,
    T: Send,
    E: fmt::Display + fmt::Debug + Send,
{
    let transaction = begun.map_err(TransactionError::Connection)?;
    match callback(&transaction).await {
        Ok(value) => {
            transaction
                .commit()
                .await
                .map_err(TransactionError::Connection)?;
            Ok(value)
        }
        Err(error) => {
            transaction
                .rollback()
                .await
                .map_err(TransactionError::Connection)?;
            Err(TransactionError::Transaction(error))
        }
    }
}

#[async_trait]
impl<S: CacheSchema> ConnectionTrait for CachedTransaction<S> {
    fn get_database_backend(&self) -> DbBackend {
        self.inner().get().get_database_backend()
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
        self.inner().get().support_returning()
    }
}

#[async_trait]
impl<S: CacheSchema> TransactionTrait for CachedTransaction<S> {
    type Transaction = Self;

    async fn begin(&self) -> Result<Self, DbErr> {
        self.begin_with_options(TransactionOptions::default()).await
    }

    async fn begin_with_config(
        &self,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<Self, DbErr> {
        let options = TransactionOptions {
            isolation_level,
            access_mode,
            ..Default::default()
        };
        self.begin_with_options(options).await
    }

    async fn begin_with_options(&self, options: TransactionOptions) -> Result<Self, DbErr> {
        Ok(self.nested(self.inner().begin(options).await?))
    }

    async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c Self) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        finish(self.begin().await, callback).await
    }

    async fn transaction_with_config<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> FnOnce(&'c Self) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
            + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        finish(
            self.begin_with_config(isolation_level, access_mode).await,
            callback,
        )
        .await
    }
}

#[async_trait]
impl<S: CacheSchema> TransactionSession for CachedTransaction<S> {
    async fn commit(self) -> Result<(), DbErr> {
        CachedTransaction::commit(self).await
    }

    async fn rollback(self) -> Result<(), DbErr> {
        CachedTransaction::rollback(self).await
    }
}
