//! The definitions of the database's views, as far as they are known, and since when.
//!
//! # Rule
//! *Definitions have a generation.* Whatever may change a definition through this repo begins a new one, after it has taken
//! effect and before its invalidation. What a query depends on is found of the definitions of one generation, and what it has
//! loaded is stored only if that is still the present one. A fill that was permitted before the invalidation is refused by its stamps
//! (rule 1); one that was permitted after it sees the new generation.

use crate::database::Views;
use crate::engine::mapping::SchemaMapping;
use crate::error::Error;
use crate::port::Source;
use crate::time::Deadline;
use sea_orm::DbBackend;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

/// How long a program waits for the catalog before it starts without.
const AT_START: Duration = Duration::from_secs(10);

/// Added to the number of a generation for the next one. What is odd may end by itself.
const STEP: u64 = 2;

/// The definitions of views, as far as this process knows them.
#[derive(Debug)]
pub(super) struct ViewDefinitions {
    backend: DbBackend,
    /// The database schemas of the entities' own tables.
    own_schemas: Vec<String>,
    generation: AtomicU64,
    /// Until when a definition may change because the outcome of a write is unknown.
    may_change_until: Mutex<Option<Deadline>>,
    snapshot: RwLock<Option<ViewSnapshot>>,
}

/// The definitions of one generation.
#[derive(Clone, Debug)]
pub(super) struct ViewSnapshot {
    pub(super) generation: u64,
    pub(super) views: Arc<Views>,
}

impl ViewDefinitions {
    pub(super) fn new(mapping: &SchemaMapping) -> Self {
        let own = mapping.schema().entities.iter();
        let own = own.filter_map(|entity| entity.table.0.clone());
        Self::with_schemas(mapping.backend(), own.collect())
    }

    fn with_schemas(backend: DbBackend, own_schemas: Vec<String>) -> Self {
        Self {
            backend,
            own_schemas,
            generation: AtomicU64::new(0),
            may_change_until: Mutex::new(None),
            snapshot: RwLock::new(None),
        }
    }

    /// The present generation.
    pub(super) fn generation(&self) -> u64 {
        let generation = self.generation.load(Ordering::Acquire);
        if generation.is_multiple_of(STEP) {
            return generation;
        }
        let mut until = self.lock_deadline();
        if until.is_some_and(|until| !until.has_passed()) {
            return generation;
        }
        // From here on nothing changes any more. A second caller finds that ended already.
        match until.take() {
            Some(_) => self.generation.fetch_add(1, Ordering::AcqRel) + 1,
            None => self.generation.load(Ordering::Acquire),
        }
    }

    fn lock_deadline(&self) -> MutexGuard<'_, Option<Deadline>> {
        let until = &self.may_change_until;
        until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a new generation.
    pub(super) fn invalidate(&self) {
        self.generation.fetch_add(STEP, Ordering::AcqRel);
    }

    /// Begins a new generation, and another one when this has passed: until then the definitions may change.
    pub(super) fn invalidate_again_at(&self, until: Deadline) {
        let mut may_change_until = self.lock_deadline();
        *may_change_until = Some(until);
        self.generation.fetch_add(STEP, Ordering::AcqRel);
        self.generation.fetch_or(1, Ordering::AcqRel);
    }

    /// What was read last, of whatever generation.
    fn latest(&self) -> Option<ViewSnapshot> {
        let snapshot = self.snapshot.read();
        snapshot.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What was read last, if it is of the present generation.
    pub(super) fn current(&self) -> Option<ViewSnapshot> {
        let generation = self.generation();
        self.latest()
            .filter(|snapshot| snapshot.generation == generation)
    }

    /// Keeps what was read in this generation. If another program has changed a definition, a new one begins.
    fn keep(&self, generation: u64, views: Views) -> ViewSnapshot {
        let kept = self.snapshot.write();
        let mut kept = kept.unwrap_or_else(PoisonError::into_inner);
        let mut read = ViewSnapshot {
            generation,
            views: Arc::new(views),
        };
        let present = self.generation() == generation;
        match kept
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
            // Too late to be kept: it is good for its reader alone.
            _ => return read,
        }
        *kept = Some(read.clone());
        read
    }

    /// Reads the catalog when the repo is built. If it cannot be read, that is done before the first query.
    pub(super) async fn load_at_start(&self, source: &dyn Source) {
        let load = self.load(source, &[]);
        match tokio::time::timeout(AT_START, load).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                tracing::debug!(%error, "the views of the database are not known yet")
            }
            Err(_) => tracing::debug!("the views of the database are not known yet"),
        }
    }

    /// Reads the catalog, and keeps what it shows; also of `schemas`, where the catalog is read schema by schema.
    ///
    /// # Errors
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if it cannot be asked.
    pub(super) async fn load(
        &self,
        source: &dyn Source,
        schemas: &[String],
    ) -> Result<ViewSnapshot, Error> {
        let generation = self.generation();
        let views = self.read(source, schemas).await?;
        Ok(self.keep(generation, views))
    }

    /// Reads the catalog for a transaction, which may see definitions that are never committed: nothing is kept.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub(super) async fn read(
        &self,
        source: &dyn Source,
        schemas: &[String],
    ) -> Result<Views, Error> {
        let latest = self.latest();
        let known = latest.iter().flat_map(|latest| latest.views.schemas());
        let mut all: Vec<String> = Vec::new();
        for schema in self.own_schemas.iter().chain(known).chain(schemas) {
            if !all.contains(schema) {
                all.push(schema.clone());
            }
        }
        Views::read(source, self.backend, &all).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definitions() -> ViewDefinitions {
        ViewDefinitions::with_schemas(DbBackend::Sqlite, Vec::new())
    }

    fn none() -> Views {
        Views::none(DbBackend::Sqlite)
    }

    #[test]
    fn what_was_read_before_a_change_is_not_kept() {
        let known = definitions();
        let before = known.generation();
        known.invalidate();
        let late = known.keep(before, none());
        assert_eq!(late.generation, before, "its reader can see that it is old");
        assert!(known.current().is_none());
        known.keep(known.generation(), none());
        assert!(known.current().is_some());
        known.invalidate();
        assert!(known.current().is_none());
    }

    #[test]
    fn reading_the_same_again_changes_nothing() {
        let known = definitions();
        let first = known.keep(known.generation(), none());
        let second = known.keep(known.generation(), none());
        assert_eq!(first.generation, second.generation);
        assert_eq!(known.generation(), first.generation);
    }

    #[test]
    fn a_change_of_unknown_outcome_begins_two_generations() {
        let known = definitions();
        let before = known.generation();
        known.invalidate_again_at(Deadline::after(Duration::from_secs(3600)));
        let doubtful = known.generation();
        assert_ne!(before, doubtful);
        known.keep(doubtful, none());
        assert!(known.current().is_some(), "nothing is filled meanwhile");
        known.invalidate_again_at(Deadline::after(Duration::ZERO));
        let certain = known.generation();
        assert!(certain > doubtful);
        assert_eq!(known.generation(), certain, "it ends once");
        assert!(known.current().is_none());
    }
}
