//! From tokens to writes, by way of the parser's tree.

use sea_orm::DbBackend;
use sqlparser::{
    ast::{Query, SetExpr, Statement, TableFactor},
    parser::Parser,
    tokenizer::Token,
};

use super::{
    analysis::{Analysis, Write, WriteKind},
    bounds,
    context::Context,
    filter::is_misread,
    flatten::flatten,
    header::Head,
    insert,
    names::TableName,
    quiet::quietly,
    respell::respell,
    tokens::{dialect, is_any},
    update,
};

/// How deep the parser may descend; parentheses take up to three levels each.
const RECURSION: usize = 10;

/// The writes found so far.
#[derive(Debug)]
struct Found {
    context: Context,
    writes: Vec<Write>,
    statements: usize,
    schema: bool,
}

/// A query that may hold data-modifying common table expressions. `None` if it cannot be read.
pub(super) fn query(backend: DbBackend, tokens: &[Token], precise: bool) -> Option<Analysis> {
    if !precise {
        return None;
    }
    let statement = parse(backend, tokens)?;
    let mut found = Found::new(backend, tokens, false);
    found.statement(&statement)?;
    // A second look, without the parser: as many statements must have been found as there seem to be.
    let hidden = tokens
        .windows(3)
        .filter(|triple| {
            triple[0] == Token::LParen
                && is_any(triple.get(1), &["INSERT", "UPDATE", "DELETE", "MERGE"])
                && triple[2] != Token::LParen
        })
        .count();
    (hidden <= found.statements).then(|| found.analysis())
}

/// An `INSERT`, `REPLACE`, `UPDATE` or `DELETE`. `None` if the parser disagrees with what the head says.
pub(super) fn write(backend: DbBackend, head: &Head, precise: bool) -> Option<Analysis> {
    if !precise {
        return None;
    }
    let statement = parse(backend, &head.tokens)?;
    let mut found = Found::new(backend, &head.tokens, head.ignore);
    found.statement(&statement)?;
    let agrees = match &head.table {
        Some(table) => found.writes.last().map(|write| &write.table) == Some(table),
        None => backend == DbBackend::MySql,
    };
    (agrees && !found.writes.is_empty()).then(|| found.analysis())
}

fn parse(backend: DbBackend, tokens: &[Token]) -> Option<Statement> {
    let tokens = flatten(&respell(backend, tokens)).filter(|tokens| bounds::within(tokens))?;
    let mut parser = Parser::new(dialect(backend)?)
        .with_recursion_limit(RECURSION)
        .with_tokens(tokens);
    let statement = quietly(|| parser.parse_statement()).ok()?;
    (parser.peek_token().token == Token::EOF).then_some(statement)
}

impl Found {
    fn new(backend: DbBackend, tokens: &[Token], ignore: bool) -> Self {
        Self {
            context: Context {
                backend,
                pins: !is_misread(backend, tokens),
                ignore,
            },
            writes: Vec::new(),
            statements: 0,
            schema: false,
        }
    }

    fn analysis(self) -> Analysis {
        if self.schema {
            Analysis::Schema
        } else if self.writes.is_empty() {
            Analysis::Read
        } else {
            Analysis::Writes(self.writes)
        }
    }

    fn statement(&mut self, statement: &Statement) -> Option<()> {
        self.statements += 1;
        match statement {
            Statement::Insert(insert) => {
                if let Some(source) = &insert.source {
                    self.query(source)?;
                }
                self.writes.push(insert::write(self.context, insert)?);
            }
            Statement::Update(update) => {
                self.writes.extend(update::update(self.context, update)?);
            }
            Statement::Delete(delete) => {
                self.writes.extend(update::delete(self.context, delete)?);
            }
            Statement::Merge(merge) => self.writes.push(self.merge(&merge.table)?),
            Statement::Query(query) => {
                self.statements -= 1;
                self.query(query)?;
            }
            _ => return None,
        }
        Some(())
    }

    fn merge(&self, table: &TableFactor) -> Option<Write> {
        let TableFactor::Table { name, .. } = table else {
            return None;
        };
        Some(Write {
            table: TableName::from_object(self.context.backend, name)?,
            kind: WriteKind::Other,
            returning: false,
        })
    }

    fn query(&mut self, query: &Query) -> Option<()> {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            let before = self.writes.len();
            self.query(&cte.query)?;
            for write in self.writes.iter_mut().skip(before) {
                write.returning = false;
            }
        }
        let mut body = &*query.body;
        while let SetExpr::SetOperation { left, right, .. } = body {
            self.body(right)?;
            body = left;
        }
        self.body(body)
    }

    fn body(&mut self, body: &SetExpr) -> Option<()> {
        match body {
            SetExpr::Select(select) => {
                self.schema |= self.context.backend == DbBackend::Postgres && select.into.is_some();
            }
            SetExpr::Query(query) => self.query(query)?,
            SetExpr::Insert(statement)
            | SetExpr::Update(statement)
            | SetExpr::Delete(statement)
            | SetExpr::Merge(statement) => self.statement(statement)?,
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left)?;
                self.body(right)?;
            }
            SetExpr::Values(_) | SetExpr::Table(_) => {}
        }
        Some(())
    }
}
