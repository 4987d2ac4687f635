//! The values of a statement as a column stores them.

use super::SchemaMapping;
use super::integers::as_column;
use crate::key::is_null;
use crate::sql::Operand;
use sea_orm::{ColumnType, Value};

impl SchemaMapping {
    /// The value of an operand for this field; `None` if the database decides it, or if it is written in a type that the
    /// column would convert: the converted value names the entry, not the written one.
    pub(in crate::engine) fn bind(
        &self,
        entity: u16,
        at: usize,
        operand: &Operand,
        values: &[Value],
    ) -> Option<Value> {
        let value = match operand {
            Operand::Bound(index) => values.get(*index)?.clone(),
            Operand::Literal(value) => value.clone(),
            Operand::Null => return Some(Value::BigInt(None)),
            Operand::Default | Operand::Inserted | Operand::Expression => return None,
        };
        let kind = self.schema.entity(entity).types[at].as_ref()?;
        if !is_null(&value) && !fits(&value, kind) {
            return None;
        }
        as_column(value, kind)
    }
}

/// Whether a column of this type stores the value as it is.
fn fits(value: &Value, kind: &ColumnType) -> bool {
    use ColumnType as Type;
    match value {
        Value::TinyInt(_)
        | Value::SmallInt(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::TinyUnsigned(_)
        | Value::SmallUnsigned(_)
        | Value::Unsigned(_)
        | Value::BigUnsigned(_) => matches!(
            kind,
            Type::TinyInteger
                | Type::SmallInteger
                | Type::Integer
                | Type::BigInteger
                | Type::TinyUnsigned
                | Type::SmallUnsigned
                | Type::Unsigned
                | Type::BigUnsigned
                | Type::Year
        ),
        Value::String(_) | Value::Enum(_) | Value::Char(_) => matches!(
            kind,
            Type::Char(_) | Type::String(_) | Type::Text | Type::Enum { .. } | Type::Custom(_)
        ),
        Value::Bool(_) => matches!(kind, Type::Boolean),
        Value::Bytes(_) => matches!(
            kind,
            Type::Binary(_) | Type::VarBinary(_) | Type::Blob | Type::Bit(_) | Type::VarBit(_)
        ),
        #[cfg(feature = "with-uuid")]
        Value::Uuid(_) => matches!(kind, Type::Uuid),
        #[cfg(feature = "with-rust_decimal")]
        Value::Decimal(_) => matches!(kind, Type::Decimal(_) | Type::Money(_)),
        #[cfg(feature = "with-bigdecimal")]
        Value::BigDecimal(_) => matches!(kind, Type::Decimal(_) | Type::Money(_)),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDate(_) => matches!(kind, Type::Date),
        #[cfg(feature = "with-chrono")]
        Value::ChronoTime(_) => matches!(kind, Type::Time),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTime(_) => matches!(kind, Type::DateTime | Type::Timestamp),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTimeUtc(_)
        | Value::ChronoDateTimeLocal(_)
        | Value::ChronoDateTimeWithTimeZone(_) => {
            matches!(kind, Type::Timestamp | Type::TimestampWithTimeZone)
        }
        #[cfg(feature = "with-time")]
        Value::TimeDate(_) => matches!(kind, Type::Date),
        #[cfg(feature = "with-time")]
        Value::TimeTime(_) => matches!(kind, Type::Time),
        #[cfg(feature = "with-time")]
        Value::TimeDateTime(_) => matches!(kind, Type::DateTime | Type::Timestamp),
        #[cfg(feature = "with-time")]
        Value::TimeDateTimeWithTimeZone(_) => {
            matches!(kind, Type::Timestamp | Type::TimestampWithTimeZone)
        }
        // A number for a time, a text for a number: the database converts, and what it stores is spelled otherwise.
        _ => false,
    }
}
