//! Values in their canonical, packed form.
//!
//! | first byte | value | rest |
//! | --- | --- | --- |
//! | 0 | NULL | nothing |
//! | 1 | integer that fits 64 bits with sign | 8 bytes, little endian |
//! | 2 | larger unsigned integer | 8 bytes, little endian |
//! | 3 | boolean | 1 byte |
//! | 4 | text, enum, character | length, bytes |
//! | 5 | bytes | length, bytes |
//! | 6 | UUID | 16 bytes |
//! | 7 | anything that has one canonical text | length, bytes |
//!
//! A length is one byte up to 254, or 255 and eight bytes.

use sea_orm::Value;

/// A value whose type cannot be part of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unkeyable;

/// Where packed bytes go.
pub(crate) trait Sink {
    fn put(&mut self, bytes: &[u8]);
}

/// Room on the stack for the packed key of nearly every table; what is longer goes to the heap.
pub(crate) struct Packed {
    short: [u8; 64],
    length: usize,
    long: Vec<u8>,
}

impl Default for Packed {
    #[inline]
    fn default() -> Self {
        Self {
            short: [0; 64],
            length: 0,
            long: Vec::new(),
        }
    }
}

impl Packed {
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        if self.long.is_empty() {
            &self.short[..self.length]
        } else {
            &self.long
        }
    }
}

impl Sink for Packed {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        match self.short.get_mut(self.length..end) {
            Some(room) if self.long.is_empty() => {
                room.copy_from_slice(bytes);
                self.length = end;
            }
            _ => {
                if self.long.is_empty() {
                    self.long.extend_from_slice(&self.short[..self.length]);
                }
                self.long.extend_from_slice(bytes);
            }
        }
    }
}

impl Sink for Vec<u8> {
    fn put(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Appends the canonical form of a value.
pub(crate) fn pack(value: &Value, out: &mut impl Sink) -> Result<(), Unkeyable> {
    match value {
        Value::BigInt(Some(v)) => integer(*v, out),
        Value::Int(Some(v)) => integer((*v).into(), out),
        Value::SmallInt(Some(v)) => integer((*v).into(), out),
        Value::TinyInt(Some(v)) => integer((*v).into(), out),
        Value::Unsigned(Some(v)) => integer((*v).into(), out),
        Value::SmallUnsigned(Some(v)) => integer((*v).into(), out),
        Value::TinyUnsigned(Some(v)) => integer((*v).into(), out),
        Value::BigUnsigned(Some(v)) => match i64::try_from(*v) {
            Ok(v) => integer(v, out),
            Err(_) => tagged(2, &v.to_le_bytes(), out),
        },
        Value::Bool(Some(v)) => tagged(3, &[u8::from(*v)], out),
        Value::String(Some(v)) => sized(4, v.as_bytes(), out),
        Value::Enum(sea_orm::sea_query::OptionEnum::Some(v)) => sized(4, v.value.as_bytes(), out),
        Value::Char(Some(v)) => sized(4, v.encode_utf8(&mut [0; 4]).as_bytes(), out),
        Value::Bytes(Some(v)) => sized(5, v, out),
        #[cfg(feature = "with-uuid")]
        Value::Uuid(Some(v)) => tagged(6, v.as_bytes(), out),
        other if is_null(other) => {
            if !keyable(other) {
                return Err(Unkeyable);
            }
            tagged(0, &[], out);
        }
        other => sized(7, canonical_text(other).ok_or(Unkeyable)?.as_bytes(), out),
    }
    Ok(())
}

/// Appends a text that is no column value.
pub(crate) fn pack_text(text: &str, out: &mut impl Sink) {
    sized(4, text.as_bytes(), out);
}

/// Whether the value is an SQL NULL.
pub(crate) fn is_null(value: &Value) -> bool {
    *value == value.as_null()
}

pub(super) fn integer(value: i64, out: &mut impl Sink) {
    tagged(1, &value.to_le_bytes(), out);
}

pub(super) fn tagged(tag: u8, bytes: &[u8], out: &mut impl Sink) {
    out.put(&[tag]);
    out.put(bytes);
}

pub(super) fn sized(tag: u8, bytes: &[u8], out: &mut impl Sink) {
    match u8::try_from(bytes.len()) {
        Ok(length) if length < 255 => out.put(&[tag, length]),
        _ => {
            out.put(&[tag, 255]);
            out.put(&(bytes.len() as u64).to_le_bytes());
        }
    }
    out.put(bytes);
}

/// Floats, JSON, arrays and vectors have no canonical form that agrees with the database's equality.
fn keyable(value: &Value) -> bool {
    match value {
        Value::Float(_) | Value::Double(_) => false,
        #[cfg(feature = "with-json")]
        Value::Json(_) => false,
        #[cfg(feature = "postgres-array")]
        Value::Array(..) => false,
        #[cfg(feature = "postgres-vector")]
        Value::Vector(_) => false,
        _ => true,
    }
}

/// One text for each value, so that what the database holds to be equal is equal here: instants in UTC, decimals without
/// trailing zeros.
fn canonical_text(value: &Value) -> Option<String> {
    match value {
        #[cfg(feature = "with-chrono")]
        Value::ChronoDate(Some(v)) => Some(v.to_string()),
        #[cfg(feature = "with-chrono")]
        Value::ChronoTime(Some(v)) => Some(v.to_string()),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTime(Some(v)) => Some(v.to_string()),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTimeUtc(Some(v)) => Some(v.naive_utc().to_string()),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTimeLocal(Some(v)) => Some(v.naive_utc().to_string()),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTimeWithTimeZone(Some(v)) => Some(v.naive_utc().to_string()),
        #[cfg(feature = "with-time")]
        Value::TimeDate(Some(v)) => Some(v.to_string()),
        #[cfg(feature = "with-time")]
        Value::TimeTime(Some(v)) => Some(v.to_string()),
        #[cfg(feature = "with-time")]
        Value::TimeDateTime(Some(v)) => Some(v.to_string()),
        #[cfg(feature = "with-time")]
        Value::TimeDateTimeWithTimeZone(Some(v)) => Some(v.unix_timestamp_nanos().to_string()),
        #[cfg(feature = "with-rust_decimal")]
        Value::Decimal(Some(v)) => Some(v.normalize().to_string()),
        #[cfg(feature = "with-bigdecimal")]
        Value::BigDecimal(Some(v)) => Some(v.normalized().to_string()),
        #[cfg(feature = "with-ipnetwork")]
        Value::IpNetwork(Some(v)) => Some(v.to_string()),
        #[cfg(feature = "with-mac_address")]
        Value::MacAddress(Some(v)) => Some(v.to_string()),
        _ => None,
    }
}

/// A value as part of a user's own tag, for example `7` in `tenant:7`: as people write it, since they write it themselves
/// when they invalidate the tag.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(Some(text)) => text.clone(),
        Value::Enum(sea_orm::sea_query::OptionEnum::Some(text)) => text.value.to_string(),
        Value::Char(Some(text)) => text.to_string(),
        Value::Bool(Some(flag)) => flag.to_string(),
        Value::BigInt(Some(number)) => number.to_string(),
        Value::Int(Some(number)) => number.to_string(),
        Value::SmallInt(Some(number)) => number.to_string(),
        Value::TinyInt(Some(number)) => number.to_string(),
        Value::BigUnsigned(Some(number)) => number.to_string(),
        Value::Unsigned(Some(number)) => number.to_string(),
        Value::SmallUnsigned(Some(number)) => number.to_string(),
        Value::TinyUnsigned(Some(number)) => number.to_string(),
        #[cfg(feature = "with-uuid")]
        Value::Uuid(Some(id)) => id.to_string(),
        Value::Bytes(Some(bytes)) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
        other if is_null(other) => "null".to_owned(),
        other => canonical_text(other).unwrap_or_default(),
    }
}
