//! What one SQL text reads.
//!
//! # Rules
//! 1. *Never too few.* A table that the text reads is among [`Reads::tables`] or [`Reads::words`]: the parser names tables, and every
//!    word of the text may be one that it has passed over.
//! 2. *Bounded.* The parser descends by recursion. It runs on a stack that is large enough for as deep as it may go.
//!
//! # Not here
//! What only the server knows: which names are views (`database/views` asks it), and what a function does.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sea_orm::DbBackend;
use sqlparser::{
    ast::{Expr, ObjectName, Query, Select, Statement, TableFactor, Visit, Visitor},
    parser::Parser,
    tokenizer::Token,
};

use super::{
    bounds,
    calls::{self, Behavior, Call},
    names::{TableName, plain_word, same_name},
    pins::{self, Mention, Pinned},
    quiet::quietly,
    respell::respell,
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
    /// What may be a table although a common table expression has its name.
    pub(crate) hidden: Vec<TableName>,
    /// Every name in the text, whatever it names.
    pub(crate) words: Vec<String>,
    /// Tables among these of which it reads nothing but what it pins.
    pub(crate) pinned: Vec<Pinned>,
    /// Whether it locks the rows that it reads; then its tables are not named.
    pub(crate) locks: bool,
    /// What may make it answer differently each time: by the time, by chance, by the session.
    pub(crate) behavior: Behavior,
    /// Whether it may read a text that is bound to it as a moment.
    pub(crate) moments: bool,
}

/// What the text reads; `None` if that cannot be told, or if it does anything but read.
#[must_use]
pub(crate) fn reads(backend: DbBackend, sql: &str) -> Option<Reads> {
    let script = tokens::split(backend, sql).filter(|script| !script.doubtful)?;
    match script.statements.as_slice() {
        [tokens] => reads_of(backend, tokens),
        _ => None,
    }
}

/// What a view reads, by the text that the database keeps of it: a query, or all of `CREATE VIEW .. AS`; `None` if that cannot be
/// told.
#[must_use]
pub(crate) fn view_reads(backend: DbBackend, sql: &str) -> Option<Reads> {
    // MySQL itself writes the quotes in strings as it reads them by default; of SQLite's texts the user has written all.
    let script = tokens::split_as_by_default(backend, sql)
        .filter(|script| !script.doubtful || backend != DbBackend::Sqlite)?;
    let [tokens] = script.statements.as_slice() else {
        return None;
    };
    reads_of(backend, query_of_view(tokens)?)
}

/// What may make a view answer differently each time, where the catalog itself says what it reads; `None` if the text cannot be
/// read.
#[must_use]
pub(crate) fn view_behavior(backend: DbBackend, sql: &str) -> Option<Behavior> {
    let script = tokens::split_as_by_default(backend, sql)?;
    match script.statements.as_slice() {
        [tokens] => Some(Behavior::of(backend, tokens, Vec::new())),
        _ => None,
    }
}

/// Without `CREATE VIEW name (..) AS`.
fn query_of_view(tokens: &[Token]) -> Option<&[Token]> {
    if !is(tokens.first(), "CREATE") {
        return Some(tokens);
    }
    let mut depth = 0_usize;
    let head = tokens.iter().position(|token| {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && is(Some(token), "AS")
    })?;
    tokens.get(head + 1..)
}

fn reads_of(backend: DbBackend, tokens: &[Token]) -> Option<Reads> {
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
    let tokens = &respell(backend, tokens);
    let mut found = find(backend, tokens.clone())?;
    found.visited.extend(named_alone(backend, tokens));
    let calls = std::mem::take(&mut found.calls);
    let (visited, expressions) = (&found.visited, &found.expressions);
    let (tables, hidden) = found.tables();
    Some(Reads {
        tables,
        hidden,
        words,
        pinned: pins::pinned(backend, tokens, visited, expressions, found.mentions),
        locks: false,
        behavior: Behavior::of(backend, tokens, calls),
        moments: varying::reads_moments(backend, tokens),
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

/// What the parser finds.
fn find(backend: DbBackend, tokens: Vec<Token>) -> Option<Found> {
    let parse = move || {
        let mut parser = Parser::new(dialect(backend)?)
            .with_recursion_limit(RECURSION)
            .with_tokens(tokens);
        let statement = quietly(|| parser.parse_statement()).ok()?;
        let is_query = matches!(statement, Statement::Query(_));
        if !is_query || parser.peek_token().token != Token::EOF {
            return None;
        }
        let mut found = Found {
            backend,
            visited: Vec::new(),
            beyond: Vec::new(),
            scopes: Vec::new(),
            expressions: Vec::new(),
            mentions: Vec::new(),
            calls: Vec::new(),
        };
        let done = statement.visit(&mut found);
        (done == ControlFlow::Continue(())).then_some(found)
    };
    // A parser that panics has named nothing.
    let parse = AssertUnwindSafe(parse);
    stacker::maybe_grow(STACK, STACK, || catch_unwind(parse)).ok()?
}

/// The tables of `TABLE name`, which the parser's visitor passes over.
fn named_alone(backend: DbBackend, tokens: &[Token]) -> Vec<TableName> {
    let name = |at: usize| match tokens.get(at) {
        Some(Token::Word(word)) => Some(plain_word(backend, word)),
        _ => None,
    };
    let table = |at: usize| {
        let first = name(at + 1)?;
        let is_part = at > 0 && tokens[at - 1] == Token::Period;
        let second = (tokens.get(at + 2) == Some(&Token::Period)).then(|| name(at + 3));
        let (schema, name) = match second.flatten() {
            Some(name) => (Some(first), name),
            None => (None, first),
        };
        (!is_part && is(tokens.get(at), "TABLE")).then_some(TableName { schema, name })
    };
    (0..tokens.len()).filter_map(table).collect()
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
    /// Tables, as often as they are mentioned.
    visited: Vec<TableName>,
    /// Those of them that have the name of an expression, where that is not in sight.
    beyond: Vec<TableName>,
    /// The queries around the present place, the outermost first.
    scopes: Vec<Scope>,
    /// Names of common table expressions.
    expressions: Vec<String>,
    /// Tables in the `FROM` of a `SELECT` that pins them.
    mentions: Vec<Mention>,
    /// Functions that are called.
    calls: Vec<Call>,
}

/// A query that is being visited.
struct Scope {
    /// Its common table expressions: the name, and where the query lies that it stands for.
    expressions: Vec<(String, usize)>,
    /// Whether one of them sees itself, and those behind it.
    is_recursive: bool,
    /// How many of them can be seen from the present place.
    seen: usize,
}

/// Where it lies, which tells it from every other.
fn place(query: &Query) -> usize {
    std::ptr::from_ref(query).addr()
}

impl Scope {
    /// Takes note that one of its expressions is about to be visited.
    fn enter(&mut self, query: &Query) {
        let at = self
            .expressions
            .iter()
            .position(|(_, it)| *it == place(query));
        if let Some(at) = at.filter(|_| !self.is_recursive) {
            self.seen = at;
        }
    }

    /// Behind it, all can be seen.
    fn leave(&mut self, query: &Query) {
        if self.expressions.iter().any(|(_, it)| *it == place(query)) {
            self.seen = self.expressions.len();
        }
    }
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
        if let Some(around) = self.scopes.last_mut() {
            around.enter(query);
        }
        let own = query.with.iter().flat_map(|with| &with.cte_tables);
        let own: Vec<_> = own
            .map(|it| {
                let name = super::names::plain(self.backend, &it.alias.name);
                (name, place(&it.query))
            })
            .collect();
        self.expressions
            .extend(own.iter().map(|(name, _)| name.clone()));
        self.scopes.push(Scope {
            seen: own.len(),
            expressions: own,
            // SQLite asks for no word.
            is_recursive: self.backend == DbBackend::Sqlite
                || query.with.as_ref().is_some_and(|with| with.recursive),
        });
        ControlFlow::Continue(())
    }

    fn post_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
        self.scopes.pop();
        if let Some(around) = self.scopes.last_mut() {
            around.leave(query);
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<()> {
        self.mentions.extend(pins::mentions(self.backend, select));
        ControlFlow::Continue(())
    }

    fn pre_visit_expr(&mut self, expression: &Expr) -> ControlFlow<()> {
        calls::add_expression(self.backend, expression, &mut self.calls);
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<()> {
        calls::add_factor(self.backend, factor, &mut self.calls);
        ControlFlow::Continue(())
    }

    fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
        match TableName::from_object(self.backend, relation) {
            Some(table) => {
                if !self.is_in_sight(&table) {
                    self.beyond.push(table.clone());
                }
                self.visited.push(table);
                ControlFlow::Continue(())
            }
            None => ControlFlow::Break(()),
        }
    }
}

impl Found {
    /// Whether the name is that of an expression that can be seen from here.
    fn is_in_sight(&self, table: &TableName) -> bool {
        let mut names = (self.scopes.iter())
            .flat_map(|scope| scope.expressions.iter().take(scope.seen))
            .map(|(name, _)| name);
        table.schema.is_none() && names.any(|name| same_name(self.backend, name, &table.name))
    }

    /// Each table once, and apart from them those that have the name of an expression.
    fn tables(&self) -> (Vec<TableName>, Vec<TableName>) {
        let (mut tables, mut hidden) = (Vec::new(), Vec::new());
        for table in &self.visited {
            let is_one = |name: &String| same_name(self.backend, name, &table.name);
            let is_hidden = table.schema.is_none()
                && self.expressions.iter().any(is_one)
                && !self.beyond.contains(table);
            let list = if is_hidden { &mut hidden } else { &mut tables };
            if !list.contains(table) {
                list.push(table.clone());
            }
        }
        (tables, hidden)
    }
}
