//! SeaORM's transaction, shared with the statements that run in it.
//!
//! sqlx 0.9 does not support that a statement of a transaction is dropped halfway. On MySQL it mixes up the statement's answer with that of the
//! `ROLLBACK` behind it, waits for more, and the connection's place in the pool is lost. A `RELEASE` that is dropped leaves the
//! connection's count of savepoints wrong, and so the `COMMIT` after it. Therefore each statement runs to its end, on a task if its
//! caller is gone, and what it runs in is rolled back after it.

use super::to_end::to_end;
use crate::engine::{Ran, Run};
use sea_orm::{DatabaseTransaction, DbErr, TransactionOptions, TransactionTrait};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::oneshot;

/// A transaction or a savepoint.
#[derive(Debug)]
pub(crate) struct SharedTransaction {
    inner: Arc<Inner>,
    /// The transactions around it, the innermost first.
    outer: Vec<Weak<Inner>>,
}

#[derive(Debug)]
struct Inner {
    /// There until the last owner is gone.
    transaction: Option<DatabaseTransaction>,
    /// Gets the transaction from the last owner.
    wanted: Mutex<Option<oneshot::Sender<DatabaseTransaction>>>,
}

impl Inner {
    #[expect(clippy::expect_used, reason = "taken only when it is dropped")]
    fn get(&self) -> &DatabaseTransaction {
        self.transaction
            .as_ref()
            .expect("a transaction is there until its last owner is gone")
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        let wanted = self.wanted.get_mut();
        let wanted = wanted.unwrap_or_else(PoisonError::into_inner).take();
        if let (Some(wanted), Some(transaction)) = (wanted, self.transaction.take()) {
            // If nobody waits for it any more, it is rolled back.
            drop(wanted.send(transaction));
        }
    }
}

/// Keeps a transaction and those around it from being rolled back. SeaORM panics if one is while its connection is in use.
struct Hold {
    inner: Arc<Inner>,
    _outer: Vec<Arc<Inner>>,
}

impl Hold {
    fn get(&self) -> &DatabaseTransaction {
        self.inner.get()
    }
}

impl SharedTransaction {
    pub(super) fn new(transaction: DatabaseTransaction) -> Self {
        Self::within(transaction, Vec::new())
    }

    fn within(transaction: DatabaseTransaction, outer: Vec<Weak<Inner>>) -> Self {
        let inner = Inner {
            transaction: Some(transaction),
            wanted: Mutex::default(),
        };
        Self {
            inner: Arc::new(inner),
            outer,
        }
    }

    /// SeaORM's own, for what is not a statement and for streams.
    pub(super) fn get(&self) -> &DatabaseTransaction {
        self.inner.get()
    }

    fn hold(&self) -> Hold {
        Hold {
            inner: Arc::clone(&self.inner),
            _outer: self.hold_outer(),
        }
    }

    fn hold_outer(&self) -> Vec<Arc<Inner>> {
        self.outer.iter().filter_map(Weak::upgrade).collect()
    }

    /// Runs a statement to its end.
    pub(super) async fn run(&self, run: Run) -> Result<Ran, DbErr> {
        let hold = self.hold();
        to_end(async move { super::run::run(hold.get(), run).await }).await
    }

    /// Begins a savepoint.
    pub(super) async fn begin(&self, options: TransactionOptions) -> Result<Self, DbErr> {
        let hold = self.hold();
        let savepoint = to_end(async move { hold.get().begin_with_options(options).await }).await?;
        let outer = [Arc::downgrade(&self.inner)].into_iter();
        let outer = outer.chain(self.outer.iter().cloned()).collect();
        Ok(Self::within(savepoint, outer))
    }

    /// Commits when every statement has ended.
    pub(super) async fn commit(self) -> Result<(), DbErr> {
        self.end(DatabaseTransaction::commit).await
    }

    /// Rolls back when every statement has ended.
    pub(super) async fn rollback(self) -> Result<(), DbErr> {
        self.end(DatabaseTransaction::rollback).await
    }

    async fn end<F>(
        self,
        end: impl FnOnce(DatabaseTransaction) -> F + Send + 'static,
    ) -> Result<(), DbErr>
    where
        F: Future<Output = Result<(), DbErr>> + Send + 'static,
    {
        let outer = self.hold_outer();
        to_end(async move {
            let ended = end(self.into_inner().await?).await;
            drop(outer);
            ended
        })
        .await
    }

    /// SeaORM's own, when no statement shares it any more.
    async fn into_inner(self) -> Result<DatabaseTransaction, DbErr> {
        let (give, take) = oneshot::channel();
        let wanted = self.inner.wanted.lock();
        *wanted.unwrap_or_else(PoisonError::into_inner) = Some(give);
        drop(self);
        take.await
            .map_err(|_| DbErr::Custom("the transaction has been ended already".into()))
    }
}
