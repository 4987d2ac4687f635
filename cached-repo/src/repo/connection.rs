//! SeaORM's connections behind the engine's ports.

use super::run::{done, rows, run};
use super::shared_transaction::SharedTransaction;
use super::to_end::to_end;
use crate::engine::{Connection, Engine, OwnTransaction, Ran, Run, Runner, Sessions};
use crate::port::Source;
use async_trait::async_trait;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    ExecResult, IsolationLevel, QueryResult, SqliteTransactionMode, Statement, TransactionOptions,
    TransactionTrait,
};
use std::sync::Arc;

/// The user's connection, usually a pool.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    database: DatabaseConnection,
    sessions: Arc<Sessions>,
}

impl Pool {
    pub(super) fn new(database: DatabaseConnection, engine: &Engine) -> Self {
        Self {
            database,
            sessions: Arc::clone(engine.sessions()),
        }
    }
}

/// A transaction that the user holds.
pub(super) struct Open<'a>(pub(super) &'a SharedTransaction);

/// Who answers reads that leave the cache alone: a transaction, or the connection of a repo that passes everything through.
#[derive(Clone, Copy)]
pub(crate) enum Uncached<'a> {
    Transaction(&'a SharedTransaction),
    Connection(&'a DatabaseConnection),
}

impl Uncached<'_> {
    async fn run(self, statement: Run) -> Result<Ran, DbErr> {
        match self {
            Self::Transaction(transaction) => transaction.run(statement).await,
            Self::Connection(connection) => run(connection, statement).await,
        }
    }
}

#[async_trait]
impl Source for Uncached<'_> {
    async fn query(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(rows(self.run(Run::Query(statement)).await?))
    }
}

#[async_trait]
impl ConnectionTrait for Uncached<'_> {
    fn get_database_backend(&self) -> DbBackend {
        match self {
            Self::Transaction(transaction) => transaction.get().get_database_backend(),
            Self::Connection(connection) => connection.get_database_backend(),
        }
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        done(self.run(Run::Execute(statement)).await?)
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        done(self.run(Run::Unprepared(sql.to_owned())).await?)
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let found = rows(self.run(Run::QueryOne(statement)).await?);
        Ok(found.into_iter().next())
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.query(statement).await
    }
}

/// A transaction that the engine ends.
pub(super) struct Own(pub(super) SharedTransaction);

/// Begins a transaction, to its end.
///
/// sqlx 0.9 does not support that `begin` is dropped halfway: the connection goes back to the pool with the transaction open, and what is
/// written over it afterwards is never committed. A transaction that is begun and not wanted any more is rolled back.
pub(super) async fn begun(
    begin: impl Future<Output = Result<DatabaseTransaction, DbErr>> + Send + 'static,
) -> Result<SharedTransaction, DbErr> {
    Ok(SharedTransaction::new(to_end(begin).await?))
}

#[async_trait]
impl Source for Pool {
    async fn query(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.database.query_all_raw(statement).await
    }

    async fn query_together(
        &self,
        mut statements: Vec<Statement>,
    ) -> Result<Vec<Vec<QueryResult>>, DbErr> {
        if statements.len() == 1
            && let Some(only) = statements.pop()
        {
            return Ok(vec![self.query(only).await?]);
        }
        if self.sessions.is_open() {
            // Within that transaction, if it is of this connection; none other could be begun.
            let mut answers = Vec::with_capacity(statements.len());
            for statement in statements {
                answers.push(self.query(statement).await?);
            }
            return Ok(answers);
        }
        // A transaction of SQLite sees one state from its first read on, whatever it is asked for.
        let database = self.database.clone();
        let snapshot = async move {
            match database.get_database_backend() {
                DbBackend::Sqlite => database.begin().await,
                _ => {
                    let (level, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
                    database.begin_with_config(Some(level), Some(access)).await
                }
            }
        };
        let snapshot = begun(snapshot).await?;
        let answers = Open(&snapshot).query_together(statements).await?;
        snapshot.commit().await?;
        Ok(answers)
    }
}

#[async_trait]
impl Runner for Pool {
    async fn run(&self, statement: Run) -> Result<Ran, DbErr> {
        run(&self.database, statement).await
    }
}

#[async_trait]
impl Connection for Pool {
    async fn begin(&self) -> Result<Box<dyn OwnTransaction>, DbErr> {
        // On SQLite a transaction that reads first may find that it can write no more: it begins as a writer.
        let options = TransactionOptions {
            sqlite_transaction_mode: (self.database.get_database_backend() == DbBackend::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..Default::default()
        };
        let database = self.database.clone();
        let begin = async move { database.begin_with_options(options).await };
        Ok(Box::new(Own(begun(begin).await?)))
    }
}

#[async_trait]
impl Source for Open<'_> {
    async fn query(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(rows(self.0.run(Run::Query(statement)).await?))
    }
}

#[async_trait]
impl Runner for Open<'_> {
    async fn run(&self, statement: Run) -> Result<Ran, DbErr> {
        self.0.run(statement).await
    }
}

#[async_trait]
impl Source for Own {
    async fn query(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(rows(self.0.run(Run::Query(statement)).await?))
    }
}

#[async_trait]
impl Runner for Own {
    async fn run(&self, statement: Run) -> Result<Ran, DbErr> {
        self.0.run(statement).await
    }
}

#[async_trait]
impl OwnTransaction for Own {
    fn runner(&self) -> &dyn Runner {
        self
    }

    async fn commit(self: Box<Self>) -> Result<(), DbErr> {
        self.0.commit().await
    }

    async fn rollback(self: Box<Self>) -> Result<(), DbErr> {
        self.0.rollback().await
    }
}
