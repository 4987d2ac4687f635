//! Several reads in one call: the typed shell.

use super::connection::Uncached;
use super::find::{FindByIndex, FindByUnique, FindMany, FindOne};
use super::query::{Found, Glance, Stored};
use super::read_context::{Executor, ReadContext, Reads, Serves};
use super::{CachedRepo, CachedTransaction};
use crate::engine::{AnalyzeError, Ask, Options, ResultShape, What};
use crate::error::{Error, ErrorKind};
use crate::schema::{CacheSchema, CachedEntity, Row, key_values, typed};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::Value;
use sea_orm::sea_query::IntoValueTuple;
use std::fmt;
use std::future::Future;
use std::ops::Range;
use std::sync::Arc;

/// Reads that one call answers together: a read by key, unique columns or index, a cached query, a prepared one; tuples of up to
/// eight of these, and lists of one kind, in any depth.
///
/// A cached query stands for all that it finds; [`first`](crate::query::Cached::first), [`counted`](crate::query::Cached::counted),
/// [`any`](crate::query::Cached::any) and [`page`](crate::query::Cached::page) make it one of the others.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read in a batch of `{R}`",
    label = "no read, or one of an entity that the schema does not list",
    note = "give reads without `.one(&repo)`, `.all(&repo)` and the like: `repo.batch((User::find_cached(1), Order::find().cached().counted()))`"
)]
pub trait Batch<R: Reads>: Sized {
    /// What the reads bring.
    type Output;
    #[doc(hidden)]
    type Parts: Send;

    #[doc(hidden)]
    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error>;

    #[doc(hidden)]
    fn finish(parts: Self::Parts, answers: &mut Answered) -> Result<Self::Output, Error>;
}

/// What is to be asked.
#[doc(hidden)]
pub struct Plan<'a> {
    pub(super) context: ReadContext<'a>,
    /// `None` where the database's catalog must be asked first.
    asks: Vec<Option<Ask>>,
    undecided: Vec<(usize, BoxFuture<'a, Result<Ask, Error>>)>,
}

impl fmt::Debug for Plan<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").finish_non_exhaustive()
    }
}

/// What the asked has answered.
#[doc(hidden)]
pub struct Answered(Vec<Result<Vec<Row>, Error>>);

impl fmt::Debug for Answered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answered").finish_non_exhaustive()
    }
}

/// One read of a batch.
#[doc(hidden)]
pub struct Part<T>(State<T>);

impl<T> fmt::Debug for Part<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").finish_non_exhaustive()
    }
}

enum State<T> {
    Done(T),
    Asked(usize, fn(Found) -> Result<T, Error>),
}

impl<T> Part<T> {
    pub(super) fn finish(self, answers: &mut Answered) -> Result<T, Error> {
        match self.0 {
            State::Done(value) => Ok(value),
            State::Asked(at, finish) => finish(Found::Rows(answers.take(at)?)),
        }
    }
}

impl Answered {
    fn take(&mut self, at: usize) -> Result<Vec<Row>, Error> {
        let missing = || Err(Error::new(ErrorKind::Internal, "a read was not answered"));
        let answer = self.0.get_mut(at);
        answer.map_or_else(missing, |answer| std::mem::replace(answer, Ok(Vec::new())))
    }
}

impl<'a> Plan<'a> {
    /// Asks what columns say.
    fn ask<T>(
        &mut self,
        entity: u16,
        what: What,
        values: Vec<Value>,
        options: Option<Arc<Options>>,
        finish: fn(Found) -> Result<T, Error>,
    ) -> Part<T> {
        self.add(Ask::new(entity, what, values, options), finish)
    }

    /// Asks what a query says, unless this process has the answer.
    pub(super) fn query<T, M: FnOnce() -> Option<ResultShape>>(
        &mut self,
        stored: Stored<M>,
        finish: fn(Found) -> Result<T, Error>,
    ) -> Result<Part<T>, Error> {
        let analysis = match stored.analysis(self.context) {
            Ok(analysis) => analysis,
            Err(AnalyzeError::NotCacheable(error)) => return Err(error),
            Err(AnalyzeError::CatalogNeeded(_)) => {
                let ask = stored.owned().into_ask(self.context).boxed();
                self.undecided.push((self.asks.len(), ask));
                return Ok(self.place(None, finish));
            }
        };
        Ok(match stored.ask(self.context, &analysis, true)? {
            Glance::Hit(payload) => Part(State::Done(finish(Found::Hit(payload))?)),
            Glance::Ask(ask) => self.add(ask, finish),
        })
    }

    /// Whether a query was prepared for this repo, or for this transaction.
    ///
    /// # Errors
    /// If it was not.
    pub(super) fn serves(&self, context: ReadContext<'_>) -> Result<(), Error> {
        use Executor::Database;
        use Uncached::Transaction;
        let same = match (context.executor, self.context.executor) {
            (Database(Transaction(theirs)), Database(Transaction(ours))) => {
                std::ptr::eq(theirs, ours)
            }
            (Database(Transaction(_)), _) => false,
            _ => Arc::ptr_eq(context.engine, self.context.engine),
        };
        if !same {
            return Err(Error::new(
                ErrorKind::Query,
                "a query in the batch was prepared for another repo, or for a transaction that the batch is not of; prepare it for \
                 the repo that the batch is read from",
            ));
        }
        Ok(())
    }

    /// Asks what a prepared query says.
    pub(super) fn prepared<T>(
        &mut self,
        ask: &Ask,
        finish: fn(Found) -> Result<T, Error>,
    ) -> Result<Part<T>, Error> {
        if matches!(self.context.executor, Executor::Cache(_))
            && let Some(payload) = self.context.engine.reader().l1().glance_at(ask)
        {
            return Ok(Part(State::Done(finish(Found::Hit(payload))?)));
        }
        Ok(self.add(ask.clone(), finish))
    }

    fn add<T>(&mut self, ask: Ask, finish: fn(Found) -> Result<T, Error>) -> Part<T> {
        self.place(Some(ask), finish)
    }

    fn place<T>(&mut self, ask: Option<Ask>, finish: fn(Found) -> Result<T, Error>) -> Part<T> {
        self.asks.push(ask);
        Part(State::Asked(self.asks.len() - 1, finish))
    }

    /// All that is to be asked, by the database's catalog where that must tell.
    async fn asks(mut self) -> Result<Vec<Ask>, Error> {
        for (at, ask) in self.undecided {
            self.asks[at] = Some(ask.await?);
        }
        Ok(self.asks.into_iter().flatten().collect())
    }
}

/// Reads all of them.
pub(super) fn batch<'r, R: Reads, B: Batch<R> + Send>(
    repo: &'r R,
    reads: B,
) -> impl Future<Output = Result<B::Output, Error>> + Send + use<'r, R, B> {
    let context = repo.read_context();
    async move {
        // At the first poll and not before: a future that lies about must not hold an old value.
        let mut plan = Plan {
            context,
            asks: Vec::new(),
            undecided: Vec::new(),
        };
        let parts = reads.plan(&mut plan)?;
        let asks = plan.asks().await?;
        let answers = match context.executor {
            _ if asks.is_empty() => Vec::new(),
            Executor::Cache(source) => {
                Box::pin(context.engine.reader().get_each(asks, source)).await
            }
            Executor::Database(source) => {
                Box::pin(context.engine.reader().bypass().get_each(asks, &source)).await
            }
        };
        B::finish(parts, &mut Answered(answers))
    }
}

macro_rules! batch {
    ($repo:ident) => {
        impl<S: CacheSchema> $repo<S> {
            /// Several reads in one call, in a tuple or a list:
            /// `repo.batch((User::find_cached(1), Order::find().cached().counted()))`. Each is answered as it would be alone, with
            /// its own options.
            ///
            /// What this process has is answered from it. All else is looked up in the store at once. What the store lacks is
            /// loaded at the same time: reads by the same columns by one query for all, every other query on its own. Inside
            /// a transaction the database answers, and nothing is filled.
            ///
            /// # Errors
            /// As for each of the reads: the first error, in their order. A read that cannot be asked fails before anything is
            /// asked. Otherwise all the others have come to their end, and what they have loaded is cached.
            ///
            /// # Cancellation
            /// Dropping the future abandons nothing: loads that have begun go on for others.
            pub fn batch<B: Batch<Self> + Send>(
                &self,
                reads: B,
            ) -> impl Future<Output = Result<B::Output, Error>> + Send + use<'_, S, B> {
                batch(self, reads)
            }
        }
    };
}

batch!(CachedRepo);
batch!(CachedTransaction);

impl<R: Reads + Serves<E>, E: CachedEntity> Batch<R> for FindOne<E> {
    type Output = Option<Arc<E::Model>>;
    type Parts = Part<Self::Output>;

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let values = key_values(self.key.into_value_tuple());
        let finish = Found::one::<E::Model>;
        Ok(plan.ask(
            R::ENTITY,
            What::Row,
            values,
            self.options.map(Arc::from),
            finish,
        ))
    }

    fn finish(part: Self::Parts, answers: &mut Answered) -> Result<Self::Output, Error> {
        part.finish(answers)
    }
}

impl<R: Reads + Serves<E>, E: CachedEntity> Batch<R> for FindByUnique<E> {
    type Output = Option<Arc<E::Model>>;
    type Parts = Part<Self::Output>;

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let what = What::Unique(self.lookup.number);
        let finish = Found::one::<E::Model>;
        Ok(plan.ask(
            R::ENTITY,
            what,
            self.lookup.values,
            self.options.map(Arc::from),
            finish,
        ))
    }

    fn finish(part: Self::Parts, answers: &mut Answered) -> Result<Self::Output, Error> {
        part.finish(answers)
    }
}

impl<R: Reads + Serves<E>, E: CachedEntity> Batch<R> for FindByIndex<E> {
    type Output = Vec<Arc<E::Model>>;
    type Parts = Part<Self::Output>;

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let what = What::Index(self.lookup.number);
        let finish = Found::all::<E::Model>;
        Ok(plan.ask(
            R::ENTITY,
            what,
            self.lookup.values,
            self.options.map(Arc::from),
            finish,
        ))
    }

    fn finish(part: Self::Parts, answers: &mut Answered) -> Result<Self::Output, Error> {
        part.finish(answers)
    }
}

impl<R: Reads + Serves<E>, E: CachedEntity> Batch<R> for FindMany<E> {
    type Output = Vec<Option<Arc<E::Model>>>;
    type Parts = Range<usize>;

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        let begin = plan.asks.len();
        let options = self.options.map(Arc::from);
        for values in self.keys {
            let finish = Found::one::<E::Model>;
            plan.ask(R::ENTITY, What::Row, values, options.clone(), finish);
        }
        Ok(begin..plan.asks.len())
    }

    fn finish(parts: Self::Parts, answers: &mut Answered) -> Result<Self::Output, Error> {
        let row = |at| {
            let row = answers.take(at)?.into_iter().next();
            row.map(typed::<E::Model>).transpose()
        };
        parts.map(row).collect()
    }
}

impl<R: Reads, B: Batch<R>> Batch<R> for Vec<B> {
    type Output = Vec<B::Output>;
    type Parts = Vec<B::Parts>;

    fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
        self.into_iter().map(|read| read.plan(plan)).collect()
    }

    fn finish(parts: Self::Parts, answers: &mut Answered) -> Result<Self::Output, Error> {
        let parts = parts.into_iter();
        parts.map(|part| B::finish(part, answers)).collect()
    }
}

macro_rules! tuples {
    ($(($($read:ident $part:ident),+))*) => {$(
        impl<R: Reads, $($read: Batch<R>),+> Batch<R> for ($($read,)+) {
            type Output = ($($read::Output,)+);
            type Parts = ($($read::Parts,)+);

            fn plan(self, plan: &mut Plan<'_>) -> Result<Self::Parts, Error> {
                let ($($part,)+) = self;
                Ok(($($part.plan(plan)?,)+))
            }

            fn finish(parts: Self::Parts, answers: &mut Answered) -> Result<Self::Output, Error> {
                let ($($part,)+) = parts;
                Ok(($($read::finish($part, answers)?,)+))
            }
        }
    )*};
}

tuples! {
    (A a)
    (A a, B b)
    (A a, B b, C c)
    (A a, B b, C c, D d)
    (A a, B b, C c, D d, E e)
    (A a, B b, C c, D d, E e, F f)
    (A a, B b, C c, D d, E e, F f, G g)
    (A a, B b, C c, D d, E e, F f, G g, H h)
}
