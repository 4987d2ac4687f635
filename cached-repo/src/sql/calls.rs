//! Which functions a text calls.

use sea_orm::DbBackend;
use sqlparser::{
    ast::{Expr, FunctionArguments, ObjectName, TableFactor},
    tokenizer::Token,
};

use super::{
    functions::Varying,
    names::{idents, plain, plain_word},
    varying,
};

/// A function that a text calls, or may call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// Its name without a schema: as PostgreSQL's catalog has it, in lower case elsewhere.
    pub(crate) name: String,
    /// Whether the parser takes it for a function. If not, it may be the name of a type, of an expression, or a word of the grammar:
    /// then it counts only if a function of this name is known.
    pub(crate) certain: bool,
}

/// How a text goes about what it reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Behavior {
    /// The functions that it calls, or may call.
    pub(crate) calls: Vec<Call>,
    /// The worst that makes it answer differently each time besides these.
    pub(crate) varying: Option<Varying>,
}

impl Behavior {
    /// What the tokens tell, besides the functions that the parser has found.
    pub(super) fn of(backend: DbBackend, tokens: &[Token], mut calls: Vec<Call>) -> Self {
        add_tokens(backend, tokens, &mut calls);
        let varying = varying::found(backend, tokens);
        Self { calls, varying }
    }
}

/// Adds the function that this expression calls. What needs no parentheses is found by its tokens (`varying`).
pub(super) fn add_expression(backend: DbBackend, expression: &Expr, calls: &mut Vec<Call>) {
    if let Expr::Function(function) = expression
        && !matches!(function.args, FunctionArguments::None)
    {
        add(backend, &function.name, calls);
    }
}

/// Adds the function whose rows are read here.
pub(super) fn add_factor(backend: DbBackend, factor: &TableFactor, calls: &mut Vec<Call>) {
    match factor {
        TableFactor::Table {
            name,
            args: Some(_),
            ..
        }
        | TableFactor::Function { name, .. } => add(backend, name, calls),
        _ => {}
    }
}

fn add(backend: DbBackend, name: &ObjectName, calls: &mut Vec<Call>) {
    let last = idents(name).and_then(|parts| parts.last().map(|part| plain(backend, part)));
    // A name that is computed is that of no function that is known.
    let name = folded(backend, last.unwrap_or_default());
    let certain = true;
    push(calls, Call { name, certain });
}

/// Adds every name before a parenthesis, whatever it names: the second look, without the parser.
fn add_tokens(backend: DbBackend, tokens: &[Token], calls: &mut Vec<Call>) {
    for pair in tokens.windows(2) {
        if let [Token::Word(word), Token::LParen] = pair {
            let name = folded(backend, plain_word(backend, word));
            let certain = false;
            push(calls, Call { name, certain });
        }
    }
}

fn push(calls: &mut Vec<Call>, call: Call) {
    let is_covered = |known: &Call| known.name == call.name && (known.certain || !call.certain);
    if !calls.iter().any(is_covered) {
        calls.push(call);
    }
}

/// PostgreSQL's names are folded where they are read.
fn folded(backend: DbBackend, name: String) -> String {
    match backend {
        DbBackend::Postgres => name,
        _ => name.to_ascii_lowercase(),
    }
}
