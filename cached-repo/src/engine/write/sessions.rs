//! Transactions that are begun as text, outside of SeaORM's: `execute_unprepared("BEGIN")`.
//!
//! Such a transaction belongs to whichever connection of the pool has run the text. On a pool of one that is the connection of
//! every statement, and so it works with SeaORM alone. The repo cannot know which connection it is, nor which transaction a
//! statement runs in. So while one may be open
//! - no statement gets a transaction of the engine's own, which would end it or fail: what a write invalidates is not found
//!   by reading, but is the entity as a whole, at once; and the text that ends the transaction invalidates everything, locked
//!   before the commit as any write (rule 5);
//! - nothing that is loaded is stored: it may be what is never committed.
//!
//! A load that began before the end is refused by the stamps of that last invalidation (rule 1).

use crate::sql::{Analysis, SessionStep, session_steps};
use sea_orm::{DbBackend, DbErr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What is known of the connections' transactions that no `CachedTransaction` stands for.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    state: Mutex<State>,
    open: AtomicBool,
    /// Whether a text has ever begun a transaction: before that, what ends one by the way has none to end.
    seen_text: AtomicBool,
}

#[derive(Debug, Default)]
struct State {
    session: Session,
    /// Texts under way that may begin one.
    beginning: usize,
}

/// The state of the connection on which a transaction was begun.
#[derive(Debug, Default, PartialEq, Eq)]
struct Session {
    begun: bool,
    /// On SQLite the outermost one begins a transaction.
    savepoints: Vec<String>,
    /// Each statement begins a transaction.
    manual: bool,
}

impl Session {
    fn is_open(&self) -> bool {
        self.begun || self.manual || !self.savepoints.is_empty()
    }

    fn on(&mut self, backend: DbBackend, step: &SessionStep) {
        let nests = backend == DbBackend::Sqlite;
        let place = |savepoints: &[String], name: &String| {
            savepoints.iter().rposition(|savepoint| savepoint == name)
        };
        match step {
            SessionStep::Begin => self.begun = true,
            SessionStep::End => {
                self.begun = false;
                self.savepoints.clear();
            }
            SessionStep::Savepoint(name) if nests => self.savepoints.push(name.clone()),
            SessionStep::Release(name) if nests => {
                if let Some(at) = place(&self.savepoints, name) {
                    self.savepoints.truncate(at);
                }
            }
            SessionStep::RollbackTo(name) if nests => {
                if let Some(at) = place(&self.savepoints, name) {
                    self.savepoints.truncate(at + 1);
                }
            }
            SessionStep::Savepoint(_) | SessionStep::Release(_) | SessionStep::RollbackTo(_) => {}
            SessionStep::Autocommit(true) => *self = Self::default(),
            SessionStep::Autocommit(false) => self.manual = true,
        }
    }
}

impl Sessions {
    /// Whether a connection may have a transaction that was begun as text.
    #[inline]
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Whether a text may have begun a transaction since the repo was built.
    pub(super) fn has_seen_text(&self) -> bool {
        self.seen_text.load(Ordering::Relaxed)
    }

    /// Notes that a text may have begun a transaction.
    pub(super) fn saw_text(&self) {
        self.seen_text.store(true, Ordering::Relaxed);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A text with these steps is about to run.
    fn expect(&self) {
        let mut state = self.lock();
        state.beginning += 1;
        self.open.store(true, Ordering::Release);
    }

    /// It has run, and these steps have taken effect.
    fn settle<'a>(&self, backend: DbBackend, steps: impl IntoIterator<Item = &'a SessionStep>) {
        let mut state = self.lock();
        state.beginning -= 1;
        let was_open = state.session.is_open();
        for step in steps {
            state.session.on(backend, step);
        }
        let is_open = state.session.is_open();
        self.open
            .store(is_open || state.beginning > 0, Ordering::Release);
        if is_open && !was_open {
            tracing::warn!(
                "a transaction was begun as text: until it is ended as text, nothing is cached, and each write invalidates whole \
                 entities; begin it with `repo.begin()` to avoid this"
            );
        }
    }

    /// Does the work of a text with these steps.
    pub(super) async fn run<T>(
        &self,
        backend: DbBackend,
        steps: &[SessionStep],
        work: impl Future<Output = Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        if steps.is_empty() {
            return work.await;
        }
        let mut expected = Expected {
            sessions: self,
            backend,
            steps: Some(steps),
        };
        self.expect();
        let answer = work.await;
        let error = answer.as_ref().err();
        expected.steps = None;
        let done = |step: &&SessionStep| match error {
            None => true,
            Some(error) => takes_effect(backend, step, error, steps.len() > 1),
        };
        self.settle(backend, steps.iter().filter(done));
        answer
    }
}

/// What a text that was analyzed so does to the session of its connection.
pub(super) fn steps_of(backend: DbBackend, analysis: &Analysis, sql: &str) -> Vec<SessionStep> {
    match analysis {
        Analysis::Transaction(_) | Analysis::Unknown => session_steps(backend, sql),
        _ => Vec::new(),
    }
}

/// Settles for a text whose future was dropped: it may have run.
struct Expected<'a> {
    sessions: &'a Sessions,
    backend: DbBackend,
    steps: Option<&'a [SessionStep]>,
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        if let Some(steps) = self.steps {
            let opens = steps.iter().filter(|step| !ends(step));
            self.sessions.settle(self.backend, opens);
        }
    }
}

fn ends(step: &SessionStep) -> bool {
    matches!(
        step,
        SessionStep::End | SessionStep::Release(_) | SessionStep::Autocommit(true)
    )
}

/// Whether a step has taken effect though its text has failed. One of several may be one before the failure: what begins is taken to
/// have begun. An end that fails is an end to PostgreSQL and MySQL; SQLite goes on, unless there was nothing to end.
fn takes_effect(backend: DbBackend, step: &SessionStep, error: &DbErr, several: bool) -> bool {
    match step {
        SessionStep::End if several => false,
        SessionStep::End if backend == DbBackend::Sqlite => {
            error.to_string().contains("no transaction is active")
        }
        SessionStep::End => true,
        step => several && !ends(step),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(backend: DbBackend, texts: &[&str]) -> bool {
        let mut session = Session::default();
        for text in texts {
            for step in session_steps(backend, text) {
                session.on(backend, &step);
            }
        }
        session.is_open()
    }

    #[test]
    fn what_opens_and_what_ends() {
        use sea_orm::DatabaseBackend::{MySql, Postgres, Sqlite};
        for (backend, texts, open) in [
            (Postgres, &["BEGIN"][..], true),
            (Postgres, &["BEGIN", "COMMIT"], false),
            (Postgres, &["SAVEPOINT a"], false),
            (Postgres, &["BEGIN", "SAVEPOINT a", "RELEASE a"], true),
            (Postgres, &["BEGIN", "SAVEPOINT a", "ROLLBACK TO a"], true),
            (Sqlite, &["SAVEPOINT a"], true),
            (Sqlite, &["SAVEPOINT a", "SAVEPOINT b", "RELEASE b"], true),
            (Sqlite, &["SAVEPOINT a", "SAVEPOINT b", "RELEASE A"], false),
            (Sqlite, &["SAVEPOINT a", "SAVEPOINT a", "RELEASE a"], true),
            (Sqlite, &["SAVEPOINT a", "ROLLBACK TO a"], true),
            (Sqlite, &["SAVEPOINT a", "ROLLBACK"], false),
            (Sqlite, &["BEGIN", "SAVEPOINT a", "RELEASE a"], true),
            (MySql, &["SET autocommit = 0"], true),
            (MySql, &["SET autocommit = 0", "COMMIT"], true),
            (MySql, &["SET autocommit = 0", "SET autocommit = 1"], false),
            (MySql, &["START TRANSACTION", "ROLLBACK"], false),
        ] {
            assert_eq!(after(backend, texts), open, "{texts:?}");
        }
    }

    #[test]
    fn an_end_that_fails() {
        let busy = DbErr::Custom("database is locked".into());
        let none = DbErr::Custom("cannot commit - no transaction is active".into());
        let end = SessionStep::End;
        assert!(!takes_effect(DbBackend::Sqlite, &end, &busy, false));
        assert!(takes_effect(DbBackend::Sqlite, &end, &none, false));
        assert!(takes_effect(DbBackend::Postgres, &end, &busy, false));
        assert!(!takes_effect(
            DbBackend::Postgres,
            &SessionStep::Begin,
            &busy,
            false
        ));
    }
}
