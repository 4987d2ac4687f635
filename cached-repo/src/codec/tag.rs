//! The number that stands for each kind of value: see the table in [`super`].
//!
//! A number that was given out once keeps its meaning for ever. Zero stays free, so that zeroed bytes are
//! never a value, and the high bit is [`NULL`].

/// Set in a tag when the column is `NULL`; the value's bytes are then left out.
pub(super) const NULL: u8 = 0x80;

pub(super) const BOOL: u8 = 1;
pub(super) const TINY_INT: u8 = 2;
pub(super) const SMALL_INT: u8 = 3;
pub(super) const INT: u8 = 4;
pub(super) const BIG_INT: u8 = 5;
pub(super) const TINY_UNSIGNED: u8 = 6;
pub(super) const SMALL_UNSIGNED: u8 = 7;
pub(super) const UNSIGNED: u8 = 8;
pub(super) const BIG_UNSIGNED: u8 = 9;
pub(super) const FLOAT: u8 = 10;
pub(super) const DOUBLE: u8 = 11;
pub(super) const STRING: u8 = 12;
pub(super) const ENUM: u8 = 13;
pub(super) const CHAR: u8 = 14;
pub(super) const BYTES: u8 = 15;
#[cfg(feature = "with-json")]
pub(super) const JSON: u8 = 16;
#[cfg(feature = "with-chrono")]
pub(super) const CHRONO_DATE: u8 = 17;
#[cfg(feature = "with-chrono")]
pub(super) const CHRONO_TIME: u8 = 18;
#[cfg(feature = "with-chrono")]
pub(super) const CHRONO_DATE_TIME: u8 = 19;
#[cfg(feature = "with-chrono")]
pub(super) const CHRONO_UTC: u8 = 20;
#[cfg(feature = "with-chrono")]
pub(super) const CHRONO_LOCAL: u8 = 21;
#[cfg(feature = "with-chrono")]
pub(super) const CHRONO_ZONED: u8 = 22;
#[cfg(feature = "with-time")]
pub(super) const TIME_DATE: u8 = 23;
#[cfg(feature = "with-time")]
pub(super) const TIME_TIME: u8 = 24;
#[cfg(feature = "with-time")]
pub(super) const TIME_DATE_TIME: u8 = 25;
#[cfg(feature = "with-time")]
pub(super) const TIME_ZONED: u8 = 26;
// 27 to 30 are kept for jiff's date, time, date-time and timestamp, which sea-orm does not forward.
#[cfg(feature = "with-uuid")]
pub(super) const UUID: u8 = 31;
#[cfg(feature = "with-rust_decimal")]
pub(super) const DECIMAL: u8 = 32;
#[cfg(feature = "with-bigdecimal")]
pub(super) const BIG_DECIMAL: u8 = 33;
#[cfg(feature = "postgres-array")]
pub(super) const ARRAY: u8 = 34;
#[cfg(feature = "postgres-vector")]
pub(super) const VECTOR: u8 = 35;
#[cfg(feature = "with-ipnetwork")]
pub(super) const IP_NETWORK: u8 = 36;
#[cfg(feature = "with-mac_address")]
pub(super) const MAC_ADDRESS: u8 = 37;

/// The highest number given out: 38 is kept for PostgreSQL's ranges, which sea-orm does not forward.
pub(super) const LAST: u8 = 38;
