//! `BigDecimal`: an integer of any length and a scale, both kept as they are (1.10 is not 1.1).

use sea_orm::sea_query::value::prelude::BigDecimal;
use sea_orm::sea_query::value::prelude::bigdecimal::num_bigint::{BigInt, Sign};

use super::{CodecError, tag};
use crate::wire::{put_varint, take, take_byte, take_slice};

/// Appends the tag and the value.
pub(super) fn encode(value: &BigDecimal, out: &mut Vec<u8>) {
    let (digits, scale) = value.as_bigint_and_scale();
    out.push(tag::BIG_DECIMAL);
    out.extend_from_slice(&scale.to_le_bytes());
    out.push(match digits.sign() {
        Sign::NoSign => 0,
        Sign::Plus => 1,
        Sign::Minus => 2,
    });
    let length = digits.bits().div_ceil(8);
    put_varint(out, length);
    let end = out.len() + length as usize;
    for digit in digits.iter_u64_digits() {
        out.extend_from_slice(&digit.to_le_bytes());
    }
    // The last of the 64-bit digits is rarely full.
    out.truncate(end);
}

/// Reads what stands behind the tag.
pub(super) fn decode(bytes: &mut &[u8]) -> Result<BigDecimal, CodecError> {
    let invalid = CodecError::Invalid("big decimal");
    let scale = i64::from_le_bytes(take(bytes)?);
    let sign = match take_byte(bytes)? {
        0 => Sign::NoSign,
        1 => Sign::Plus,
        2 => Sign::Minus,
        _ => return Err(invalid),
    };
    let magnitude = take_slice(bytes)?;
    let normal = match magnitude.last() {
        None => sign == Sign::NoSign,
        Some(last) => *last != 0 && sign != Sign::NoSign,
    };
    if !normal {
        return Err(invalid);
    }
    Ok(BigDecimal::new(
        BigInt::from_bytes_le(sign, magnitude),
        scale,
    ))
}
