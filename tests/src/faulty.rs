//! A shop over SQLite and a Redis of the test's own, to be killed and frozen.

use crate::eventually::eventually;
use crate::rows::note_of;
use crate::shop::Shop;
use crate::{Database, Store, World};
use cached_repo::{CachedRepo, Consistency, RedisStore, RepoBuilder};
use std::time::Duration;
use testkit::Redis;

/// A world whose store may be harmed.
#[derive(Debug)]
pub struct Faulty {
    /// Its repo is over the private Redis.
    pub world: World,
    /// The private Redis.
    pub redis: Redis,
}

/// Short times, so that what happens by itself happens soon, and no copies in the process.
pub fn soon(builder: RepoBuilder<Shop>) -> RepoBuilder<Shop> {
    builder
        .consistency(Consistency::Strict)
        .store_timeout(Duration::from_millis(500))
        .connect_timeout(Duration::from_millis(500))
        .breaker_cooldown(Duration::from_millis(50))
}

impl Faulty {
    /// One with short times.
    pub async fn new() -> Self {
        Self::with(&[], |builder| builder).await
    }

    /// One with other arguments of the server and other settings.
    ///
    /// # Panics
    /// If there is no Redis.
    pub async fn with(
        arguments: &[&str],
        settings: impl FnOnce(RepoBuilder<Shop>) -> RepoBuilder<Shop>,
    ) -> Self {
        let redis = Redis::start_with(arguments).unwrap_or_else(|error| panic!("{error}"));
        let store = open(&redis);
        let world = World::with(Database::Sqlite, Store::Memory, |builder| {
            settings(soon(builder).store(store))
        });
        Self {
            world: world.await,
            redis,
        }
    }

    /// The repo.
    #[must_use]
    pub fn repo(&self) -> &CachedRepo<Shop> {
        &self.world.repo
    }

    /// Another process over the same.
    pub async fn another_with(
        &self,
        settings: impl FnOnce(RepoBuilder<Shop>) -> RepoBuilder<Shop>,
    ) -> CachedRepo<Shop> {
        let store = open(&self.redis);
        let repo = self
            .world
            .another_with(|builder| settings(soon(builder).store(store)));
        repo.await
    }

    /// Sends the server a command.
    ///
    /// # Panics
    /// If it does not answer.
    pub async fn command(&self, words: &[&str]) -> redis::Value {
        command(&self.redis.url(), words).await
    }
}

/// Sends a server a command.
///
/// # Panics
/// If it does not answer, or with an error.
pub async fn command(url: &str, words: &[&str]) -> redis::Value {
    let answer = try_command(url, words).await;
    answer.expect("the server takes the command")
}

/// The same for a command that may be refused.
///
/// # Errors
/// What the server says.
///
/// # Panics
/// If it does not answer.
pub async fn try_command(url: &str, words: &[&str]) -> redis::RedisResult<redis::Value> {
    let client = redis::Client::open(url).expect("the address is right");
    let connection = client.get_multiplexed_async_connection().await;
    let mut connection = connection.expect("the server is there");
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query_async(&mut connection).await
}

fn open(redis: &Redis) -> RedisStore {
    RedisStore::open(&redis.url()).expect("the address is right")
}

/// Whether the breaker is open.
#[must_use]
pub fn is_away(repo: &CachedRepo<Shop>) -> bool {
    repo.stats().store.breaker_open
}

/// Returns when the breaker has closed.
///
/// # Panics
/// If it does not.
pub async fn back(repo: &CachedRepo<Shop>) {
    eventually("the breaker closes by itself", async || !is_away(repo)).await;
}

/// The number of hits that two reads of a note make, the fill in between having ended.
pub async fn hits_of_two_reads(repo: &CachedRepo<Shop>, id: &str) -> u64 {
    let hits = || repo.stats().entity("note").expect("there").hits;
    let before = hits();
    note_of(repo, id).await;
    repo.wait_idle().await;
    note_of(repo, id).await;
    hits() - before
}
