//! One statement: what its first word says, and whom to ask if that is not enough.

use sea_orm::DbBackend;
use sqlparser::tokenizer::Token;

use super::{
    analysis::{Analysis, TransactionVerb, Write, WriteKind},
    definition::{self, hidden_by},
    flatten::may_write,
    header::{self, name_after},
    names::TableName,
    parse,
    tokens::{has_any, is, is_any, word},
    transaction,
};

/// What `EXPLAIN ANALYZE` may execute.
const EXPLAINABLE: [&str; 14] = [
    "SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE",
    "CREATE", "EXECUTE", "DECLARE", "REFRESH", "CALL",
];

/// What one statement does. `precise` is false if its strings are in doubt.
pub(super) fn analyze(backend: DbBackend, statement: &[Token], precise: bool) -> Analysis {
    let first = statement.first();
    let Some(word) = first.and_then(word) else {
        return match first {
            Some(Token::LParen) => query(backend, statement, precise),
            _ => Analysis::Unknown,
        };
    };
    match word.to_ascii_uppercase().as_str() {
        "SELECT" | "VALUES" | "TABLE" => select(backend, statement),
        "WITH" => query(backend, statement, precise),
        "INSERT" | "REPLACE" | "UPDATE" | "DELETE" => write(backend, statement, precise),
        "MERGE" => whole(name_after(backend, &statement[1..], &["INTO", "ONLY"])),
        "TRUNCATE" => truncate(backend, statement),
        "CREATE" | "DROP" => definition::analyze(backend, statement),
        "ALTER" => Analysis::Schema,
        "EXPLAIN" | "DESCRIBE" | "DESC" => explain(backend, statement, precise),
        "BEGIN" | "START" | "COMMIT" | "END" | "ROLLBACK" | "ABORT" | "SAVEPOINT" | "RELEASE" => {
            transaction::analyze(statement)
        }
        "SHOW" => Analysis::Read,
        other => match backend {
            DbBackend::Postgres => postgres(other, statement, precise),
            DbBackend::MySql => mysql(other, statement, precise),
            DbBackend::Sqlite => sqlite(other),
            _ => Analysis::Unknown,
        },
    }
}

/// Statements that only PostgreSQL knows.
fn postgres(word: &str, statement: &[Token], precise: bool) -> Analysis {
    let backend = DbBackend::Postgres;
    match word {
        "SET" | "RESET" | "ANALYZE" | "ANALYSE" | "VACUUM" | "CLUSTER" | "REINDEX"
        | "CHECKPOINT" | "DISCARD" | "DEALLOCATE" | "DECLARE" | "FETCH" | "MOVE" | "CLOSE"
        | "LOCK" | "LISTEN" | "UNLISTEN" | "NOTIFY" | "GRANT" | "REVOKE" | "COMMENT"
        | "SECURITY" => Analysis::Read,
        "PREPARE" if !is(statement.get(1), "TRANSACTION") => Analysis::Read,
        "COPY" => copy(statement, precise),
        "IMPORT" => Analysis::Schema,
        "REFRESH" => {
            let skipped = ["MATERIALIZED", "VIEW", "CONCURRENTLY"];
            whole(name_after(backend, &statement[1..], &skipped))
        }
        _ => Analysis::Unknown,
    }
}

/// Statements that only MySQL and MariaDB know. `REPAIR` may lose rows, and is left unknown.
fn mysql(word: &str, statement: &[Token], precise: bool) -> Analysis {
    const IMPLIED: Analysis = Analysis::Transaction(TransactionVerb::Implied);
    let second = statement.get(1);
    match word {
        "USE" | "HELP" | "KILL" | "CHECKSUM" | "PREPARE" | "DEALLOCATE" | "HANDLER" => {
            Analysis::Read
        }
        // MariaDB: `SET STATEMENT x = 1 FOR UPDATE ..` executes what follows.
        "SET" if is(second, "STATEMENT") => Analysis::Unknown,
        "SET" if sets_autocommit(statement) => Analysis::Transaction(TransactionVerb::Commit),
        "SET" if is(second, "PASSWORD") => IMPLIED,
        "SET" => Analysis::Read,
        "ANALYZE" if is_any(second, &["TABLE", "LOCAL", "NO_WRITE_TO_BINLOG"]) => IMPLIED,
        "ANALYZE" => explain(DbBackend::MySql, statement, precise),
        "LOCK" | "UNLOCK" | "OPTIMIZE" | "CHECK" | "FLUSH" | "CACHE" | "GRANT" | "REVOKE"
        | "RESET" => IMPLIED,
        "RENAME" => Analysis::Schema,
        "LOAD" if is(second, "INDEX") => IMPLIED,
        "LOAD" => load(statement),
        _ => Analysis::Unknown,
    }
}

fn sqlite(word: &str) -> Analysis {
    match word {
        // What is attached under the name of another file was detached before, and that is left unknown.
        "PRAGMA" | "ANALYZE" | "VACUUM" | "REINDEX" | "ATTACH" => Analysis::Read,
        _ => Analysis::Unknown,
    }
}

/// `SET @@autocommit` and its like come as one word.
fn sets_autocommit(statement: &[Token]) -> bool {
    statement.iter().any(|token| match token {
        Token::Word(word) => word.value.to_ascii_lowercase().contains("autocommit"),
        _ => false,
    })
}

/// A query that starts with its own keyword: data-modifying `WITH` is not allowed further in.
fn select(backend: DbBackend, statement: &[Token]) -> Analysis {
    if backend != DbBackend::Postgres {
        return Analysis::Read;
    }
    let into = statement.windows(2).position(|pair| {
        // `SELECT 1 AS into` and `t.into` are columns.
        is(pair.get(1), "INTO") && !is(pair.first(), "AS") && pair[0] != Token::Period
    });
    let Some(into) = into else {
        return Analysis::Read;
    };
    let target = &statement[into + 2..];
    let name = is_any(target.first(), &["TEMP", "TEMPORARY"])
        .then(|| name_after(backend, &target[1..], &["TABLE"]));
    match name.flatten() {
        Some((table, _)) => Analysis::Writes(vec![hidden_by(table)]),
        None => Analysis::Schema,
    }
}

/// A query in parentheses or with common table expressions, which may write.
fn query(backend: DbBackend, statement: &[Token], precise: bool) -> Analysis {
    if !may_write(statement) {
        return Analysis::Read;
    }
    parse::query(backend, statement, precise).unwrap_or(Analysis::Unknown)
}

fn write(backend: DbBackend, statement: &[Token], precise: bool) -> Analysis {
    let head = header::read(backend, statement);
    if let Some(analysis) = parse::write(backend, &head, precise) {
        return analysis;
    }
    match header::only_table(&head) {
        Some(table) => whole(Some((table.clone(), 0))),
        None => Analysis::Unknown,
    }
}

/// Any row of the named table.
fn whole(name: Option<(TableName, usize)>) -> Analysis {
    match name {
        Some((table, _)) => Analysis::Writes(vec![Write {
            table,
            kind: WriteKind::Other,
            returning: false,
        }]),
        None => Analysis::Unknown,
    }
}

fn truncate(backend: DbBackend, statement: &[Token]) -> Analysis {
    // `CASCADE` empties tables that only the server knows.
    if has_any(statement, &["CASCADE"]) {
        return Analysis::Unknown;
    }
    let mut rest = &statement[1..];
    if is(rest.first(), "TABLE") {
        rest = &rest[1..];
    }
    let mut writes = Vec::new();
    loop {
        let Some((table, length)) = name_after(backend, rest, &["ONLY"]) else {
            return Analysis::Unknown;
        };
        writes.push(Write {
            table,
            kind: WriteKind::Truncate,
            returning: false,
        });
        rest = &rest[length..];
        if rest.first() == Some(&Token::Mul) {
            rest = &rest[1..];
        }
        match rest.split_first() {
            Some((Token::Comma, more)) => rest = more,
            // `RESTART IDENTITY`, `RESTRICT`, `WAIT 5`: options, no further tables.
            Some((Token::Word(_), _)) | None => return Analysis::Writes(writes),
            Some(_) => return Analysis::Unknown,
        }
    }
}

/// `COPY t FROM` writes, `COPY t TO` reads, `COPY (query) TO` does what the query does.
fn copy(statement: &[Token], precise: bool) -> Analysis {
    let backend = DbBackend::Postgres;
    if statement.get(1) == Some(&Token::LParen) {
        let end = closing(&statement[1..]).map(|length| 1 + length);
        return match end.and_then(|end| statement.get(2..end)) {
            Some(inner) if is_explainable(inner.first()) => analyze(backend, inner, precise),
            _ => Analysis::Unknown,
        };
    }
    let Some((table, length)) = name_after(backend, &statement[1..], &["BINARY"]) else {
        return Analysis::Unknown;
    };
    let mut rest = &statement[1 + length..];
    if rest.first() == Some(&Token::LParen) {
        rest = closing(rest)
            .and_then(|end| rest.get(end + 1..))
            .unwrap_or_default();
    }
    if is(rest.first(), "TO") {
        Analysis::Read
    } else if is(rest.first(), "FROM") {
        whole(Some((table, 0)))
    } else {
        Analysis::Unknown
    }
}

/// Where the parenthesis closes that opens at the start.
fn closing(tokens: &[Token]) -> Option<usize> {
    let mut depth = 0_usize;
    tokens.iter().position(|token| {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })
}

/// `LOAD DATA INFILE .. INTO TABLE t`.
fn load(statement: &[Token]) -> Analysis {
    let target = statement
        .windows(2)
        .position(|pair| is(pair.first(), "INTO") && is(pair.get(1), "TABLE"));
    match target {
        Some(at) => whole(name_after(DbBackend::MySql, &statement[at + 2..], &[])),
        None => Analysis::Unknown,
    }
}

/// `EXPLAIN ANALYZE` executes its statement, on every backend that has it; so does MariaDB's `ANALYZE`.
fn explain(backend: DbBackend, statement: &[Token], precise: bool) -> Analysis {
    if backend == DbBackend::Sqlite {
        return Analysis::Read;
    }
    let analyzes = |token: &Token| is_any(Some(token), &["ANALYZE", "ANALYSE"]);
    let Some(flag) = statement.iter().position(analyzes) else {
        return Analysis::Read;
    };
    let inner = statement[flag..]
        .iter()
        .position(|token| is_explainable(Some(token)));
    match inner.map(|length| flag + length) {
        Some(start) => analyze(backend, &statement[start..], precise),
        None => Analysis::Unknown,
    }
}

/// The start of a statement that another one may hold. None of these holds a third.
fn is_explainable(token: Option<&Token>) -> bool {
    token == Some(&Token::LParen) || is_any(token, &EXPLAINABLE)
}
