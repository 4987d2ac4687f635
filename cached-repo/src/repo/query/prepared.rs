//! Queries that are built once and read many times.

use super::ask::{Found, Stored};
use crate::engine::{AnalyzeError, Ask, Options, QueryAnalysis, ResultShape};
use crate::error::Error;
use crate::port::Payload;
use crate::repo::answer::answer;
use crate::repo::batch::{Part, Plan};
use crate::repo::read_context::{Executor, ReadContext};
use sea_orm::Statement;
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// A cached query with its SQL and its key: `let recent = Order::find()..cached().prepare(&repo)?`. A hit builds neither.
#[must_use = "a prepared query does nothing until `.all().await`"]
pub struct Prepared<'r, T> {
    context: ReadContext<'r>,
    parts: Parts,
    /// As it was prepared; `None` if the database's catalog must be asked for that.
    first: Option<Ask>,
    /// By the definitions of views that came after it.
    later: Mutex<Option<Ask>>,
    finish: fn(Found) -> Result<T, Error>,
}

/// Of what a query is put together.
struct Parts {
    entity: Option<u16>,
    statements: Vec<Statement>,
    options: Option<Box<Options>>,
    name: Result<Vec<u8>, Error>,
    result_shape: Option<ResultShape>,
}

impl Parts {
    fn stored(&self) -> Stored<impl FnOnce() -> Option<ResultShape>> {
        let result_shape = self.result_shape.clone();
        Stored {
            entity: self.entity,
            statements: self.statements.clone(),
            options: self.options.clone(),
            name: self.name.clone(),
            result_shape: move || result_shape,
        }
    }

    fn ask(&self, context: ReadContext<'_>, analysis: &QueryAnalysis) -> Result<Ask, Error> {
        self.stored().asked(context, analysis)
    }
}

/// Not the query: it holds user data.
impl<T> fmt::Debug for Prepared<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").finish_non_exhaustive()
    }
}

impl<'r, T> Prepared<'r, T> {
    pub(super) fn new<M: FnOnce() -> Option<ResultShape>>(
        context: ReadContext<'r>,
        stored: Stored<M>,
        finish: fn(Found) -> Result<T, Error>,
    ) -> Result<Self, Error> {
        let analysis = match stored.analysis(context) {
            Ok(analysis) => Some(analysis),
            Err(AnalyzeError::NotCacheable(error) | AnalyzeError::CatalogNeeded(Some(error))) => {
                return Err(error);
            }
            Err(AnalyzeError::CatalogNeeded(None)) => None,
        };
        let parts = Parts {
            entity: stored.entity,
            statements: stored.statements,
            options: stored.options,
            name: stored.name,
            result_shape: (stored.result_shape)(),
        };
        let first = analysis
            .map(|analysis| parts.ask(context, &analysis))
            .transpose()?;
        Ok(Self {
            context,
            parts,
            first,
            later: Mutex::new(None),
            finish,
        })
    }

    /// Adds it to a batch.
    pub(super) fn plan(&self, plan: &mut Plan<'_>) -> Result<Part<T>, Error> {
        plan.serves(self.context)?;
        match self.first.as_ref().filter(|ask| self.is_present(ask)) {
            Some(ask) => plan.prepared(ask, self.finish),
            None => plan.query(self.parts.stored(), self.finish),
        }
    }

    /// All that the query finds, in its order.
    ///
    /// # Errors
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if it had to be asked and failed. The store causes none.
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the query cannot be cached, where only the database's catalog could tell, or a
    /// view has changed since.
    ///
    /// # Cancellation
    /// Dropping the future abandons nothing: a load that has begun goes on for others.
    pub async fn all(&self) -> Result<T, Error> {
        let present = self.first.as_ref().filter(|ask| self.is_present(ask));
        if let Some(ask) = present {
            return match self.glance(ask) {
                Some(payload) => (self.finish)(Found::Hit(payload)),
                None => self.answer(ask.clone()).await,
            };
        }
        let ask = Box::pin(self.current_ask()).await?;
        match self.glance(&ask) {
            Some(payload) => (self.finish)(Found::Hit(payload)),
            None => self.answer(ask).await,
        }
    }

    fn glance(&self, ask: &Ask) -> Option<Payload> {
        let is_cached = matches!(self.context.executor, Executor::Cache(_));
        is_cached
            .then(|| self.context.engine.reader().l1().glance_at(ask))
            .flatten()
    }

    async fn answer(&self, ask: Ask) -> Result<T, Error> {
        let rows = Box::pin(answer(self.context, ask)).await?;
        (self.finish)(Found::Rows(rows))
    }

    /// Whether what it depends on was found by the present definitions of views.
    fn is_present(&self, ask: &Ask) -> bool {
        let present = self.context.engine.catalog().generation();
        ask.query
            .as_ref()
            .is_some_and(|query| query.generation == present)
    }

    /// The query by the present definitions of views.
    async fn current_ask(&self) -> Result<Ask, Error> {
        let later = || self.later.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = later().clone().filter(|ask| self.is_present(ask));
        if let Some(ask) = kept {
            return Ok(ask);
        }
        let analysis = self.parts.stored().analyzed(self.context).await?;
        let ask = self.parts.ask(self.context, &analysis)?;
        *later() = Some(ask.clone());
        Ok(ask)
    }
}
