//! A reader that can be held still, and a writer: in one process, and in two.

use crate::pause::Gate;
use crate::shop::Shop;
use crate::{Store, World};
use cached_repo::{CachedRepo, Checkpoint};
use std::fmt::Debug;
use std::sync::Arc;

/// Who reads and who writes.
#[derive(Debug)]
pub struct Sides {
    /// Reads and comes to the gate.
    pub reader: CachedRepo<Shop>,
    /// Writes; another repo unless `one_process`.
    pub writer: CachedRepo<Shop>,
    /// The gate of the reader, and in one process of the writer.
    pub gate: Arc<Gate>,
    /// Whether the reader is the writer.
    pub one_process: bool,
    /// Makes rows of this pair distinct from those of the other.
    pub label: &'static str,
}

/// What was read before, during and after a write.
#[derive(Debug)]
pub struct Race<T> {
    stalled: T,
    later: Vec<T>,
}

impl Sides {
    /// One process, and with a server as store two.
    pub async fn of(world: &World, checkpoint: Checkpoint) -> Vec<Self> {
        let gate = Gate::at(checkpoint);
        let reader = world.another_with(|builder| builder.checkpoints(gate.clone()));
        let reader = reader.await;
        let mut sides = vec![Self {
            writer: reader.clone(),
            reader,
            gate,
            one_process: true,
            label: "one process",
        }];
        if world.store == Store::Redis {
            let gate = Gate::at(checkpoint);
            let reader = world.another_with(|builder| builder.checkpoints(gate.clone()));
            sides.push(Self {
                reader: reader.await,
                writer: world.repo.clone(),
                gate,
                one_process: false,
                label: "two processes",
            });
        }
        sides
    }

    /// A read that is held after its load while a write begins and returns; then reads by both.
    ///
    /// # Panics
    /// If anything fails.
    pub async fn race<T, R, W>(
        &self,
        read: impl Fn(CachedRepo<Shop>) -> R,
        write: impl FnOnce(CachedRepo<Shop>) -> W,
    ) -> Race<T>
    where
        T: Send + 'static,
        R: Future<Output = T> + Send + 'static,
        W: Future<Output = ()>,
    {
        self.gate.close();
        let stalled = tokio::spawn(read(self.reader.clone()));
        self.gate.arrival().await;
        self.gate.open();
        write(self.writer.clone()).await;
        let mut later = Vec::new();
        if !self.one_process {
            later.push(read(self.writer.clone()).await);
        }
        self.gate.pass();
        let stalled = stalled.await.expect("the stalled read does not panic");
        // Twice each: what was filled is seen by the second at the latest.
        for repo in [&self.reader, &self.writer, &self.reader, &self.writer] {
            repo.wait_idle().await;
            later.push(read(repo.clone()).await);
        }
        Race { stalled, later }
    }
}

impl<T: PartialEq + Debug> Race<T> {
    /// The stalled read got the old value, and all later ones the new one.
    ///
    /// # Panics
    /// If it is not so.
    #[track_caller]
    pub fn expect(&self, label: &str, old: &T, new: &T) {
        assert_eq!(
            &self.stalled, old,
            "{label}: the stalled read loaded before the write"
        );
        for read in &self.later {
            assert_eq!(
                read, new,
                "{label}: a read began after the write had returned"
            );
        }
    }
}
