//! Where tests hold the engine.

use crate::port::{Checkpoint, Checkpoints};
use std::sync::Arc;

/// Tells a test that the engine has reached a checkpoint, if a test wants to know.
#[derive(Clone, Default)]
pub(crate) struct CheckpointHook(pub(crate) Option<Arc<dyn Checkpoints>>);

impl std::fmt::Debug for CheckpointHook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckpointHook").finish_non_exhaustive()
    }
}

impl CheckpointHook {
    /// Returns when the engine may go on.
    pub(super) async fn reach(&self, checkpoint: Checkpoint) {
        if let Some(checkpoints) = &self.0 {
            checkpoints.reached(checkpoint).await;
        }
    }
}
