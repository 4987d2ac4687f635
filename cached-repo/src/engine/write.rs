//! Writes: a statement runs, and what it changed is invalidated.

use super::Engine;
use super::added::is_known;
use super::commit::{Outcome, outcome};
use super::resolve::{Before, Inserted, Resolved, needed};
use super::run::{Connection, OwnTransaction, Ran, Run, Runner};
use crate::port::Source;
use crate::protocol::{Change, Targets, Touch, TouchSet};
use crate::sql::Analysis;
use futures_util::FutureExt;
use sea_orm::{DbErr, Value};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tracing::Instrument;

impl Engine {
    /// Runs a statement outside of any transaction of the caller's, to its end.
    ///
    /// # Cancellation
    /// A write runs on a task of its own: once begun it ends and invalidates, even if the caller is gone.
    pub(crate) async fn autocommit(
        self: &Arc<Self>,
        connection: Arc<dyn Connection>,
        run: Run,
    ) -> Result<Ran, DbErr> {
        if self.is_passthrough() {
            return connection.run(run).await;
        }
        self.check_runtime()?;
        let analysis = self.analyses.get(self.backend, run.sql());
        if matches!(*analysis, Analysis::Read) {
            return connection.run(run).await;
        }
        let resolved = self.resolve(&analysis, run.values());
        let steps = self.session_steps(&analysis, run.sql());
        if analysis.may_begin_transaction() {
            self.sessions.saw_text();
        }
        if resolved.is_empty() {
            return self.in_session(&steps, connection.run(run)).await;
        }
        self.report(&resolved.touches, run.sql());
        let engine = Arc::clone(self);
        let write = async move {
            if engine.sessions.is_open() || !steps.is_empty() {
                let work = engine.blindly(&*connection, run, &resolved);
                engine.in_session(&steps, work).await
            } else if engine.wants_transaction(&resolved) {
                engine.in_own_transaction(&*connection, run, resolved).await
            } else {
                engine.alone(&*connection, run, resolved).await
            }
        };
        tokio::spawn(write.in_current_span())
            .await
            .unwrap_or_else(|_| Err(DbErr::Custom("a write panicked; see standard error".into())))
    }

    /// Old values must be read where no other writer can change them before the statement does. With a shared store, what a
    /// statement will invalidate must be known before it commits.
    fn wants_transaction(&self, resolved: &Resolved) -> bool {
        let unread = |before: &Before| self.reads_before(before.entity);
        let open = |inserted: &Inserted| {
            let needed = needed(self.schema.entity(inserted.entity));
            inserted.rows.iter().any(|row| !is_known(row, needed))
        };
        resolved.before.iter().any(unread)
            || (self.capabilities().locks_before_commit && resolved.inserted.iter().any(open))
    }

    /// One statement, committed by itself.
    async fn alone(
        &self,
        connection: &dyn Connection,
        run: Run,
        resolved: Resolved,
    ) -> Result<Ran, DbErr> {
        let mut early = resolved.touches.clone();
        for before in &resolved.before {
            self.keyed(before)
                .into_iter()
                .for_each(|touch| early.add(touch));
        }
        for inserted in &resolved.inserted {
            let needed = needed(self.schema.entity(inserted.entity));
            let known = inserted.rows.iter().filter(|row| is_known(row, needed));
            known.for_each(|row| {
                early.add(Touch::Row(Change::insert(inserted.entity, row.clone())))
            });
        }
        let targets = self.found(&early, connection).await;
        let mut locked = self.lock(targets).await.map_err(DbErr::from)?;
        let unprepared = matches!(run, Run::Unprepared(_));
        let answer = self.while_locked(&mut locked, connection.run(run)).await;
        let outcome = outcome(&answer);
        let mut late = match (&answer, outcome) {
            (Ok(ran), _) => {
                // The write has happened: whatever the program's own conversions do, it is invalidated.
                let added = AssertUnwindSafe(self.added(&resolved.inserted, ran, connection));
                added
                    .catch_unwind()
                    .await
                    .unwrap_or_else(|_| resolved.coarse())
            }
            (Err(_), Outcome::Unknown) => resolved.coarse(),
            // What failed in the middle may have done its first part.
            (Err(_), Outcome::Known) if resolved.has_parts(unprepared) => resolved.coarse(),
            (Err(_), Outcome::Known) => TouchSet::default(),
        };
        let mut targets = self.targets(&late);
        if answer.is_ok() && self.schema.searches {
            early.merge(std::mem::take(&mut late));
            targets = self.found(&early, connection).await;
        }
        self.release(locked, &targets, &[&early, &late], outcome)
            .await;
        answer
    }

    /// One statement, while somebody's transaction may be open on its connection: nothing is read for it, and the tables go that it
    /// may write to.
    async fn blindly(
        &self,
        connection: &dyn Connection,
        run: Run,
        resolved: &Resolved,
    ) -> Result<Ran, DbErr> {
        let coarse = resolved.coarse();
        let targets = self.targets(&coarse);
        let mut locked = self.lock(targets).await.map_err(DbErr::from)?;
        let answer = self.while_locked(&mut locked, connection.run(run)).await;
        let outcome = outcome(&answer);
        self.release(locked, &Targets::default(), &[&coarse], outcome)
            .await;
        answer
    }

    /// One statement with the reads that it needs, in a transaction.
    async fn in_own_transaction(
        &self,
        connection: &dyn Connection,
        run: Run,
        resolved: Resolved,
    ) -> Result<Ran, DbErr> {
        let transaction = connection.begin().await?;
        let (answer, touches) = self.observed(transaction.runner(), run, resolved).await;
        let ran = match answer {
            Ok(ran) => ran,
            Err(error) => {
                // Nothing was committed, and nothing of it can be: without COMMIT the server drops it.
                let _ = transaction.rollback().await;
                return Err(error);
            }
        };
        self.commit_touches(&touches, transaction, connection)
            .await
            .map(|()| ran)
    }

    /// Runs a statement inside a transaction and notes what it touches; the caller adds that to what the transaction has
    /// touched, whatever the answer is.
    async fn observed(
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
                touches.merge(self.added(&resolved.inserted, ran, runner).await);
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
        let rows = self
            .reread(before.entity, &before.keys, true, runner)
            .await?;
        let count = rows.len() as u64;
        let mut touches = self.bare(before);
        let change = |old| Touch::Row(before.action.change(before.entity, old));
        touches.extend(rows.into_iter().map(change));
        Ok((touches, count))
    }

    /// Touches of known rows of which nothing but the key matters.
    fn keyed(&self, before: &Before) -> Vec<Touch> {
        let key = &self.schema.entity(before.entity).key;
        let touch = |values: &Vec<Value>| {
            let old = self.mapping.known(before.entity, key, values);
            Touch::Row(before.action.change(before.entity, old))
        };
        before.keys.iter().map(touch).collect()
    }

    /// The rows themselves, whether they exist or not: a row may appear between the read and the write.
    fn bare(&self, before: &Before) -> Vec<Touch> {
        let entity = self.schema.entity(before.entity);
        let key = |values: &Vec<Value>| crate::protocol::row_key(before.entity, values).ok();
        debug_assert!(!entity.key.is_empty());
        before
            .keys
            .iter()
            .filter_map(key)
            .map(Touch::Entry)
            .collect()
    }

    /// Runs a statement inside the caller's transaction.
    pub(crate) async fn within(
        &self,
        runner: &dyn Runner,
        run: Run,
        note: &(dyn Fn(TouchSet, bool) + Sync),
    ) -> Result<Ran, DbErr> {
        if self.is_passthrough() {
            return runner.run(run).await;
        }
        let analysis = self.analyses.get(self.backend, run.sql());
        let mut resolved = self.resolve(&analysis, run.values());
        let escapes = analysis.may_end_transaction(self.backend)
            || analysis.may_end_another(self.backend, self.sessions.has_seen_text());
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
        let mut doubt = Doubt {
            note,
            escapes,
            coarse: Some(resolved.coarse()),
        };
        let (answer, mut touches) = self.observed(runner, run, resolved).await;
        if escapes {
            // With it everything that the transactions around it have written.
            touches.add(Touch::Everything);
        }
        doubt.coarse = None;
        note(touches, escapes);
        answer
    }

    /// Commits a transaction that has touched this.
    pub(crate) async fn commit_touches(
        &self,
        touches: &TouchSet,
        transaction: Box<dyn OwnTransaction>,
        source: &dyn Source,
    ) -> Result<(), DbErr> {
        let targets = self.found(touches, transaction.runner()).await;
        let mut locked = match self.lock(targets).await {
            Ok(locked) => locked,
            Err(error) => {
                // Nothing was committed, and nothing of it can be: without COMMIT the server drops it.
                let _ = transaction.rollback().await;
                return Err(error.into());
            }
        };
        let committed = self.while_locked(&mut locked, transaction.commit()).await;
        let late = match committed {
            Ok(()) => self.found_again(touches, source).await,
            Err(_) => Targets::default(),
        };
        self.release(locked, &late, &[touches], outcome(&committed))
            .await;
        committed
    }
}

/// Notes the tables of a statement whose future was dropped.
struct Doubt<'a> {
    note: &'a (dyn Fn(TouchSet, bool) + Sync),
    escapes: bool,
    coarse: Option<TouchSet>,
}

impl Drop for Doubt<'_> {
    fn drop(&mut self) {
        if let Some(coarse) = self.coarse.take() {
            (self.note)(coarse, self.escapes);
        }
    }
}
