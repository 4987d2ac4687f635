//! What a `WHERE` clause says of every affected row.

use sea_orm::DbBackend;
use sqlparser::{
    ast::{BinaryOperator, Expr, Ident, Query, SetExpr},
    tokenizer::Token,
};

use super::{
    names::{plain, same_name},
    operand::{Operand, is_keyword, operand},
    tokens::has_any,
};

/// More keys than this are not kept: the table is invalidated instead.
pub(super) const MAX_KEYS: usize = 1000;

/// Unquoted words that look like columns and are functions.
const NILADIC: [&str; 15] = [
    "user",
    "current_user",
    "session_user",
    "system_user",
    "current_role",
    "current_catalog",
    "current_schema",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "utc_date",
    "utc_time",
    "utc_timestamp",
];

/// What the conjunction of a `WHERE` clause says of every affected row.
///
/// Conditions that say nothing certain are left out, so no pins means "any row".
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Filter {
    backend: DbBackend,
    /// Every one of these holds for every affected row.
    pub pins: Vec<Pin>,
}

/// `(columns) IN (rows)`: each affected row equals one of the rows in these columns.
///
/// "Equals" is the database's notion, by the column's type and collation: under MySQL's usual collations a row with
/// `'ABC '` equals `'abc'`, and so it does under `NOCASE` or `citext`. A caller that compares strings exactly has to
/// know the collation, or give up on strings.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pin {
    /// The unquoted names of the columns, at least one.
    pub columns: Vec<String>,
    /// The alternatives, at least one, each as long as `columns`: `Bound` or `Literal` only. A bound `NULL` equals
    /// nothing.
    pub rows: Vec<Vec<Operand>>,
}

/// Which columns in a clause belong to the written table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scope<'a> {
    /// The name by which the clause knows the table.
    pub(super) visible: &'a str,
    /// Whether columns without a table are its own, for want of another table.
    pub(super) bare: bool,
}

/// Whether a condition in these tokens may be another to the server than to sqlparser: then nothing is pinned.
pub(super) fn is_misread(backend: DbBackend, tokens: &[Token]) -> bool {
    // To MySQL `||`, `:=` and XOR bind weaker than AND, and BINARY takes one operand and no condition; sqlparser thinks
    // otherwise.
    let weak = |token: &Token| matches!(token, Token::StringConcat | Token::Assignment);
    backend == DbBackend::MySql && (tokens.iter().any(weak) || has_any(tokens, &["XOR", "BINARY"]))
}

impl Filter {
    /// A filter that says nothing.
    pub(super) fn any(backend: DbBackend) -> Self {
        Self {
            backend,
            pins: Vec::new(),
        }
    }

    /// Collects the pins of a clause.
    pub(super) fn new(backend: DbBackend, clause: &Expr, scope: Scope<'_>) -> Self {
        let mut pins = Vec::new();
        let mut todo = vec![clause];
        while let Some(condition) = todo.pop() {
            match condition {
                Expr::Nested(inner) => todo.push(inner),
                Expr::BinaryOp {
                    left,
                    op: BinaryOperator::And,
                    right,
                } => todo.extend([&**right, &**left]),
                condition => pins.extend(pin(backend, condition, scope)),
            }
        }
        Self { backend, pins }
    }

    /// The values that the affected rows have in these columns: each affected row equals one of the answers.
    ///
    /// `None` if the clause does not say. At most one pin with several rows takes part, so the answer is never
    /// longer than the text.
    #[must_use]
    pub(crate) fn keys(&self, columns: &[&str]) -> Option<Vec<Vec<Operand>>> {
        let mut fixed: Vec<Option<&Operand>> =
            columns.iter().map(|column| self.fixed(column)).collect();
        let open: Vec<&str> = columns
            .iter()
            .zip(&fixed)
            .filter(|(_, operand)| operand.is_none())
            .map(|(column, _)| *column)
            .collect();
        if open.is_empty() {
            let row: Option<Vec<Operand>> =
                fixed.into_iter().map(Option::<&Operand>::cloned).collect();
            return row.map(|row| vec![row]);
        }
        let pin = self
            .pins
            .iter()
            .filter(|pin| {
                open.iter()
                    .all(|column| self.position(pin, column).is_some())
            })
            .min_by_key(|pin| pin.rows.len())?;
        pin.rows
            .iter()
            .map(|row| {
                for (slot, column) in fixed.iter_mut().zip(columns) {
                    if open.contains(column) {
                        *slot = self.position(pin, column).and_then(|at| row.get(at));
                    }
                }
                fixed.iter().map(|operand| operand.cloned()).collect()
            })
            .collect()
    }

    /// The operand of a column that can have but one.
    fn fixed(&self, column: &str) -> Option<&Operand> {
        self.pins
            .iter()
            .filter(|pin| pin.rows.len() == 1)
            .find_map(|pin| pin.rows.first()?.get(self.position(pin, column)?))
    }

    fn position(&self, pin: &Pin, column: &str) -> Option<usize> {
        pin.columns
            .iter()
            .position(|name| same_name(self.backend, name, column))
    }
}

fn pin(backend: DbBackend, condition: &Expr, scope: Scope<'_>) -> Option<Pin> {
    match condition {
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Eq,
            right,
        } => {
            let straight = columns(backend, left, scope).map(|columns| (columns, right));
            let (columns, value) = match straight {
                Some(found) => found,
                None => (columns(backend, right, scope)?, left),
            };
            rows(backend, columns, &[&**value])
        }
        Expr::InList {
            expr,
            list,
            negated: false,
        } => {
            let list: Vec<&Expr> = list.iter().collect();
            rows(backend, columns(backend, expr, scope)?, &list)
        }
        Expr::InSubquery {
            expr,
            subquery,
            negated: false,
        } => {
            let columns = columns(backend, expr, scope)?;
            let rows = plain_values(subquery)?
                .map(|row| literal_row(backend, row, columns.len()))
                .filter(|row| row.as_deref() != Some(&[]))
                .collect::<Option<Vec<_>>>()?;
            Some(Pin { columns, rows }).filter(|pin| !pin.rows.is_empty())
        }
        _ => None,
    }
}

/// The rows of `IN (VALUES (1, 2), (3, 4))`, which is how SQLite spells a list of tuples.
fn plain_values(query: &Query) -> Option<impl Iterator<Item = &[Expr]>> {
    match &*query.body {
        SetExpr::Values(values) if query.with.is_none() && values.rows.len() <= MAX_KEYS => {
            Some(values.rows.iter().map(|row| row.content.as_slice()))
        }
        _ => None,
    }
}

/// The pin of `columns IN (list)`.
fn rows(backend: DbBackend, columns: Vec<String>, list: &[&Expr]) -> Option<Pin> {
    if list.len() > MAX_KEYS {
        return None;
    }
    let mut rows = Vec::with_capacity(list.len());
    for value in list {
        let value = nested(value);
        let row = match value {
            Expr::Tuple(values) => literal_row(backend, values, columns.len())?,
            value => literal_row(backend, std::slice::from_ref(value), columns.len())?,
        };
        if !row.is_empty() {
            rows.push(row);
        }
    }
    (!rows.is_empty()).then_some(Pin { columns, rows })
}

/// One alternative; empty if it holds a `NULL`, which equals nothing; `None` if it is not known.
fn literal_row(backend: DbBackend, values: &[Expr], width: usize) -> Option<Vec<Operand>> {
    if values.len() != width {
        return None;
    }
    let mut row = Vec::with_capacity(width);
    let mut null = false;
    for value in values {
        match operand(backend, value) {
            operand @ (Operand::Bound(_) | Operand::Literal(_)) => row.push(operand),
            Operand::Null => null = true,
            Operand::Default | Operand::Inserted | Operand::Expression => return None,
        }
    }
    Some(if null { Vec::new() } else { row })
}

/// The left side of a pin: one column of the written table, or a tuple of them.
fn columns(backend: DbBackend, expression: &Expr, scope: Scope<'_>) -> Option<Vec<String>> {
    match nested(expression) {
        Expr::Tuple(parts) if !parts.is_empty() => parts
            .iter()
            .map(|part| column(backend, nested(part), scope))
            .collect(),
        single => Some(vec![column(backend, single, scope)?]),
    }
}

fn column(backend: DbBackend, expression: &Expr, scope: Scope<'_>) -> Option<String> {
    match expression {
        Expr::Identifier(ident) if scope.bare && is_column(ident) => Some(plain(backend, ident)),
        Expr::CompoundIdentifier(parts) => {
            let [.., table, column] = parts.as_slice() else {
                return None;
            };
            same_name(backend, &plain(backend, table), scope.visible)
                .then(|| plain(backend, column))
        }
        _ => None,
    }
}

fn is_column(ident: &Ident) -> bool {
    ident.quote_style != Some('\'') && !NILADIC.iter().any(|word| is_keyword(ident, word))
}

fn nested(mut expression: &Expr) -> &Expr {
    while let Expr::Nested(inner) = expression {
        expression = inner;
    }
    expression
}
