//! Operands: bound values and literals are known, everything else is not.

use sea_orm::{DbBackend, Value};
use sqlparser::ast::{DataType, Expr, Ident, UnaryOperator, Value as Literal};

use super::names::{plain, undouble};

/// A value as the text gives it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    /// The statement's value with this zero-based index. The caller may have fewer values: then it is unknown.
    ///
    /// A bound `NULL` is a `NULL`. SeaORM binds one for what a row of `insert_many` leaves out, the generated key
    /// among it.
    Bound(usize),
    /// A literal, as written: a string literal stays a string even if the column is a number, an integer is a
    /// `BigInt` (or `BigUnsigned`). The caller converts to the column's type or gives up.
    Literal(Value),
    /// The literal `NULL`.
    Null,
    /// The keyword `DEFAULT`.
    Default,
    /// In an upsert: the value that was to be inserted into this same column.
    Inserted,
    /// Anything else.
    Expression,
}

/// What the text says about the value of an expression.
pub(super) fn operand(backend: DbBackend, expression: &Expr) -> Operand {
    match expression {
        Expr::Nested(inner) => operand(backend, inner),
        Expr::Value(value) => literal(backend, &value.value),
        Expr::UnaryOp { op, expr } => signed(*op, expr),
        Expr::Cast {
            expr, data_type, ..
        } if backend == DbBackend::Postgres && keeps(data_type) => operand(backend, expr),
        Expr::Identifier(ident) if is_keyword(ident, "DEFAULT") => Operand::Default,
        _ => Operand::Expression,
    }
}

fn literal(backend: DbBackend, literal: &Literal) -> Operand {
    match literal {
        Literal::Placeholder(text) => placeholder(backend, text),
        Literal::Null => Operand::Null,
        Literal::Boolean(value) => Operand::Literal(Value::Bool(Some(*value))),
        Literal::Number(digits, false) => number(digits, false),
        // Escapes depend on the server's settings.
        Literal::SingleQuotedString(raw) if backend != DbBackend::MySql || !raw.contains('\\') => {
            Operand::Literal(Value::String(Some(undouble(raw, '\''))))
        }
        _ => Operand::Expression,
    }
}

/// PostgreSQL's `$1`; the tokens of the others have been numbered `?1`.
fn placeholder(backend: DbBackend, text: &str) -> Operand {
    let mark = if backend == DbBackend::Postgres {
        '$'
    } else {
        '?'
    };
    text.strip_prefix(mark)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))
        .and_then(|digits| digits.parse::<usize>().ok())
        .and_then(|number| number.checked_sub(1))
        .map_or(Operand::Expression, Operand::Bound)
}

fn signed(sign: UnaryOperator, expression: &Expr) -> Operand {
    let Expr::Value(value) = expression else {
        return Operand::Expression;
    };
    match (&value.value, sign) {
        (Literal::Number(digits, false), UnaryOperator::Minus) => number(digits, true),
        (Literal::Number(digits, false), UnaryOperator::Plus) => number(digits, false),
        _ => Operand::Expression,
    }
}

fn number(digits: &str, negative: bool) -> Operand {
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Operand::Expression;
    }
    let signed = if negative {
        format!("-{digits}").parse()
    } else {
        digits.parse()
    };
    match (signed, digits.parse()) {
        (Ok(small), _) => Operand::Literal(Value::BigInt(Some(small))),
        (_, Ok(large)) if !negative => Operand::Literal(Value::BigUnsigned(Some(large))),
        _ => Operand::Expression,
    }
}

/// Casts that leave a value of their own type as it is: no length or precision that cuts, no folding of case.
/// A value of another type is left to the caller, who compares types anyway.
fn keeps(data_type: &DataType) -> bool {
    match data_type {
        DataType::Uuid
        | DataType::Text
        | DataType::Boolean
        | DataType::Bool
        | DataType::SmallInt(None)
        | DataType::Int2(None)
        | DataType::Int(None)
        | DataType::Int4(None)
        | DataType::Integer(None)
        | DataType::BigInt(None)
        | DataType::Int8(None)
        | DataType::Varchar(None)
        | DataType::CharacterVarying(None)
        | DataType::Date
        | DataType::Timestamp(None, _)
        | DataType::Bytea => true,
        // An enum. The extension type `citext` and the built-in types with short names change values.
        DataType::Custom(name, modifiers) => {
            const CHANGING: [&str; 4] = ["citext", "name", "bpchar", "char"];
            modifiers.is_empty()
                && name
                    .0
                    .last()
                    .and_then(|part| part.as_ident())
                    .is_some_and(|ident| {
                        let name = plain(DbBackend::Postgres, ident);
                        !CHANGING.contains(&name.to_ascii_lowercase().as_str())
                    })
        }
        _ => false,
    }
}

/// Whether an unquoted identifier is this word.
pub(super) fn is_keyword(ident: &Ident, word: &str) -> bool {
    ident.quote_style.is_none() && ident.value.eq_ignore_ascii_case(word)
}
