//! The connection: one, multiplexed, made anew when it breaks.

use super::{scripts, server};
use crate::port::StoreError;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use redis::aio::MultiplexedConnection;
use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, Pipeline, RedisError, ServerErrorKind, Value,
};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tracing::Instrument;

/// A connection that everybody shares.
#[derive(Clone)]
pub(super) struct Link(Arc<Inner>);

struct Inner {
    client: Client,
    config: AsyncConnectionConfig,
    /// The key of the namespace's epoch, where there is a namespace.
    epoch: Option<String>,
    state: Mutex<State>,
    /// How many connections were made.
    made: AtomicU64,
}

/// A connection, and which one of all that were made.
#[derive(Clone)]
struct Established {
    connection: MultiplexedConnection,
    number: u64,
    /// What an epoch that was made on this server ends with.
    mark: Arc<str>,
}

type Greeting = Shared<BoxFuture<'static, Result<Established, StoreError>>>;

/// Where the connection stands.
#[derive(Default)]
enum State {
    #[default]
    Apart,
    /// One attempt, which everybody waits for: a server that does not answer is not to be asked once for each call.
    Connecting(Greeting),
    Connected(Established),
}

/// Not the address: it may hold a password.
impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

impl Link {
    pub(super) fn new(
        client: Client,
        epoch: Option<String>,
        connect: Duration,
        call: Duration,
    ) -> Self {
        // A little before the guard gives up the call: only who waits to the end learns that the connection is of no use.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(connect))
            .set_response_timeout(Some(call.mul_f64(0.9)));
        Self(Arc::new(Inner {
            client,
            config,
            epoch,
            state: Mutex::default(),
            made: AtomicU64::new(0),
        }))
    }

    /// Runs a pipeline; one value for each command.
    pub(super) async fn run(&self, mut pipeline: Pipeline) -> Result<Vec<Value>, StoreError> {
        pipeline.ignore_errors();
        let mut made = self.connection().await?;
        let mut answer: Result<Vec<Value>, RedisError> =
            pipeline.query_async(&mut made.connection).await;
        if matches!(&answer, Ok(values) if has_unknown_script(values)) {
            // The server was restarted, or somebody flushed its scripts.
            answer = match load_scripts(&mut made.connection).await {
                Ok(()) => pipeline.query_async(&mut made.connection).await,
                Err(error) => Err(error),
            };
        }
        let values = answer.map_err(|error| self.lost(&made, &error))?;
        healthy(values).inspect_err(|error| self.leave(&made, error))
    }

    /// Where the server is, without user name and password.
    pub(super) fn address(&self) -> String {
        self.0.client.get_connection_info().addr().to_string()
    }

    /// What an epoch that is made now must end with: the mark of the server that is connected.
    pub(super) fn mark(&self) -> Arc<str> {
        match &*self.state() {
            State::Connected(made) => Arc::clone(&made.mark),
            State::Apart | State::Connecting(_) => Arc::default(),
        }
    }

    /// Runs one command that is no script: the way of a hit, without what a pipeline costs.
    pub(super) async fn ask(&self, command: &Cmd) -> Result<Value, StoreError> {
        let mut made = self.connection().await?;
        let answer = made.connection.send_packed_command(command).await;
        answer.map_err(|error| match error.kind() {
            ErrorKind::Server(kind) => {
                let refused = refused(Some(kind), error.code().unwrap_or_default());
                self.leave(&made, &refused);
                refused
            }
            _ => self.lost(&made, &error),
        })
    }

    /// Forgets a connection that is of no more use, and says what that means for the breaker.
    fn lost(&self, made: &Established, error: &RedisError) -> StoreError {
        if error.is_unrecoverable_error() || error.is_timeout() {
            self.forget(made);
        }
        if error.is_timeout() {
            StoreError::TimedOut
        } else {
            sick(error)
        }
    }

    /// A server that says that it is none to write to may be another one when it is asked again, or have other memories: it is
    /// to be greeted anew.
    fn leave(&self, made: &Established, error: &StoreError) {
        if matches!(error, StoreError::Lost(_)) {
            self.forget(made);
        }
    }

    fn forget(&self, made: &Established) {
        let mut state = self.state();
        // Of many calls that fail together, the last must not take away what the first has made anew.
        if matches!(&*state, State::Connected(present) if present.number == made.number) {
            *state = State::Apart;
        }
    }

    async fn connection(&self) -> Result<Established, StoreError> {
        let greeting = match &mut *self.state() {
            State::Connected(made) => return Ok(made.clone()),
            State::Connecting(greeting) => greeting.clone(),
            state @ State::Apart => {
                let link = self.clone();
                let greeting = async move { link.connect().await }.boxed().shared();
                // On a task of its own: a server that is far away may take longer to greet than a call may last.
                tokio::spawn(greeting.clone().in_current_span());
                *state = State::Connecting(greeting.clone());
                greeting
            }
        };
        greeting.await
    }

    async fn connect(&self) -> Result<Established, StoreError> {
        let made = self.greet().await.map_err(|error| sick(&error));
        *self.state() = match &made {
            Ok(made) => State::Connected(made.clone()),
            Err(_) => State::Apart,
        };
        made
    }

    /// Connects, and before anything else is asked makes sure that this server remembers what was written last (rule 11).
    async fn greet(&self) -> Result<Established, RedisError> {
        let inner = &*self.0;
        let made = inner
            .client
            .get_multiplexed_async_connection_with_config(&inner.config);
        let mut connection = made.await?;
        load_scripts(&mut connection).await?;
        let mark = match &inner.epoch {
            Some(epoch) => server::enrol(&mut connection, epoch).await?,
            None => Arc::default(),
        };
        Ok(Established {
            connection,
            number: inner.made.fetch_add(1, Ordering::Relaxed),
            mark,
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn load_scripts(connection: &mut MultiplexedConnection) -> Result<(), RedisError> {
    for script in scripts::all() {
        script.load_async(connection).await?;
    }
    Ok(())
}

fn has_unknown_script(values: &[Value]) -> bool {
    let unknown = Some(ServerErrorKind::NoScript);
    values
        .iter()
        .any(|value| matches!(value, Value::ServerError(error) if error.kind() == unknown))
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
        ) => StoreError::Lost(code.to_owned()),
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
    // What a server says may repeat what it was sent; what the operating system says does not.
    StoreError::Lost(match error.is_io_error() {
        true => error.to_string(),
        false => error.category().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_server_that_does_not_greet_is_asked_once_for_many_calls() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("bound");
        let client = Client::open(format!("redis://{address}/")).expect("an address");
        let link = Link::new(
            client,
            None,
            Duration::from_secs(60),
            Duration::from_secs(1),
        );
        let calls = (0..100).map(|_| {
            let link = link.clone();
            async move {
                let mut ping = redis::pipe();
                ping.cmd("PING");
                tokio::time::timeout(Duration::from_millis(20), link.run(ping)).await
            }
        });
        for call in futures_util::future::join_all(calls).await {
            assert!(call.is_err(), "nobody answers");
        }
        let (_first, _) = listener.accept().await.expect("one connection");
        let second = listener.accept().now_or_never();
        assert!(
            second.is_none(),
            "one attempt is under way, and nobody starts another"
        );
    }
}
