//! Runs statements, and invalidates what they write.

use super::commit::outcome;
use super::invalidator::Invalidator;
use super::resolve::{Before, Resolved};
use super::retries::RetryCounters;
use super::rows::RowReader;
use super::run::{OwnTransaction, Ran, Run, Runner};
use super::search::TargetSearch;
use super::sessions::Sessions;
use crate::engine::mapping::SchemaMapping;
use crate::engine::runtime::RuntimeWatch;
use crate::engine::settings::Settings;
use crate::port::Source;
use crate::protocol::{Targets, Touch, TouchSet};
use crate::sql::{Analyses, Analysis, outline};
use crate::stats::Counters;
use sea_orm::{DbErr, Value};
use std::ops::Deref;
use std::sync::Arc;

/// Resolves what a statement writes, locks that, runs the statement and releases (rule 5).
pub(crate) struct Writer {
    pub(super) mapping: Arc<SchemaMapping>,
    pub(super) invalidator: Arc<Invalidator>,
    pub(super) analyses: Arc<Analyses>,
    pub(super) sessions: Arc<Sessions>,
    counters: Counters,
    pub(super) runtime: Arc<RuntimeWatch>,
    retries: RetryCounters,
    /// Keys in one query.
    chunk: usize,
    /// Whether there is no cache: statements go to the database as they are.
    pub(super) is_passthrough: bool,
}

/// What a writer shares with others.
pub(in crate::engine) struct WriterParts {
    pub(in crate::engine) mapping: Arc<SchemaMapping>,
    pub(in crate::engine) invalidator: Arc<Invalidator>,
    pub(in crate::engine) analyses: Arc<Analyses>,
    pub(in crate::engine) sessions: Arc<Sessions>,
    pub(in crate::engine) counters: Counters,
    pub(in crate::engine) runtime: Arc<RuntimeWatch>,
}

impl Writer {
    pub(in crate::engine) fn new(parts: WriterParts, settings: &Settings) -> Self {
        Self {
            mapping: parts.mapping,
            invalidator: parts.invalidator,
            analyses: parts.analyses,
            sessions: parts.sessions,
            counters: parts.counters,
            runtime: parts.runtime,
            retries: RetryCounters::default(),
            chunk: settings.chunk,
            is_passthrough: settings.passthrough,
        }
    }

    /// Counts how retried transactions end.
    pub(crate) fn retries(&self) -> &RetryCounters {
        &self.retries
    }

    /// What a statement does.
    pub(crate) fn analyze(&self, sql: &str) -> impl Deref<Target = Analysis> + use<> {
        self.analyses.get(self.mapping.backend(), sql)
    }

    /// Counts a write that went past the repo.
    pub(crate) fn count_bypassed(&self) {
        self.counters.bypassed_write();
    }

    /// Runs a statement inside the caller's transaction.
    pub(crate) async fn within(
        &self,
        runner: &dyn Runner,
        run: Run,
        note: &(dyn Fn(TouchSet, bool) + Sync),
    ) -> Result<Ran, DbErr> {
        if self.is_passthrough {
            return runner.run(run).await;
        }
        let analysis = self.analyses.get(self.mapping.backend(), run.sql());
        let mut resolved = Resolved::of(&self.mapping, &self.sessions, &analysis, run.values());
        let escapes = analysis.may_end_transaction(self.mapping.backend())
            || analysis.may_end_another(self.mapping.backend(), self.sessions.has_seen_text());
        if escapes {
            // What follows on this connection is in a transaction that a text begins, if in any.
            self.sessions.saw_text();
            if matches!(*analysis, Analysis::Transaction(_)) {
                resolved.touches.add(Touch::Everything);
            }
        }
        if resolved.is_empty() {
            return runner.run(run).await;
        }
        self.report(&resolved.touches, run.sql());
        // Dropped halfway, the statement may or may not have run: the tables are noted.
        let mut dropped = DroppedStatement {
            note,
            escapes,
            coarse: Some(resolved.coarse()),
        };
        let (answer, mut touches) = self.observed(runner, run, resolved).await;
        if escapes {
            // With it everything that the transactions around it have written.
            touches.add(Touch::Everything);
        }
        dropped.coarse = None;
        note(touches, escapes);
        answer
    }

    /// Runs a statement inside a transaction and notes what it touches; the caller adds that to what the transaction has
    /// touched, whatever the answer is.
    pub(super) async fn observed(
        &self,
        runner: &dyn Runner,
        run: Run,
        resolved: Resolved,
    ) -> (Result<Ran, DbErr>, TouchSet) {
        let mut touches = resolved.touches.clone();
        let mut asked = 0;
        let mut found = 0;
        for before in &resolved.before {
            match self.before(before, runner).await {
                Ok((rows, count)) => {
                    asked += before.keys.len() as u64;
                    found += count;
                    rows.into_iter().for_each(|touch| touches.add(touch));
                }
                Err(error) => return (Err(error), resolved.coarse()),
            }
        }
        let answer = runner.run(run).await;
        match &answer {
            Ok(ran) => {
                touches.merge(self.rows(runner).added(&resolved.inserted, ran).await);
                if found < asked && ran.count() > 0 {
                    // A row that was not there may have appeared before the write: its old values are not known.
                    touches.merge(resolved.coarse());
                }
            }
            Err(_) => touches.merge(resolved.coarse()),
        }
        (answer, touches)
    }

    /// The touches of known rows, with their old values, and how many of them exist.
    async fn before(
        &self,
        before: &Before,
        runner: &dyn Runner,
    ) -> Result<(Vec<Touch>, u64), DbErr> {
        if !self.reads_before(before.entity) {
            return Ok((self.keyed(before), before.keys.len() as u64));
        }
        let reader = self.rows(runner);
        let rows = reader.reread(before.entity, &before.keys, true).await?;
        let count = rows.len() as u64;
        let mut touches = self.bare(before);
        let change = |old| Touch::Row(before.action.change(before.entity, old));
        touches.extend(rows.into_iter().map(change));
        Ok((touches, count))
    }

    /// Whether the values of a row must be read before it is written: because they name entries or tags, or because the
    /// database may find the row under a key that is spelled otherwise.
    pub(super) fn reads_before(&self, entity: u16) -> bool {
        let info = self.mapping.schema().entity(entity);
        info.tracked != 0 || self.mapping.has_loose_key(entity)
    }

    /// Touches of known rows of which nothing but the key matters.
    pub(super) fn keyed(&self, before: &Before) -> Vec<Touch> {
        let key = &self.mapping.schema().entity(before.entity).key;
        let touch = |values: &Vec<Value>| {
            let old = self.mapping.known(before.entity, key, values);
            Touch::Row(before.action.change(before.entity, old))
        };
        before.keys.iter().map(touch).collect()
    }

    /// The rows themselves, whether they exist or not: a row may appear between the read and the write.
    fn bare(&self, before: &Before) -> Vec<Touch> {
        let entity = self.mapping.schema().entity(before.entity);
        let key = |values: &Vec<Value>| crate::protocol::row_key(before.entity, values).ok();
        debug_assert!(!entity.key.is_empty());
        before
            .keys
            .iter()
            .filter_map(key)
            .map(Touch::Entry)
            .collect()
    }

    /// Commits a transaction that has touched this.
    ///
    /// # Errors
    /// The database's, or that the store is away and the configuration wants the write refused.
    ///
    /// # Cancellation
    /// Dropped halfway, what was committed may stay locked until the locks expire, and is not invalidated: run it on a task of its own.
    pub(crate) async fn commit(
        &self,
        touches: &TouchSet,
        transaction: Box<dyn OwnTransaction>,
        source: &dyn Source,
    ) -> Result<(), DbErr> {
        let targets = self.found(touches, transaction.runner()).await;
        let mut locked = match self.invalidator.lock(targets).await {
            Ok(locked) => locked,
            Err(error) => {
                // Nothing was committed, and nothing of it can be: without COMMIT the server drops it.
                let _ = transaction.rollback().await;
                return Err(error.into());
            }
        };
        let committed = self
            .invalidator
            .while_locked(&mut locked, transaction.commit())
            .await;
        let late = match committed {
            Ok(()) => self.found_late(touches, source).await,
            Err(_) => Targets::default(),
        };
        self.invalidator
            .release(locked, &late, &[touches], outcome(&committed))
            .await;
        committed
    }

    /// What these touches invalidate, with what `source` finds.
    pub(super) async fn found(&self, touches: &TouchSet, source: &dyn Source) -> Targets {
        if !self.mapping.schema().searches || self.is_passthrough {
            return self.invalidator.targets(touches);
        }
        let search = TargetSearch {
            mapping: &self.mapping,
            source,
            chunk: self.chunk,
        };
        search.find(touches).await
    }

    /// What is to be invalidated after a commit beyond what was locked before it.
    async fn found_late(&self, touches: &TouchSet, source: &dyn Source) -> Targets {
        if self.mapping.schema().searches {
            self.found(touches, source).await
        } else {
            Targets::default()
        }
    }

    /// Reads rows by this connection or transaction.
    pub(super) fn rows<'a>(&'a self, source: &'a dyn Source) -> RowReader<'a> {
        RowReader {
            mapping: &self.mapping,
            source,
        }
    }

    /// Counts and reports writes that could not be understood (rule 9).
    pub(super) fn report(&self, touches: &TouchSet, sql: &str) {
        if touches.iter().any(|touch| *touch == Touch::Everything) {
            self.counters.unknown_write();
            let statement = outline(self.mapping.backend(), sql);
            tracing::warn!(
                %statement,
                "a statement's tables cannot be told, so every entity of the schema is invalidated; \
                 write through entities or plain INSERT, UPDATE and DELETE to avoid this"
            );
        }
    }
}

/// Notes the tables of a statement whose future was dropped.
struct DroppedStatement<'a> {
    note: &'a (dyn Fn(TouchSet, bool) + Sync),
    escapes: bool,
    coarse: Option<TouchSet>,
}

impl Drop for DroppedStatement<'_> {
    fn drop(&mut self) {
        if let Some(coarse) = self.coarse.take() {
            (self.note)(coarse, self.escapes);
        }
    }
}
