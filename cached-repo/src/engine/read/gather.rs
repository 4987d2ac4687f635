//! What is asked for within one turn of the runtime, done together.
//!
//! # Rules
//! - A job is in the list before the turn is taken, and the work begins after that: whatever a reader has in hand when it joins, it has
//!   before the work begins (rule 1).
//! - The work runs on a task of its own. A reader that goes away neither stops it nor is waited for.
//! - Work that does not come to its end (a panic, a runtime that ends) tells everybody: each goes on alone.

use crate::engine::background::Background;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{RwLock, RwLockReadGuard, oneshot};

/// A job, and who waits for its answer.
pub(super) type Waiting<J, A> = Vec<(J, oneshot::Sender<A>)>;

/// Jobs of one kind that wait for the runtime's next turn.
pub(super) struct Gather<J, A> {
    waiting: Mutex<Waiting<J, A>>,
    /// Who reads it keeps the turn from being taken.
    door: RwLock<()>,
}

impl<J, A> Default for Gather<J, A> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
            door: RwLock::default(),
        }
    }
}

impl<J: Send + 'static, A: Send + 'static> Gather<J, A> {
    /// The answer to the job, done with all others of the same turn; `None` if nobody has done it.
    pub(super) async fn join<F>(
        self: &Arc<Self>,
        background: &Arc<Background>,
        job: J,
        work: impl FnOnce(Vec<J>) -> F + Send + 'static,
    ) -> Option<A>
    where
        F: Future<Output = Vec<A>> + Send,
    {
        self.join_each(background, job, |jobs| async {
            let (jobs, senders): (Vec<J>, Vec<_>) = jobs.into_iter().unzip();
            for (sender, answer) in senders.into_iter().zip(work(jobs).await) {
                // One that has gone away does not want it.
                let _ = sender.send(answer);
            }
        })
        .await
    }

    /// The same for work that answers each job when it likes.
    pub(super) async fn join_each<F>(
        self: &Arc<Self>,
        background: &Arc<Background>,
        job: J,
        work: impl FnOnce(Waiting<J, A>) -> F + Send + 'static,
    ) -> Option<A>
    where
        F: Future<Output = ()> + Send,
    {
        let (sender, answer) = oneshot::channel();
        if self.add(job, sender) {
            let turn = Turn(Some(Arc::clone(self)));
            let gather = Arc::clone(self);
            background.spawn(async move {
                // Whoever can run now joins before this goes on.
                tokio::task::yield_now().await;
                drop(gather.door.write().await);
                work(turn.take()).await;
            });
        }
        answer.await.ok()
    }

    /// Keeps the turn from being taken, if that is not about to happen: for one who has several jobs for it. To be held for one
    /// poll, and no longer.
    pub(super) fn hold(&self) -> Option<RwLockReadGuard<'_, ()>> {
        self.door.try_read().ok()
    }

    /// Adds the job; whether it is the first of its turn.
    fn add(&self, job: J, sender: oneshot::Sender<A>) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push((job, sender));
        waiting.len() == 1
    }
}

/// The jobs of one turn. Dropped before they are taken, it lets go of all who wait for them.
struct Turn<J, A>(Option<Arc<Gather<J, A>>>);

impl<J, A> Turn<J, A> {
    fn take(mut self) -> Waiting<J, A> {
        self.empty()
    }

    fn empty(&mut self) -> Waiting<J, A> {
        let taken = self.0.take().map(|gather| {
            let mut waiting = (gather.waiting.lock()).unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *waiting)
        });
        taken.unwrap_or_default()
    }
}

impl<J, A> Drop for Turn<J, A> {
    fn drop(&mut self) {
        drop(self.empty());
    }
}

#[cfg(test)]
mod tests;
