//! What a text does to the transaction of the connection that it runs on.

use sea_orm::DbBackend;
use sqlparser::tokenizer::Token;

use super::{
    analysis::{Analysis, TransactionVerb},
    tokens::{self, is, is_any, word},
    transaction,
};

/// One change of the state of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SessionStep {
    /// `BEGIN`.
    Begin,
    /// `COMMIT`, `ROLLBACK`.
    End,
    /// `SAVEPOINT name`, the name in lower case.
    Savepoint(String),
    /// `RELEASE name`.
    Release(String),
    /// `ROLLBACK TO name`.
    RollbackTo(String),
    /// `SET autocommit = 1`, or `= 0`.
    Autocommit(bool),
}

/// The changes that a text makes, in their order; none if it cannot be taken apart.
#[must_use]
pub(crate) fn session_steps(backend: DbBackend, sql: &str) -> Vec<SessionStep> {
    let Some(script) = tokens::split(backend, sql) else {
        return Vec::new();
    };
    let statements = script.statements.iter();
    statements
        .filter_map(|tokens| step(backend, tokens))
        .collect()
}

fn step(backend: DbBackend, statement: &[Token]) -> Option<SessionStep> {
    if backend == DbBackend::MySql && is(statement.first(), "SET") {
        return autocommit(&statement[1..]);
    }
    let Analysis::Transaction(verb) = transaction::analyze(statement) else {
        return None;
    };
    let name = || {
        let last = statement.last().and_then(word);
        last.unwrap_or_default().to_lowercase()
    };
    Some(match verb {
        TransactionVerb::Begin => SessionStep::Begin,
        TransactionVerb::Commit | TransactionVerb::Rollback => SessionStep::End,
        TransactionVerb::Implied if backend == DbBackend::MySql => SessionStep::End,
        TransactionVerb::Implied => return None,
        TransactionVerb::Savepoint => SessionStep::Savepoint(name()),
        TransactionVerb::Release => SessionStep::Release(name()),
        TransactionVerb::RollbackTo => SessionStep::RollbackTo(name()),
    })
}

/// `[SESSION | LOCAL | @@ | @@SESSION.] autocommit = 0`. Of several assignments, and of values that are not plain, the
/// transaction is taken to stay open. `GLOBAL` is for connections that come later.
fn autocommit(rest: &[Token]) -> Option<SessionStep> {
    let named = |token: &Token| match token {
        Token::Word(word) => word.value.to_ascii_lowercase().ends_with("autocommit"),
        _ => false,
    };
    let at = rest.iter().position(named)?;
    let before = rest[..at].iter().chain(&rest[at..=at]);
    let mut words = before.filter_map(word);
    if words.any(|word| word.to_ascii_uppercase().contains("GLOBAL")) {
        return None;
    }
    let value = &rest[at + 1..];
    let on = match value {
        [Token::Eq | Token::Assignment, value] => match value {
            Token::Number(number, _) => number != "0",
            value => is_any(Some(value), &["ON", "TRUE", "DEFAULT"]),
        },
        _ => false,
    };
    Some(SessionStep::Autocommit(on))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(backend: DbBackend, sql: &str) -> Vec<SessionStep> {
        session_steps(backend, sql)
    }

    #[test]
    fn transactions() {
        use SessionStep::{Begin, End, Release, RollbackTo, Savepoint};
        let name = || "a".to_owned();
        for (sql, step) in [
            ("BEGIN", Begin),
            ("begin immediate;", Begin),
            ("START TRANSACTION READ ONLY", Begin),
            ("COMMIT", End),
            ("END TRANSACTION", End),
            ("ROLLBACK", End),
            ("SAVEPOINT A", Savepoint(name())),
            ("RELEASE SAVEPOINT a", Release(name())),
            ("RELEASE a", Release(name())),
            ("ROLLBACK TO SAVEPOINT a", RollbackTo(name())),
        ] {
            assert_eq!(of(DbBackend::Sqlite, sql), [step], "{sql}");
        }
        let script = "BEGIN; UPDATE users SET name = 'COMMIT; x'; COMMIT";
        assert_eq!(of(DbBackend::Postgres, script), [Begin, End]);
        assert_eq!(of(DbBackend::Postgres, "SELECT 1; SET x = 1"), []);
    }

    #[test]
    fn autocommit() {
        use SessionStep::Autocommit;
        for (sql, on) in [
            ("SET autocommit = 0", false),
            ("SET autocommit=OFF", false),
            ("SET SESSION autocommit = 0", false),
            ("SET @@autocommit = 0", false),
            ("SET @@session.autocommit = 0", false),
            ("SET autocommit = @old", false),
            ("SET autocommit = 1", true),
            ("SET autocommit = ON", true),
            ("SET @@autocommit := 1", true),
        ] {
            assert_eq!(of(DbBackend::MySql, sql), [Autocommit(on)], "{sql}");
        }
        for sql in [
            "SET GLOBAL autocommit = 0",
            "SET @@global.autocommit = 0",
            "SET NAMES utf8mb4",
        ] {
            assert_eq!(of(DbBackend::MySql, sql), [], "{sql}");
        }
    }
}
