//! What SeaORM's `DatabaseConnection` and `DatabaseTransaction` have beyond their traits, and transactions that are retried.

use super::CachedTransaction;
use super::handle::{CachedRepo, Shared};
use super::retry::{BoxedClosure, Retries, RetryPolicy};
use crate::error::Error;
use crate::schema::CacheSchema;
use futures_util::future::BoxFuture;
use sea_orm::metric::Info;
use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, IsolationLevel, Schema, SchemaBuilder,
    TransactionError, TransactionTrait,
};
use std::fmt;
use std::sync::Arc;

impl<S: CacheSchema> CachedRepo<S> {
    /// The kind of database behind the repo.
    #[must_use]
    pub fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self)
    }

    /// Creates a [`SchemaBuilder`] for this kind of database. Its `apply(&repo)`, and its `sync(&repo)` with the feature
    /// `schema-sync`, create tables through the repo: each statement that changes the database's tables invalidates everything
    /// in the namespace.
    #[must_use]
    pub fn get_schema_builder(&self) -> SchemaBuilder {
        Schema::new(self.get_database_backend()).builder()
    }

    /// Creates a [`SchemaBuilder`] with all entities of the program whose module path begins with `prefix`, cached or not. Needs
    /// the feature `entity-registry`.
    #[cfg(feature = "entity-registry")]
    #[must_use]
    pub fn get_schema_registry(&self, prefix: &str) -> SchemaBuilder {
        self.shared.database.get_schema_registry(prefix)
    }

    /// Runs an async closure in a transaction: commits if it returns `Ok`, rolls back if it returns an error. What it wrote is
    /// invalidated with the commit.
    ///
    /// # Errors
    /// The closure's, as [`TransactionError::Transaction`]; those of `BEGIN`, `COMMIT` and `ROLLBACK` as
    /// [`TransactionError::Connection`].
    ///
    /// # Cancellation
    /// Dropping the future rolls back, unless the commit has begun: that ends, and so does its invalidation.
    pub async fn transaction_async<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c CachedTransaction<S>) -> Result<T, E> + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        finish_async(self.begin().await, callback).await
    }

    /// Runs an async closure in a transaction of this isolation level and access mode.
    ///
    /// # Errors
    /// As [`transaction_async`](Self::transaction_async).
    ///
    /// # Cancellation
    /// As [`transaction_async`](Self::transaction_async).
    pub async fn transaction_with_config_async<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c CachedTransaction<S>) -> Result<T, E> + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        let begun = self.begin_with_config(isolation_level, access_mode).await;
        finish_async(begun, callback).await
    }

    /// Calls this function after each statement that is sent to the database through this handle, through clones made of it from
    /// now on, and in transactions begun on these. It replaces an earlier callback; clones made before keep theirs. All of them
    /// share one cache as before.
    ///
    /// Statements of the repo's own are among them: loads of what was missed, and reads of old values before a write. As in
    /// SeaORM, `execute_unprepared` is not, and mocks and proxies call nobody.
    pub fn set_metric_callback<F>(&mut self, callback: F)
    where
        F: Fn(&Info<'_>) + Send + Sync + 'static,
    {
        let mut database = self.shared.database.clone();
        database.set_metric_callback(callback);
        self.shared = Arc::new(Shared {
            labels: Arc::clone(&self.shared.labels),
            ..Shared::new(Arc::clone(&self.shared.engine), database)
        });
    }

    /// Asks the database whether the connection is alive. The store is not asked: [`stats`](Self::stats) say how that is.
    ///
    /// # Errors
    /// The database's.
    pub async fn ping(&self) -> Result<(), DbErr> {
        self.shared.database.ping().await
    }

    /// Closes the connection to the database, as [`close_by_ref`](Self::close_by_ref) does.
    ///
    /// # Errors
    /// The database's.
    pub async fn close(self) -> Result<(), DbErr> {
        self.close_by_ref().await
    }

    /// Closes the connection to the database for all clones of the repo, and for the connection that it was built from. Waits
    /// for statements and transactions that are under way.
    ///
    /// From then on a statement is an error, and so is a read that misses. What is cached is served until it expires: drop the
    /// repo as well. The connection to the store ends with the last clone.
    ///
    /// # Errors
    /// The database's.
    pub async fn close_by_ref(&self) -> Result<(), DbErr> {
        self.shared.database.close_by_ref().await
    }

    /// Runs the closure in a transaction, and again from the start if the database reports a deadlock, a serialization
    /// failure or that it is busy. The closure must not have effects outside of the transaction.
    ///
    /// The closure has the form that SeaORM's `transaction` takes:
    /// `repo.transaction_retry(|transaction| Box::pin(async move { .. }))`. As there, its future borrows nothing but the transaction, and
    /// `_async` at the end of the name is for async closures, which may borrow:
    /// [`transaction_retry_async`](Self::transaction_retry_async).
    ///
    /// # Errors
    /// The closure's and the database's own. [`ErrorKind::RetriesExhausted`](crate::ErrorKind::RetriesExhausted) when the last attempt failed likewise, with the
    /// database's error. [`ErrorKind::TimedOut`](crate::ErrorKind::TimedOut) when the time is over and nothing was committed. [`ErrorKind::OutcomeUnknown`](crate::ErrorKind::OutcomeUnknown) when the
    /// time is over while a commit is under way, which goes on, or when the connection breaks there: then the transaction may have
    /// taken effect.
    ///
    /// # Cancellation
    /// Dropping the future rolls the attempt back, unless its commit has begun.
    pub fn transaction_retry<'r, T, F>(&'r self, work: F) -> BoxFuture<'r, Result<T, Error>>
    where
        T: Send + 'r,
        F: BoxedClosure<S, T> + Send + 'r,
    {
        self.transaction_retry_with(RetryPolicy::default(), work)
    }

    /// [`transaction_retry`](Self::transaction_retry) with a policy of one's own.
    ///
    /// # Errors
    /// As [`transaction_retry`](Self::transaction_retry).
    ///
    /// # Cancellation
    /// As [`transaction_retry`](Self::transaction_retry).
    pub fn transaction_retry_with<'r, T, F>(
        &'r self,
        policy: RetryPolicy,
        work: F,
    ) -> BoxFuture<'r, Result<T, Error>>
    where
        T: Send + 'r,
        F: BoxedClosure<S, T> + Send + 'r,
    {
        Retries { repo: self, policy }.boxed(work)
    }

    /// [`transaction_retry`](Self::transaction_retry) for async closures:
    /// `repo.transaction_retry_async(async |transaction| { .. })`.
    ///
    /// # Errors
    /// As [`transaction_retry`](Self::transaction_retry).
    ///
    /// # Cancellation
    /// As [`transaction_retry`](Self::transaction_retry).
    pub async fn transaction_retry_async<T, F>(&self, work: F) -> Result<T, Error>
    where
        F: AsyncFn(&CachedTransaction<S>) -> Result<T, Error>,
    {
        self.transaction_retry_with_async(RetryPolicy::default(), work)
            .await
    }

    /// [`transaction_retry_async`](Self::transaction_retry_async) with a policy of one's own.
    ///
    /// # Errors
    /// As [`transaction_retry`](Self::transaction_retry).
    ///
    /// # Cancellation
    /// As [`transaction_retry`](Self::transaction_retry).
    pub async fn transaction_retry_with_async<T, F>(
        &self,
        policy: RetryPolicy,
        work: F,
    ) -> Result<T, Error>
    where
        F: AsyncFn(&CachedTransaction<S>) -> Result<T, Error>,
    {
        Retries { repo: self, policy }.run(work).await
    }
}

#[cfg(feature = "mock")]
impl<S: CacheSchema> CachedRepo<S> {
    /// The mock that the repo was built from. Needs the feature `mock`.
    ///
    /// # Panics
    /// If the repo was built from another connection.
    #[must_use]
    pub fn as_mock_connection(&self) -> &sea_orm::MockDatabaseConnection {
        self.shared.database.as_mock_connection()
    }

    /// The statements that were sent to the mock which the repo was built from, those of the repo's own included. Needs
    /// the feature `mock`.
    ///
    /// # Panics
    /// If the repo was built from another connection.
    #[must_use]
    pub fn into_transaction_log(self) -> Vec<sea_orm::Transaction> {
        self.shared.database.clone().into_transaction_log()
    }
}

impl<S: CacheSchema> CachedTransaction<S> {
    /// The kind of database of the transaction.
    #[must_use]
    pub fn get_database_backend(&self) -> DbBackend {
        ConnectionTrait::get_database_backend(self)
    }

    /// Runs an async closure in a savepoint: releases it if the closure returns `Ok`, goes back to it if it returns an error.
    /// What was written is invalidated when the outermost transaction commits.
    ///
    /// # Errors
    /// The closure's, as [`TransactionError::Transaction`]; those of the savepoint as [`TransactionError::Connection`].
    ///
    /// # Cancellation
    /// Dropping the future goes back to the savepoint.
    pub async fn transaction_async<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c Self) -> Result<T, E> + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        finish_async(self.begin().await, callback).await
    }

    /// Runs an async closure in a savepoint, with an isolation level and access mode as SeaORM sets them for a savepoint.
    ///
    /// # Errors
    /// As [`transaction_async`](Self::transaction_async). PostgreSQL refuses an isolation level inside a transaction that has
    /// run a statement.
    ///
    /// # Cancellation
    /// As [`transaction_async`](Self::transaction_async).
    pub async fn transaction_with_config_async<F, T, E>(
        &self,
        callback: F,
        isolation_level: Option<IsolationLevel>,
        access_mode: Option<AccessMode>,
    ) -> Result<T, TransactionError<E>>
    where
        F: for<'c> AsyncFnOnce(&'c Self) -> Result<T, E> + Send,
        T: Send,
        E: fmt::Display + fmt::Debug + Send,
    {
        let begun = self.begin_with_config(isolation_level, access_mode).await;
        finish_async(begun, callback).await
    }
}

/// Runs an async closure in a transaction that was begun for it.
async fn finish_async<S, F, T, E>(
    begun: Result<CachedTransaction<S>, DbErr>,
    callback: F,
) -> Result<T, TransactionError<E>>
where
    S: CacheSchema,
    F: for<'c> AsyncFnOnce(&'c CachedTransaction<S>) -> Result<T, E> + Send,
    T: Send,
    E: fmt::Display + fmt::Debug + Send,
{
    let transaction = begun.map_err(TransactionError::Connection)?;
    let answer = callback(&transaction).await;
    let ended = match &answer {
        Ok(_) => transaction.commit().await,
        Err(_) => transaction.rollback().await,
    };
    ended.map_err(TransactionError::Connection)?;
    answer.map_err(TransactionError::Transaction)
}
