//! Which tables the code of a trigger or rule may write.
//!
//! Such code is statements between the words of a procedural language (`IF .. THEN UPDATE ..; END IF;`). Each is cut out at
//! its semicolon and read like any other statement; of one that writes and cannot be read, every name counts.
//!
//! # Not here
//! Statements that the code puts together as text, and what the functions and procedures do that it calls.

use sea_orm::DbBackend;
use sqlparser::tokenizer::Token;

use super::{
    analysis::Analysis,
    header::table_name,
    names::TableName,
    statement,
    tokens::{self, Script, is, is_any},
};

/// Words that write.
const WRITING: [&str; 6] = ["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "TRUNCATE"];

/// Words of procedural languages that a statement may follow.
const BEFORE: [&str; 6] = ["BEGIN", "THEN", "ELSE", "LOOP", "DO", "REPEAT"];

/// What kind of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Code {
    /// Statements, perhaps between `BEGIN` and `END`.
    Body,
    /// `CREATE TRIGGER .. BEGIN .. END`, as SQLite keeps it.
    Trigger,
    /// `CREATE RULE .. DO ..`, as PostgreSQL shows it.
    Rule,
    /// Another language, where statements stand in strings.
    Foreign,
}

/// A table that the code names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mention {
    pub(crate) table: TableName,
    /// Whether a statement writes to it. If not, a statement that writes, and that cannot be read, has this name in it.
    pub(crate) certain: bool,
}

/// The tables that the code may write. What it only reads is left out.
#[must_use]
pub(crate) fn written(backend: DbBackend, code: Code, text: &str) -> Vec<Mention> {
    let script = match code {
        Code::Foreign => None,
        _ => tokens::split_as_by_default(backend, text),
    };
    let Some(script) = script else {
        return words(backend, text);
    };
    let Script {
        mut statements,
        doubtful,
    } = script;
    if let Some(first) = statements.first_mut() {
        let header = header(code, first);
        first.drain(..header);
    }
    let mut mentions = Vec::new();
    for tokens in &statements {
        for mention in one(backend, tokens, !doubtful) {
            if !mentions.contains(&mention) {
                mentions.push(mention);
            }
        }
    }
    mentions
}

/// How many tokens stand before the first statement.
fn header(code: Code, tokens: &[Token]) -> usize {
    let after = |start: usize, keyword: &str| {
        let found =
            (start..tokens.len()).find(|at| is(tokens.get(*at), keyword) && !is_part(tokens, *at));
        found.map_or(start, |at| at + 1)
    };
    match code {
        Code::Body | Code::Foreign => 0,
        // A column in `WHEN` may be called `begin`, but only behind `NEW.`.
        Code::Trigger => after(after(0, "ON"), "BEGIN"),
        Code::Rule => {
            let mut at = after(0, "DO");
            while is_any(tokens.get(at), &["ALSO", "INSTEAD"])
                || tokens.get(at) == Some(&Token::LParen)
            {
                at += 1;
            }
            at
        }
    }
}

fn one(backend: DbBackend, tokens: &[Token], precise: bool) -> Vec<Mention> {
    let Some(first) = (0..tokens.len()).find(|at| is_writing(tokens, *at)) else {
        return Vec::new();
    };
    let start =
        (0..=first).find(|at| starts(tokens, *at) && (*at == first || is(tokens.get(*at), "WITH")));
    match start.map(|at| statement::analyze(backend, &tokens[at..], precise)) {
        Some(Analysis::Read) => Vec::new(),
        Some(Analysis::Writes(writes)) => {
            mentions(writes.into_iter().map(|write| write.table), true)
        }
        _ => mentions(names(backend, tokens), false),
    }
}

fn mentions(tables: impl IntoIterator<Item = TableName>, certain: bool) -> Vec<Mention> {
    let mention = |table| Mention { table, certain };
    tables.into_iter().map(mention).collect()
}

/// Whether a statement may start here.
fn starts(tokens: &[Token], at: usize) -> bool {
    let Some(before) = at.checked_sub(1).and_then(|before| tokens.get(before)) else {
        return true;
    };
    // A label ends in `:` or `>>`.
    is_any(Some(before), &BEFORE) || matches!(before, Token::Colon | Token::ShiftRight)
}

/// Whether a word here starts a write, or might. `replace(..)` is a function, `FOR UPDATE` locks, and `ON DUPLICATE KEY
/// UPDATE` belongs to a write that has started before.
fn is_writing(tokens: &[Token], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    is_any(tokens.get(at), &WRITING)
        && tokens.get(at + 1) != Some(&Token::LParen)
        && !is_part(tokens, at)
        && !(is(tokens.get(at), "UPDATE") && is_any(before, &["FOR", "KEY"]))
}

/// Whether it stands behind a point, as a column of `NEW` does.
fn is_part(tokens: &[Token], at: usize) -> bool {
    at > 0 && tokens[at - 1] == Token::Period
}

/// Every name in these tokens. Strings are none.
fn names(backend: DbBackend, tokens: &[Token]) -> Vec<TableName> {
    let mut names = Vec::new();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let name = match token {
            Token::Word(_) => table_name(backend, &tokens[at..]),
            _ => None,
        };
        at += name.as_ref().map_or(1, |(_, length)| *length);
        names.extend(name.map(|(table, _)| table));
    }
    names
}

/// Every word of a text that cannot be taken apart, if it writes at all.
fn words(backend: DbBackend, text: &str) -> Vec<Mention> {
    let is_word = |char: char| char.is_alphanumeric() || "_$".contains(char);
    let words = || {
        text.split(|char| !is_word(char))
            .filter(|word| !word.is_empty())
    };
    let writes = |word: &str| {
        WRITING
            .iter()
            .any(|writing| word.eq_ignore_ascii_case(writing))
    };
    if !words().any(writes) {
        return Vec::new();
    }
    let table = |name: &str| TableName {
        schema: None,
        name: name.to_owned(),
    };
    let mut found: Vec<TableName> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for word in words() {
        if seen.insert(word) {
            found.push(table(word));
            // Whether the word stood in quotes is not known here.
            if backend == DbBackend::Postgres && word.bytes().any(|byte| byte.is_ascii_uppercase())
            {
                found.push(table(&word.to_ascii_lowercase()));
            }
        }
    }
    mentions(found, false)
}
