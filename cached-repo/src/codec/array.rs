//! PostgreSQL arrays: the type of the elements, then the elements, each a value of its own.

use std::sync::Arc;

use sea_orm::Value;
use sea_orm::sea_query::ArrayType;

use super::{CodecError, first_capacity, tag};
use crate::wire::{put_slice, put_varint, take_byte, take_count, take_str};

/// The tag that names each element type, both ways. An enum is missing: it has a name, too.
const KINDS: &[(ArrayType, u8)] = &[
    (ArrayType::Bool, tag::BOOL),
    (ArrayType::TinyInt, tag::TINY_INT),
    (ArrayType::SmallInt, tag::SMALL_INT),
    (ArrayType::Int, tag::INT),
    (ArrayType::BigInt, tag::BIG_INT),
    (ArrayType::TinyUnsigned, tag::TINY_UNSIGNED),
    (ArrayType::SmallUnsigned, tag::SMALL_UNSIGNED),
    (ArrayType::Unsigned, tag::UNSIGNED),
    (ArrayType::BigUnsigned, tag::BIG_UNSIGNED),
    (ArrayType::Float, tag::FLOAT),
    (ArrayType::Double, tag::DOUBLE),
    (ArrayType::String, tag::STRING),
    (ArrayType::Char, tag::CHAR),
    (ArrayType::Bytes, tag::BYTES),
    #[cfg(feature = "with-json")]
    (ArrayType::Json, tag::JSON),
    #[cfg(feature = "with-chrono")]
    (ArrayType::ChronoDate, tag::CHRONO_DATE),
    #[cfg(feature = "with-chrono")]
    (ArrayType::ChronoTime, tag::CHRONO_TIME),
    #[cfg(feature = "with-chrono")]
    (ArrayType::ChronoDateTime, tag::CHRONO_DATE_TIME),
    #[cfg(feature = "with-chrono")]
    (ArrayType::ChronoDateTimeUtc, tag::CHRONO_UTC),
    #[cfg(feature = "with-chrono")]
    (ArrayType::ChronoDateTimeLocal, tag::CHRONO_LOCAL),
    #[cfg(feature = "with-chrono")]
    (ArrayType::ChronoDateTimeWithTimeZone, tag::CHRONO_ZONED),
    #[cfg(feature = "with-time")]
    (ArrayType::TimeDate, tag::TIME_DATE),
    #[cfg(feature = "with-time")]
    (ArrayType::TimeTime, tag::TIME_TIME),
    #[cfg(feature = "with-time")]
    (ArrayType::TimeDateTime, tag::TIME_DATE_TIME),
    #[cfg(feature = "with-time")]
    (ArrayType::TimeDateTimeWithTimeZone, tag::TIME_ZONED),
    #[cfg(feature = "with-uuid")]
    (ArrayType::Uuid, tag::UUID),
    #[cfg(feature = "with-rust_decimal")]
    (ArrayType::Decimal, tag::DECIMAL),
    #[cfg(feature = "with-bigdecimal")]
    (ArrayType::BigDecimal, tag::BIG_DECIMAL),
    #[cfg(feature = "with-ipnetwork")]
    (ArrayType::IpNetwork, tag::IP_NETWORK),
    #[cfg(feature = "with-mac_address")]
    (ArrayType::MacAddress, tag::MAC_ADDRESS),
];

/// Appends an array, whose elements `encode` appends.
pub(super) fn encode(
    kind: &ArrayType,
    items: Option<&[Value]>,
    out: &mut Vec<u8>,
    encode: impl Fn(&Value, &mut Vec<u8>) -> Result<(), CodecError>,
) -> Result<(), CodecError> {
    out.push(if items.is_none() {
        tag::ARRAY | tag::NULL
    } else {
        tag::ARRAY
    });
    if let ArrayType::Enum(type_name) = kind {
        out.push(tag::ENUM);
        put_slice(out, type_name.as_bytes());
    } else {
        let known = KINDS.iter().find(|(it, _)| it == kind);
        out.push(known.ok_or(CodecError::Unsupported)?.1);
    }
    let Some(items) = items else { return Ok(()) };
    put_varint(out, items.len() as u64);
    items.iter().try_for_each(|item| encode(item, out))
}

/// Reads what stands behind the tag of an array, whose elements `decode` reads.
pub(super) fn decode(
    null: bool,
    bytes: &mut &[u8],
    decode: impl Fn(&mut &[u8]) -> Result<Value, CodecError>,
) -> Result<Value, CodecError> {
    let kind = decode_kind(bytes)?;
    if null {
        return Ok(Value::Array(kind, None));
    }
    let count = take_count(bytes, 1)?;
    let mut items = Vec::with_capacity(first_capacity(count));
    for _ in 0..count {
        items.push(decode(bytes)?);
    }
    Ok(Value::Array(kind, Some(Box::new(items))))
}

fn decode_kind(bytes: &mut &[u8]) -> Result<ArrayType, CodecError> {
    let tag = take_byte(bytes)?;
    if tag == tag::ENUM {
        return Ok(ArrayType::Enum(Box::new(Arc::from(take_str(bytes)?))));
    }
    let known = KINDS.iter().find(|(_, it)| *it == tag);
    match known {
        Some((kind, _)) => Ok(kind.clone()),
        None if (1..=tag::LAST).contains(&tag) => Err(CodecError::Unsupported),
        None => Err(CodecError::UnknownTag(tag)),
    }
}
