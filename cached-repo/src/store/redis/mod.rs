//! The store on a Redis server, or one that speaks its protocol.
//!
//! A hit is one MGET of the entry and its tags. Every other operation on a key is a script (rule 13), and all of one call go out
//! in one pipeline.

mod channel;
mod commands;
mod link;
mod scripts;
mod server;
mod transport;

use super::remote::{RemoteSettings, RemoteStore};
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::port::{Codec, Store, StoreError};
use crate::schema::Schema;
use link::Link;
use redis::Client;
use std::sync::Arc;
use std::time::Duration;
use transport::RedisTransport;

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
        settings: RemoteSettings,
    ) -> Arc<dyn Store> {
        let epoch = crate::schema::text(&schema, &Key::epoch());
        let namespace = schema.namespace.clone();
        let client = self.client.clone();
        Arc::new(RemoteStore::new(schema, codec, settings, |process| {
            RedisTransport::new(client, &namespace, epoch, process, settings)
        }))
    }
}

#[cfg(test)]
mod tests;
