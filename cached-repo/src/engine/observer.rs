//! Outcomes: each is counted, and logged under one target for subscribers at `debug` or `trace`.
//!
//! An event names entities, kinds and outcomes, and never a key or a value. A hit costs one look at the greatest level that any
//! subscriber wants.

use super::ask::{Ask, What};
use super::entities::Entities;
use crate::port::{FillOutcome, Refusal, StoreError};
use crate::recorder::{ReadKind, ReadOutcome, RecordedRead, Recorders};
use crate::stats::{Count, Counters};
use crate::time::Stopwatch;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tracing::level_filters::LevelFilter;
use tracing::{debug, trace};

/// The target of these events.
pub(super) const TARGET: &str = "cached_repo";

/// What an entry holds, as events name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EntryKind {
    /// A row under its primary key.
    Row,
    /// A row under unique values.
    Lookup,
    /// The rows of an index.
    List,
    /// What a query has found.
    Query,
}

impl EntryKind {
    fn name(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::Lookup => "lookup",
            Self::List => "list",
            Self::Query => "query",
        }
    }
}

impl From<What> for EntryKind {
    fn from(what: What) -> Self {
        match what {
            What::Row => Self::Row,
            What::Unique(_) => Self::Lookup,
            What::Index(_) => Self::List,
            What::Query => Self::Query,
        }
    }
}

/// Counts, logs and records what becomes of reads, loads and fills.
#[derive(Debug)]
pub(crate) struct Observer {
    entities: Arc<Entities>,
    pub(crate) counters: Counters,
    pub(crate) recorders: Arc<Recorders>,
    /// For each entity, whether it was said already that some of its values cannot be stored.
    warned: Box<[AtomicBool]>,
}

impl Observer {
    pub(super) fn new(entities: Arc<Entities>) -> Self {
        let count = entities.schema().entities.len();
        Self {
            entities,
            counters: Counters::new(count),
            recorders: Arc::default(),
            warned: (0..count).map(|_| AtomicBool::new(false)).collect(),
        }
    }
}

impl Observer {
    /// Counts an outcome, and logs it.
    #[inline]
    pub(crate) fn record(&self, entity: u16, kind: EntryKind, count: Count) {
        self.record_many(entity, kind, count, 1);
    }

    /// Counts and logs how a read was answered, under what its reader has asked by.
    pub(super) fn count_read(&self, ask: &Ask, count: Count) {
        if !ask.options().part {
            self.record(ask.entity, ask.kind(), count);
        }
    }

    /// Counts and logs what became of the entry of a read.
    pub(super) fn count_entry(&self, ask: &Ask, count: Count) {
        if !ask.options().part {
            self.record(ask.entity, ask.what.into(), count);
        }
    }

    /// Counts and logs how several entries answered.
    #[inline]
    pub(crate) fn record_many(&self, entity: u16, kind: EntryKind, count: Count, by: u64) {
        self.counters.add_many(entity, count, by);
        if self.recorders.is_active() {
            self.record_reads(entity, kind, count, by);
        }
        if LevelFilter::current() >= LevelFilter::DEBUG && by > 0 {
            self.log(entity, kind, count, by);
        }
    }

    #[cold]
    #[inline(never)]
    fn log(&self, entity: u16, kind: EntryKind, count: Count, entries: u64) {
        let entity = self.entities.entity(entity).prefix();
        let kind = kind.name();
        let (outcome, tier) = match count {
            Count::Hit => {
                return trace!(target: TARGET, entity, kind, outcome = "hit", tier = "memory", entries, "read");
            }
            Count::StoreHit => {
                return trace!(target: TARGET, entity, kind, outcome = "hit", tier = "store", entries, "read");
            }
            Count::Refresh => {
                return debug!(target: TARGET, entity, kind, outcome = "ended", entries, "refresh");
            }
            Count::FailedRefresh => {
                return debug!(target: TARGET, entity, kind, outcome = "failed", entries, "refresh");
            }
            Count::Miss => ("miss", "database"),
            Count::Bypass => ("bypass", "database"),
            Count::StaleHit => ("stale", "store"),
            Count::StaleOnError => ("stale_on_error", "store"),
            Count::Undecodable => ("undecodable", "store"),
            // Logged with what is known of them beside their number, or by no read.
            Count::Load
            | Count::Fill
            | Count::RefusedFill
            | Count::Uncacheable
            | Count::Error
            | Count::RowInvalidation
            | Count::TableInvalidation
            | Count::EdgeInvalidation => return,
        };
        debug!(target: TARGET, entity, kind, outcome, tier, entries, "read");
    }

    /// Counts a load, does it, and logs how it ended and how long it took.
    pub(super) async fn timed_load<T, E>(
        &self,
        entity: u16,
        kind: EntryKind,
        load: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        self.counters.add(entity, Count::Load);
        let took = Stopwatch::start();
        let loaded = load.await;
        let outcome = if loaded.is_ok() { "loaded" } else { "failed" };
        debug!(
            target: TARGET,
            entity = self.entities.entity(entity).prefix(),
            kind = kind.name(),
            outcome,
            micros = u64::try_from(took.elapsed().as_micros()).unwrap_or(u64::MAX),
            "load"
        );
        loaded
    }

    /// Logs how a fill ended.
    pub(super) fn log_fill(&self, entity: u16, kind: EntryKind, outcome: Result<(), Refusal>) {
        let outcome = match outcome {
            Ok(()) => "filled",
            Err(Refusal::Invalidated) => "refused",
            Err(Refusal::TooLarge) => "too_large",
            Err(Refusal::Unnamed) => "unnamed",
            Err(Refusal::NotEncodable) => "not_encodable",
            Err(Refusal::Unwanted) => "no_lifetime",
        };
        let entity = self.entities.entity(entity).prefix();
        debug!(target: TARGET, entity, kind = kind.name(), outcome, "fill");
    }

    /// Counts and logs a call of a read that the store did not answer.
    pub(super) fn store_failed(&self, entity: u16, kind: EntryKind, error: &StoreError) {
        self.counters.add(entity, Count::Error);
        let entity = self.entities.entity(entity).prefix();
        debug!(target: TARGET, entity, kind = kind.name(), outcome = "failed", %error, "store");
    }

    /// Logs that the store did not answer to fills: none was stored.
    pub(super) fn fills_failed(&self, entity: u16, error: &StoreError) -> Vec<FillOutcome> {
        let entity = self.entities.entity(entity).prefix();
        debug!(target: TARGET, entity, outcome = "failed", %error, "store");
        Vec::new()
    }

    /// Counts how a fill ended, and logs it.
    pub(super) fn fill_ended(&self, entity: u16, kind: EntryKind, outcome: Result<(), Refusal>) {
        self.log_fill(entity, kind, outcome);
        let reason = match outcome {
            Ok(()) => return self.counters.add(entity, Count::Fill),
            Err(Refusal::Invalidated) => return self.counters.add(entity, Count::RefusedFill),
            Err(Refusal::Unwanted) => return,
            Err(Refusal::TooLarge) => "it is larger than `value_limit`",
            Err(Refusal::NotEncodable) => {
                "a column has a type that this build of cached-repo leaves out (see its features), or serde refuses a value"
            }
            Err(Refusal::Unnamed) => {
                "it carries too many tags, or the database found it under a value that is spelled otherwise"
            }
        };
        self.counters.add(entity, Count::Uncacheable);
        if !self.warned[usize::from(entity)].swap(true, Ordering::Relaxed) {
            let entity = self.entities.entity(entity).prefix();
            tracing::warn!(
                entity,
                reason,
                "a value is not cached; further ones are only counted"
            );
        }
    }

    /// Records how so many reads were answered.
    #[cold]
    pub(super) fn record_reads(&self, entity: u16, kind: EntryKind, count: Count, reads: u64) {
        let outcome = match count {
            Count::Hit | Count::StoreHit => ReadOutcome::Hit,
            Count::Miss => ReadOutcome::Miss,
            Count::Bypass => ReadOutcome::Bypass,
            // What else is counted of a read comes beside one of these.
            _ => return,
        };
        let read = RecordedRead {
            entity: self.entities.entity(entity).prefix(),
            kind: kind.into(),
            outcome,
        };
        self.recorders.record(read, reads);
    }
}

impl From<EntryKind> for ReadKind {
    fn from(kind: EntryKind) -> Self {
        match kind {
            EntryKind::Row => Self::Key,
            EntryKind::Lookup => Self::Unique,
            EntryKind::List => Self::Index,
            EntryKind::Query => Self::Query,
        }
    }
}
