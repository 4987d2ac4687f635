//! A statement as a log may show it: its words, without any value.

use sea_orm::DbBackend;
use sqlparser::tokenizer::{Token, Word};

use super::tokens::{self, is_any};

/// Longer outlines are cut.
const MAX_CHARS: usize = 200;
/// What stands for a value.
const VALUE: &str = "?";

/// The text of a statement on one line: literals are replaced by `?`, comments left out, and what is long is cut. If it cannot be
/// told what in it is a value, only its first words are shown.
#[must_use]
pub(crate) fn outline(backend: DbBackend, sql: &str) -> String {
    let script = tokens::split_as_by_default(backend, sql).filter(|script| !script.doubtful);
    let Some(script) = script else {
        return first_words(sql);
    };
    let mut statements = script.statements.iter();
    let mut text = String::new();
    for statement in statements.by_ref() {
        if !text.is_empty() {
            text.push_str("; ");
        }
        line(backend, statement, &mut text);
        if text.chars().nth(MAX_CHARS).is_some() {
            break;
        }
    }
    cut(&text)
}

/// Adds the tokens of a statement.
fn line(backend: DbBackend, statement: &[Token], text: &mut String) {
    for (at, token) in statement.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| statement.get(before));
        let joined = |token: Option<&Token>| {
            matches!(token, Some(Token::Period | Token::LParen | Token::AtSign))
        };
        let closes = matches!(token, Token::Period | Token::Comma | Token::RParen);
        if at > 0 && !joined(before) && !closes {
            text.push(' ');
        }
        text.push_str(&shown(backend, token, before));
        if text.len() > 8 * MAX_CHARS {
            return;
        }
    }
}

fn shown(backend: DbBackend, token: &Token, before: Option<&Token>) -> String {
    let text = match token {
        Token::Word(word) if is_name(backend, word, before) => token.to_string(),
        Token::Placeholder(mark) if mark.starts_with('?') => VALUE.to_owned(),
        Token::Placeholder(mark) if is_number(mark) => mark.clone(),
        Token::Comma
        | Token::Period
        | Token::LParen
        | Token::RParen
        | Token::LBracket
        | Token::RBracket
        | Token::Colon
        | Token::DoubleColon
        | Token::Assignment
        | Token::AtSign => token.to_string(),
        token if is_operator(token) => token.to_string(),
        _ => VALUE.to_owned(),
    };
    // A name in quotes may hold a line feed.
    text.chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect()
}

/// Whether the word is certainly none that a server takes for a text: SQLite takes `"x"` for one if there is no such column.
fn is_name(backend: DbBackend, word: &Word, before: Option<&Token>) -> bool {
    const BEFORE: [&str; 8] = [
        "INTO", "FROM", "UPDATE", "TABLE", "JOIN", "EXISTS", "INDEX", "VIEW",
    ];
    match word.quote_style {
        None => true,
        Some('"') if backend == DbBackend::Sqlite => {
            before == Some(&Token::Period) || is_any(before, &BEFORE)
        }
        Some(_) => true,
    }
}

/// `$1`. A name behind `$` is none of ours.
fn is_number(mark: &str) -> bool {
    let digits = mark.strip_prefix('$').unwrap_or_default();
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_operator(token: &Token) -> bool {
    matches!(
        token,
        Token::Eq
            | Token::DoubleEq
            | Token::Neq
            | Token::Lt
            | Token::Gt
            | Token::LtEq
            | Token::GtEq
            | Token::Spaceship
            | Token::Plus
            | Token::Minus
            | Token::Mul
            | Token::Div
            | Token::Mod
            | Token::StringConcat
            | Token::Arrow
            | Token::LongArrow
    )
}

/// The words at the start, up to the first that may be, or may hold, a value: at most three, since what follows them may be
/// anything.
fn first_words(sql: &str) -> String {
    const MOST: usize = 3;
    let is_word = |word: &&str| word.bytes().all(|byte| byte.is_ascii_alphabetic());
    let words = sql.split_ascii_whitespace().take(MOST).take_while(is_word);
    let mut text = words.collect::<Vec<_>>().join(" ");
    text.push_str(if text.is_empty() { ".." } else { " .." });
    cut(&text)
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{} ..", &text[..end]),
        None => text.to_owned(),
    }
}
