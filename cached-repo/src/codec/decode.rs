//! From bytes to a value.

use std::sync::Arc;

use sea_orm::Value;
use sea_orm::sea_query::{Enum, OptionEnum};

use super::{ARRAY_DEPTH, CodecError, tag};
use crate::wire::{take, take_byte, take_slice, take_str, take_varint};

/// Reads one value and advances `bytes` past it.
///
/// # Errors
///
/// Bytes that [`super::encode_value`] does not write.
pub(crate) fn decode_value(bytes: &mut &[u8]) -> Result<Value, CodecError> {
    decode_at(bytes, ARRAY_DEPTH)
}

/// Reads a value that may hold `depth` more levels of arrays.
pub(super) fn decode_at(bytes: &mut &[u8], depth: usize) -> Result<Value, CodecError> {
    if depth == 0 {
        return Err(CodecError::TooDeep);
    }
    let first = take_byte(bytes)?;
    let tag = first & !tag::NULL;
    let null = first & tag::NULL != 0;
    Ok(match tag {
        tag::BOOL => Value::Bool(option(null, bytes, boolean)?),
        tag::TINY_INT => Value::TinyInt(fixed(null, bytes, i8::from_le_bytes)?),
        tag::SMALL_INT => Value::SmallInt(fixed(null, bytes, i16::from_le_bytes)?),
        tag::INT => Value::Int(fixed(null, bytes, i32::from_le_bytes)?),
        tag::BIG_INT => Value::BigInt(fixed(null, bytes, i64::from_le_bytes)?),
        tag::TINY_UNSIGNED => Value::TinyUnsigned(fixed(null, bytes, u8::from_le_bytes)?),
        tag::SMALL_UNSIGNED => Value::SmallUnsigned(fixed(null, bytes, u16::from_le_bytes)?),
        tag::UNSIGNED => Value::Unsigned(fixed(null, bytes, u32::from_le_bytes)?),
        tag::BIG_UNSIGNED => Value::BigUnsigned(fixed(null, bytes, u64::from_le_bytes)?),
        tag::FLOAT => Value::Float(fixed(null, bytes, f32::from_le_bytes)?),
        tag::DOUBLE => Value::Double(fixed(null, bytes, f64::from_le_bytes)?),
        tag::STRING => Value::String(option(null, bytes, |b| Ok(take_str(b)?.to_owned()))?),
        #[cfg(feature = "postgres-array")]
        tag::ARRAY => {
            return super::array::decode(null, bytes, |bytes| decode_at(bytes, depth - 1));
        }
        _ => return decode_other(tag, null, bytes),
    })
}

/// The kinds that are less common, or that a cargo feature brings.
fn decode_other(tag: u8, null: bool, bytes: &mut &[u8]) -> Result<Value, CodecError> {
    Ok(match tag {
        tag::BYTES => Value::Bytes(option(null, bytes, |b| Ok(take_slice(b)?.to_owned()))?),
        #[cfg(feature = "with-json")]
        tag::JSON => Value::Json(option(null, bytes, |b| {
            Ok(Box::new(super::json::decode(b)?))
        })?),
        #[cfg(feature = "with-uuid")]
        tag::UUID => {
            use sea_orm::prelude::Uuid;
            Value::Uuid(fixed(null, bytes, Uuid::from_bytes)?)
        }
        #[cfg(feature = "with-rust_decimal")]
        tag::DECIMAL => Value::Decimal(option(null, bytes, decimal)?),
        #[cfg(feature = "with-bigdecimal")]
        tag::BIG_DECIMAL => Value::BigDecimal(option(null, bytes, |b| {
            Ok(Box::new(super::big_decimal::decode(b)?))
        })?),
        #[cfg(feature = "postgres-vector")]
        tag::VECTOR => Value::Vector(option(null, bytes, vector)?),
        #[cfg(feature = "with-ipnetwork")]
        tag::IP_NETWORK => Value::IpNetwork(option(null, bytes, super::ip_network::decode)?),
        #[cfg(feature = "with-mac_address")]
        tag::MAC_ADDRESS => {
            use sea_orm::sea_query::value::prelude::MacAddress;
            Value::MacAddress(fixed(null, bytes, MacAddress::new)?)
        }
        _ => return decode_rest(tag, null, bytes),
    })
}

/// The dates and times, two kinds that are always there, and the tags that mean nothing here.
fn decode_rest(tag: u8, null: bool, bytes: &mut &[u8]) -> Result<Value, CodecError> {
    #[cfg(feature = "with-chrono")]
    use super::chrono as chrono_form;
    #[cfg(feature = "with-time")]
    use super::time as time_form;

    Ok(match tag {
        tag::ENUM => Value::Enum(option_enum(null, bytes)?),
        tag::CHAR => Value::Char(option(null, bytes, char)?),
        #[cfg(feature = "with-chrono")]
        tag::CHRONO_DATE => Value::ChronoDate(option(null, bytes, chrono_form::take_date)?),
        #[cfg(feature = "with-chrono")]
        tag::CHRONO_TIME => Value::ChronoTime(option(null, bytes, chrono_form::take_time)?),
        #[cfg(feature = "with-chrono")]
        tag::CHRONO_DATE_TIME => {
            Value::ChronoDateTime(option(null, bytes, chrono_form::take_date_time)?)
        }
        #[cfg(feature = "with-chrono")]
        tag::CHRONO_UTC => Value::ChronoDateTimeUtc(option(null, bytes, chrono_form::take_utc)?),
        #[cfg(feature = "with-chrono")]
        tag::CHRONO_LOCAL => {
            Value::ChronoDateTimeLocal(option(null, bytes, chrono_form::take_local)?)
        }
        #[cfg(feature = "with-chrono")]
        tag::CHRONO_ZONED => {
            Value::ChronoDateTimeWithTimeZone(option(null, bytes, chrono_form::take_zoned)?)
        }
        #[cfg(feature = "with-time")]
        tag::TIME_DATE => Value::TimeDate(option(null, bytes, time_form::take_date)?),
        #[cfg(feature = "with-time")]
        tag::TIME_TIME => Value::TimeTime(option(null, bytes, time_form::take_time)?),
        #[cfg(feature = "with-time")]
        tag::TIME_DATE_TIME => Value::TimeDateTime(option(null, bytes, time_form::take_date_time)?),
        #[cfg(feature = "with-time")]
        tag::TIME_ZONED => {
            Value::TimeDateTimeWithTimeZone(option(null, bytes, time_form::take_zoned)?)
        }
        1..=tag::LAST => return Err(CodecError::Unsupported),
        _ => return Err(CodecError::UnknownTag(tag)),
    })
}

/// What stands behind a tag: nothing for `NULL`, else what `read` makes of the bytes.
#[inline]
fn option<T>(
    null: bool,
    bytes: &mut &[u8],
    read: impl FnOnce(&mut &[u8]) -> Result<T, CodecError>,
) -> Result<Option<T>, CodecError> {
    if null {
        Ok(None)
    } else {
        read(bytes).map(Some)
    }
}

/// As [`option`], for a field of `N` bytes of which every pattern is a value.
#[inline]
fn fixed<const N: usize, T>(
    null: bool,
    bytes: &mut &[u8],
    make: impl FnOnce([u8; N]) -> T,
) -> Result<Option<T>, CodecError> {
    if null {
        Ok(None)
    } else {
        Ok(Some(make(take(bytes)?)))
    }
}

fn boolean(bytes: &mut &[u8]) -> Result<bool, CodecError> {
    match take_byte(bytes)? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(CodecError::Invalid("boolean")),
    }
}

fn char(bytes: &mut &[u8]) -> Result<char, CodecError> {
    let scalar = take_varint(bytes)?;
    u32::try_from(scalar)
        .ok()
        .and_then(char::from_u32)
        .ok_or(CodecError::Invalid("character"))
}

fn option_enum(null: bool, bytes: &mut &[u8]) -> Result<OptionEnum, CodecError> {
    let type_name = Arc::from(take_str(bytes)?);
    if null {
        return Ok(OptionEnum::None(type_name));
    }
    let value = take_str(bytes)?.to_owned().into();
    Ok(OptionEnum::Some(Box::new(Enum { type_name, value })))
}

#[cfg(feature = "with-rust_decimal")]
fn decimal(bytes: &mut &[u8]) -> Result<sea_orm::prelude::Decimal, CodecError> {
    let form = take(bytes)?;
    let decimal = sea_orm::prelude::Decimal::deserialize(form);
    // It drops bits without a meaning and rescales what has more than 28 decimal places.
    if decimal.serialize() == form {
        Ok(decimal)
    } else {
        Err(CodecError::Invalid("decimal"))
    }
}

#[cfg(feature = "postgres-vector")]
fn vector(bytes: &mut &[u8]) -> Result<sea_orm::prelude::PgVector, CodecError> {
    let count = crate::wire::take_count(bytes, 4)?;
    let items: Result<Vec<f32>, CodecError> = (0..count)
        .map(|_| Ok(f32::from_le_bytes(take(bytes)?)))
        .collect();
    Ok(items?.into())
}
