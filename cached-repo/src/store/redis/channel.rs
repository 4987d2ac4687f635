//! The connection on which notices arrive (rule 10).
//!
//! # Rules
//! - It is a connection of its own, and plain: notices are handled by the task that reads it, in the order in which the server
//!   sent them. One that reconnects by itself would not say what it has missed.
//! - Every notice has the number after the last one's. A gap means that something was missed.
//! - A beat is sent to ourselves through the connection on which everything else is sent, and must arrive: a server or a
//!   network that is silent is known by it. It carries the last number, so that a last notice that is missing is noticed.
//! - Who listens is told at once when the connection is lost, and again when a new one stands.
//! - If so configured, the server also names each key of the namespace that anybody changes (client tracking, by broadcast):
//!   programs that are not this library send no notices.

use super::{Attached, scripts};
use crate::key::Names;
use crate::port::Listener;
use redis::aio::{MultiplexedConnection, SendError};
use redis::{
    AsyncConnectionConfig, Client, ProtocolVersion, PushInfo, PushKind, RedisError, Value,
};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::Notify;

/// Longest pause between two attempts to connect.
const MAX_PAUSE: Duration = Duration::from_secs(1);

/// One connection on which notices arrive.
struct Ear {
    store: Weak<Attached>,
    listener: Arc<dyn Listener>,
    /// Number of the last notice; nothing counts before it is known.
    last: AtomicU64,
    is_armed: AtomicBool,
    /// Number of beats that arrived.
    beats: AtomicU64,
    lost: Notify,
    arrived: Notify,
}

impl Attached {
    /// Sends a beat; the number that it carries.
    async fn beat(&self) -> Option<u64> {
        let mut pipeline = redis::pipe();
        let channel = self.notices.own_channel.as_bytes();
        Self::call(
            &mut pipeline,
            &scripts::BEAT,
            &self.notices.sequence,
            &[channel],
        );
        let call = tokio::time::timeout(self.times.call, self.link.run(pipeline));
        match call.await.ok()?.ok()?.first()? {
            Value::Int(number) => u64::try_from(*number).ok(),
            _ => None,
        }
    }
}

/// Listens, for as long as there is a store.
pub(super) async fn supervise(store: Weak<Attached>, listener: Arc<dyn Listener>, beat: Duration) {
    let mut pause = beat.min(MAX_PAUSE) / 8;
    let mut is_told = false;
    loop {
        let Some(strong) = store.upgrade() else {
            return;
        };
        let times = strong.times;
        let ear = Arc::new(Ear {
            store: store.clone(),
            listener: Arc::clone(&listener),
            last: AtomicU64::new(0),
            is_armed: AtomicBool::new(false),
            beats: AtomicU64::new(0),
            lost: Notify::new(),
            arrived: Notify::new(),
        });
        let armed = tokio::time::timeout(times.connect, ear.arm(&strong)).await;
        drop(strong);
        match armed {
            Ok(Ok(connection)) => {
                (pause, is_told) = (beat.min(MAX_PAUSE) / 8, false);
                ear.watch(beat).await;
                // The connection before the news: what is still on its way must not count afterwards.
                drop(connection);
                ear.deafen();
                continue;
            }
            // A server that is away is reported by those who miss it.
            Ok(Err(error)) if error.code().is_some() && !is_told => {
                is_told = true;
                let code = error.code().unwrap_or_default();
                tracing::warn!(
                    code,
                    "the store refuses to send notices: no copies are kept in this process until it does"
                );
            }
            _ => {}
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(MAX_PAUSE);
    }
}

impl Ear {
    /// Connects and subscribes; from then on nothing is missed.
    async fn arm(self: &Arc<Self>, store: &Attached) -> Result<MultiplexedConnection, RedisError> {
        let (client, ear) = (with_pushes(&store.notices.client)?, Arc::clone(self));
        let push = move |push: PushInfo| {
            ear.hear(&push);
            Ok::<(), SendError>(())
        };
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(store.times.connect))
            .set_response_timeout(Some(store.times.call))
            .set_push_sender(push);
        let made = client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = made.await?;
        connection.subscribe(&store.notices.channel).await?;
        connection.subscribe(&store.notices.wakes).await?;
        connection.subscribe(&store.notices.own_channel).await?;
        if store.times.client_tracking {
            let mut track = redis::cmd("CLIENT");
            track.arg("TRACKING").arg("ON").arg("BCAST").arg("PREFIX");
            track.arg(format!("{}:", store.schema.namespace()));
            track.exec_async(&mut connection).await?;
        }
        let mut ask = redis::cmd("GET");
        let number: Option<u64> = ask
            .arg(&store.notices.sequence)
            .query_async(&mut connection)
            .await?;
        // A notice that arrives in between is one that the number covers, or the next one.
        let number = number.unwrap_or(0);
        self.last.fetch_max(number, Ordering::SeqCst);
        // In this order: what arrives between the two must not be passed over.
        self.is_armed.store(true, Ordering::SeqCst);
        store.wakes.hear(true);
        self.listener.hearing(number);
        if !self.is_armed.load(Ordering::SeqCst) {
            // It was lost while this was said, and whoever noticed it may have said so before.
            store.wakes.hear(false);
            self.listener.deaf();
        }
        Ok(connection)
    }

    /// Returns when the connection is lost or silent.
    async fn watch(&self, beat: Duration) {
        loop {
            let lost = self.lost.notified();
            if tokio::time::timeout(beat, lost).await.is_ok() {
                return;
            }
            let Some(store) = self.store.upgrade() else {
                return;
            };
            let before = self.beats.load(Ordering::SeqCst);
            let arrived = async {
                store.beat().await?;
                loop {
                    let news = self.arrived.notified();
                    if self.beats.load(Ordering::SeqCst) != before {
                        return Some(());
                    }
                    news.await;
                }
            };
            // Twice the time of a call: the beat goes out in one, and comes back in one.
            let limit = store.times.call * 2;
            if !matches!(tokio::time::timeout(limit, arrived).await, Ok(Some(()))) {
                return;
            }
        }
    }

    /// Says once that no notice arrives any more: a connection that is gone for long must not speak for the next one.
    fn deafen(&self) {
        if self.is_armed.swap(false, Ordering::SeqCst)
            && let Some(store) = self.store.upgrade()
        {
            store.wakes.hear(false);
            self.listener.deaf();
        }
    }

    /// Handles what arrives, in the order in which it was sent.
    fn hear(&self, push: &PushInfo) {
        match push.kind {
            PushKind::Disconnection => {
                self.deafen();
                self.lost.notify_one();
            }
            PushKind::Invalidate => self.touched(&push.data),
            PushKind::Message => {
                let Some(store) = self.store.upgrade() else {
                    return;
                };
                if let [Value::BulkString(channel), Value::BulkString(body)] = push.data.as_slice()
                {
                    if channel == store.notices.wakes.as_bytes() {
                        store.wakes.wake(body);
                    } else {
                        self.message(&store, channel, body);
                    }
                }
            }
            _ => {}
        }
    }

    /// Keys of the namespace that somebody has changed; none are named when the server has dropped them all.
    fn touched(&self, data: &[Value]) {
        let Some(store) = self.store.upgrade() else {
            return;
        };
        if !self.is_armed.load(Ordering::SeqCst) {
            // What this process holds begins later than this.
            return;
        }
        let [Value::Array(names)] = data else {
            return self.listener.missed(self.last.load(Ordering::SeqCst));
        };
        let named = |name: &Value| match name {
            Value::BulkString(name) => store.notices.named(&store.schema, name),
            _ => None,
        };
        let keys: Vec<_> = names.iter().filter_map(named).collect();
        self.listener.touched(&keys);
    }

    fn message(&self, store: &Attached, channel: &[u8], body: &[u8]) {
        let split = body.iter().position(|byte| *byte == b':');
        let number = split.and_then(|at| std::str::from_utf8(&body[..at]).ok()?.parse().ok());
        let (Some(at), Some(number)) = (split, number) else {
            return self.miss(0);
        };
        if channel == store.notices.own_channel.as_bytes() {
            // All notices up to this one were sent before the beat.
            if number != self.last.load(Ordering::SeqCst) {
                self.miss(number);
            }
            self.beats.fetch_add(1, Ordering::SeqCst);
            self.arrived.notify_one();
            return;
        }
        let last = self.last.swap(number, Ordering::SeqCst);
        if !self.is_armed.load(Ordering::SeqCst) {
            // What this process holds begins later than this.
            return;
        }
        let received = store.notices.read(&store.schema, &body[at + 1..]);
        match received {
            Some(received) if last.checked_add(1) == Some(number) => {
                let own = received.sender == store.notices.sender;
                let keys = if own { &[] } else { received.keys.as_slice() };
                self.listener.invalidated(number, keys);
            }
            _ => self.miss(number),
        }
    }

    fn miss(&self, number: u64) {
        self.last.store(number, Ordering::SeqCst);
        if self.is_armed.load(Ordering::SeqCst) {
            self.listener.missed(number);
        }
    }
}

/// The same server, over the protocol that has pushes.
fn with_pushes(client: &Client) -> Result<Client, RedisError> {
    let info = client.get_connection_info().clone();
    let settings = info.redis_settings().clone();
    Client::open(info.set_redis_settings(settings.set_protocol(ProtocolVersion::RESP3)))
}
