//! What answers differently each time without being a function that is called: words, variables, texts that mean the present.

use sea_orm::{DbBackend, Value};
use sqlparser::tokenizer::{Token, Word};

use super::{
    functions::{Nature, Varying},
    names::{plain_word, undouble},
    tokens::{is, is_any, word},
};

/// Words that are such a function by themselves, on every database.
const ALONE: [&str; 3] = ["current_date", "current_time", "current_timestamp"];

const ALONE_ON_POSTGRES: [&str; 9] = [
    "current_catalog",
    "current_role",
    "current_schema",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "system_user",
    "user",
];

const ALONE_ON_MYSQL: [&str; 9] = [
    "current_role",
    "current_user",
    "localtime",
    "localtimestamp",
    "rownum",
    "sysdate",
    "utc_date",
    "utc_time",
    "utc_timestamp",
];

/// SQLite's functions of time.
const OF_TIME: [&str; 7] = [
    "date",
    "time",
    "datetime",
    "julianday",
    "unixepoch",
    "strftime",
    "timediff",
];

/// PostgreSQL's types of time: a text that is cast to them may mean the present.
const TYPES_OF_TIME: [&str; 6] = [
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "timetz",
    "abstime",
];

/// Texts that mean the present: to PostgreSQL's types, wherever they stand in the text, and to SQLite's functions.
const PRESENT: [&str; 4] = ["now", "today", "tomorrow", "yesterday"];
const PRESENT_ON_SQLITE: [&str; 3] = ["now", "subsec", "subsecond"];

/// The worst that makes a statement answer differently each time, besides the functions that it calls.
pub(super) fn found(backend: DbBackend, tokens: &[Token]) -> Option<Varying> {
    let all = (0..tokens.len()).filter_map(|at| match backend {
        DbBackend::Postgres => on_postgres(tokens, at),
        DbBackend::MySql => on_mysql(tokens, at),
        DbBackend::Sqlite => on_sqlite(tokens, at),
        _ => None,
    });
    Varying::worst(all)
}

/// One of these words at this place, and not a column of a table.
fn named(tokens: &[Token], at: usize, names: &[&str]) -> Option<Varying> {
    let word = word(&tokens[at])?;
    let is_part = at > 0 && tokens[at - 1] == Token::Period;
    let name = names.iter().find(|name| word.eq_ignore_ascii_case(name))?;
    (!is_part).then(|| Varying::new(*name, Nature::Varies))
}

fn on_postgres(tokens: &[Token], at: usize) -> Option<Varying> {
    let text = match &tokens[at] {
        Token::SingleQuotedString(text)
        | Token::EscapedStringLiteral(text)
        | Token::UnicodeStringLiteral(text)
        | Token::NationalStringLiteral(text) => Some(text.as_str()),
        Token::DollarQuotedString(text) => Some(text.value.as_str()),
        _ => None,
    };
    if let Some(text) = text {
        // The name of a field is no moment.
        const FIELD: [Token; 4] = [
            Token::Arrow,
            Token::LongArrow,
            Token::HashArrow,
            Token::HashLongArrow,
        ];
        let is_field = at > 0 && FIELD.contains(&tokens[at - 1]);
        let text = (!is_field).then_some(text)?;
        return present(text).map(|word| Varying::new(format!("'{word}'"), Nature::Varies));
    }
    if is(tokens.get(at), "TABLESAMPLE") {
        return Some(Varying::new("tablesample", Nature::Varies));
    }
    named(tokens, at, &ALONE).or_else(|| named(tokens, at, &ALONE_ON_POSTGRES))
}

/// The word by which a text may mean the present to PostgreSQL, which reads no moment from a text that holds other signs.
fn present(text: &str) -> Option<&'static str> {
    const SIGNS: &str = " \t\n:.,-+/()_";
    let is_read = |char: char| char.is_ascii_alphanumeric() || SIGNS.contains(char);
    if !text.chars().all(is_read) {
        return None;
    }
    let mut words = text.split(|char: char| !char.is_ascii_alphabetic());
    words.find_map(|word| {
        let mut known = PRESENT.into_iter();
        known.find(|known| word.eq_ignore_ascii_case(known))
    })
}

fn on_mysql(tokens: &[Token], at: usize) -> Option<Varying> {
    match &tokens[at] {
        Token::Assignment => return Some(Varying::new(":=", Nature::Acts)),
        // Of the session, or of the server.
        Token::Word(Word {
            value,
            quote_style: None,
            ..
        }) if value.starts_with('@') => {
            return Some(Varying::new(value.to_lowercase(), Nature::Varies));
        }
        _ => {}
    }
    named(tokens, at, &ALONE)
        .or_else(|| named(tokens, at, &ALONE_ON_MYSQL))
        .or_else(|| called_with_nothing(tokens, at, 0, &["unix_timestamp"]))
}

fn on_sqlite(tokens: &[Token], at: usize) -> Option<Varying> {
    let opens = at > 0 && tokens[at - 1] == Token::LParen;
    let follows = at > 0 && tokens[at - 1] == Token::Comma;
    let of_time = opens && is_of_time(tokens, at.checked_sub(2));
    let text = match &tokens[at] {
        Token::SingleQuotedString(text) => Some((undouble(text, '\''), true)),
        // A text, if there is no such column.
        Token::Word(word) if word.quote_style == Some('"') && (of_time || follows) => Some((
            plain_word(DbBackend::Sqlite, word),
            of_time || (0..tokens.len()).any(|at| is_of_time(tokens, Some(at))),
        )),
        _ => None,
    };
    if let Some((text, counts)) = text
        && counts
        && let Some(word) = present_on_sqlite(&text)
    {
        // `subsec` is a modifier as well: the present is meant where it comes first.
        let is_meant = word == "now" || of_time;
        return is_meant.then(|| Varying::new(format!("'{word}'"), Nature::Varies));
    }
    named(tokens, at, &ALONE)
        .or_else(|| called_with_nothing(tokens, at, 0, &OF_TIME))
        .or_else(|| called_with_nothing(tokens, at, 1, &["strftime"]))
}

fn present_on_sqlite(text: &str) -> Option<&'static str> {
    let mut known = PRESENT_ON_SQLITE.into_iter();
    known.find(|known| text.trim().eq_ignore_ascii_case(known))
}

/// Whether a function of time is called here.
fn is_of_time(tokens: &[Token], at: Option<usize>) -> bool {
    let Some(Token::Word(word)) = at.and_then(|at| tokens.get(at)) else {
        return false;
    };
    let name = plain_word(DbBackend::Sqlite, word);
    OF_TIME.iter().any(|known| name.eq_ignore_ascii_case(known))
        && at.and_then(|at| tokens.get(at + 1)) == Some(&Token::LParen)
}

/// A function that means the present when it is given nothing, behind so many arguments of one token.
fn called_with_nothing(
    tokens: &[Token],
    at: usize,
    arguments: usize,
    names: &[&str],
) -> Option<Varying> {
    let Token::Word(word) = &tokens[at] else {
        return None;
    };
    let ends = tokens.get(at + 1) == Some(&Token::LParen)
        && tokens.get(at + 2 + arguments) == Some(&Token::RParen);
    let name = names.iter().find(|name| {
        let plain = plain_word(DbBackend::Sqlite, word);
        plain.eq_ignore_ascii_case(name)
    })?;
    ends.then(|| Varying::new(*name, Nature::Varies))
}

/// Whether a text that is bound to the statement may be read as a moment.
pub(super) fn reads_moments(backend: DbBackend, tokens: &[Token]) -> bool {
    match backend {
        // A type of one's own may be made of one of these.
        DbBackend::Postgres => tokens.iter().any(|token| {
            *token == Token::DoubleColon
                || is_any(Some(token), &["CAST"])
                || is_any(Some(token), &TYPES_OF_TIME)
        }),
        DbBackend::Sqlite => (0..tokens.len()).any(|at| is_of_time(tokens, Some(at))),
        _ => false,
    }
}

/// Whether one of the values that are bound to a statement means the present, if it is read as a moment.
#[must_use]
pub(crate) fn mean_the_present(backend: DbBackend, values: &[Value]) -> bool {
    let means = |text: &str| match backend {
        DbBackend::Postgres => present(text).is_some(),
        DbBackend::Sqlite => present_on_sqlite(text).is_some(),
        _ => false,
    };
    values.iter().any(|value| match value {
        Value::String(Some(text)) => means(text),
        #[cfg(feature = "postgres-array")]
        Value::Array(_, Some(values)) => mean_the_present(backend, values),
        _ => false,
    })
}
