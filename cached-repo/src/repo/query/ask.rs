//! From a query to the engine and back.

use super::digest::{Digest, digest};
use crate::engine::{
    AnalyzeError, Ask, CatalogScope, Mode, Options, Producer, Query, QueryAnalysis, ResultShape,
};
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::port::{Form, Payload, Source};
use crate::repo::answer::answer;
use crate::repo::read_context::{Executor, ReadContext};
use crate::schema::{Row, typed};
use sea_orm::{DbErr, QueryResult, Statement};
use std::any::Any;
use std::sync::Arc;
use std::time::Duration;

/// A query whose answer is one value.
pub(super) struct Question<M> {
    /// The entity whose entry it is; `None` for that of the first table.
    pub(super) entity: Option<u16>,
    pub(super) statements: Vec<Statement>,
    pub(super) options: Option<Box<Options>>,
    pub(super) form: Form,
    /// Appends the name of the form.
    pub(super) name: fn(&mut Vec<u8>) -> Result<(), Error>,
    /// Makes the value of the answers; `None` if there is nothing to show.
    pub(super) make: M,
}

impl<M> Question<M> {
    /// The question without the type of its answer, as it is stored.
    pub(super) fn stored<T>(self) -> Stored<impl FnOnce() -> Option<ResultShape>>
    where
        T: Any + Send + Sync,
        M: Fn(Vec<Vec<QueryResult>>) -> Result<Option<T>, DbErr> + Send + Sync + 'static,
    {
        let mut name = Vec::new();
        let named = (self.name)(&mut name);
        let (form, make) = (self.form, self.make);
        let make = move |answers| Ok(make(answers)?.map(|value| Arc::new(value) as Row));
        Stored {
            entity: self.entity,
            statements: self.statements,
            options: self.options,
            name: named.map(|()| name),
            result_shape: move || {
                let producer = Producer::Answers(Arc::new(make));
                Some(ResultShape { form, producer })
            },
        }
    }
}

/// The value that answers a query, from the cache if it is there.
pub(super) async fn value<T, M>(
    context: ReadContext<'_>,
    question: Question<M>,
) -> Result<Option<Arc<T>>, Error>
where
    T: Any + Send + Sync,
    M: Fn(Vec<Vec<QueryResult>>) -> Result<Option<T>, DbErr> + Send + Sync + 'static,
{
    find(context, question.stored::<T>()).await?.one::<T>()
}

/// The value that answers a query that always has an answer.
///
/// # Errors
/// Also [`ErrorKind::Query`] if the cache alone was asked, and has none.
pub(super) async fn certain<T, M>(
    context: ReadContext<'_>,
    question: Question<M>,
) -> Result<Arc<T>, Error>
where
    T: Any + Send + Sync,
    M: Fn(Vec<Vec<QueryResult>>) -> Result<Option<T>, DbErr> + Send + Sync + 'static,
{
    value(context, question).await?.ok_or_else(unanswered)
}

pub(super) fn unanswered() -> Error {
    Error::new(
        ErrorKind::Query,
        "the cache has no answer to the query, and `.cache_only()` asks for no other",
    )
}

/// What is stored under the key of a query.
pub(in crate::repo) struct Stored<M> {
    /// The entity whose entry it is; `None` for that of the first table.
    pub(super) entity: Option<u16>,
    /// The statements that make the key, and say what the entry depends on as far as that is known beforehand.
    pub(super) statements: Vec<Statement>,
    pub(super) options: Option<Box<Options>>,
    /// What else makes the key, or why it cannot be named.
    pub(super) name: Result<Vec<u8>, Error>,
    /// What it is made into; `None` for rows of the entity. A hit does not ask.
    pub(super) result_shape: M,
}

impl<M: FnOnce() -> Option<ResultShape>> Stored<M> {
    fn ttl(&self) -> Option<Duration> {
        self.options.as_ref().and_then(|options| options.ttl)
    }

    /// What it depends on, as far as that is known without the database.
    ///
    /// # Errors
    /// As reading the query, before anything is asked.
    pub(in crate::repo) fn analysis(
        &self,
        context: ReadContext<'_>,
    ) -> Result<Arc<QueryAnalysis>, AnalyzeError> {
        let catalog = context.engine.catalog();
        catalog.analyze(self.entity, &self.statements, self.ttl())
    }

    /// A copy that owns what its answers are made into.
    pub(in crate::repo) fn owned(self) -> Stored<OwnedMade> {
        let result_shape = (self.result_shape)();
        Stored {
            entity: self.entity,
            statements: self.statements,
            options: self.options,
            name: self.name,
            result_shape: Box::new(move || result_shape),
        }
    }

    /// What the engine is to be asked, if need be after a look at the database's catalog.
    ///
    /// # Errors
    /// As reading the query.
    pub(in crate::repo) async fn into_ask(self, context: ReadContext<'_>) -> Result<Ask, Error> {
        let analysis = self.analyzed(context).await?;
        self.asked(context, &analysis)
    }

    /// What the engine is to be asked, whatever this process has.
    ///
    /// # Errors
    /// As [`ask`](Self::ask).
    pub(super) fn asked(
        self,
        context: ReadContext<'_>,
        analysis: &QueryAnalysis,
    ) -> Result<Ask, Error> {
        match self.ask(context, analysis, false)? {
            Glance::Ask(ask) => Ok(ask),
            Glance::Hit(_) => Err(Error::new(
                ErrorKind::Internal,
                "a query was answered that was not asked",
            )),
        }
    }

    /// What it depends on, if need be after a look at the database's catalog.
    ///
    /// # Errors
    /// As reading the query.
    pub(super) async fn analyzed(
        &self,
        context: ReadContext<'_>,
    ) -> Result<Arc<QueryAnalysis>, Error> {
        match self.analysis(context) {
            Ok(analysis) => Ok(analysis),
            Err(AnalyzeError::NotCacheable(error)) => Err(error),
            // In a box: a hit is not to move all that this may need.
            Err(AnalyzeError::CatalogNeeded(_)) => {
                Box::pin(self.analyze_with_catalog(context)).await
            }
        }
    }

    async fn analyze_with_catalog(
        &self,
        context: ReadContext<'_>,
    ) -> Result<Arc<QueryAnalysis>, Error> {
        let (source, scope): (&dyn Source, _) = match &context.executor {
            Executor::Cache(source) => (&***source, CatalogScope::Committed),
            Executor::Database(source) => (source, CatalogScope::Transaction),
        };
        let catalog = context.engine.catalog();
        catalog
            .analyze_with_catalog(self.entity, &self.statements, self.ttl(), source, scope)
            .await
    }

    /// What the engine is to be asked, unless this process has the answer.
    ///
    /// # Errors
    /// [`ErrorKind::Key`] if a parameter has a type that this build leaves out; [`ErrorKind::Query`] if the structure of the answer's type
    /// does not show.
    pub(in crate::repo) fn ask(
        self,
        context: ReadContext<'_>,
        analysis: &QueryAnalysis,
        glance: bool,
    ) -> Result<Glance, Error> {
        let engine = context.engine;
        let catalog = engine.catalog();
        let ttl = self.ttl();
        let mut options = self.options;
        if analysis.locks || catalog.binds_present_time(analysis, &self.statements, ttl) {
            options.get_or_insert_default().mode = Mode::Bypass;
        }
        let digest = match engine.is_passthrough() {
            true => Digest::default(),
            false => digest(&analysis.text, &self.statements, &self.name?)?,
        };
        let key = Key::query(analysis.entity, &digest);
        if glance
            && matches!(context.executor, Executor::Cache(_))
            && let Some(payload) =
                engine
                    .reader()
                    .l1()
                    .glance(analysis.entity, &key, options.as_deref())
        {
            return Ok(Glance::Hit(payload));
        }
        let query = Query {
            key,
            tags: catalog.tags(analysis, &self.statements[0]),
            statements: self.statements,
            plain: analysis.plain,
            result_shape: (self.result_shape)(),
            generation: analysis.generation,
        };
        let options = options.map(Arc::from);
        Ok(Glance::Ask(Ask::query(analysis.entity, query, options)))
    }
}

type OwnedMade = Box<dyn FnOnce() -> Option<ResultShape> + Send + Sync>;

/// What one look into this process's memory brings.
pub(in crate::repo) enum Glance {
    Hit(Payload),
    Ask(Ask),
}

/// What answers a query.
pub(in crate::repo) enum Found {
    Hit(Payload),
    Rows(Vec<Row>),
}

/// What is stored, or what is then to be stored.
pub(super) async fn find<M: FnOnce() -> Option<ResultShape>>(
    context: ReadContext<'_>,
    stored: Stored<M>,
) -> Result<Found, Error> {
    let analysis = stored.analyzed(context).await?;
    match stored.ask(context, &analysis, true)? {
        Glance::Hit(payload) => Ok(Found::Hit(payload)),
        // In a box: a hit is not to move all that a miss may need.
        Glance::Ask(ask) => Ok(Found::Rows(Box::pin(answer(context, ask)).await?)),
    }
}

impl Found {
    /// The value, if there is one.
    pub(in crate::repo) fn one<T: Any + Send + Sync>(self) -> Result<Option<Arc<T>>, Error> {
        let row = match self {
            Self::Hit(Payload::Row(row)) => Some(row),
            Self::Hit(_) => None,
            Self::Rows(rows) => rows.into_iter().next(),
        };
        row.map(typed::<T>).transpose()
    }

    /// The rows.
    pub(in crate::repo) fn all<T: Any + Send + Sync>(self) -> Result<Vec<Arc<T>>, Error> {
        match self {
            Self::Hit(Payload::Rows(rows)) => rows.iter().cloned().map(typed::<T>).collect(),
            Self::Hit(_) => Ok(Vec::new()),
            Self::Rows(rows) => rows.into_iter().map(typed::<T>).collect(),
        }
    }
}
