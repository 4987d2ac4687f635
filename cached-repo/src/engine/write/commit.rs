//! Rule 5: lock, commit, release.

use super::invalidator::Invalidator;
use crate::engine::invalidation::{Cause, Delivery};
use crate::error::Error;
use crate::key::Key;
use crate::port::{Checkpoint, StoreError};
use crate::protocol::{Targets, TouchSet};
use crate::stamp::Token;
use crate::time::Deadline;
use futures_util::future::{Either, select};
use sea_orm::{DbErr, RuntimeErr};
use std::pin::pin;
use std::time::Duration;

/// How long a write that has taken effect waits at most until its invalidation is delivered.
const PATIENCE: Duration = Duration::from_secs(30);

/// What became of a statement or commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The database has answered: it took effect, or it certainly did not.
    Known,
    /// No answer: it may take effect yet.
    Unknown,
}

/// What an answer says about the outcome. Only the database's own refusal is certain; after a broken connection a COMMIT may still be on its
/// way to the server.
pub(crate) fn outcome<T>(answer: &Result<T, DbErr>) -> Outcome {
    match answer {
        Ok(_) => Outcome::Known,
        Err(DbErr::Exec(error) | DbErr::Query(error)) => match error {
            RuntimeErr::SqlxError(error) if error.as_database_error().is_none() => Outcome::Unknown,
            _ => Outcome::Known,
        },
        Err(DbErr::Conn(_)) => Outcome::Unknown,
        Err(_) => Outcome::Known,
    }
}

/// Whether a commit that has failed so may take effect yet.
pub(crate) fn is_unknown(error: &DbErr) -> bool {
    outcome::<()>(&Err(error.clone())) == Outcome::Unknown
}

/// The locks of one write.
#[derive(Debug)]
#[must_use = "a write that has locked must release"]
pub(super) struct Locked {
    targets: Targets,
    writer: Token,
    /// Until when the store has promised to keep them; `None` if it has not taken them at all.
    until: Option<Deadline>,
    /// Whether they may have ended before the database had answered.
    lapsed: bool,
}

impl Invalidator {
    /// Locks what a write will invalidate, before it commits.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnavailable`] if the store is away and the configuration wants the write refused.
    pub(super) async fn lock(&self, targets: Targets) -> Result<Locked, Error> {
        let writer = Token::unique();
        let mut locked = Locked {
            targets,
            writer,
            until: None,
            lapsed: false,
        };
        if !locked.targets.is_empty() {
            match self.hold(&locked).await {
                Ok(until) => locked.until = Some(until),
                Err(error) if self.refuse_when_down => {
                    if let Some(l1) = &self.l1 {
                        l1.release(locked.targets.keys(), writer);
                    }
                    return Err(Error::refused(error));
                }
                Err(error) => {
                    tracing::warn!(%error, "a write goes on without its lock in the store");
                }
            }
        }
        self.checkpoints.reach(Checkpoint::Locked).await;
        Ok(locked)
    }

    /// Does the work, which takes effect when the database likes, and keeps the locks alive until it has ended (rule 5).
    pub(super) async fn while_locked<T>(
        &self,
        locked: &mut Locked,
        work: impl Future<Output = T>,
    ) -> T {
        if locked.targets.is_empty() {
            return work.await;
        }
        let renewal = async {
            loop {
                // Twice before they would end: one may be late.
                tokio::time::sleep(self.lock_time / 3).await;
                if let Ok(until) = self.hold(locked).await {
                    locked.until = Some(until);
                }
            }
        };
        let done = {
            let (work, renewal) = (pin!(work), pin!(renewal));
            match select(work, renewal).await {
                Either::Left((done, _)) => done,
                Either::Right((never, _)) => never,
            }
        };
        locked.lapsed = locked.until.is_some_and(Deadline::has_passed);
        done
    }

    /// Takes the locks, or lengthens their lives; until when.
    async fn hold(&self, locked: &Locked) -> Result<Deadline, StoreError> {
        let (keys, lifetime) = (locked.targets.keys(), self.lock_time);
        let until = Deadline::after(lifetime);
        if let Some(l1) = &self.l1 {
            l1.lock(keys, locked.writer, lifetime);
        }
        self.store.lock(keys, locked.writer, lifetime).await?;
        Ok(until)
    }

    /// Ends a write: invalidates and unlocks. If the outcome is unknown, the locks stay until they expire.
    pub(super) async fn release(
        &self,
        locked: Locked,
        late: &Targets,
        touches: &[&TouchSet],
        outcome: Outcome,
    ) {
        self.checkpoints.reach(Checkpoint::Committed).await;
        let mut locked = locked;
        let before = locked.targets.keys().len();
        locked.targets.extend(late);
        // What was locked until the commit had taken effect cannot have been filled with anything older.
        let is_late = locked.targets.keys().len() > before;
        let uncovered = locked.lapsed || (locked.until.is_some() && is_late);
        if locked.targets.is_empty() {
            return;
        }
        self.count(&locked.targets);
        if outcome == Outcome::Unknown {
            return self.stay_locked(&locked, touches).await;
        }
        let mut targets = locked.targets;
        self.catalog.invalidate(&targets);
        let mut released = self.store.release(targets.keys(), locked.writer).await;
        if targets.ends_epoch() {
            self.counters.epoch();
            released = released.and(self.store.invalidate_namespace().await);
        }
        // After the store: what L1 takes from now on is what the store holds now.
        if let Some(l1) = &self.l1 {
            l1.release(targets.keys(), locked.writer);
            l1.end_dependents(targets.keys());
        }
        if targets.ends_epoch() {
            targets.add(Key::epoch());
        }
        let delivery = Delivery::of(&released);
        self.bus
            .publish(Cause::Touches(touches), targets.keys(), delivery);
        if let Err(error) = released {
            tracing::error!(%error, "an invalidation is owed: the cache is off until everything older is unusable");
            if uncovered {
                self.until_delivered().await;
            }
        }
    }

    /// Lengthens the locks of a write that may take effect yet. Entries under them are dead, and none is filled until they end.
    async fn stay_locked(&self, locked: &Locked, touches: &[&TouchSet]) {
        // Before the locks are lengthened: these end later.
        self.catalog.invalidate_until_unlocked(&locked.targets);
        let keys = locked.targets.keys();
        let delivery = if self.hold(locked).await.is_err() {
            // A store that takes no lock takes no release either: then the guard owes it. By another token, so that the locks
            // that stand there last until their deadlines when the guard releases: the write may take effect after that.
            let _ = self.store.release(keys, Token::unique()).await;
            Delivery::Owed
        } else {
            // L1 in other processes loses its entries now; under the lock it takes none.
            let _ = self.store.publish(keys).await;
            Delivery::Locked
        };
        if let Some(l1) = &self.l1 {
            l1.end_dependents(keys);
        }
        self.bus.publish(Cause::Touches(touches), keys, delivery);
    }

    /// Returns when nothing is owed any more, or after [`PATIENCE`]: readers in other processes may have filled what was so
    /// before the commit, and the caller of the write must not read that.
    async fn until_delivered(&self) {
        let delivered = tokio::time::timeout(PATIENCE, self.store.wait_settled());
        if delivered.await.is_err() {
            tracing::error!(
                "a write returns before its invalidation is delivered, and its locks have ended before its commit: other \
                 processes may serve what was before, until this one reaches the store"
            );
        }
    }
}
