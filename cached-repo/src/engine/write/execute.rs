//! How a statement runs that writes: by itself, or in a transaction with the reads that it needs.

use super::commit::{Outcome, outcome};
use super::resolve::{Before, Inserted, Resolved, needed};
use super::rows::is_known;
use super::run::{Connection, Ran, Run};
use super::sessions::steps_of;
use super::writer::Writer;
use crate::protocol::{Change, Targets, Touch, TouchSet};
use crate::sql::Analysis;
use futures_util::FutureExt;
use sea_orm::DbErr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use tracing::Instrument;

impl Writer {
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

    /// Old values must be read where no other writer can change them before the statement does. With a shared store, what a
    /// statement will invalidate must be known before it commits.
    pub(super) fn wants_transaction(&self, resolved: &Resolved) -> bool {
        let unread = |before: &Before| self.reads_before(before.entity);
        let open = |inserted: &Inserted| {
            let needed = needed(self.mapping.schema().entity(inserted.entity));
            inserted.rows.iter().any(|row| !is_known(row, needed))
        };
        resolved.before.iter().any(unread)
            || (self.invalidator.locks_before_commit() && resolved.inserted.iter().any(open))
    }

    /// One statement, committed by itself.
    pub(super) async fn alone(
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
            let needed = needed(self.mapping.schema().entity(inserted.entity));
            let known = inserted.rows.iter().filter(|row| is_known(row, needed));
            known.for_each(|row| {
                early.add(Touch::Row(Change::insert(inserted.entity, row.clone())))
            });
        }
        let targets = self.found(&early, connection).await;
        let mut locked = self.invalidator.lock(targets).await.map_err(DbErr::from)?;
        let unprepared = matches!(run, Run::Unprepared(_));
        let answer = self
            .invalidator
            .while_locked(&mut locked, connection.run(run))
            .await;
        let outcome = outcome(&answer);
        let mut late = match (&answer, outcome) {
            (Ok(ran), _) => {
                // The write has happened: whatever the program's own conversions do, it is invalidated.
                let added = AssertUnwindSafe(self.rows(connection).added(&resolved.inserted, ran));
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
        let mut targets = self.invalidator.targets(&late);
        if answer.is_ok() && self.mapping.schema().searches {
            early.merge(std::mem::take(&mut late));
            targets = self.found(&early, connection).await;
        }
        self.invalidator
            .release(locked, &targets, &[&early, &late], outcome)
            .await;
        answer
    }

    /// One statement, while somebody's transaction may be open on its connection: nothing is read for it, and the tables go that it
    /// may write to.
    pub(super) async fn blindly(
        &self,
        connection: &dyn Connection,
        run: Run,
        resolved: &Resolved,
    ) -> Result<Ran, DbErr> {
        let coarse = resolved.coarse();
        let targets = self.invalidator.targets(&coarse);
        let mut locked = self.invalidator.lock(targets).await.map_err(DbErr::from)?;
        let answer = self
            .invalidator
            .while_locked(&mut locked, connection.run(run))
            .await;
        let outcome = outcome(&answer);
        self.invalidator
            .release(locked, &Targets::default(), &[&coarse], outcome)
            .await;
        answer
    }

    /// One statement with the reads that it needs, in a transaction.
    pub(super) async fn in_own_transaction(
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
        self.commit(&touches, transaction, connection)
            .await
            .map(|()| ran)
    }
}
