//! Holds the engine at a checkpoint until told to go on.

use async_trait::async_trait;
use cached_repo::{Checkpoint, Checkpoints};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use tokio::sync::Semaphore;

/// A gate at one checkpoint. It is open until it is closed.
#[derive(Debug)]
pub struct Gate {
    checkpoint: Checkpoint,
    closed: Mutex<bool>,
    arrived: Semaphore,
    leave: Semaphore,
}

impl Gate {
    /// An open gate.
    #[must_use]
    pub fn at(checkpoint: Checkpoint) -> Arc<Self> {
        Arc::new(Self {
            checkpoint,
            closed: Mutex::new(false),
            arrived: Semaphore::new(0),
            leave: Semaphore::new(0),
        })
    }

    /// From now on whoever comes here waits.
    pub fn close(&self) {
        *self.closed.lock().expect("no panic") = true;
    }

    /// From now on nobody waits; who waits already goes on by [`pass`](Self::pass).
    pub fn open(&self) {
        *self.closed.lock().expect("no panic") = false;
    }

    /// Returns when one more has come to the closed gate.
    pub async fn arrival(&self) {
        self.arrived.acquire().await.expect("never closed").forget();
    }

    /// Lets one go on.
    pub fn pass(&self) {
        self.leave.add_permits(1);
    }
}

#[async_trait]
impl Checkpoints for Gate {
    async fn reached(&self, checkpoint: Checkpoint) {
        if checkpoint != self.checkpoint || !*self.closed.lock().expect("no panic") {
            return;
        }
        let mut leave = pin!(self.leave.acquire());
        // In line before it is told that somebody has come: who comes next stands behind it.
        let at_once = poll_fn(|context| Poll::Ready(leave.as_mut().poll(context))).await;
        self.arrived.add_permits(1);
        let left = match at_once {
            Poll::Ready(left) => left,
            Poll::Pending => leave.await,
        };
        left.expect("never closed").forget();
    }
}
