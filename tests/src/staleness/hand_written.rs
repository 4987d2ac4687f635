//! Cache-aside as tutorials teach it: GET; on a miss SELECT, then SET with a lifetime; after a write DEL.
//!
//! It forgets no key: old and new lookups, partitions and dependents all go. It is stale all the same, which shows that the checker
//! can see.

use super::apply::apply;
use super::history::{Hits, Outcome, decode_rows, encode_rows};
use super::model::{Kind, PETS, Question, Row, State};
use super::plan::{Change, Plan};
use super::subject::{Building, Place, Stumble, Subject};
use super::tables;
use async_trait::async_trait;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig, RedisError};
use sea_orm::DatabaseConnection;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::Mutex;

/// Lifetime of an entry in seconds.
const LIFETIME: u64 = 60;
/// Time limit of one call to Redis.
const LIMIT: Duration = Duration::from_millis(500);

/// Cache-aside by hand.
pub struct HandWritten {
    db: DatabaseConnection,
    client: redis::Client,
    /// None after an error: the next call connects anew.
    connection: Mutex<Option<MultiplexedConnection>>,
    namespace: String,
    stumble: Stumble,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl std::fmt::Debug for HandWritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HandWritten")
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

impl HandWritten {
    /// Builds one; see [`Subjects`](super::Subjects).
    #[must_use]
    pub fn build(place: Place) -> Building {
        Box::pin(async move {
            let url = place
                .store
                .ok_or("`--subject hand-written` needs `--store redis`")?;
            let db = tables::connect(&place.database)
                .await
                .map_err(|error| error.to_string())?;
            let client = redis::Client::open(url).map_err(|error| error.to_string())?;
            Ok(Box::new(Self {
                db,
                client,
                connection: Mutex::new(None),
                namespace: place.namespace,
                stumble: Stumble(place.options.stumble),
                hits: AtomicU64::new(0),
                misses: AtomicU64::new(0),
            }) as Box<dyn Subject>)
        })
    }

    async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(LIMIT))
            .set_response_timeout(Some(LIMIT));
        let new = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        Ok(connection.insert(new).clone())
    }

    /// What came of a call; an error drops the connection, and costs no more than the cache.
    async fn settle<T>(&self, result: Result<T, RedisError>) -> Option<T> {
        if result.is_err() {
            *self.connection.lock().await = None;
        }
        result.ok()
    }

    async fn get(&self, key: &str) -> Option<Vec<Row>> {
        let got: Result<Option<String>, _> = match self.connection().await {
            Ok(mut connection) => connection.get(key).await,
            Err(error) => Err(error),
        };
        decode_rows(&self.settle(got).await??).ok()
    }

    async fn set(&self, key: &str, rows: &[Row]) {
        let set: Result<(), _> = match self.connection().await {
            Ok(mut connection) => connection.set_ex(key, encode_rows(rows), LIFETIME).await,
            Err(error) => Err(error),
        };
        self.settle(set).await;
    }

    async fn delete(&self, keys: &[String]) {
        let deleted: Result<(), _> = match self.connection().await {
            Ok(mut connection) => connection.del(keys).await,
            Err(error) => Err(error),
        };
        self.settle(deleted).await;
    }

    fn key(&self, question: &Question) -> String {
        format!("{}:{question}", self.namespace)
    }
}

#[async_trait]
impl Subject for HandWritten {
    async fn read(&self, question: &Question) -> Result<Vec<Row>, String> {
        if let Question::Counters(indexes) = question {
            let mut rows = Vec::new();
            for index in indexes {
                rows.extend(self.read(&Question::Counter(*index)).await?);
            }
            return Ok(rows);
        }
        let key = self.key(question);
        if let Some(rows) = self.get(&key).await {
            self.hits.fetch_add(1, Ordering::Relaxed);
            return Ok(rows);
        }
        self.misses.fetch_add(1, Ordering::Relaxed);
        let rows = tables::load(&self.db, question)
            .await
            .map_err(|error| error.to_string())?;
        self.stumble.here().await;
        self.set(&key, &rows).await;
        Ok(rows)
    }

    async fn write(&self, plan: &Plan) -> Result<Outcome, String> {
        if !apply(&self.db, plan)
            .await
            .map_err(|error| error.to_string())?
        {
            return Ok(Outcome::RolledBack);
        }
        self.stumble.here().await;
        let questions = plan.changes.iter().flat_map(affected);
        let keys: Vec<_> = questions.map(|question| self.key(&question)).collect();
        self.delete(&keys).await;
        Ok(Outcome::Committed)
    }

    fn hits(&self) -> Vec<Hits> {
        vec![Hits {
            entity: "all".to_owned(),
            hits: self.hits.load(Ordering::Relaxed),
            others: self.misses.load(Ordering::Relaxed),
        }]
    }
}

/// The questions whose answers a change makes wrong.
fn affected(change: &Change) -> Vec<Question> {
    let index = change.touch.slot.index;
    match change.touch.slot.kind {
        Kind::Counter => vec![Question::Counter(index)],
        Kind::Account => {
            let of = |state: State| {
                [
                    Question::Login(index, state.login),
                    Question::Team(state.team),
                ]
            };
            let mut questions = vec![Question::Account(index)];
            questions.extend(of(change.before));
            questions.extend(of(change.touch.state));
            questions
        }
        Kind::Trunk => vec![
            Question::Trunk(index),
            Question::Branch(index),
            Question::Leaf(index),
        ],
        Kind::Keeper => {
            let pets = index * PETS..(index + 1) * PETS;
            let collars = pets.start * PETS..pets.end * PETS;
            let mut questions = vec![Question::Keeper(index), Question::Pets(index)];
            questions.extend(pets.map(Question::Pet));
            questions.extend(collars.map(Question::Collar));
            questions
        }
    }
}
