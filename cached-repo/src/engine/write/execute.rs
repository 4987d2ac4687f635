//! How a statement runs that writes: by itself, or in a transaction with the reads that it needs.

use super::commit::{Outcome, outcome};
use super::resolve::{Before, Inserted, Resolved, needed};
use super::rows::is_known;
use super::run::{Connection, Ran, Run, Runner};
use super::writer::Writer;
use crate::protocol::{Change, Targets, Touch, TouchSet};
use futures_util::FutureExt;
use sea_orm::{DbErr, Value};
use std::panic::AssertUnwindSafe;

impl Writer {
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
    fn reads_before(&self, entity: u16) -> bool {
        let info = self.mapping.schema().entity(entity);
        info.tracked != 0 || self.mapping.has_loose_key(entity)
    }

    /// Touches of known rows of which nothing but the key matters.
    fn keyed(&self, before: &Before) -> Vec<Touch> {
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
}
