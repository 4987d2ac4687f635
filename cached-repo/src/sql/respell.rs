//! Spells for sqlparser what a server knows and it does not.
//!
//! What is put in place of a word reads the same tables, and pins nothing that the original does not pin.

use sea_orm::DbBackend;
use sqlparser::{keywords::Keyword, tokenizer::Token};

use super::tokens::{is, is_any, keyword};

/// The statement as sqlparser knows it.
pub(super) fn respell(backend: DbBackend, tokens: &[Token]) -> Vec<Token> {
    match backend {
        DbBackend::Postgres => named_alone(&inherited(tokens)),
        DbBackend::MySql => negated(&named_alone(tokens)),
        DbBackend::Sqlite => compared(tokens),
        _ => tokens.to_vec(),
    }
}

/// `TABLE t`, a query by itself, as `SELECT * FROM t`: sqlparser does not know it everywhere.
fn named_alone(tokens: &[Token]) -> Vec<Token> {
    const BEFORE: [&str; 5] = ["UNION", "INTERSECT", "EXCEPT", "ALL", "DISTINCT"];
    let mut spelled = Vec::with_capacity(tokens.len() + 2);
    for (at, token) in tokens.iter().enumerate() {
        let before = spelled.last();
        let begins = before.is_none() || before == Some(&Token::LParen) || is_any(before, &BEFORE);
        if begins && is(Some(token), "TABLE") && matches!(tokens.get(at + 1), Some(Token::Word(_)))
        {
            spelled.push(keyword("SELECT", Keyword::SELECT));
            spelled.push(Token::Mul);
            spelled.push(keyword("FROM", Keyword::FROM));
        } else {
            spelled.push(token.clone());
        }
    }
    spelled
}

/// `FROM ONLY t` and `FROM ONLY (t)` without `ONLY`: the rows of `t` without those of the tables that inherit from it are
/// some of those that `t` has.
fn inherited(tokens: &[Token]) -> Vec<Token> {
    let mut spelled: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let begins = spelled.last() == Some(&Token::Comma)
            || is_any(spelled.last(), &["FROM", "JOIN", "USING", "TABLE"]);
        if !(begins && is(Some(token), "ONLY")) {
            spelled.push(token.clone());
            at += 1;
            continue;
        }
        at += 1;
        if tokens.get(at) == Some(&Token::LParen)
            && let Some(name) = enclosed_name(&tokens[at..])
        {
            spelled.extend_from_slice(name);
            at += name.len() + 2;
        }
    }
    spelled
}

/// The dotted name that is all there is between the parentheses at the start.
fn enclosed_name(tokens: &[Token]) -> Option<&[Token]> {
    let end = tokens.iter().position(|token| *token == Token::RParen)?;
    let name = tokens.get(1..end)?;
    let is_name = |token: &Token| matches!(token, Token::Word(_) | Token::Period);
    (!name.is_empty() && name.iter().all(is_name)).then_some(name)
}

/// MySQL's `!x`, which binds as closely as `~x` does. Both are a number, and no column or value that is known.
fn negated(tokens: &[Token]) -> Vec<Token> {
    let mut spelled = Vec::with_capacity(tokens.len());
    for token in tokens {
        match token {
            Token::ExclamationMark => spelled.push(Token::Tilde),
            Token::DoubleExclamationMark => spelled.extend([Token::Tilde, Token::Tilde]),
            token => spelled.push(token.clone()),
        }
    }
    spelled
}

/// SQLite's `x IS y` and `x IS NOT y`, which bind as `=` does. `x IS ?` finds the rows without a value if that is bound, so that
/// it must not become `=`, which would pin it.
fn compared(tokens: &[Token]) -> Vec<Token> {
    const KNOWN: [&str; 5] = ["NULL", "TRUE", "FALSE", "DISTINCT", "NOT"];
    let mut spelled = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        if !is(Some(token), "IS") || spelled.last() == Some(&Token::Period) {
            spelled.push(token.clone());
            continue;
        }
        let not = is(tokens.get(at), "NOT");
        let operand = tokens.get(at + usize::from(not));
        if operand.is_none() || is_any(operand, &KNOWN) {
            spelled.push(token.clone());
        } else if not {
            spelled.push(Token::Neq);
            at += 1;
        } else {
            spelled.push(Token::Spaceship);
        }
    }
    spelled
}
