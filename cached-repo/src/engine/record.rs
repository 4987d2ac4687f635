//! Outcomes: each is counted, and logged under one target for subscribers at `debug` or `trace`.
//!
//! An event names entities, kinds and outcomes, and never a key or a value. A hit costs one look at the greatest level that any
//! subscriber wants.

use super::Engine;
use super::ask::What;
use crate::port::{Landing, Refusal, StoreError};
use crate::stats::Count;
use crate::time::Stopwatch;
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

impl Engine {
    /// Counts an outcome, and logs it.
    #[inline]
    pub(crate) fn record(&self, entity: u16, kind: EntryKind, count: Count) {
        self.record_many(entity, kind, count, 1);
    }

    /// The same for several entries at once.
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
        let entity = self.schema.entity(entity).prefix();
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
            entity = self.schema.entity(entity).prefix(),
            kind = kind.name(),
            outcome,
            micros = u64::try_from(took.elapsed().as_micros()).unwrap_or(u64::MAX),
            "load"
        );
        loaded
    }

    /// Logs how a fill ended.
    pub(super) fn log_fill(&self, entity: u16, kind: EntryKind, landing: Result<(), Refusal>) {
        let outcome = match landing {
            Ok(()) => "filled",
            Err(Refusal::Invalidated) => "refused",
            Err(Refusal::TooLarge) => "too_large",
            Err(Refusal::Unnamed) => "unnamed",
            Err(Refusal::NotEncodable) => "not_encodable",
            Err(Refusal::Unwanted) => "no_lifetime",
        };
        let entity = self.schema.entity(entity).prefix();
        debug!(target: TARGET, entity, kind = kind.name(), outcome, "fill");
    }

    /// Counts and logs a call of a read that the store did not answer.
    pub(super) fn store_failed(&self, entity: u16, kind: EntryKind, error: &StoreError) {
        self.counters.add(entity, Count::Error);
        let entity = self.schema.entity(entity).prefix();
        debug!(target: TARGET, entity, kind = kind.name(), outcome = "failed", %error, "store");
    }

    /// Logs that the store did not answer to fills: none has landed.
    pub(super) fn fills_failed(&self, entity: u16, error: &StoreError) -> Vec<Landing> {
        let entity = self.schema.entity(entity).prefix();
        debug!(target: TARGET, entity, outcome = "failed", %error, "store");
        Vec::new()
    }
}
