//! Two processes with copies in memory over one server.

use crate::eventually::eventually;
use crate::faulty::Faulty;
use crate::rows::{add_note, note_of, set_note};
use crate::shop::Shop;
use cached_repo::stats::EntityStats;
use cached_repo::{CachedRepo, Consistency, RepoBuilder};
use std::time::Duration;

/// Long enough for the clock to be moved by hand, and far above what a notice takes.
pub const BOUND: Duration = Duration::from_secs(60);

/// With copies.
pub fn bounded(builder: RepoBuilder<Shop>) -> RepoBuilder<Shop> {
    builder.consistency(Consistency::Bounded).bound(BOUND)
}

/// Two processes with copies, over a server of their own.
#[derive(Debug)]
pub struct Pair {
    /// The server, and the database.
    pub faulty: Faulty,
    /// One process.
    pub here: CachedRepo<Shop>,
    /// The other.
    pub there: CachedRepo<Shop>,
}

impl Pair {
    /// Both hear each other.
    pub async fn new() -> Self {
        Self::with(bounded).await
    }

    /// With other settings.
    pub async fn with(settings: fn(RepoBuilder<Shop>) -> RepoBuilder<Shop>) -> Self {
        let faulty = Faulty::new().await;
        let here = faulty.another_with(settings).await;
        let there = faulty.another_with(settings).await;
        let pair = Self {
            faulty,
            here,
            there,
        };
        pair.hearing().await;
        pair
    }

    /// Returns when notices arrive in both.
    pub async fn hearing(&self) {
        for repo in [&self.here, &self.there] {
            eventually("notices arrive", async || repo.stats().store.l1_subscribed).await;
        }
    }

    /// A note of which the process here has a copy.
    pub async fn copied_note(&self) {
        add_note(&self.there, "n", "old").await;
        copied(&self.here).await;
    }

    /// Changes the note behind everybody's back, also the server's, as if a notice had not arrived yet.
    pub async fn change_in_secret(&self) {
        set_note(&self.faulty.world.raw, "n", "new").await;
        let table = format!("{}:table:note", self.faulty.world.namespace());
        self.faulty.command(&["DEL", &table]).await;
    }

    /// Tells everybody something by hand.
    pub async fn tell(&self, what: &str) {
        let channel = format!("{}:notices", self.faulty.world.namespace());
        self.faulty.command(&["PUBLISH", &channel, what]).await;
    }
}

/// Counters of the notes.
///
/// # Panics
/// If there are none.
pub fn stats(repo: &CachedRepo<Shop>) -> EntityStats {
    repo.stats().entity("note").expect("an entity").clone()
}

/// Reads the note until the answer comes from this process.
pub async fn copied(repo: &CachedRepo<Shop>) {
    eventually("the note is answered from memory", async || {
        let before = stats(repo).memory_hits;
        note_of(repo, "n").await;
        repo.wait_idle().await;
        stats(repo).memory_hits > before
    })
    .await;
}
