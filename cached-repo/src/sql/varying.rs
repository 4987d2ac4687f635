//! Functions that answer differently each time: by the time, by chance, by the session.

use sea_orm::DbBackend;
use sqlparser::tokenizer::Token;

use super::tokens::word;

/// Names that are such a function when a parenthesis follows.
const CALLED: [&str; 65] = [
    "age",
    "changes",
    "clock_timestamp",
    "connection_id",
    "curdate",
    "currval",
    "current_database",
    "current_date",
    "current_query",
    "current_role",
    "current_schema",
    "current_schemas",
    "current_setting",
    "current_time",
    "current_timestamp",
    "current_user",
    "curtime",
    "database",
    "found_rows",
    "gen_random_bytes",
    "gen_random_uuid",
    "get_lock",
    "inet_client_addr",
    "is_free_lock",
    "last_insert_id",
    "last_insert_rowid",
    "last_value",
    "lastval",
    "localtime",
    "localtimestamp",
    "nextval",
    "now",
    "pg_backend_pid",
    "pg_current_xact_id",
    "pg_is_in_recovery",
    "rand",
    "random",
    "random_bytes",
    "random_normal",
    "randomblob",
    "row_count",
    "schema",
    "session_user",
    "setval",
    "sleep",
    "pg_sleep",
    "statement_timestamp",
    "sysdate",
    "system_user",
    "timeofday",
    "total_changes",
    "transaction_timestamp",
    "txid_current",
    "unix_timestamp",
    "user",
    "utc_date",
    "utc_time",
    "utc_timestamp",
    "uuid",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuid_short",
    "uuidv4",
    "uuidv7",
];

/// Names that are such a function by themselves.
const ALONE: [&str; 11] = [
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "sysdate",
];

/// Functions of SQLite that mean the present when they are given nothing.
const OF_TIME: [&str; 5] = ["date", "time", "datetime", "julianday", "unixepoch"];

/// The first function that makes a statement answer differently each time.
pub(super) fn function(backend: DbBackend, tokens: &[Token]) -> Option<&'static str> {
    tokens.iter().enumerate().find_map(|(at, token)| {
        if let Token::SingleQuotedString(text) = token {
            // A moment, to SQLite's functions and PostgreSQL's types.
            return text.trim().eq_ignore_ascii_case("now").then_some("'now'");
        }
        let word = word(token)?;
        let is_part = at > 0 && tokens[at - 1] == Token::Period;
        let is_called = tokens.get(at + 1) == Some(&Token::LParen);
        let named = |names: &[&'static str]| {
            names
                .iter()
                .copied()
                .find(|name| word.eq_ignore_ascii_case(name))
        };
        if is_called {
            let ends = |after: usize| {
                backend == DbBackend::Sqlite && tokens.get(at + after) == Some(&Token::RParen)
            };
            return named(&CALLED)
                .or_else(|| named(&OF_TIME).filter(|_| ends(2)))
                .or_else(|| named(&["strftime"]).filter(|_| ends(3)));
        }
        // To PostgreSQL that word alone is the user of the session; to the others it is a name.
        let user = || named(&["user"]).filter(|_| backend == DbBackend::Postgres);
        named(&ALONE).or_else(user).filter(|_| !is_part)
    })
}
