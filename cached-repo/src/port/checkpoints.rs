//! Named moments at which a test may hold the engine still.

use async_trait::async_trait;

/// A moment between two steps of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Checkpoint {
    /// A reader has the store's answer, a hit, and has not copied it.
    Fetched,
    /// A reader has its permit and has not read the database.
    Permitted,
    /// A reader has read the database and has not filled.
    Loaded,
    /// A reader has filled, and others may still join it.
    Filled,
    /// A writer has its locks and has not committed.
    Locked,
    /// A writer has committed and has not released.
    Committed,
}

/// Told when the engine reaches a checkpoint; the engine goes on when the future ends.
#[async_trait]
pub trait Checkpoints: Send + Sync {
    /// The engine is here.
    async fn reached(&self, checkpoint: Checkpoint);
}
