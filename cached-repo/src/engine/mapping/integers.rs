//! Integers in the types of their columns.
//!
//! A driver prepares a statement once for its text, for parameters of the types that the first caller gives. PostgreSQL's refuses
//! another caller's afterwards. A statement of the engine's own has the same text for every caller, so that its parameters must
//! have the same types, too.

use sea_orm::{ColumnType, Value};

/// The value, an integer in the type that SeaORM gives the column's values; `None` if that type has no room for it.
pub(super) fn as_column(value: Value, kind: &ColumnType) -> Option<Value> {
    let Some(number) = integer(&value) else {
        return Some(value);
    };
    Some(match kind {
        ColumnType::TinyInteger => Value::TinyInt(narrow(number)?),
        ColumnType::SmallInteger => Value::SmallInt(narrow(number)?),
        ColumnType::Integer => Value::Int(narrow(number)?),
        ColumnType::BigInteger => Value::BigInt(narrow(number)?),
        ColumnType::TinyUnsigned => Value::TinyUnsigned(narrow(number)?),
        ColumnType::SmallUnsigned => Value::SmallUnsigned(narrow(number)?),
        ColumnType::Unsigned => Value::Unsigned(narrow(number)?),
        ColumnType::BigUnsigned => Value::BigUnsigned(narrow(number)?),
        _ => value,
    })
}

/// The integer in a value, or the NULL; `None` if the value is something else.
fn integer(value: &Value) -> Option<Option<i128>> {
    Some(match *value {
        Value::TinyInt(number) => number.map(i128::from),
        Value::SmallInt(number) => number.map(i128::from),
        Value::Int(number) => number.map(i128::from),
        Value::BigInt(number) => number.map(i128::from),
        Value::TinyUnsigned(number) => number.map(i128::from),
        Value::SmallUnsigned(number) => number.map(i128::from),
        Value::Unsigned(number) => number.map(i128::from),
        Value::BigUnsigned(number) => number.map(i128::from),
        _ => return None,
    })
}

/// NULL stays NULL; `None` if there is no room.
fn narrow<T: TryFrom<i128>>(number: Option<i128>) -> Option<Option<T>> {
    match number {
        Some(number) => T::try_from(number).ok().map(Some),
        None => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_takes_the_type_of_its_column() {
        for (value, kind, expected) in [
            (Value::from(7_i64), ColumnType::Integer, Value::from(7_i32)),
            (Value::from(7_u8), ColumnType::Integer, Value::from(7_i32)),
            (
                Value::from(7_i32),
                ColumnType::BigInteger,
                Value::from(7_i64),
            ),
            (
                Value::from(7_i64),
                ColumnType::SmallUnsigned,
                Value::from(7_u16),
            ),
            (Value::BigInt(None), ColumnType::Integer, Value::Int(None)),
            (Value::from("7"), ColumnType::Text, Value::from("7")),
        ] {
            assert_eq!(as_column(value, &kind), Some(expected));
        }
    }

    #[test]
    fn an_integer_that_its_column_cannot_hold_is_not_known() {
        assert_eq!(as_column(Value::from(i64::MAX), &ColumnType::Integer), None);
        assert_eq!(as_column(Value::from(-1_i64), &ColumnType::Unsigned), None);
    }
}
