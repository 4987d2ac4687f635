//! Cache-aside as tutorials teach it: GET; on a miss SELECT, then SET with a lifetime; after a write DEL.
//!
//! It is stale, which shows that the checker can see.

use super::aside::{Aside, KeyedCache, LIFETIME, LIMIT, Load};
use super::subject::{Building, Place};
use async_trait::async_trait;
use redis::aio::MultiplexedConnection;
use redis::{AsyncCommands, AsyncConnectionConfig, RedisError};
use sea_orm::DbErr;
use tokio::sync::Mutex;

/// Redis, by its commands.
pub struct HandWritten {
    client: redis::Client,
    /// None after an error: the next call connects anew.
    connection: Mutex<Option<MultiplexedConnection>>,
}

impl std::fmt::Debug for HandWritten {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HandWritten").finish_non_exhaustive()
    }
}

impl HandWritten {
    /// Builds one; see [`Subjects`](super::Subjects).
    #[must_use]
    pub fn build(place: Place) -> Building {
        Box::pin(async move {
            let client = redis::Client::open(place.redis()?).map_err(|error| error.to_string())?;
            let connection = Mutex::new(None);
            Aside::subject(place, Self { client, connection }).await
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

    async fn get(&self, key: &str) -> Option<String> {
        let got: Result<Option<String>, _> = match self.connection().await {
            Ok(mut connection) => connection.get(key).await,
            Err(error) => Err(error),
        };
        self.settle(got).await?
    }

    async fn set(&self, key: &str, answer: &str) {
        let set: Result<(), _> = match self.connection().await {
            Ok(mut connection) => connection.set_ex(key, answer, LIFETIME.as_secs()).await,
            Err(error) => Err(error),
        };
        self.settle(set).await;
    }
}

#[async_trait]
impl KeyedCache for HandWritten {
    async fn answer(&self, key: &str, load: Load) -> Result<String, DbErr> {
        if let Some(answer) = self.get(key).await {
            return Ok(answer);
        }
        let answer = load.run().await?;
        self.set(key, &answer).await;
        Ok(answer)
    }

    async fn invalidate(&self, keys: &[String]) {
        let deleted: Result<(), _> = match self.connection().await {
            Ok(mut connection) => connection.del(keys).await,
            Err(error) => Err(error),
        };
        self.settle(deleted).await;
    }
}
