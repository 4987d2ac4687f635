//! The envelope around a stored value: what it is, how old it is, what may void it, and a checksum.
//!
//! # Format
//!
//! | bytes | field |
//! |---|---|
//! | 1 | [`MARKER`]: the store also holds leases (0), locks (2) and stamps (3) |
//! | 1 | [`FORMAT`] |
//! | 1 | [`CODEC`]: how rows are written |
//! | 16 | token: names this entry, and no other that the key has held or will hold |
//! | 8 | shape: changes with the entity's columns |
//! | 8 | stored at: milliseconds since 1970 |
//! | 8 | expires at: milliseconds since 1970 |
//! | varint | grace: how long it is kept after that, in milliseconds |
//! | varint | cost: how long its load took, in microseconds |
//! | count, each: len, name, 16 | tags and the stamps they had |
//! | 1, then | body: 0 absent; 1 row: len, bytes; 2 rows: count, each: len, bytes; 3 pointer: len, bytes; 4 value of a query: len, bytes; 5 primary keys: count, each: len, bytes of the values |
//! | 4 | CRC-32 of all the bytes before it |
//!
//! Integers are little endian, `len` and `count` are the varints of [`crate::wire`].
//!
//! # Rules
//!
//! 1. The first three bytes mean the same in every release, so that releases can share a store: whoever meets
//!    a format that it does not know treats the value as a miss.
//! 2. Opening borrows from the bytes: a hit does not copy the row.
//! 3. Bytes that [`Envelope::seal`] did not write are refused, whatever they are; nothing panics.

#[cfg(test)]
mod tests;

use std::fmt;

use crate::stamp::{Stamp, Token};
use crate::wire::{
    WireError, put_slice, put_varint, take, take_byte, take_count, take_slice, take_str,
    take_varint,
};

/// The first byte of every stored value.
pub(crate) const MARKER: u8 = 1;

/// The version of this layout and of [`crate::codec`]: raised whenever either changes.
pub(crate) const FORMAT: u8 = 2;

/// The number of the only codec there is.
pub(crate) const CODEC: u8 = 1;

/// Marker, format, codec, token, shape, the two times, grace and cost.
const HEADER: usize = 3 + 16 + 3 * 8 + 2;

/// The checksum.
const TRAILER: usize = 4;

/// A tag's name and the stamp that it had when the value was loaded.
pub(crate) type TagStamp<'a> = (&'a str, Stamp);

/// One stored value with what is known about it. Borrows from the bytes that it was opened from or is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Envelope<'a> {
    /// Names this entry.
    pub(crate) token: Token,
    /// Shape of the entity that the value was made from.
    pub(crate) shape: u64,
    /// When it was stored: milliseconds since 1970.
    pub(crate) stored_at: u64,
    /// When it stops being fresh: milliseconds since 1970.
    pub(crate) expires_at: u64,
    /// How long it is kept after that, in milliseconds.
    pub(crate) grace: u64,
    /// How long its load took, in microseconds.
    pub(crate) cost: u64,
    /// What voids it.
    pub(crate) tags: Vec<TagStamp<'a>>,
    /// The value itself.
    pub(crate) body: Body<'a>,
}

/// The value in an [`Envelope`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body<'a> {
    /// The source has no such row.
    Absent,
    /// One row, written by [`crate::codec`].
    Row(&'a [u8]),
    /// A list of rows.
    Rows(Vec<&'a [u8]>),
    /// The key of the entry that has the row.
    Pointer(&'a [u8]),
    /// What a query has found, in a form of its own.
    Value(&'a [u8]),
    /// The primary keys of a list's rows.
    Keys(Vec<&'a [u8]>),
}

const ABSENT: u8 = 0;
const ROW: u8 = 1;
const ROWS: u8 = 2;
const POINTER: u8 = 3;
const VALUE: u8 = 4;
const KEYS: u8 = 5;

/// Why stored bytes are not a value that can be used. Each of them is a miss.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub(crate) enum EnvelopeError {
    /// The first byte is not [`MARKER`]: a lease, a lock, a stamp, or not ours.
    NotAValue,
    /// Another release wrote it, in this format.
    Format(u8),
    /// Its rows are written by this codec, which this release does not have.
    Codec(u8),
    /// The bytes were changed after they were written.
    Checksum,
    /// The bytes end too early to hold a value.
    Truncated,
    /// The checksum holds and yet the fields do not fit: whoever wrote it did not follow the format.
    Malformed,
}

impl fmt::Display for EnvelopeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAValue => f.write_str("the bytes are not a stored value"),
            Self::Format(it) => write!(f, "the value has format {it}, this release reads {FORMAT}"),
            Self::Codec(it) => write!(f, "the rows are in codec {it}, this release reads {CODEC}"),
            Self::Checksum => f.write_str("the checksum does not match: the value was damaged"),
            Self::Truncated => f.write_str("the value is cut short"),
            Self::Malformed => f.write_str("the value does not follow its format"),
        }
    }
}

impl std::error::Error for EnvelopeError {}

impl From<WireError> for EnvelopeError {
    /// Only fields behind a good checksum are read this way, so that even a missing byte is not a truncation.
    fn from(_: WireError) -> Self {
        Self::Malformed
    }
}

impl<'a> Envelope<'a> {
    /// The bytes to store.
    pub(crate) fn seal(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.size_hint());
        out.extend_from_slice(&[MARKER, FORMAT, CODEC]);
        out.extend_from_slice(self.token.as_bytes());
        for field in [self.shape, self.stored_at, self.expires_at] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        put_varint(&mut out, self.grace);
        put_varint(&mut out, self.cost);
        put_varint(&mut out, self.tags.len() as u64);
        for (name, stamp) in &self.tags {
            put_slice(&mut out, name.as_bytes());
            out.extend_from_slice(stamp.as_bytes());
        }
        self.body.put(&mut out);
        let checksum = crc32fast::hash(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        out
    }

    /// Reads what [`Envelope::seal`] wrote.
    ///
    /// # Errors
    ///
    /// One kind for each reason to treat the bytes as a miss: see [`EnvelopeError`].
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, EnvelopeError> {
        let mut fields = checked(bytes)?;
        let token = Token::from_bytes(take(&mut fields)?);
        let shape = u64::from_le_bytes(take(&mut fields)?);
        let stored_at = u64::from_le_bytes(take(&mut fields)?);
        let expires_at = u64::from_le_bytes(take(&mut fields)?);
        let (grace, cost) = (take_varint(&mut fields)?, take_varint(&mut fields)?);
        // A tag is at least the length of its name and a stamp: no count can reserve more than it brings.
        let count = take_count(&mut fields, 1 + 16)?;
        let mut tags = Vec::with_capacity(count);
        for _ in 0..count {
            let name = take_str(&mut fields)?;
            tags.push((name, Stamp::from_bytes(take(&mut fields)?)));
        }
        let body = Body::take(&mut fields)?;
        if !fields.is_empty() {
            return Err(EnvelopeError::Malformed);
        }
        Ok(Self {
            token,
            shape,
            stored_at,
            expires_at,
            grace,
            cost,
            tags,
            body,
        })
    }

    /// Enough for the whole value in all but freak cases, so that sealing allocates once.
    fn size_hint(&self) -> usize {
        let tags: usize = self.tags.iter().map(|(name, _)| name.len() + 2 + 16).sum();
        let body = match &self.body {
            Body::Absent => 0,
            Body::Row(bytes) | Body::Pointer(bytes) | Body::Value(bytes) => bytes.len() + 5,
            Body::Rows(rows) | Body::Keys(rows) => {
                rows.iter().map(|row| row.len() + 5).sum::<usize>() + 5
            }
        };
        HEADER + 20 + tags + 1 + body + TRAILER
    }
}

/// What stands between the third byte and the checksum, when all that frames it is right.
fn checked(bytes: &[u8]) -> Result<&[u8], EnvelopeError> {
    let expect = |index: usize, wanted: u8, error: fn(u8) -> EnvelopeError| match bytes.get(index) {
        None => Err(EnvelopeError::Truncated),
        Some(byte) if *byte == wanted => Ok(()),
        Some(byte) => Err(error(*byte)),
    };
    expect(0, MARKER, |_| EnvelopeError::NotAValue)?;
    expect(1, FORMAT, EnvelopeError::Format)?;
    expect(2, CODEC, EnvelopeError::Codec)?;
    let (sealed, checksum) = bytes.split_last_chunk().ok_or(EnvelopeError::Truncated)?;
    // The least is the header, no tags and an absent row.
    if sealed.len() < HEADER + 2 {
        return Err(EnvelopeError::Truncated);
    }
    if crc32fast::hash(sealed) != u32::from_le_bytes(*checksum) {
        return Err(EnvelopeError::Checksum);
    }
    Ok(&sealed[3..])
}

impl<'a> Body<'a> {
    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Self::Absent => out.push(ABSENT),
            Self::Row(bytes) => {
                out.push(ROW);
                put_slice(out, bytes);
            }
            Self::Rows(rows) => {
                out.push(ROWS);
                put_list(out, rows);
            }
            Self::Keys(keys) => {
                out.push(KEYS);
                put_list(out, keys);
            }
            Self::Pointer(bytes) => {
                out.push(POINTER);
                put_slice(out, bytes);
            }
            Self::Value(bytes) => {
                out.push(VALUE);
                put_slice(out, bytes);
            }
        }
    }

    fn take(fields: &mut &'a [u8]) -> Result<Self, EnvelopeError> {
        match take_byte(fields)? {
            ABSENT => Ok(Self::Absent),
            ROW => Ok(Self::Row(take_slice(fields)?)),
            ROWS => Ok(Self::Rows(take_list(fields)?)),
            KEYS => Ok(Self::Keys(take_list(fields)?)),
            POINTER => Ok(Self::Pointer(take_slice(fields)?)),
            VALUE => Ok(Self::Value(take_slice(fields)?)),
            _ => Err(EnvelopeError::Malformed),
        }
    }
}

fn put_list(out: &mut Vec<u8>, list: &[&[u8]]) {
    put_varint(out, list.len() as u64);
    list.iter().for_each(|one| put_slice(out, one));
}

fn take_list<'a>(fields: &mut &'a [u8]) -> Result<Vec<&'a [u8]>, EnvelopeError> {
    let count = take_count(fields, 1)?;
    // A row of a list is at least one byte, a slice is sixteen: reserve by what rows usually are.
    let mut list = Vec::with_capacity(count.min(64));
    for _ in 0..count {
        list.push(take_slice(fields)?);
    }
    Ok(list)
}
