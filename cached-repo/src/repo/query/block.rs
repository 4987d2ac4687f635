//! Cached blocks: any number of reads, under one key.

use super::ask::{Stored, find, unanswered};
use super::digest::put_values;
use super::form::{Form as _, Plain, form};
use super::labels::Labels;
use super::parameters::BlockAnswer;
use crate::engine::{
    AnalyzeError, Block, CatalogScope, Engine, Gathered, Mode, Options, Producer, ResultShape,
    SharedSource, TtlFrom,
};
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::port::Form;
use crate::receipt::Receipt;
use crate::repo::find::options;
use crate::repo::read_context::ReadContext;
use crate::repo::tag::IntoTag;
use crate::schema::Row;
use crate::wire::put_slice;
use crate::write_token::WriteToken;
use async_trait::async_trait;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, pending};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value};
use std::fmt;
use std::future::{Future, IntoFuture, poll_fn};
use std::panic::Location;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

/// A block of reads that the cache answers: [`CachedRepo::read_cached`](crate::CachedRepo::read_cached).
#[must_use = "a block is not read until it is awaited"]
pub struct CachedBlock<'r, F> {
    context: ReadContext<'r>,
    source: &'r SharedSource,
    labels: &'r Labels,
    place: &'static Location<'static>,
    label: String,
    parameters: Vec<Value>,
    block: F,
    /// Of the answer. Found where the block is given, so that an answer that cannot be stored is reported there, and not at `.await`.
    form: Form,
    /// Appends the name of the form.
    name: fn(&mut Vec<u8>) -> Result<(), Error>,
    options: Option<Box<Options>>,
}

/// Not the parameters: they are user data.
impl<F> fmt::Debug for CachedBlock<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedBlock")
            .field("label", &self.label)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<'r, F> CachedBlock<'r, F> {
    /// A block whose label belongs to this place in the program.
    pub(in crate::repo) fn new<Fut, T>(
        context: ReadContext<'r>,
        source: &'r SharedSource,
        labels: &'r Labels,
        (place, label): (&'static Location<'static>, String),
        parameters: Vec<Value>,
        block: F,
    ) -> Self
    where
        F: Fn(BlockReader) -> Fut,
        Fut: Future<Output = Result<T, DbErr>>,
        T: BlockAnswer,
    {
        Self {
            form: form::<Plain<T>>(),
            name: Plain::<T>::name,
            context,
            source,
            labels,
            place,
            label,
            parameters,
            block,
            options: None,
        }
    }

    options!();

    pub(in crate::repo) fn set_options(&mut self, options: Option<Options>) {
        self.options = options.map(Box::new);
    }
}

impl<'r, F, Fut, T> IntoFuture for CachedBlock<'r, F>
where
    F: Fn(BlockReader) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, DbErr>> + Send + 'static,
    T: Send + Sync + 'static,
{
    type Output = Result<Arc<T>, Error>;
    type IntoFuture = BoxFuture<'r, Result<Arc<T>, Error>>;

    fn into_future(self) -> Self::IntoFuture {
        self.read().boxed()
    }
}

impl<F, Fut, T> CachedBlock<'_, F>
where
    F: Fn(BlockReader) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, DbErr>> + Send + 'static,
    T: Send + Sync + 'static,
{
    /// The lifetime of the entry by the answer of the block. Zero stores nothing. It is asked when the answer is stored.
    pub fn ttl_from(mut self, ttl: impl Fn(&T) -> Duration + Send + Sync + 'static) -> Self {
        let of = move |found: &[Row]| Some(ttl(found.first()?.downcast_ref::<T>()?));
        self.options_mut().ttl_from = Some(TtlFrom(Arc::new(of)));
        self
    }

    async fn read(self) -> Result<Arc<T>, Error> {
        self.labels.check(&self.label, self.place)?;
        let engine = self.context.engine;
        let ttl = self.options.as_ref().and_then(|options| options.ttl);
        let first = first_statement(&self.block, engine).await?;
        let mut name = b"block".to_vec();
        put_slice(&mut name, self.label.as_bytes());
        put_values(&self.parameters, &mut name)?;
        let named = (self.name)(&mut name);
        let (block, source, form) = (self.block, self.source, self.form);
        let question = Stored {
            entity: None,
            statements: vec![first],
            options: self.options,
            name: named.map(|()| name),
            result_shape: || {
                let row = |answer: T| Some(Arc::new(answer) as Row);
                let block = gather(Arc::clone(engine), Arc::clone(source), ttl, block, row);
                let producer = Producer::Block(block);
                Some(ResultShape { form, producer })
            },
        };
        let found = find(self.context, question).await?.one::<T>()?;
        found.ok_or_else(unanswered)
    }
}

/// Runs the block until it sends its first statement, and no further.
pub(super) async fn first_statement<F, Fut, T>(
    block: &F,
    engine: &Arc<Engine>,
) -> Result<Statement, Error>
where
    F: Fn(BlockReader) -> Fut,
    Fut: Future<Output = Result<T, DbErr>> + Send,
{
    let reader = BlockReader::new(engine, None, None);
    let mut running = Box::pin(block(reader.clone()));
    let ended = poll_fn(|context| {
        let ended = running.as_mut().poll(context);
        match lock(&reader.0.seen).first.is_some() {
            true => Poll::Ready(None),
            false => ended.map(Some),
        }
    });
    match ended.await {
        Some(Err(error)) => Err(reader.error().unwrap_or_else(|| error.into())),
        Some(Ok(_)) => Err(reader.error().unwrap_or_else(|| {
            Error::new(
                ErrorKind::Query,
                "a cached block has read nothing through the connection that it was given, so that no write would ever end it",
            )
        })),
        None => {
            let first = lock(&reader.0.seen).first.take();
            first.ok_or_else(|| Error::new(ErrorKind::Internal, "a statement was seen and is gone"))
        }
    }
}

/// The block as the engine runs it on a miss; `row` makes of its answer what is stored.
pub(super) fn gather<F, Fut, T>(
    engine: Arc<Engine>,
    source: SharedSource,
    ttl: Option<Duration>,
    block: F,
    row: impl Fn(T) -> Option<Row> + Copy + Send + Sync + 'static,
) -> Arc<Block>
where
    F: Fn(BlockReader) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, DbErr>> + Send + 'static,
    T: Send + 'static,
{
    Arc::new(move || {
        let reader = BlockReader::new(&engine, Some(Arc::clone(&source)), ttl);
        let running = block(reader.clone());
        async move {
            let answer = running.await;
            // Even if the block has gone on in spite of it.
            if let Some(error) = reader.error() {
                return Err(error);
            }
            let mut seen = lock(&reader.0.seen);
            Ok(Gathered {
                value: row(answer?),
                tags: std::mem::take(&mut seen.tags),
                passing: seen.passing,
            })
        }
        .boxed()
    })
}

/// The connection of a cached block: it reads the database, and what it reads is noted.
#[derive(Clone)]
pub struct BlockReader(Arc<Reader>);

struct Reader {
    engine: Arc<Engine>,
    /// `None` while nothing but the first statement is asked for.
    source: Option<SharedSource>,
    ttl: Option<Duration>,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    first: Option<Statement>,
    tags: Vec<Key>,
    /// Whether a value of a statement means the present.
    passing: bool,
    error: Option<Error>,
}

impl fmt::Debug for BlockReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlockReader").finish_non_exhaustive()
    }
}

impl BlockReader {
    fn new(engine: &Arc<Engine>, source: Option<SharedSource>, ttl: Option<Duration>) -> Self {
        Self(Arc::new(Reader {
            engine: Arc::clone(engine),
            source,
            ttl,
            seen: Mutex::default(),
        }))
    }

    fn error(&self) -> Option<Error> {
        lock(&self.0.seen).error.clone()
    }

    fn refuse<T>(&self, error: Error) -> Result<T, DbErr> {
        lock(&self.0.seen)
            .error
            .get_or_insert_with(|| error.clone());
        Err(error.into())
    }

    /// Notes what the statement reads.
    async fn note(&self, statement: &Statement, source: &SharedSource) -> Result<(), Error> {
        let (catalog, ttl) = (self.0.engine.catalog(), self.0.ttl);
        let statements = std::slice::from_ref(statement);
        let analysis = match catalog.analyze(None, statements, ttl) {
            Ok(analysis) => analysis,
            Err(AnalyzeError::NotCacheable(error)) => return Err(error),
            Err(AnalyzeError::CatalogNeeded(_)) => {
                let (source, scope) = (&**source, CatalogScope::Committed);
                catalog
                    .analyze_with_catalog(None, statements, ttl, source, scope)
                    .await?
            }
        };
        if analysis.locks {
            return Err(Error::new(
                ErrorKind::Query,
                "a cached block must not lock rows: do that in a transaction",
            ));
        }
        let tags = catalog.tags(&analysis, statement);
        let mut seen = lock(&self.0.seen);
        seen.passing |= catalog.binds_present_time(&analysis, statements, ttl);
        for tag in tags.iter() {
            if !seen.tags.contains(tag) {
                seen.tags.push(tag.clone());
            }
        }
        Ok(())
    }
}

fn writes() -> Error {
    Error::new(
        ErrorKind::Query,
        "a cached block must not write: it runs only when the cache has no answer",
    )
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

#[async_trait]
impl ConnectionTrait for BlockReader {
    fn get_database_backend(&self) -> DbBackend {
        self.0.engine.backend()
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        self.refuse(writes())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        self.refuse(writes())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        if !self.0.engine.catalog().is_read(&statement.sql) {
            return self.refuse(writes());
        }
        let Some(source) = &self.0.source else {
            lock(&self.0.seen).first.get_or_insert(statement);
            return pending().await;
        };
        match self.note(&statement, source).await {
            Ok(()) => source.query(statement).await,
            Err(error) => self.refuse(error),
        }
    }
}
