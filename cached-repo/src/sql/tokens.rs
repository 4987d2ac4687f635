//! From text to the tokens of each statement, with placeholders numbered.

use sea_orm::DbBackend;
use sqlparser::{
    dialect::{Dialect, MySqlDialect, PostgreSqlDialect, SQLiteDialect},
    keywords::Keyword,
    tokenizer::{Token, Tokenizer, Word},
};

/// Longer texts are not even tokenized: a token takes ten times the room of its text.
const MAX_TEXT: usize = 4 << 20;

/// A placeholder that has no number the caller could use.
const UNNUMBERED: &str = "?-";

static POSTGRES: PostgreSqlDialect = PostgreSqlDialect {};
static MYSQL: MySqlDialect = MySqlDialect {};
static SQLITE: SQLiteDialect = SQLiteDialect {};

/// The dialect of the parser for a backend, if it has one.
pub(super) fn dialect(backend: DbBackend) -> Option<&'static dyn Dialect> {
    match backend {
        DbBackend::Postgres => Some(&POSTGRES),
        DbBackend::MySql => Some(&MYSQL),
        DbBackend::Sqlite => Some(&SQLITE),
        _ => None,
    }
}

/// The statements of a text.
#[derive(Debug)]
pub(super) struct Script {
    /// The tokens of each statement that is not empty, without blanks and comments.
    pub(super) statements: Vec<Vec<Token>>,
    /// The server may see other strings than we do, depending on its settings.
    pub(super) doubtful: bool,
}

/// Splits a text into statements, or gives up.
pub(super) fn split(backend: DbBackend, sql: &str) -> Option<Script> {
    let script = split_as_by_default(backend, sql)?;
    let end = |char: char| char == ';' || char.is_ascii_whitespace();
    // Where strings end differently, so do statements.
    (!script.doubtful || !sql.trim_end_matches(end).contains(';')).then_some(script)
}

/// Splits a text as a server with the usual settings does. Not for what must be certain.
pub(super) fn split_as_by_default(backend: DbBackend, sql: &str) -> Option<Script> {
    if sql.len() > MAX_TEXT || has_executable_comment(backend, sql) {
        return None;
    }
    let mut tokens = Tokenizer::new(dialect(backend)?, sql)
        .with_unescape(false)
        .tokenize()
        .ok()?;
    tokens.retain(|token| !matches!(token, Token::Whitespace(_)));
    if tokens.iter().any(|token| is_misread(backend, token)) {
        return None;
    }
    number_placeholders(backend, &mut tokens);
    let statements: Vec<Vec<Token>> = tokens
        .split(|token| *token == Token::SemiColon)
        .filter(|statement| !statement.is_empty())
        .map(<[Token]>::to_vec)
        .collect();
    Some(Script {
        statements,
        doubtful: is_doubtful(backend, sql),
    })
}

/// MySQL executes what stands in `/*! .. */`, depending on its version.
fn has_executable_comment(backend: DbBackend, sql: &str) -> bool {
    backend == DbBackend::MySql
        && (sql.contains("/*!") || sql.contains("/*M!") || sql.contains("/*m!"))
}

/// Tokens where sqlparser reads further than the server would, and so might swallow a statement.
fn is_misread(backend: DbBackend, token: &Token) -> bool {
    match token {
        // To PostgreSQL a comment starts within an operator too.
        Token::CustomBinaryOperator(text) => text.contains("--") || text.contains("/*"),
        // To MySQL and SQLite `$$` is a name.
        Token::DollarQuotedString(_) => backend != DbBackend::Postgres,
        _ => false,
    }
}

/// A backslash before a quote ends the string or does not (`NO_BACKSLASH_ESCAPES`,
/// `standard_conforming_strings`), and exotic blanks are blanks to sqlparser only.
fn is_doubtful(backend: DbBackend, sql: &str) -> bool {
    let escapes = backend != DbBackend::Sqlite && (sql.contains("\\'") || sql.contains("\\\""));
    escapes
        || sql
            .chars()
            .any(|char| char.is_whitespace() && !char.is_ascii_whitespace())
}

/// Gives each `?` its one-based number. On SQLite the numbers of `?` beside `?5` or `:name` depend on the driver.
fn number_placeholders(backend: DbBackend, tokens: &mut [Token]) {
    if backend == DbBackend::Postgres {
        return;
    }
    let positional = tokens
        .iter()
        .filter(|token| matches!(token, Token::Placeholder(text) if text == "?"))
        .count();
    let mixed = positional > 0
        && tokens.iter().any(|token| match token {
            Token::Placeholder(text) => text != "?",
            Token::Colon | Token::AtSign => backend == DbBackend::Sqlite,
            _ => false,
        });
    let mut number = 0;
    for token in tokens {
        if let Token::Placeholder(text) = token {
            if mixed || !text.starts_with('?') {
                *text = UNNUMBERED.to_owned();
            } else if text == "?" {
                number += 1;
                *text = format!("?{number}");
            }
        }
    }
}

/// An unquoted word, as written.
pub(super) fn word(token: &Token) -> Option<&str> {
    match token {
        Token::Word(Word {
            value,
            quote_style: None,
            ..
        }) => Some(value),
        _ => None,
    }
}

/// Whether the token is this keyword, unquoted.
pub(super) fn is(token: Option<&Token>, keyword: &str) -> bool {
    token
        .and_then(word)
        .is_some_and(|word| word.eq_ignore_ascii_case(keyword))
}

/// Whether the token is one of these keywords, unquoted.
pub(super) fn is_any(token: Option<&Token>, keywords: &[&str]) -> bool {
    keywords.iter().any(|keyword| is(token, keyword))
}

/// Whether one of these keywords occurs anywhere, unquoted.
pub(super) fn has_any(tokens: &[Token], keywords: &[&str]) -> bool {
    tokens.iter().any(|token| is_any(Some(token), keywords))
}

/// A keyword as a token.
pub(super) fn keyword(text: &str, keyword: Keyword) -> Token {
    Token::Word(Word {
        value: text.to_owned(),
        quote_style: None,
        keyword,
    })
}
