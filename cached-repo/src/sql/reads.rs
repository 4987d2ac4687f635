//! What one SQL text reads.
//!
//! # Rules
//! 1. *Never too few.* A table that the text reads is among [`Reads::tables`] or [`Reads::words`]: the parser names tables, and every
//!    word of the text may be one that it has passed over.
//! 2. *Bounded.* The parser descends by recursion. It runs on a thread whose stack is large enough for as deep as it may go.
//!
//! # Not here
//! What only the server knows: what a view reads, and what a function does.

use std::ops::ControlFlow;

use sea_orm::DbBackend;
use sqlparser::{
    ast::{ObjectName, Query, Statement, Visit, Visitor},
    parser::Parser,
    tokenizer::Token,
};

use super::{
    bounds,
    names::{TableName, plain_word, same_name},
    tokens::{self, dialect, is, is_any},
    varying,
};

/// How deep the parser may descend.
const RECURSION: usize = 128;
/// Without optimization a level takes up to 80 KiB.
const STACK: usize = 32 << 20;

/// What a text reads.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reads {
    /// Tables and views, as the text names them.
    pub(crate) tables: Vec<TableName>,
    /// Every name in the text, whatever it names.
    pub(crate) words: Vec<String>,
    /// Whether it locks the rows that it reads; then its tables are not named.
    pub(crate) locks: bool,
    /// What makes it answer differently each time: a function of the time, of chance or of the session.
    pub(crate) varies_by: Option<&'static str>,
}

/// What the text reads; `None` if that cannot be told, or if it does anything but read.
#[must_use]
pub(crate) fn reads(backend: DbBackend, sql: &str) -> Option<Reads> {
    let script = tokens::split(backend, sql).filter(|script| !script.doubtful)?;
    let [tokens] = script.statements.as_slice() else {
        return None;
    };
    // `SELECT .. INTO` makes a table.
    if !bounds::within(tokens) || tokens::has_any(tokens, &["INTO"]) {
        return None;
    }
    let words = words(backend, tokens);
    if locks(tokens) {
        // The parser does not know every way to say so, and nobody needs to know more.
        return Some(Reads {
            words,
            locks: true,
            ..Reads::default()
        });
    }
    Some(Reads {
        tables: tables(backend, tokens.clone())?,
        words,
        locks: false,
        varies_by: varying::function(backend, tokens),
    })
}

fn words(backend: DbBackend, tokens: &[Token]) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for token in tokens {
        if let Token::Word(word) = token {
            let word = plain_word(backend, word);
            if !words.contains(&word) {
                words.push(word);
            }
        }
    }
    words
}

/// The tables that the parser finds, but for names of common table expressions.
fn tables(backend: DbBackend, tokens: Vec<Token>) -> Option<Vec<TableName>> {
    let parse = move || {
        let mut parser = Parser::new(dialect(backend)?)
            .with_recursion_limit(RECURSION)
            .with_tokens(tokens);
        let statement = parser.parse_statement().ok()?;
        let is_query = matches!(statement, Statement::Query(_));
        if !is_query || parser.peek_token().token != Token::EOF {
            return None;
        }
        let mut found = Found {
            backend,
            tables: Vec::new(),
            expressions: Vec::new(),
        };
        let done = statement.visit(&mut found);
        (done == ControlFlow::Continue(())).then(|| found.into_tables())
    };
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(parse);
    thread.ok()?.join().ok()?
}

/// Whether the rows are locked, or may be.
fn locks(tokens: &[Token]) -> bool {
    let pair = |at: usize, first: &str, then: &[&str]| {
        is(tokens.get(at), first) && is_any(tokens.get(at + 1), then)
    };
    (0..tokens.len()).any(|at| {
        pair(at, "FOR", &["UPDATE", "SHARE", "NO", "KEY"])
            || pair(at, "LOCK", &["IN"]) && is(tokens.get(at + 2), "SHARE")
    })
}

/// What the parser's tree names.
struct Found {
    backend: DbBackend,
    tables: Vec<TableName>,
    /// Names of common table expressions.
    expressions: Vec<String>,
}

impl Visitor for Found {
    type Break = ();

    fn pre_visit_statement(&mut self, statement: &Statement) -> ControlFlow<()> {
        // A common table expression may write.
        match statement {
            Statement::Query(_) => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    }

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        for expression in query.with.iter().flat_map(|with| &with.cte_tables) {
            let name = super::names::plain(self.backend, &expression.alias.name);
            self.expressions.push(name);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        match TableName::from_object(self.backend, relation) {
            Some(table) if self.tables.contains(&table) => ControlFlow::Continue(()),
            Some(table) => {
                self.tables.push(table);
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        }
    }
}

impl Found {
    /// A table that is hidden behind the name of an expression is among the words.
    fn into_tables(mut self) -> Vec<TableName> {
        let expressions = self.expressions;
        self.tables.retain(|table| {
            let is_one = |name: &String| same_name(self.backend, name, &table.name);
            table.schema.is_some() || !expressions.iter().any(is_one)
        });
        self.tables
    }
}
