//! `CREATE` and `DROP`: most of them change the schema, some change nothing that anybody has cached.

use sea_orm::DbBackend;
use sqlparser::tokenizer::Token;

use super::{
    analysis::{Analysis, TransactionVerb, Write, WriteKind},
    flatten::may_write,
    header::table_name,
    names::TableName,
    tokens::{has_any, is, is_any},
};

/// A statement that starts with `CREATE` or `DROP`.
pub(super) fn analyze(backend: DbBackend, statement: &[Token]) -> Analysis {
    let creates = is(statement.first(), "CREATE");
    let rest = without(&statement[1..], &["OR", "REPLACE"]);
    let extension = creates && backend == DbBackend::Postgres;
    if extension && is(rest.first(), "EXTENSION") {
        return Analysis::Read;
    }
    if is_index(rest) {
        return indexed(backend);
    }
    match temporary(backend, rest) {
        Some(tables) if !creates || !may_hide_a_write(rest) => Analysis::Writes(tables),
        _ => Analysis::Schema,
    }
}

/// Any row of a temporary table. It is a write, since the table may have the name of one that is cached, which it hides.
pub(super) fn hidden_by(table: TableName) -> Write {
    Write {
        table,
        kind: WriteKind::Other,
        returning: false,
    }
}

/// An index changes no row. On MySQL its statement commits.
fn indexed(backend: DbBackend) -> Analysis {
    match backend {
        DbBackend::MySql => Analysis::Transaction(TransactionVerb::Implied),
        _ => Analysis::Read,
    }
}

fn is_index(rest: &[Token]) -> bool {
    const KINDS: [&str; 3] = ["UNIQUE", "FULLTEXT", "SPATIAL"];
    is(rest.first(), "INDEX") || is_any(rest.first(), &KINDS) && is(rest.get(1), "INDEX")
}

/// The tables, if the statement is about temporary ones alone.
fn temporary(backend: DbBackend, rest: &[Token]) -> Option<Vec<Write>> {
    let scoped = match rest.split_first() {
        Some((first, more)) if is_any(Some(first), &["LOCAL", "GLOBAL"]) => more,
        _ => rest,
    };
    let says_so = is_any(scoped.first(), &["TEMP", "TEMPORARY"]);
    let rest = if says_so { &scoped[1..] } else { rest };
    let rest = rest
        .split_first()
        .filter(|(first, _)| is(Some(first), "TABLE"))?
        .1;
    let mut rest = without(without(rest, &["IF", "NOT", "EXISTS"]), &["IF", "EXISTS"]);
    let mut tables = Vec::new();
    loop {
        let (table, length) = table_name(backend, rest)?;
        if !says_so && !is_of_the_session(backend, &table) {
            return None;
        }
        tables.push(hidden_by(table));
        rest = &rest[length..];
        match rest.split_first() {
            Some((Token::Comma, more)) => rest = more,
            _ => return Some(tables),
        }
    }
}

/// Whether the schema that is named holds temporary tables alone.
fn is_of_the_session(backend: DbBackend, table: &TableName) -> bool {
    let schema = table.schema.as_deref();
    match backend {
        DbBackend::Postgres => schema == Some("pg_temp"),
        DbBackend::Sqlite => schema.is_some_and(|schema| schema.eq_ignore_ascii_case("temp")),
        _ => false,
    }
}

/// Whether the query that fills the table may write, or the table is a part of another one.
fn may_hide_a_write(rest: &[Token]) -> bool {
    has_any(rest, &["EXECUTE", "INHERITS", "PARTITION"])
        || has_any(rest, &["WITH"]) && may_write(rest)
}

/// What follows these words, if they come first.
fn without<'a>(tokens: &'a [Token], words: &[&str]) -> &'a [Token] {
    let all = words
        .iter()
        .enumerate()
        .all(|(at, word)| is(tokens.get(at), word));
    match all {
        true => &tokens[words.len()..],
        false => tokens,
    }
}
