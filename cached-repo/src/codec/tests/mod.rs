//! What the codec keeps, and what it refuses.

mod random;
mod samples;
mod strict;

use sea_orm::Value;

use self::samples::samples;
use super::*;

fn encoded(value: &Value) -> Vec<u8> {
    let mut out = Vec::new();
    encode_value(value, &mut out).expect("the sample encodes");
    out
}

fn decoded(bytes: &[u8]) -> Result<Value, CodecError> {
    let mut rest = bytes;
    let value = decode_value(&mut rest)?;
    if rest.is_empty() {
        Ok(value)
    } else {
        Err(CodecError::Trailing)
    }
}

/// Equal in every bit: `==` holds for two NaN, for two zeros and for one instant at two offsets.
fn assert_same(name: &str, left: &Value, right: &Value) {
    assert_eq!(left, right, "{name}");
    assert_eq!(format!("{left:?}"), format!("{right:?}"), "{name}");
    assert_eq!(encoded(left), encoded(right), "{name}");
}

#[test]
fn every_kind_of_value_comes_back_bit_for_bit() {
    for (name, value) in samples() {
        let bytes = encoded(&value);
        let back = decoded(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_same(name, &back, &value);
    }
}

#[test]
fn floats_keep_their_bits() {
    for bits in [0x8000_0000, 0x7fc0_0001, 0xffa5_5a5a, 0x7f80_0000, 1] {
        let back = decoded(&encoded(&Value::Float(Some(f32::from_bits(bits)))));
        assert!(
            matches!(back, Ok(Value::Float(Some(it))) if it.to_bits() == bits),
            "{bits:x}"
        );
    }
    for bits in [
        0x8000_0000_0000_0000,
        0x7ff8_0000_dead_beef,
        0xfff0_0000_0000_0001,
        1,
    ] {
        let back = decoded(&encoded(&Value::Double(Some(f64::from_bits(bits)))));
        assert!(
            matches!(back, Ok(Value::Double(Some(it))) if it.to_bits() == bits),
            "{bits:x}"
        );
    }
}

#[test]
fn different_samples_have_different_bytes() {
    let all: Vec<_> = samples()
        .into_iter()
        .map(|(name, value)| (name, encoded(&value)))
        .collect();
    for (index, (name, bytes)) in all.iter().enumerate() {
        for (other, same) in &all[..index] {
            assert_ne!(bytes, same, "{name} and {other}");
        }
    }
}

#[test]
fn a_row_of_all_kinds_comes_back_and_leaves_the_rest() {
    let row: Vec<Value> = samples().into_iter().map(|(_, value)| value).collect();
    let mut bytes = b"before".to_vec();
    encode_row(&row, &mut bytes).unwrap();
    bytes.extend_from_slice(b"behind");
    let mut rest = &bytes[b"before".len()..];
    let back = decode_row(&mut rest).unwrap();
    assert_eq!(rest, b"behind");
    assert_eq!(back.len(), row.len());
    for (back, value) in back.iter().zip(&row) {
        assert_same("in a row", back, value);
    }
}

#[test]
fn the_bytes_are_those_of_format_one() {
    const GOLDEN: &str = include_str!("../golden/v1.hex");
    let golden: std::collections::HashMap<_, _> = GOLDEN
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .collect();
    let mut changed = String::new();
    for (name, value) in samples() {
        let hex: String = encoded(&value)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        if golden.get(name) != Some(&hex.as_str()) {
            changed += &format!("{name} = {hex}\n");
        }
    }
    // Format 2 has changed the envelope, and left rows as they were.
    assert_eq!(
        crate::entry::FORMAT,
        2,
        "say here whether rows have changed; if so, add golden/v{}.hex and read it",
        crate::entry::FORMAT
    );
    assert!(
        changed.is_empty(),
        "the bytes of rows changed: bump `entry::FORMAT` and add a new golden file (a new sample is only added to \
         the old one):\n{changed}"
    );
}

#[cfg(feature = "with-json")]
#[test]
fn json_numbers_keep_more_than_a_float_could() {
    use sea_orm::sea_query::value::prelude::serde_json::from_str;

    // Under serde_json's arbitrary precision the text itself must survive; without it, what serde_json made of it.
    for text in [
        "1.10",
        "1e2",
        "123456789012345678901234567890",
        "-0",
        "0.30000000000000004",
        "-9223372036854775808",
    ] {
        let value = Value::Json(Some(Box::new(from_str(text).unwrap())));
        assert_same(text, &decoded(&encoded(&value)).unwrap(), &value);
    }
}

#[cfg(feature = "with-bigdecimal")]
#[test]
fn a_big_decimal_may_have_thousands_of_digits() {
    let text = format!("-{}.{}", "9876543210".repeat(500), "0123456789".repeat(500));
    let value = Value::BigDecimal(Some(Box::new(text.parse().unwrap())));
    assert_same("long", &decoded(&encoded(&value)).unwrap(), &value);
}
