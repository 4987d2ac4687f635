//! Where a test may hold the engine still.

use crate::port::{Checkpoint, Checkpoints};
use std::sync::Arc;

/// The checkpoints of a test, if there is one.
#[derive(Clone, Default)]
pub(crate) struct CheckpointHook(Option<Arc<dyn Checkpoints>>);

impl CheckpointHook {
    pub(crate) fn new(checkpoints: Option<Arc<dyn Checkpoints>>) -> Self {
        Self(checkpoints)
    }

    /// Reports that the engine is here; a test may hold it until the future ends.
    pub(super) async fn reach(&self, checkpoint: Checkpoint) {
        if let Some(checkpoints) = &self.0 {
            checkpoints.reached(checkpoint).await;
        }
    }
}
