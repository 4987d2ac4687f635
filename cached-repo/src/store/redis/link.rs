//! The connection: one, multiplexed, made anew when it breaks.

use super::scripts;
use crate::port::StoreError;
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, Pipeline, RedisError, ServerErrorKind, Value,
};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// A connection that everybody shares.
#[derive(Clone)]
pub(super) struct Link(Arc<Shared>);

struct Shared {
    client: Client,
    config: AsyncConnectionConfig,
    current: Mutex<Option<MultiplexedConnection>>,
    /// One reconnection at a time.
    connecting: tokio::sync::Mutex<()>,
}

/// Not the address: it may hold a password.
impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

impl Link {
    pub(super) fn new(client: Client, connect: Duration, call: Duration) -> Self {
        // A little before the guard gives up the call: only who waits to the end learns that the connection is of no use.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(connect))
            .set_response_timeout(Some(call.mul_f64(0.9)));
        Self(Arc::new(Shared {
            client,
            config,
            current: Mutex::new(None),
            connecting: tokio::sync::Mutex::new(()),
        }))
    }

    /// Runs a pipeline; one value for each command.
    pub(super) async fn run(&self, mut pipeline: Pipeline) -> Result<Vec<Value>, StoreError> {
        pipeline.ignore_errors();
        let mut connection = self.connection().await?;
        let values = self.attempt(&mut connection, &pipeline).await?;
        if !values.iter().any(is_unknown_script) {
            return healthy(values);
        }
        // The server was restarted, or somebody flushed its scripts.
        self.load_scripts(&mut connection).await?;
        healthy(self.attempt(&mut connection, &pipeline).await?)
    }

    /// Runs one command that is no script: the way of a hit, without what a pipeline costs.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, StoreError> {
        let mut connection = self.connection().await?;
        let answer = connection.send_packed_command(command).await;
        answer.map_err(|error| match error.kind() {
            ErrorKind::Server(kind) => refused(Some(kind), error.code().unwrap_or_default()),
            _ => self.lost(&error),
        })
    }

    async fn attempt(
        &self,
        connection: &mut MultiplexedConnection,
        pipeline: &Pipeline,
    ) -> Result<Vec<Value>, StoreError> {
        let answer: Result<Vec<Value>, RedisError> = pipeline.query_async(connection).await;
        answer.map_err(|error| self.lost(&error))
    }

    /// Forgets a connection that is of no more use, and says what that means for the breaker.
    fn lost(&self, error: &RedisError) -> StoreError {
        if error.is_unrecoverable_error() || error.is_timeout() {
            self.slot().take();
        }
        if error.is_timeout() {
            StoreError::TimedOut
        } else {
            sick(error)
        }
    }

    async fn load_scripts(&self, connection: &mut MultiplexedConnection) -> Result<(), StoreError> {
        for script in scripts::all() {
            script
                .load_async(connection)
                .await
                .map_err(|error| self.lost(&error))?;
        }
        Ok(())
    }

    async fn connection(&self) -> Result<MultiplexedConnection, StoreError> {
        if let Some(connection) = self.slot().clone() {
            return Ok(connection);
        }
        // On a task of its own: a server that is far away may take longer to greet than a call may last.
        let link = self.clone();
        tokio::spawn(async move { link.connect().await })
            .await
            .unwrap_or(Err(StoreError::Away))
    }

    async fn connect(&self) -> Result<MultiplexedConnection, StoreError> {
        let _one = self.0.connecting.lock().await;
        if let Some(connection) = self.slot().clone() {
            return Ok(connection);
        }
        let made = self
            .0
            .client
            .get_multiplexed_async_connection_with_config(&self.0.config)
            .await;
        let mut connection = made.map_err(|error| sick(&error))?;
        self.load_scripts(&mut connection).await?;
        *self.slot() = Some(connection.clone());
        Ok(connection)
    }

    fn slot(&self) -> std::sync::MutexGuard<'_, Option<MultiplexedConnection>> {
        self.0
            .current
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_unknown_script(value: &Value) -> bool {
    matches!(value, Value::ServerError(error) if error.kind() == Some(ServerErrorKind::NoScript))
}

/// The values, unless the server has answered a command with an error.
fn healthy(values: Vec<Value>) -> Result<Vec<Value>, StoreError> {
    let error = values.iter().find_map(|value| match value {
        Value::ServerError(error) => Some(error),
        _ => None,
    });
    match error {
        None => Ok(values),
        Some(error) => Err(refused(error.kind(), error.code())),
    }
}

/// What it means that the server answers with an error.
fn refused(kind: Option<ServerErrorKind>, code: &str) -> StoreError {
    match kind {
        Some(
            ServerErrorKind::BusyLoading | ServerErrorKind::MasterDown | ServerErrorKind::ReadOnly,
        ) => StoreError::Away,
        // The detail may hold keys; the code says enough.
        _ => StoreError::Failed(format!("the store answered with the error {code}")),
    }
}

/// A connection that cannot be made, or that broke, is a store that is away; so is one that refuses our credentials, and the
/// message says which.
fn sick(error: &RedisError) -> StoreError {
    if error.kind() == ErrorKind::AuthenticationFailed {
        tracing::error!("the store refuses the user name or password");
    }
    StoreError::Away
}
