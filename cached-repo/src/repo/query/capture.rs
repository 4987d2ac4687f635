//! Connections without a database: one that finds out what SeaORM would ask, one that hands it an answer that is there already.

use async_trait::async_trait;
use futures_util::FutureExt;
use sea_orm::{ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use std::cell::RefCell;
use std::future::Future;
use std::sync::{Mutex, PoisonError};

/// Makes items of the database's answer.
pub(super) type Collect<T> = Box<dyn Fn(Vec<QueryResult>) -> Result<Vec<T>, DbErr> + Send + Sync>;

thread_local! {
    static ASKED: RefCell<Option<Statement>> = const { RefCell::new(None) };
}

/// A connection that answers nothing, and keeps what it was asked.
#[derive(Debug)]
pub struct Capture(DbBackend);

static MYSQL: Capture = Capture(DbBackend::MySql);
static POSTGRES: Capture = Capture(DbBackend::Postgres);
static SQLITE: Capture = Capture(DbBackend::Sqlite);

/// The one for this kind of database.
pub(super) fn capture(backend: DbBackend) -> &'static Capture {
    match backend {
        DbBackend::MySql => &MYSQL,
        DbBackend::Postgres => &POSTGRES,
        _ => &SQLITE,
    }
}

/// The first statement that the work sends to a [`Capture`]. It is sent at once: nothing has to be waited for.
///
/// # Errors
/// Whatever keeps the work from sending one.
pub(super) fn asked<T>(work: impl Future<Output = Result<T, DbErr>>) -> Result<Statement, DbErr> {
    ASKED.set(None);
    let failed = work.now_or_never().and_then(Result::err);
    ASKED
        .take()
        .ok_or_else(|| failed.unwrap_or_else(|| refuse("no statement was sent")))
}

fn refuse(reason: &str) -> DbErr {
    DbErr::Query(RuntimeErr::Internal(reason.to_owned()))
}

#[async_trait]
impl ConnectionTrait for Capture {
    fn get_database_backend(&self) -> DbBackend {
        self.0
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(refuse("a query does not write"))
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(refuse("a query does not write"))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        ASKED.set(Some(statement));
        Err(refuse("asked for the statement alone"))
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        ASKED.set(Some(statement));
        Err(refuse("asked for the statement alone"))
    }
}

/// A connection that answers the first query with these rows.
pub(super) struct Replay {
    backend: DbBackend,
    rows: Mutex<Vec<QueryResult>>,
}

impl Replay {
    pub(super) fn new(backend: DbBackend, rows: Vec<QueryResult>) -> Self {
        Self {
            backend,
            rows: Mutex::new(rows),
        }
    }
}

/// What the work makes of a [`Replay`]. Nothing has to be waited for.
///
/// # Errors
/// Its own.
pub(super) fn replayed<T>(work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    let made = work.now_or_never();
    made.unwrap_or_else(|| Err(refuse("a second query was sent")))
}

#[async_trait]
impl ConnectionTrait for Replay {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(refuse("a query does not write"))
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(refuse("a query does not write"))
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        Ok(self.query_all_raw(statement).await?.into_iter().next())
    }

    async fn query_all_raw(&self, _: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(std::mem::take(&mut rows))
    }
}
