//! Runs statements, and invalidates what they write.

use super::commit::outcome;
use super::invalidator::Invalidator;
use super::resolve::Resolved;
use super::retries::RetryCounters;
use super::rows::RowReader;
use super::run::{Connection, OwnTransaction, Ran, Run, Runner};
use super::search::TargetSearch;
use super::sessions::{Sessions, steps_of};
use crate::engine::mapping::SchemaMapping;
use crate::engine::runtime::RuntimeWatch;
use crate::engine::settings::Settings;
use crate::port::Source;
use crate::protocol::{Targets, Touch, TouchSet};
use crate::sql::{Analyses, Analysis, outline};
use crate::stats::Counters;
use sea_orm::DbErr;
use std::ops::Deref;
use std::sync::Arc;
use tracing::Instrument;

/// Resolves what a statement writes, locks that, runs the statement and releases (rule 5).
pub(crate) struct Writer {
    pub(super) mapping: Arc<SchemaMapping>,
    pub(super) invalidator: Arc<Invalidator>,
    analyses: Arc<Analyses>,
    sessions: Arc<Sessions>,
    counters: Counters,
    runtime: Arc<RuntimeWatch>,
    retries: RetryCounters,
    /// Keys in one query.
    chunk: usize,
    /// Whether there is no cache: statements go to the database as they are.
    is_passthrough: bool,
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

    /// Runs a statement outside of any transaction of the caller's, to its end.
    ///
    /// # Cancellation
    /// A write runs on a task of its own: once begun it ends and invalidates, even if the caller is gone.
    pub(crate) async fn autocommit(
        self: &Arc<Self>,
        connection: Arc<dyn Connection>,
        run: Run,
    ) -> Result<Ran, DbErr> {
        if self.is_passthrough {
            return connection.run(run).await;
        }
        self.runtime.check()?;
        let analysis = self.analyses.get(self.mapping.backend(), run.sql());
        if matches!(*analysis, Analysis::Read) {
            return connection.run(run).await;
        }
        let resolved = Resolved::of(&self.mapping, &self.sessions, &analysis, run.values());
        let backend = self.mapping.backend();
        let steps = steps_of(backend, &analysis, run.sql());
        if analysis.may_begin_transaction() {
            self.sessions.saw_text();
        }
        if resolved.is_empty() {
            let work = connection.run(run);
            return self.sessions.run(backend, &steps, work).await;
        }
        self.report(&resolved.touches, run.sql());
        let writer = Arc::clone(self);
        let write = async move {
            if writer.sessions.is_open() || !steps.is_empty() {
                let work = writer.blindly(&*connection, run, &resolved);
                writer.sessions.run(backend, &steps, work).await
            } else if writer.wants_transaction(&resolved) {
                writer.in_own_transaction(&*connection, run, resolved).await
            } else {
                writer.alone(&*connection, run, resolved).await
            }
        };
        tokio::spawn(write.in_current_span())
            .await
            .unwrap_or_else(|_| Err(DbErr::Custom("a write panicked; see standard error".into())))
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
    fn report(&self, touches: &TouchSet, sql: &str) {
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
