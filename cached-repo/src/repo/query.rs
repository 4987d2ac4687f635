//! Cached queries: the typed shell.

use super::desk::Serves;
use super::find::{answer, options};
use crate::codec::encode_value;
use crate::engine::{Ask, Mode, Options, Query, What};
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::schema::{CachedEntity, Row, typed};
use crate::write_token::WriteToken;
use sea_orm::{DbBackend, QuerySelect, QueryTrait, Select, Statement};
use sha2::{Digest, Sha256};
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

/// Raise it when the form of a digest changes: older entries are then not found any more.
const VERSION: u8 = 1;
/// Bytes of a digest: two queries that share one are not to be found.
const DIGEST: usize = 16;

/// `.cached()` on SeaORM's queries.
pub trait CachedQuery<E: CachedEntity>: Sized {
    /// The same query, answered by the cache. It is stored as a whole, under its SQL and its parameters, and goes with every
    /// write to any table that it reads.
    fn cached(self) -> FindQuery<E>;
}

impl<E: CachedEntity> CachedQuery<E> for Select<E> {
    fn cached(self) -> FindQuery<E> {
        FindQuery {
            select: self,
            options: None,
        }
    }
}

/// A cached query: `Order::find().filter(..).cached()`.
#[must_use = "a query does nothing until `.all(&repo).await` or `.one(&repo).await`"]
pub struct FindQuery<E: CachedEntity> {
    select: Select<E>,
    options: Option<Box<Options>>,
}

/// Not the query: it holds user data.
impl<E: CachedEntity> fmt::Debug for FindQuery<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FindQuery")
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<E: CachedEntity> FindQuery<E> {
    options!();

    /// All rows, in the order of the query. One that locks rows (`FOR UPDATE`) is answered by the database.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the query cannot be cached, before anything is asked;
    /// [`ErrorKind::Key`](crate::ErrorKind::Key) if a parameter has a type that this build leaves out;
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if it had to be asked and failed. The store causes none.
    ///
    /// # Cancellation
    /// Dropping the future abandons nothing: a load that has begun goes on for others.
    pub fn all<R: Serves<E>>(
        self,
        repo: &R,
    ) -> impl Future<Output = Result<Vec<Arc<E::Model>>, Error>> + Send + use<'_, E, R> {
        let rows = self.rows(repo);
        async move { rows.await?.into_iter().map(typed::<E::Model>).collect() }
    }

    /// The first row, or `None` if there is none.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    ///
    /// # Cancellation
    /// As [`all`](Self::all).
    pub fn one<R: Serves<E>>(
        mut self,
        repo: &R,
    ) -> impl Future<Output = Result<Option<Arc<E::Model>>, Error>> + Send + use<'_, E, R> {
        self.select = self.select.limit(1);
        let rows = self.rows(repo);
        async move {
            rows.await?
                .into_iter()
                .next()
                .map(typed::<E::Model>)
                .transpose()
        }
    }

    fn rows<R: Serves<E>>(
        self,
        repo: &R,
    ) -> impl Future<Output = Result<Vec<Row>, Error>> + Send + use<'_, E, R> {
        let desk = repo.desk();
        let statement = self.select.build(desk.engine.backend);
        let mut options = self.options.map(|options| *options).unwrap_or_default();
        async move {
            let basis = desk.engine.basis(R::ENTITY, &statement.sql, options.ttl)?;
            if basis.locks {
                options.mode = Mode::Bypass;
            }
            let ask = Ask {
                entity: R::ENTITY,
                what: What::Query,
                values: Vec::new(),
                query: Some(Arc::new(Query {
                    key: Key::query(R::ENTITY, &digest(&statement)?),
                    statement,
                    tags: basis.tags,
                })),
                options,
            };
            answer(desk, ask).await
        }
    }
}

/// What names a query: SHA-256, cut to 16 bytes, of the version, the backend, the SQL with its length, and each parameter in the
/// form in which rows are stored.
fn digest(statement: &Statement) -> Result<[u8; DIGEST], Error> {
    let backend = match statement.db_backend {
        DbBackend::MySql => 0,
        DbBackend::Postgres => 1,
        DbBackend::Sqlite => 2,
        _ => 3,
    };
    let mut bytes = vec![VERSION, backend];
    bytes.extend_from_slice(&(statement.sql.len() as u64).to_le_bytes());
    bytes.extend_from_slice(statement.sql.as_bytes());
    for value in statement.values.iter().flat_map(|values| &values.0) {
        encode_value(value, &mut bytes).map_err(|error| {
            Error::new(
                ErrorKind::Key,
                "a parameter of the query cannot be part of a key",
            )
            .caused_by(error)
        })?;
    }
    let hash = Sha256::digest(&bytes);
    let mut digest = [0; DIGEST];
    digest.copy_from_slice(&hash[..DIGEST]);
    Ok(digest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::Value;

    fn of(backend: DbBackend, sql: &str, values: Vec<Value>) -> String {
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let digest = digest(&statement).expect("all types are built in");
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_stable() {
        // Other programs hold entries under these: a change here needs another version.
        let sql = "SELECT * FROM orders WHERE customer_id = ?";
        let values = || vec![Value::from(7_i64)];
        assert_eq!(
            of(DbBackend::Sqlite, sql, values()),
            "b08ad1d0440347a1bd6feebbdfb2d6d4"
        );
        assert_eq!(
            of(
                DbBackend::Postgres,
                sql,
                vec![Value::from("a"), Value::Int(None)]
            ),
            "a7a09f9a640363780df123b9c58fdcc3"
        );
    }

    #[test]
    fn whatever_makes_another_query_makes_another_digest() {
        let sql = "SELECT 1";
        let mut all = vec![
            of(DbBackend::Sqlite, sql, vec![]),
            of(DbBackend::MySql, sql, vec![]),
            of(DbBackend::Sqlite, "SELECT 2", vec![]),
            of(DbBackend::Sqlite, sql, vec![1_i32.into()]),
            of(DbBackend::Sqlite, sql, vec![1_i64.into()]),
            of(DbBackend::Sqlite, sql, vec![Value::Int(None)]),
            of(DbBackend::Sqlite, sql, vec!["ab".into(), "c".into()]),
            of(DbBackend::Sqlite, sql, vec!["a".into(), "bc".into()]),
            of(DbBackend::Sqlite, sql, vec!["1".into()]),
            of(DbBackend::Sqlite, sql, vec![1.0_f64.into()]),
        ];
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
    }
}
