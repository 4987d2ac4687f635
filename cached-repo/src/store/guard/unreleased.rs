//! Locks whose release did not reach the store: they stand there until their deadlines, or until the process that made them can
//! take them away.

use crate::key::Key;
use crate::port::{Store, StoreError};
use crate::stamp::Token;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Keys of all writes that are remembered. The locks of older writes end at their deadlines.
const LIMIT: usize = 4096;

/// The locks of a write.
#[derive(Debug)]
struct Locks {
    writer: Token,
    targets: Vec<Key>,
}

/// Locks of the last writes that could not release theirs, the oldest first.
#[derive(Debug, Default)]
pub(super) struct Unreleased(Mutex<VecDeque<Locks>>);

impl Unreleased {
    /// Remembers a write whose release has failed.
    pub(super) fn add(&self, targets: &[Key], writer: Token) {
        if targets.len() > LIMIT {
            return;
        }
        let mut writes = self.writes();
        let mut keys: usize = writes.iter().map(|locks| locks.targets.len()).sum();
        while keys + targets.len() > LIMIT
            && let Some(oldest) = writes.pop_front()
        {
            keys -= oldest.targets.len();
        }
        writes.push_back(Locks {
            writer,
            targets: targets.to_vec(),
        });
    }

    /// Releases all of them. What fails again is kept for the next time.
    ///
    /// To release once more than needed invalidates once more than needed, and does no other harm (rule 3).
    pub(super) async fn release(&self, store: &dyn Store, limit: Duration) {
        loop {
            let Some(locks) = self.writes().pop_front() else {
                return;
            };
            let released = store.release(&locks.targets, locks.writer);
            let released = tokio::time::timeout(limit, released).await;
            if let Err(error) = released.unwrap_or(Err(StoreError::TimedOut)) {
                tracing::debug!(%error, "locks are not released yet; they end at their deadlines");
                self.writes().push_front(locks);
                return;
            }
        }
    }

    fn writes(&self) -> MutexGuard<'_, VecDeque<Locks>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locks_of_the_oldest_writes_are_left_to_their_deadlines() {
        let unreleased = Unreleased::default();
        let half = vec![Key::epoch(); LIMIT / 2];
        let writers = [(); 3].map(|()| Token::unique());
        for writer in writers {
            unreleased.add(&half, writer);
        }
        unreleased.add(&vec![Key::epoch(); LIMIT + 1], Token::unique());
        let kept: Vec<_> = unreleased
            .writes()
            .iter()
            .map(|locks| locks.writer)
            .collect();
        assert_eq!(kept, writers[1..]);
    }
}
