//! Primitives of the binary formats: fixed fields, lengths and text, read without panics.
//!
//! Integers are little endian. A length is an unsigned LEB128 varint in its shortest form, so that equal
//! values have equal bytes. Readers take a `&mut &[u8]` and advance it past what they read.
//!
//! # Rules
//!
//! 1. Nothing here allocates, so a forged length costs no memory.
//! 2. A length is refused when the bytes left cannot hold that many elements.

use std::fmt;

/// Why bytes could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WireError {
    /// The bytes end before the field does.
    Truncated,
    /// A varint is longer than 64 bits or not in its shortest form.
    Varint,
    /// Text is not UTF-8.
    Utf8,
}

impl fmt::Display for WireError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the bytes end too early",
            Self::Varint => "a length is malformed",
            Self::Utf8 => "text is not UTF-8",
        })
    }
}

impl std::error::Error for WireError {}

/// Appends `value` as a varint: seven bits to a byte, lowest first.
#[inline]
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends `bytes` behind their length.
#[inline]
pub(crate) fn put_slice(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads one byte.
#[inline]
pub(crate) fn take_byte(bytes: &mut &[u8]) -> Result<u8, WireError> {
    let (first, rest) = bytes.split_first().ok_or(WireError::Truncated)?;
    *bytes = rest;
    Ok(*first)
}

/// Reads a field of `N` bytes.
#[inline]
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], WireError> {
    let (field, rest) = bytes.split_first_chunk().ok_or(WireError::Truncated)?;
    *bytes = rest;
    Ok(*field)
}

/// Reads a varint, which must be in its shortest form.
#[inline]
pub(crate) fn take_varint(bytes: &mut &[u8]) -> Result<u64, WireError> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take_byte(bytes)?;
        let bits = u64::from(byte & 0x7f);
        // The tenth byte holds the one bit that is left of 64.
        if shift == 63 && bits > 1 {
            return Err(WireError::Varint);
        }
        value |= bits << shift;
        if byte < 0x80 {
            let shortest = byte != 0 || shift == 0;
            return if shortest {
                Ok(value)
            } else {
                Err(WireError::Varint)
            };
        }
    }
    Err(WireError::Varint)
}

/// Reads the number of elements that follow, each of at least `size` bytes.
#[inline]
pub(crate) fn take_count(bytes: &mut &[u8], size: usize) -> Result<usize, WireError> {
    let count = usize::try_from(take_varint(bytes)?).map_err(|_| WireError::Truncated)?;
    match count.checked_mul(size) {
        Some(needed) if needed <= bytes.len() => Ok(count),
        _ => Err(WireError::Truncated),
    }
}

/// Reads bytes behind their length.
#[inline]
pub(crate) fn take_slice<'a>(bytes: &mut &'a [u8]) -> Result<&'a [u8], WireError> {
    let length = take_count(bytes, 1)?;
    let (slice, rest) = bytes.split_at_checked(length).ok_or(WireError::Truncated)?;
    *bytes = rest;
    Ok(slice)
}

/// Reads text behind its length.
#[inline]
pub(crate) fn take_str<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, WireError> {
    std::str::from_utf8(take_slice(bytes)?).map_err(|_| WireError::Utf8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_round_trip_at_every_width() {
        for bits in 0..=64u32 {
            let value = 1u64.checked_shl(bits).unwrap_or(0).wrapping_sub(1);
            for value in [value, value.wrapping_add(1)] {
                let mut out = Vec::new();
                put_varint(&mut out, value);
                let mut rest = &out[..];
                assert_eq!(take_varint(&mut rest), Ok(value));
                assert!(rest.is_empty());
            }
        }
    }

    #[test]
    fn a_varint_that_is_longer_than_needed_is_refused() {
        for bytes in [&[0x80, 0x00][..], &[0xff, 0x80, 0x00], &[0xff; 11]] {
            assert_eq!(
                take_varint(&mut &bytes[..]),
                Err(WireError::Varint),
                "{bytes:x?}"
            );
        }
        let mut past_64_bits = [0xff; 10];
        past_64_bits[9] = 0x02;
        assert_eq!(take_varint(&mut &past_64_bits[..]), Err(WireError::Varint));
    }

    #[test]
    fn a_length_beyond_the_bytes_is_refused() {
        let mut out = Vec::new();
        put_varint(&mut out, u64::MAX);
        assert_eq!(take_count(&mut &out[..], 8), Err(WireError::Truncated));
        assert_eq!(take_slice(&mut &[5, 1, 2][..]), Err(WireError::Truncated));
        assert_eq!(take_str(&mut &[2, 0xc3, 0x28][..]), Err(WireError::Utf8));
    }
}
