//! The connection on which messages arrive.
//!
//! It is a connection of its own, and plain: messages are handled by the task that reads it, in the order in which the server
//! sent them. One that reconnects by itself would not say what it has missed.

use super::commands::Names;
use crate::store::remote::{Message, Receiver};
use redis::aio::{MultiplexedConnection, SendError};
use redis::{
    AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, PushKind, RedisError, Value,
};
use std::sync::Arc;
use std::time::Duration;

/// Messages arrive for as long as it lives.
pub(super) struct Subscription {
    _connection: MultiplexedConnection,
}

/// Connects, subscribes, and asks for the number of the last notice. With `tracked`, the server also names each key of that
/// namespace that anybody changes. `limits`: of the connection and of a call.
pub(super) async fn subscribe(
    client: &Client,
    names: &Names,
    tracked: Option<&str>,
    limits: (Duration, Duration),
    receiver: Arc<dyn Receiver>,
) -> Result<(Subscription, u64), RedisError> {
    let channels = [&*names.wakes, &*names.own].map(|name| name.as_bytes().to_vec());
    let push = move |push: PushInfo| {
        pass_on(&push, &channels, &*receiver);
        Ok::<(), SendError>(())
    };
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(limits.0))
        .set_response_timeout(Some(limits.1))
        .set_push_sender(push);
    let client = with_pushes(client)?;
    let made = client.get_multiplexed_async_connection_with_config(&config);
    let mut connection = made.await?;
    connection.subscribe(&names.notices).await?;
    connection.subscribe(&names.wakes).await?;
    connection.subscribe(&names.own).await?;
    if let Some(namespace) = tracked {
        let mut track = redis::cmd("CLIENT");
        track.arg("TRACKING").arg("ON").arg("BCAST").arg("PREFIX");
        track.arg(format!("{namespace}:"));
        track.exec_async(&mut connection).await?;
    }
    let mut ask = redis::cmd("GET");
    let number: Option<u64> = ask
        .arg(&names.sequence)
        .query_async(&mut connection)
        .await?;
    let subscription = Subscription {
        _connection: connection,
    };
    Ok((subscription, number.unwrap_or(0)))
}

/// Passes on what arrives, in the order in which it was sent.
fn pass_on(push: &PushInfo, [wakes, own]: &[Vec<u8>; 2], receiver: &dyn Receiver) {
    match (&push.kind, push.data.as_slice()) {
        (PushKind::Disconnection, _) => receiver.receive(Message::Lost),
        (PushKind::Invalidate, [Value::Array(names)]) => {
            let names = names.iter().filter_map(|name| match name {
                Value::BulkString(name) => Some(name.as_slice()),
                _ => None,
            });
            receiver.receive(Message::Changed(&names.collect::<Vec<_>>()));
        }
        // None are named when the server has dropped them all.
        (PushKind::Invalidate, _) => receiver.receive(Message::AllChanged),
        (PushKind::Message, [Value::BulkString(channel), Value::BulkString(body)]) => {
            receiver.receive(if channel == wakes {
                Message::Woken(body)
            } else {
                numbered(body, channel == own)
            });
        }
        _ => {}
    }
}

/// A notice or a beat: a number, a colon, and what follows.
fn numbered(body: &[u8], is_beat: bool) -> Message<'_> {
    let split = body.iter().position(|byte| *byte == b':');
    let number = split.and_then(|at| std::str::from_utf8(&body[..at]).ok()?.parse().ok());
    match (split, number) {
        (Some(_), Some(number)) if is_beat => Message::Beat(number),
        (Some(at), Some(number)) => Message::Notice(number, &body[at + 1..]),
        _ => Message::Garbled,
    }
}

/// The server, over the protocol that has pushes.
fn with_pushes(client: &Client) -> Result<Client, RedisError> {
    let info = client.get_connection_info().clone();
    let settings = info.redis_settings().clone();
    Client::open(info.set_redis_settings(settings.set_protocol(ProtocolVersion::RESP3)))
}
