//! Transactions that are tried again when the database says so.

use super::CachedRepo;
use super::transaction::CachedTransaction;
use crate::engine::is_unknown;
use crate::error::{Error, ErrorKind, MAY_HAVE_HAPPENED};
use crate::schema::CacheSchema;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{DbErr, RuntimeErr, TransactionTrait};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often and how long a transaction is tried.
///
/// Between two attempts lies a random pause between nothing and `base * 2^n`, at most `longest`: full jitter, so that two
/// transactions that have met do not meet again. (Marc Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RetryPolicy {
    /// Attempts in all; the default is 5.
    pub attempts: u32,
    /// Upper limit of the first pause; the default is 10 ms.
    pub base: Duration,
    /// Upper limit of any pause; the default is 1 s.
    pub longest: Duration,
    /// Time for everything together, pauses included; the default is 30 s.
    pub limit: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            base: Duration::from_millis(10),
            longest: Duration::from_secs(1),
            limit: Duration::from_secs(30),
        }
    }
}

impl RetryPolicy {
    /// The same with so many attempts in all; at least one is made.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The same with this time for everything together.
    #[must_use]
    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// The same with these upper limits of the first pause and of any pause.
    #[must_use]
    pub fn pauses(mut self, base: Duration, longest: Duration) -> Self {
        self.base = base;
        self.longest = longest;
        self
    }

    fn pause(&self, attempt: u32) -> Duration {
        let most = self
            .base
            .saturating_mul(1 << attempt.min(20))
            .min(self.longest);
        most.mul_f64(fastrand::f64())
    }
}

/// A closure in the form that SeaORM's `transaction` takes: `|transaction| Box::pin(async move { .. })`.
///
/// Each of them is an async closure as well. That supertrait tells the compiler what an async closure is given, which is then
/// reported for its form alone.
#[diagnostic::on_unimplemented(
    message = "this closure does not box its future, as `transaction_retry` wants it",
    label = "not of the form `|transaction| Box::pin(async move {{ .. }})`",
    note = "give an async closure to `transaction_retry_async`, and one with a policy to `transaction_retry_with_async`"
)]
pub trait BoxedClosure<S, T>:
    for<'c> Fn(&'c CachedTransaction<S>) -> BoxFuture<'c, Result<T, Error>>
    + AsyncFn(&CachedTransaction<S>) -> Result<T, Error>
{
}

#[diagnostic::do_not_recommend]
impl<S, T, F> BoxedClosure<S, T> for F where
    F: for<'c> Fn(&'c CachedTransaction<S>) -> BoxFuture<'c, Result<T, Error>>
        + AsyncFn(&CachedTransaction<S>) -> Result<T, Error>
{
}

/// The attempts at one transaction.
pub(super) struct Retries<'r, S> {
    pub(super) repo: &'r CachedRepo<S>,
    pub(super) policy: RetryPolicy,
}

impl<'r, S: CacheSchema> Retries<'r, S> {
    /// Attempts by a closure that gives a boxed future.
    pub(super) fn boxed<T, F>(self, work: F) -> BoxFuture<'r, Result<T, Error>>
    where
        T: Send + 'r,
        F: BoxedClosure<S, T> + Send + 'r,
    {
        let retried = async move {
            let (retries, commits) = (&self, &AtomicBool::new(false));
            let attempts = async move {
                let mut made = 0;
                loop {
                    let transaction = retries.repo.begin().await?;
                    // A statement of its own: the closure is not borrowed while it runs, and need not be `Sync`.
                    let running = boxed(&work, &transaction);
                    let answer = running.await;
                    match finish(transaction, answer, commits).await {
                        Ok(value) => return Ok(value),
                        Err(error) => made = retries.pause(made, error).await?,
                    }
                }
            };
            retries.limited(commits, attempts).await
        };
        retried.boxed()
    }

    /// Attempts by an async closure.
    pub(super) async fn run<T, F>(&self, work: F) -> Result<T, Error>
    where
        F: AsyncFn(&CachedTransaction<S>) -> Result<T, Error>,
    {
        let commits = AtomicBool::new(false);
        let attempts = async {
            let mut made = 0;
            loop {
                let transaction = self.repo.begin().await?;
                let answer = work(&transaction).await;
                match finish(transaction, answer, &commits).await {
                    Ok(value) => return Ok(value),
                    Err(error) => made = self.pause(made, error).await?,
                }
            }
        };
        self.limited(&commits, attempts).await
    }

    /// All attempts, within the time of the policy, and counted. `commits` says whether a commit is under way.
    async fn limited<T>(
        &self,
        commits: &AtomicBool,
        attempts: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let answer = tokio::time::timeout(self.policy.limit, attempts)
            .await
            .unwrap_or_else(|_| Err(over(self.policy.limit, commits.load(Ordering::Relaxed))));
        self.repo.engine().writer().retries().ended(answer.is_ok());
        answer
    }

    /// Waits before the next attempt, and gives how many were made; the error of the last one, if it was the last.
    async fn pause(&self, made: u32, error: Error) -> Result<u32, Error> {
        if !error.database().is_some_and(is_transient) {
            return Err(error);
        }
        if made + 1 >= self.policy.attempts {
            return Err(error.exhausted(made + 1));
        }
        self.repo.engine().writer().retries().retried();
        tokio::time::sleep(self.policy.pause(made)).await;
        Ok(made + 1)
    }
}

/// The closure by its form alone, of the two that it has.
fn boxed<'c, S, T, F>(
    work: &F,
    transaction: &'c CachedTransaction<S>,
) -> BoxFuture<'c, Result<T, Error>>
where
    F: Fn(&'c CachedTransaction<S>) -> BoxFuture<'c, Result<T, Error>>,
{
    work(transaction)
}

/// Commits what an attempt has done, or rolls it back. `commits` is set while the commit is under way.
async fn finish<S: CacheSchema, T>(
    transaction: CachedTransaction<S>,
    answer: Result<T, Error>,
    commits: &AtomicBool,
) -> Result<T, Error> {
    match answer {
        Ok(value) => {
            commits.store(true, Ordering::Relaxed);
            let committed = transaction.commit().await;
            commits.store(false, Ordering::Relaxed);
            match committed {
                Ok(()) => Ok(value),
                Err(error) if is_unknown(&error) => Err(Error::from(error).unknown_outcome()),
                Err(error) => Err(error.into()),
            }
        }
        Err(error) => {
            // The closure's error says more than a rollback that failed after it.
            let _ = transaction.rollback().await;
            Err(error)
        }
    }
}

/// The error of a transaction whose time is over, in its commit or before.
fn over(limit: Duration, committing: bool) -> Error {
    let (kind, message) = match committing {
        true => (ErrorKind::OutcomeUnknown, MAY_HAVE_HAPPENED),
        false => (
            ErrorKind::TimedOut,
            "the transaction was given up because its time is over; nothing of it was committed",
        ),
    };
    Error::new(kind, message).with("limit", format!("{limit:?}"))
}

/// Whether the same transaction may succeed if it is run again.
///
/// PostgreSQL: 40001 serialization failure, 40P01 deadlock. MySQL and MariaDB: 1213 deadlock and 1205 lock wait time-out, with
/// SQLSTATE 40001 and HY000; 1020 record changed since last read. SQLite: 5 busy and 6 locked, with their extended codes.
fn is_transient(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let Some(error) = error.as_database_error() else {
        return false;
    };
    let code = error.code();
    let code = code.as_deref().unwrap_or_default();
    if matches!(code, "40001" | "40P01" | "1213" | "1205" | "1020") {
        return true;
    }
    // SQLite's extended codes keep the primary one in the low byte; SQLSTATEs have five characters.
    if code.len() < 5
        && let Ok(number) = code.parse::<u32>()
    {
        return matches!(number & 0xFF, 5 | 6);
    }
    let message = error.message();
    code == "HY000"
        && (message.contains("Lock wait timeout")
            || message.contains("Record has changed since last read"))
}
