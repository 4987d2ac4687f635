//! What is told on a channel of the server.

use redis::aio::{MultiplexedConnection, SendError};
use redis::{AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, PushKind, Value};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// Told after everything that is asked for: no message has these bytes.
const END: &[u8] = b"\0end";

/// A channel, and one who listens.
pub(super) struct Channel {
    name: String,
    /// It brings messages for as long as it lives.
    _connection: MultiplexedConnection,
    messages: UnboundedReceiver<Vec<u8>>,
}

impl Channel {
    pub(super) async fn new(name: String) -> Self {
        let (sender, messages) = unbounded_channel();
        let push = move |push: PushInfo| {
            if let (PushKind::Message, [_, Value::BulkString(body)]) = (push.kind, &*push.data) {
                sender.send(body.clone()).map_err(|_| SendError)?;
            }
            Ok::<(), SendError>(())
        };
        let config = AsyncConnectionConfig::new().set_push_sender(push);
        let client = client();
        let connection = client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = connection.await.unwrap();
        connection.subscribe(&name).await.unwrap();
        Self {
            name,
            _connection: connection,
            messages,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What was told since the last time. The server tells in order: behind the end comes nothing that was told before.
    pub(super) async fn heard(&mut self, connection: &mut MultiplexedConnection) -> Vec<Vec<u8>> {
        let mut end = redis::cmd("PUBLISH");
        let heard: i64 = end
            .arg(&self.name)
            .arg(END)
            .query_async(connection)
            .await
            .unwrap();
        assert_eq!(heard, 1, "one listens");
        let mut messages = Vec::new();
        loop {
            let message = self.messages.recv().await.unwrap();
            if message == END {
                return messages;
            }
            messages.push(message);
        }
    }
}

fn client() -> Client {
    let url = testkit::shared::redis().unwrap_or_else(|error| panic!("{error}"));
    let info = Client::open(url.url())
        .unwrap()
        .get_connection_info()
        .clone();
    let settings = info.redis_settings().clone();
    Client::open(info.set_redis_settings(settings.set_protocol(ProtocolVersion::RESP3))).unwrap()
}

pub(super) async fn connection() -> MultiplexedConnection {
    client().get_multiplexed_async_connection().await.unwrap()
}

/// The server's time in microseconds.
pub(super) async fn time(connection: &mut MultiplexedConnection) -> u64 {
    let time: (u64, u64) = redis::cmd("TIME").query_async(connection).await.unwrap();
    time.0 * 1_000_000 + time.1
}
