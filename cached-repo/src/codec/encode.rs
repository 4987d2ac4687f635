//! From a value to bytes.

use sea_orm::Value;
use sea_orm::sea_query::OptionEnum;

use super::{ARRAY_DEPTH, CodecError, tag};
use crate::wire::{put_slice, put_varint};

/// Appends one value to `out`.
///
/// # Errors
///
/// A value that could not be read back exactly; part of it may then be in `out`.
pub(crate) fn encode_value(value: &Value, out: &mut Vec<u8>) -> Result<(), CodecError> {
    encode_at(value, out, ARRAY_DEPTH)
}

/// Appends a value that may hold `depth` more levels of arrays.
pub(super) fn encode_at(value: &Value, out: &mut Vec<u8>, depth: usize) -> Result<(), CodecError> {
    if depth == 0 {
        return Err(CodecError::TooDeep);
    }
    match value {
        Value::Bool(v) => fixed(out, tag::BOOL, v.map(|v| [u8::from(v)])),
        Value::TinyInt(v) => fixed(out, tag::TINY_INT, v.map(i8::to_le_bytes)),
        Value::SmallInt(v) => fixed(out, tag::SMALL_INT, v.map(i16::to_le_bytes)),
        Value::Int(v) => fixed(out, tag::INT, v.map(i32::to_le_bytes)),
        Value::BigInt(v) => fixed(out, tag::BIG_INT, v.map(i64::to_le_bytes)),
        Value::TinyUnsigned(v) => fixed(out, tag::TINY_UNSIGNED, v.map(u8::to_le_bytes)),
        Value::SmallUnsigned(v) => fixed(out, tag::SMALL_UNSIGNED, v.map(u16::to_le_bytes)),
        Value::Unsigned(v) => fixed(out, tag::UNSIGNED, v.map(u32::to_le_bytes)),
        Value::BigUnsigned(v) => fixed(out, tag::BIG_UNSIGNED, v.map(u64::to_le_bytes)),
        Value::Float(v) => fixed(out, tag::FLOAT, v.map(f32::to_le_bytes)),
        Value::Double(v) => fixed(out, tag::DOUBLE, v.map(f64::to_le_bytes)),
        Value::String(v) => slice(out, tag::STRING, v.as_ref().map(String::as_bytes)),
        #[cfg(feature = "postgres-array")]
        Value::Array(kind, v) => {
            let items = v.as_ref().map(|items| items.as_slice());
            return super::array::encode(kind, items, out, |item, out| {
                encode_at(item, out, depth - 1)
            });
        }
        other => return encode_other(other, out),
    }
    Ok(())
}

/// The kinds that are less common, or that a cargo feature brings.
fn encode_other(value: &Value, out: &mut Vec<u8>) -> Result<(), CodecError> {
    match value {
        Value::Bytes(v) => slice(out, tag::BYTES, v.as_deref()),
        #[cfg(feature = "with-json")]
        Value::Json(None) => out.push(tag::JSON | tag::NULL),
        #[cfg(feature = "with-json")]
        Value::Json(Some(v)) => {
            out.push(tag::JSON);
            return super::json::encode(v, out);
        }
        #[cfg(feature = "with-uuid")]
        Value::Uuid(v) => fixed(out, tag::UUID, v.map(|v| v.into_bytes())),
        #[cfg(feature = "with-rust_decimal")]
        Value::Decimal(v) => fixed(out, tag::DECIMAL, v.map(|v| v.serialize())),
        #[cfg(feature = "with-bigdecimal")]
        Value::BigDecimal(None) => out.push(tag::BIG_DECIMAL | tag::NULL),
        #[cfg(feature = "with-bigdecimal")]
        Value::BigDecimal(Some(v)) => super::big_decimal::encode(v, out),
        #[cfg(feature = "postgres-vector")]
        Value::Vector(v) => vector(out, v.as_ref().map(|v| v.as_slice())),
        #[cfg(feature = "with-ipnetwork")]
        Value::IpNetwork(None) => out.push(tag::IP_NETWORK | tag::NULL),
        #[cfg(feature = "with-ipnetwork")]
        Value::IpNetwork(Some(v)) => super::ip_network::encode(v, out),
        #[cfg(feature = "with-mac_address")]
        Value::MacAddress(v) => fixed(out, tag::MAC_ADDRESS, v.map(|v| v.bytes())),
        other => return encode_rest(other, out),
    }
    Ok(())
}

/// The dates and times, and two kinds that are always there, so that the wildcard can always be reached: it is
/// where a kind ends up that sea-orm was built with and cached-repo was not. `Value` has whatever variants any
/// crate of the program asked for.
fn encode_rest(value: &Value, out: &mut Vec<u8>) -> Result<(), CodecError> {
    #[cfg(feature = "with-chrono")]
    use super::chrono as chrono_form;
    #[cfg(feature = "with-time")]
    use super::time as time_form;

    match value {
        Value::Enum(v) => option_enum(out, v),
        Value::Char(v) => char(out, *v),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDate(v) => fixed(out, tag::CHRONO_DATE, v.map(chrono_form::date)),
        #[cfg(feature = "with-chrono")]
        Value::ChronoTime(v) => fixed(out, tag::CHRONO_TIME, v.map(chrono_form::time)),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTime(v) => {
            fixed(out, tag::CHRONO_DATE_TIME, v.map(chrono_form::date_time));
        }
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTimeUtc(v) => {
            fixed(out, tag::CHRONO_UTC, v.as_ref().map(chrono_form::instant));
        }
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTimeLocal(v) => {
            fixed(out, tag::CHRONO_LOCAL, v.as_ref().map(chrono_form::instant));
        }
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTimeWithTimeZone(v) => {
            fixed(out, tag::CHRONO_ZONED, v.map(chrono_form::zoned));
        }
        #[cfg(feature = "with-time")]
        Value::TimeDate(v) => fixed(out, tag::TIME_DATE, v.map(time_form::date)),
        #[cfg(feature = "with-time")]
        Value::TimeTime(v) => fixed(out, tag::TIME_TIME, v.map(time_form::time)),
        #[cfg(feature = "with-time")]
        Value::TimeDateTime(v) => fixed(out, tag::TIME_DATE_TIME, v.map(time_form::date_time)),
        #[cfg(feature = "with-time")]
        Value::TimeDateTimeWithTimeZone(v) => fixed(out, tag::TIME_ZONED, v.map(time_form::zoned)),
        _ => return Err(CodecError::Unsupported),
    }
    Ok(())
}

fn fixed<const N: usize>(out: &mut Vec<u8>, tag: u8, bytes: Option<[u8; N]>) {
    match bytes {
        None => out.push(tag | tag::NULL),
        Some(bytes) => {
            out.reserve(1 + N);
            out.push(tag);
            out.extend_from_slice(&bytes);
        }
    }
}

fn slice(out: &mut Vec<u8>, tag: u8, bytes: Option<&[u8]>) {
    match bytes {
        None => out.push(tag | tag::NULL),
        Some(bytes) => {
            out.push(tag);
            put_slice(out, bytes);
        }
    }
}

fn char(out: &mut Vec<u8>, value: Option<char>) {
    match value {
        None => out.push(tag::CHAR | tag::NULL),
        Some(value) => {
            out.push(tag::CHAR);
            put_varint(out, u64::from(u32::from(value)));
        }
    }
}

fn option_enum(out: &mut Vec<u8>, value: &OptionEnum) {
    match value {
        OptionEnum::None(type_name) => {
            slice(out, tag::ENUM | tag::NULL, Some(type_name.as_bytes()));
        }
        OptionEnum::Some(value) => {
            slice(out, tag::ENUM, Some(value.type_name.as_bytes()));
            put_slice(out, value.value.as_bytes());
        }
    }
}

#[cfg(feature = "postgres-vector")]
fn vector(out: &mut Vec<u8>, items: Option<&[f32]>) {
    let Some(items) = items else {
        return out.push(tag::VECTOR | tag::NULL);
    };
    out.push(tag::VECTOR);
    put_varint(out, items.len() as u64);
    out.reserve(4 * items.len());
    for item in items {
        out.extend_from_slice(&item.to_le_bytes());
    }
}
