//! The store on a Redis server, or one that speaks its protocol.
//!
//! # What the keys hold
//! The first byte tells: 0 a lease, 1 an entry in its envelope, 2 the locks of writers, 3 a stamp. Every key stands alone
//! (rule 13), so they may lie on any nodes.
//!
//! A hit is one MGET of the entry and its tags, and a second one if the entry names tags that the reader could not know.

mod channel;
mod fills;
mod link;
mod names;
mod notice;
mod permits;
mod reads;
mod scan;
mod scripts;
mod server;
mod wakes;

use crate::error::{Error, ErrorKind};
use crate::key::{Key, Space};
use crate::port::{
    Capabilities, Codec, Fill, Found, Landing, Listener, Observed, Permit, Request, Scan, Steps,
    Store, StoreError,
};
use crate::schema::Schema;
use crate::stamp::{Stamp, Token};
use crate::time::millis;
use async_trait::async_trait;
use link::Link;
use names::NameList;
use notice::Notices;
use redis::{Client, Pipeline, Script, Value};
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use wakes::Wakes;

/// A Redis server to share entries over: given to [`RepoBuilder::store`](crate::RepoBuilder::store).
///
/// Valkey, and servers that speak the same protocol and run Lua scripts, serve as well. The least version is Redis 6.2.
#[derive(Clone)]
pub struct RedisStore {
    client: Client,
}

/// Not the address: it may hold a password.
impl std::fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

impl RedisStore {
    /// The server at this address, for example `redis://127.0.0.1:6379/0` or `redis://user:password@cache:6379`. Nothing is
    /// sent yet: a server that is away when the program starts is a server that is away.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if the address cannot be understood. The message does not repeat it.
    pub fn open(url: &str) -> Result<Self, Error> {
        let client = Client::open(url).map_err(|error| {
            Error::new(
                ErrorKind::Configuration,
                "the address of the store cannot be understood; write it as `redis://[user:password@]host[:port][/database]`",
            )
            .caused_by(error)
        })?;
        Ok(Self { client })
    }

    /// The same, and asks the server whether it is there.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] as [`open`](Self::open), [`ErrorKind::StoreUnavailable`] if no server answers within a second.
    pub async fn connect(url: &str) -> Result<Self, Error> {
        let store = Self::open(url)?;
        let limit = Duration::from_secs(1);
        let mut ping = redis::pipe();
        ping.cmd("PING");
        let link = Link::new(store.client.clone(), None, limit, limit);
        let answer = tokio::time::timeout(limit, link.run(ping)).await;
        match answer.unwrap_or(Err(StoreError::TimedOut)) {
            Ok(_) => Ok(store),
            Err(error) => Err(Error::new(
                ErrorKind::StoreUnavailable,
                "no server answers at the address of the store; start it, correct the address, or use `RedisStore::open` \
                 to go on without it until it answers",
            )
            .caused_by(error)),
        }
    }

    /// The store as the engine sees it.
    #[must_use]
    pub(crate) fn attach(
        &self,
        schema: Arc<Schema>,
        codec: Arc<dyn Codec>,
        times: Times,
    ) -> Attached {
        let name = |key: &Key| crate::schema::text(&schema, key);
        let epoch = name(&Key::epoch());
        Attached {
            link: Link::new(
                self.client.clone(),
                Some(epoch.clone()),
                times.connect,
                times.call,
            ),
            notices: Notices::new(&self.client, &schema),
            wakes: Wakes::default(),
            epoch,
            tables: (0..schema.entities.len() as u16)
                .map(|entity| name(&Key::table(entity)))
                .collect(),
            schema,
            codec,
            times,
            told: AtomicBool::new(false),
        }
    }
}

/// How long a lease lives unless it is renewed: so soon is a reader's death noticed.
const LEASE: Duration = Duration::from_secs(1);

/// Times, sizes and switches of a store.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) connect: Duration,
    pub(crate) call: Duration,
    /// How long a lease may be renewed.
    pub(crate) lease: Duration,
    /// How long a new epoch refuses fills.
    pub(crate) settle: Duration,
    /// Largest envelope in bytes.
    pub(crate) value_limit: usize,
    /// Whether the server is to name every key that anybody changes.
    pub(crate) client_tracking: bool,
}

/// A Redis server with the names and rows of a schema.
#[derive(Debug)]
pub(crate) struct Attached {
    link: Link,
    schema: Arc<Schema>,
    codec: Arc<dyn Codec>,
    times: Times,
    epoch: String,
    tables: Vec<String>,
    notices: Notices,
    wakes: Wakes,
    /// Whether it was said that a new namespace stores nothing at first.
    told: AtomicBool,
}

/// What a tag's key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Missing,
    /// A stamp, and the server's time in microseconds when it was made.
    Stamped(Stamp, u64),
    Locked,
}

impl Mark {
    fn of(value: &Value) -> Self {
        let Value::BulkString(bytes) = value else {
            return Self::Missing;
        };
        match bytes.split_first() {
            Some((2, _)) => Self::Locked,
            Some((3, rest)) => {
                let Some((stamp, rest)) = rest.split_first_chunk::<16>() else {
                    return Self::Missing;
                };
                // The epoch's stamp ends with the mark of its server.
                let created = rest.split(|byte| *byte == b':').next().unwrap_or_default();
                // A time that cannot be read is now: the stamp is too young for everybody, and nobody is harmed.
                let created = std::str::from_utf8(created)
                    .ok()
                    .and_then(|text| text.parse().ok());
                Self::Stamped(Stamp::from_bytes(*stamp), created.unwrap_or(u64::MAX))
            }
            _ => Self::Missing,
        }
    }

    fn stamp(self) -> Option<Stamp> {
        match self {
            Self::Stamped(stamp, _) => Some(stamp),
            Self::Missing | Self::Locked => None,
        }
    }
}

impl Attached {
    /// The key as the server knows it.
    fn name(&self, key: &Key) -> Cow<'_, str> {
        match key.space() {
            Space::Epoch => Cow::Borrowed(&self.epoch),
            Space::Table => match self.tables.get(usize::from(key.entity())) {
                Some(name) => Cow::Borrowed(name),
                None => Cow::Owned(crate::schema::text(&self.schema, key)),
            },
            _ => Cow::Owned(crate::schema::text(&self.schema, key)),
        }
    }

    /// Appends the key as the server knows it.
    fn push_name(&self, key: &Key, names: &mut NameList) {
        let known = match key.space() {
            Space::Epoch => Some(&self.epoch),
            Space::Table => self.tables.get(usize::from(key.entity())),
            _ => None,
        };
        match known {
            Some(name) => names.push(name),
            None => names.push_key(key, &self.schema),
        }
    }

    fn call(pipeline: &mut Pipeline, script: &Script, key: &str, arguments: &[&[u8]]) {
        let command = pipeline
            .cmd("EVALSHA")
            .arg(script.get_hash())
            .arg(1)
            .arg(key);
        for argument in arguments {
            command.arg(*argument);
        }
    }

    async fn on_each(
        &self,
        targets: &[Key],
        script: &Script,
        arguments: &[&[u8]],
    ) -> Result<(), StoreError> {
        if targets.is_empty() {
            return Ok(());
        }
        let mut pipeline = redis::pipe();
        for target in targets {
            Self::call(&mut pipeline, script, &self.name(target), arguments);
        }
        self.link.run(pipeline).await.map(drop)
    }
}

#[async_trait]
impl Store for Attached {
    async fn read(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        self.look_up(requests).await
    }

    async fn permit(
        &self,
        requests: Vec<(Request, Observed)>,
    ) -> Result<Vec<Option<Permit>>, StoreError> {
        self.grant(requests).await
    }

    async fn fill(&self, fills: Vec<Fill>) -> Result<Vec<Landing>, StoreError> {
        self.land(fills).await
    }

    async fn abandon(&self, permits: Vec<(Key, Permit)>) {
        let mut pipeline = redis::pipe();
        for (key, permit) in &permits {
            Self::call(
                &mut pipeline,
                &scripts::ABANDON,
                &self.name(key),
                &[permit.lease.as_bytes(), self.notices.wakes.as_bytes()],
            );
        }
        // A lease that stays ends by itself.
        let _ = self.link.run(pipeline).await;
    }

    fn renewal(&self) -> Option<Duration> {
        Some(LEASE.min(self.times.lease) / 3)
    }

    async fn renew(&self, leases: &[(&Key, Token)]) -> Result<(), StoreError> {
        let lifetime = millis(LEASE.min(self.times.lease)).to_string();
        let mut pipeline = redis::pipe();
        for (key, token) in leases {
            let arguments = [token.as_bytes().as_slice(), lifetime.as_bytes()];
            Self::call(&mut pipeline, &scripts::RENEW, &self.name(key), &arguments);
        }
        self.link.run(pipeline).await.map(drop)
    }

    async fn leased(&self, key: &Key, limit: Duration) -> Result<(), StoreError> {
        self.until_free(key, limit).await
    }

    async fn claim(&self, key: &Key, lifetime: Duration) -> Result<bool, StoreError> {
        // No key of the protocol has such a name: whoever reads names takes no notice of it.
        let name = self.name(key);
        let (space, rest) = name.split_at(self.schema.namespace.len());
        let mut command = redis::cmd("SET");
        command.arg(format!("{space}:claim{rest}")).arg(1);
        command.arg("NX").arg("PX").arg(millis(lifetime).max(1));
        Ok(self.link.ask(&command).await? == Value::Okay)
    }

    async fn lock(
        &self,
        targets: &[Key],
        writer: Token,
        lifetime: Duration,
    ) -> Result<(), StoreError> {
        let lifetime = millis(lifetime).to_string();
        self.on_each(
            targets,
            &scripts::LOCK,
            &[
                writer.as_bytes(),
                lifetime.as_bytes(),
                self.notices.wakes.as_bytes(),
            ],
        )
        .await
    }

    async fn release(&self, targets: &[Key], writer: Token) -> Result<(), StoreError> {
        let mut pipeline = redis::pipe();
        for target in targets {
            Self::call(
                &mut pipeline,
                &scripts::RELEASE,
                &self.name(target),
                &[writer.as_bytes(), self.notices.wakes.as_bytes()],
            );
        }
        // Behind the releases: whoever hears of them finds the keys free of what was there.
        self.tell(pipeline, targets).await
    }

    async fn announce(&self, targets: &[Key]) -> Result<(), StoreError> {
        self.tell(redis::pipe(), targets).await
    }

    fn announced(&self) -> u64 {
        self.notices.last()
    }

    fn scan(self: Arc<Self>, scan: Scan) -> Option<Steps> {
        Some(self.steps(scan))
    }

    async fn renounce(&self) -> Result<(), StoreError> {
        let mut pipeline = redis::pipe();
        let stamp = Stamp::unique();
        Self::call(
            &mut pipeline,
            &scripts::RENOUNCE,
            &self.epoch,
            &[stamp.as_bytes(), self.link.mark().as_bytes()],
        );
        self.tell(pipeline, &[Key::epoch()]).await
    }

    fn listen(self: Arc<Self>, listener: Arc<dyn Listener>, beat: Duration) {
        // In no span: it lasts as long as the store, and none would ever end that it was in.
        tokio::spawn(channel::supervise(Arc::downgrade(&self), listener, beat));
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::REMOTE
    }

    fn address(&self) -> Option<String> {
        Some(self.link.address())
    }
}

#[cfg(test)]
mod tests;
