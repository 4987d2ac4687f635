//! The binary form of a row: one [`Value`] per column, exactly as the source gave it.
//!
//! # Why not serde
//!
//! What serde writes depends on the user's attributes (`skip`, `flatten`, a foreign `rename`), and the compact
//! serde formats cannot read back a `Decimal` or JSON. A `Value` is what the driver made of the column, so this
//! form keeps every bit whatever the model derives.
//!
//! # Format
//!
//! A row is the number of its values, then each value. A value is one tag byte, then its bytes; the tag of a
//! `NULL` has the high bit set and keeps the kind (`Int(None)` is not `BigInt(None)`). Integers are little
//! endian, `len` and `count` are varints.
//!
//! | tag | value | bytes |
//! |---|---|---|
//! | 1 | `Bool` | 1: zero or one |
//! | 2 to 5 | `TinyInt`, `SmallInt`, `Int`, `BigInt` | 1, 2, 4, 8 |
//! | 6 to 9 | `TinyUnsigned`, `SmallUnsigned`, `Unsigned`, `BigUnsigned` | 1, 2, 4, 8 |
//! | 10, 11 | `Float`, `Double` | 4, 8: the bits |
//! | 12 | `String` | len, UTF-8 |
//! | 13 | `Enum` | len, type name (also when `NULL`); len, value |
//! | 14 | `Char` | varint: the scalar value |
//! | 15 | `Bytes` | len, bytes |
//! | 16 | `Json` | one node (see below) |
//! | 17 | `ChronoDate` | i32: days, 0001-01-01 is 1 |
//! | 18 | `ChronoTime` | u32 seconds of the day, u32 nanoseconds (from 10^9 in a leap second) |
//! | 19, 20, 21 | `ChronoDateTime`, `ChronoDateTimeUtc`, `ChronoDateTimeLocal` | date, time; the last two in UTC |
//! | 22 | `ChronoDateTimeWithTimeZone` | date, time in UTC; i32 seconds east |
//! | 23 | `TimeDate` | i32: Julian day |
//! | 24 | `TimeTime` | u32 seconds of the day, u32 nanoseconds |
//! | 25 | `TimeDateTime` | date, time |
//! | 26 | `TimeDateTimeWithTimeZone` | local date, local time, i32 seconds east |
//! | 27 to 30 | kept for jiff | |
//! | 31 | `Uuid` | 16 |
//! | 32 | `Decimal` | 16: `Decimal::serialize` |
//! | 33 | `BigDecimal` | i64 scale, 1 sign (0 zero, 1 plus, 2 minus), len, magnitude |
//! | 34 | `Array` | element type (also when `NULL`): the tag of its kind, for an enum also len, type name; count, values |
//! | 35 | `Vector` | count, 4 each: the bits |
//! | 36 | `IpNetwork` | 1: 4 or 6; 4 or 16 address; 1 prefix |
//! | 37 | `MacAddress` | 6 |
//! | 38 | kept for ranges | |
//!
//! | JSON node | meaning | bytes |
//! |---|---|---|
//! | 0, 1, 2 | null, false, true | |
//! | 3 | integer from zero | varint |
//! | 4 | negative integer `n` | varint: `-1 - n` |
//! | 5 | float | 8: the bits, finite |
//! | 6 | any other number | len, its text (only under serde_json's arbitrary precision) |
//! | 7 | string | len, UTF-8 |
//! | 8 | array | count, nodes |
//! | 9 | object | count; each: len, key, node |
//!
//! # Rules
//!
//! 1. What cannot be brought back exactly is refused when it is written, not when it is read.
//! 2. The decoder takes only what the encoder writes (the order of JSON keys apart), panics on nothing, and
//!    allocates in proportion to the bytes it was given.
//! 3. A change to this format raises [`crate::entry::FORMAT`]: a golden test holds it.
//!
//! # Not here
//!
//! `ChronoDateTimeLocal` stores the instant alone: its offset is the reader's time zone, as when the reader
//! asks the source. Checksums and versions belong to [`crate::entry`].

#[cfg(feature = "postgres-array")]
mod array;
#[cfg(feature = "with-bigdecimal")]
mod big_decimal;
#[cfg(feature = "with-chrono")]
mod chrono;
mod decode;
mod encode;
mod fingerprint;
#[cfg(feature = "with-ipnetwork")]
mod ip_network;
#[cfg(feature = "with-json")]
mod json;
mod rows;
mod tag;
#[cfg(test)]
mod tests;
#[cfg(feature = "with-time")]
mod time;

use std::fmt;

use sea_orm::Value;

use crate::wire::{WireError, put_varint, take_count};

pub(crate) use self::decode::decode_value;
pub(crate) use self::encode::encode_value;
pub(crate) use self::fingerprint::fingerprint;
pub(crate) use self::rows::RowCodec;

/// How deep arrays may nest: PostgreSQL stops at six dimensions.
const ARRAY_DEPTH: usize = 16;

/// How deep JSON may nest, which is as deep as serde_json reads it.
#[cfg(feature = "with-json")]
const JSON_DEPTH: usize = 128;

/// Why a row could not be written or read. Carries no column value: those are user data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum CodecError {
    /// The bytes are cut short, a length is malformed or text is not UTF-8.
    Wire(WireError),
    /// No kind of value has this tag: the bytes come from a later release or are not a row.
    UnknownTag(u8),
    /// The column's type belongs to a cargo feature that this build of cached-repo does not have.
    Unsupported,
    /// The bytes of a value of this kind are out of its range.
    Invalid(&'static str),
    /// An array or a JSON document nests deeper than the codec follows.
    TooDeep,
    /// Bytes are left behind the row.
    Trailing,
}

impl fmt::Display for CodecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Wire(error) => error.fmt(f),
            Self::UnknownTag(tag) => write!(f, "no kind of value has the tag {tag}"),
            Self::Unsupported => f.write_str(
                "the column's type needs a cargo feature of cached-repo that is off \
                 (they are named as in sea-orm: `with-json`, `postgres-array`, ..)",
            ),
            Self::Invalid(kind) => write!(f, "the bytes are not a valid {kind}"),
            Self::TooDeep => f.write_str("an array or JSON value nests too deep"),
            Self::Trailing => f.write_str("bytes are left behind the row"),
        }
    }
}

impl std::error::Error for CodecError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Wire(error) => Some(error),
            _ => None,
        }
    }
}

impl From<WireError> for CodecError {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

/// Appends a row to `out`.
///
/// # Errors
///
/// A value that could not be read back exactly. `out` is then as it was before.
pub(crate) fn encode_row(values: &[Value], out: &mut Vec<u8>) -> Result<(), CodecError> {
    let start = out.len();
    put_varint(out, values.len() as u64);
    for value in values {
        if let Err(error) = encode_value(value, out) {
            out.truncate(start);
            return Err(error);
        }
    }
    Ok(())
}

/// Reads a row and advances `bytes` past it.
///
/// # Errors
///
/// Bytes that [`encode_row`] does not write. `bytes` may then point anywhere behind its old place.
pub(crate) fn decode_row(bytes: &mut &[u8]) -> Result<Vec<Value>, CodecError> {
    let count = take_count(bytes, 1)?;
    let mut values = Vec::with_capacity(first_capacity(count));
    for _ in 0..count {
        values.push(decode_value(bytes)?);
    }
    Ok(values)
}

/// Reads a row that fills all of `bytes`.
///
/// # Errors
///
/// As [`decode_row`], and [`CodecError::Trailing`] when bytes are left.
pub(crate) fn decode_whole_row(mut bytes: &[u8]) -> Result<Vec<Value>, CodecError> {
    let values = decode_row(&mut bytes)?;
    if bytes.is_empty() {
        Ok(values)
    } else {
        Err(CodecError::Trailing)
    }
}

/// Room to reserve for `count` elements: a forged count must not reserve 32 times its bytes at once.
fn first_capacity(count: usize) -> usize {
    count.min(64)
}
