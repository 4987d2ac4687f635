//! What is known of the database's views, and since when.
//!
//! # Rule
//! *Definitions have a generation.* Whatever may change a definition through this repo begins a new one, after it has taken
//! effect and before its invalidation. What a query depends on is found of the definitions of one generation, and what it has
//! loaded is stored only if that is still the present one. A fill that was permitted before the invalidation is refused by its stamps
//! (rule 1); one that was permitted after it sees the new generation.

use super::Engine;
use crate::database::Views;
use crate::error::Error;
use crate::port::Source;
use crate::protocol::Targets;
use crate::time::Deadline;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// How long a program waits for the catalog before it starts without.
const AT_START: Duration = Duration::from_secs(10);

/// Added to the number of a generation for the next one. What is odd may end by itself.
const STEP: u64 = 2;

/// The views, as far as this process knows them.
#[derive(Debug, Default)]
pub(super) struct KnownViews {
    generation: AtomicU64,
    /// Until when a definition may change whose change was not answered.
    doubt: Mutex<Option<Deadline>>,
    known: RwLock<Option<Known>>,
}

/// The views of one generation.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) generation: u64,
    pub(super) views: Arc<Views>,
}

impl KnownViews {
    /// The present generation.
    pub(super) fn generation(&self) -> u64 {
        let generation = self.generation.load(Ordering::Acquire);
        if generation.is_multiple_of(STEP) {
            return generation;
        }
        let mut doubt = self.doubt.lock().unwrap_or_else(PoisonError::into_inner);
        if doubt.is_some_and(|until| !until.has_passed()) {
            return generation;
        }
        // From here on nothing changes any more. Who comes second finds that ended already.
        match doubt.take() {
            Some(_) => self.generation.fetch_add(1, Ordering::AcqRel) + 1,
            None => self.generation.load(Ordering::Acquire),
        }
    }

    /// Begins a new generation.
    pub(super) fn forget(&self) {
        self.generation.fetch_add(STEP, Ordering::AcqRel);
    }

    /// The same, and once more when this has passed: until then the definitions may change.
    fn forget_until(&self, until: Deadline) {
        let mut doubt = self.doubt.lock().unwrap_or_else(PoisonError::into_inner);
        *doubt = Some(until);
        self.generation.fetch_add(STEP, Ordering::AcqRel);
        self.generation.fetch_or(1, Ordering::AcqRel);
    }

    /// What was read last, of whatever generation.
    pub(super) fn last(&self) -> Option<Known> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.clone()
    }

    /// What was read last, if it is of the present generation.
    pub(super) fn present(&self) -> Option<Known> {
        let generation = self.generation();
        self.last().filter(|known| known.generation == generation)
    }

    /// Keeps what was read in this generation. If another program has changed a definition, a new one begins.
    fn keep(&self, generation: u64, views: Views) -> Known {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let mut read = Known {
            generation,
            views: Arc::new(views),
        };
        let present = self.generation() == generation;
        match known
            .as_ref()
            .filter(|before| before.generation == generation)
        {
            Some(before) if before.views == read.views => return before.clone(),
            // Another program has changed a definition.
            Some(_) if present => {
                let next = generation + STEP;
                let begun = self.generation.compare_exchange(
                    generation,
                    next,
                    Ordering::AcqRel,
                    Ordering::Acquire,
                );
                if begun.is_err() {
                    return read;
                }
                read.generation = next;
            }
            None if present => {}
            // Too late to be kept: good for whoever has read it.
            _ => return read,
        }
        *known = Some(read.clone());
        read
    }
}

impl Engine {
    /// The present generation of the definitions of views.
    pub(crate) fn generation(&self) -> u64 {
        self.views.generation()
    }

    /// Reads the catalog when the repo is built. If it cannot be read, that is done before the first query.
    pub(crate) async fn learn_views(&self, source: &dyn Source) {
        let read = self.read_views(source, &[]);
        match tokio::time::timeout(AT_START, read).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, "the views of the database are not known yet")
            }
            Err(_) => tracing::debug!("the views of the database are not known yet"),
        }
    }

    /// Reads the catalog; also that of `schemas`, where databases are asked for one by one.
    ///
    /// # Errors
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if it cannot be asked.
    pub(super) async fn read_views(
        &self,
        source: &dyn Source,
        schemas: &[String],
    ) -> Result<Known, Error> {
        let generation = self.generation();
        let views = self.views_of(source, schemas).await?;
        Ok(self.views.keep(generation, views))
    }

    /// The same for a transaction, which may see what nobody else will: nothing is kept.
    pub(super) async fn views_of(
        &self,
        source: &dyn Source,
        schemas: &[String],
    ) -> Result<Views, Error> {
        let own = self.schema.entities.iter();
        let own = own.filter_map(|entity| entity.table.0.clone());
        let before = self.views.last();
        let before = before.iter().flat_map(|known| known.views.schemas());
        let mut all: Vec<String> = Vec::new();
        for schema in own.chain(before.cloned()).chain(schemas.iter().cloned()) {
            if !all.contains(&schema) {
                all.push(schema);
            }
        }
        Views::read(source, self.backend, &all).await
    }

    /// Begins a new generation if these targets say that a definition may have changed.
    pub(super) fn forget_views(&self, targets: &Targets) {
        if targets.take_all() {
            self.views.forget();
        }
    }

    /// The same if nobody knows whether, or when, it will have changed: at the latest when the locks of the write end.
    pub(super) fn doubt_views(&self, targets: &Targets) {
        if targets.take_all() {
            let until = Deadline::after(self.settings.lock_time);
            self.views.forget_until(until);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::DbBackend;

    fn none() -> Views {
        Views::none(DbBackend::Sqlite)
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept() {
        let known = KnownViews::default();
        let before = known.generation();
        known.forget();
        let late = known.keep(before, none());
        assert_eq!(
            late.generation, before,
            "whoever has read it can tell that it is old"
        );
        assert!(known.present().is_none());
        known.keep(known.generation(), none());
        assert!(known.present().is_some());
        known.forget();
        assert!(known.present().is_none());
    }

    #[test]
    fn reading_the_same_again_changes_nothing() {
        let known = KnownViews::default();
        let first = known.keep(known.generation(), none());
        let second = known.keep(known.generation(), none());
        assert_eq!(first.generation, second.generation);
        assert_eq!(known.generation(), first.generation);
    }

    #[test]
    fn a_change_of_unknown_outcome_begins_two_generations() {
        let known = KnownViews::default();
        let before = known.generation();
        known.forget_until(Deadline::after(Duration::from_secs(3600)));
        let doubtful = known.generation();
        assert_ne!(before, doubtful);
        known.keep(doubtful, none());
        assert!(known.present().is_some(), "nothing is filled meanwhile");
        known.forget_until(Deadline::after(Duration::ZERO));
        let certain = known.generation();
        assert!(certain > doubtful);
        assert_eq!(known.generation(), certain, "it ends once");
        assert!(known.present().is_none());
    }
}
