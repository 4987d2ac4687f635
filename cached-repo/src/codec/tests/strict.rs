//! Bytes and values that must be refused.

use super::*;

fn refused(bytes: &[u8]) -> CodecError {
    match decoded(bytes) {
        Ok(value) => panic!("{bytes:02x?} was read as {value:?}"),
        Err(error) => error,
    }
}

#[test]
fn every_truncation_is_refused() {
    for (name, value) in samples() {
        let bytes = encoded(&value);
        for length in 0..bytes.len() {
            let error = refused(&bytes[..length]);
            assert_eq!(
                error,
                CodecError::Wire(WireError::Truncated),
                "{name} cut to {length}"
            );
        }
    }
}

#[test]
fn bytes_behind_a_row_are_refused() {
    let mut bytes = Vec::new();
    encode_row(&[Value::Int(Some(7))], &mut bytes).unwrap();
    assert_eq!(decode_whole_row(&bytes), Ok(vec![Value::Int(Some(7))]));
    bytes.push(0);
    assert_eq!(decode_whole_row(&bytes), Err(CodecError::Trailing));
}

#[test]
fn unknown_tags_are_refused() {
    for tag in [0, tag::LAST + 1, 0x7f] {
        assert_eq!(refused(&[tag]), CodecError::UnknownTag(tag));
        assert_eq!(refused(&[tag | tag::NULL]), CodecError::UnknownTag(tag));
    }
    assert_eq!(
        refused(&[tag::LAST]),
        CodecError::Unsupported,
        "kept for ranges"
    );
    assert_eq!(refused(&[27]), CodecError::Unsupported, "kept for jiff");
}

#[test]
fn fields_out_of_range_are_refused() {
    assert_eq!(refused(&[tag::BOOL, 2]), CodecError::Invalid("boolean"));
    assert_eq!(
        refused(&[tag::STRING, 2, 0xc3, 0x28]),
        CodecError::Wire(WireError::Utf8)
    );
    assert_eq!(
        refused(&[tag::ENUM, 1, 0xff, 0]),
        CodecError::Wire(WireError::Utf8)
    );
    let surrogate = [tag::CHAR, 0x80, 0xb0, 0x03];
    assert_eq!(refused(&surrogate), CodecError::Invalid("character"));
    assert_eq!(
        refused(&[tag::STRING, 0x81, 0x00, b'a']),
        CodecError::Wire(WireError::Varint)
    );
}

#[test]
fn a_forged_length_is_refused_before_it_is_reserved() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
    let heads: &[&[u8]] = &[
        &[tag::STRING],
        &[tag::BYTES],
        &[tag::ENUM],
        #[cfg(feature = "with-json")]
        &[tag::JSON, 7],
        #[cfg(feature = "with-json")]
        &[tag::JSON, 8],
        #[cfg(feature = "with-json")]
        &[tag::JSON, 9],
        #[cfg(feature = "postgres-array")]
        &[tag::ARRAY, tag::INT],
        #[cfg(feature = "postgres-vector")]
        &[tag::VECTOR],
    ];
    for head in heads {
        let bytes = [*head, &huge].concat();
        assert_eq!(
            refused(&bytes),
            CodecError::Wire(WireError::Truncated),
            "{bytes:02x?}"
        );
    }
    assert_eq!(
        decode_row(&mut &huge[..]),
        Err(CodecError::Wire(WireError::Truncated))
    );
}

#[cfg(feature = "with-json")]
#[test]
fn json_that_serde_json_would_not_hold_is_refused() {
    use sea_orm::sea_query::value::prelude::serde_json::Value as Json;

    let number = CodecError::Invalid("JSON number");
    let not_finite = [&[tag::JSON, 5][..], &f64::NAN.to_le_bytes()].concat();
    assert_eq!(refused(&not_finite), number);
    assert_eq!(
        refused(&[&[tag::JSON, 4][..], &[0xff; 9], &[1]].concat()),
        number,
        "below i64"
    );
    assert_eq!(
        refused(&[tag::JSON, 6, 1, b'5']),
        number,
        "a number in text that needs no text"
    );
    assert_eq!(refused(&[tag::JSON, 6, 1, b'x']), number);
    assert_eq!(refused(&[tag::JSON, 10]), CodecError::Invalid("JSON node"));
    let twice = [tag::JSON, 9, 2, 1, b'a', 0, 1, b'a', 0];
    assert_eq!(refused(&twice), CodecError::Invalid("JSON object"));

    let nested = |depth| (0..depth).fold(Json::Null, |inner, _| Json::Array(vec![inner]));
    let deepest = Value::Json(Some(Box::new(nested(JSON_DEPTH))));
    assert_same("deepest", &decoded(&encoded(&deepest)).unwrap(), &deepest);
    let deeper = Value::Json(Some(Box::new(nested(JSON_DEPTH + 1))));
    assert_eq!(
        encode_value(&deeper, &mut Vec::new()),
        Err(CodecError::TooDeep)
    );
    let bytes = [&[tag::JSON][..], &[8, 1].repeat(100_000), &[0]].concat();
    assert_eq!(refused(&bytes), CodecError::TooDeep);
}

#[cfg(feature = "with-json")]
#[test]
fn json_keys_are_read_in_any_order() {
    let sorted = [tag::JSON, 9, 2, 1, b'a', 1, 1, b'b', 2];
    let reversed = [tag::JSON, 9, 2, 1, b'b', 2, 1, b'a', 1];
    // Not compared as values: sea-query compares the text, whose order serde_json's `preserve_order` keeps.
    let (Ok(Value::Json(reversed)), Ok(Value::Json(sorted))) =
        (decoded(&reversed), decoded(&sorted))
    else {
        panic!("one is refused");
    };
    assert_eq!(reversed, sorted);
}

#[cfg(feature = "with-chrono")]
#[test]
fn chrono_out_of_the_calendar_is_refused() {
    let day = 738_000i32.to_le_bytes();
    let time = |seconds: u32, nanos: u32| [seconds.to_le_bytes(), nanos.to_le_bytes()].concat();
    for date in [i32::MIN, i32::MAX] {
        let bytes = [&[tag::CHRONO_DATE][..], &date.to_le_bytes()].concat();
        assert_eq!(refused(&bytes), CodecError::Invalid("date"));
    }
    for time in [
        time(86_400, 0),
        time(0, 2_000_000_000),
        time(u32::MAX, u32::MAX),
    ] {
        let bytes = [&[tag::CHRONO_LOCAL][..], &day, &time].concat();
        assert_eq!(refused(&bytes), CodecError::Invalid("time"));
    }
    for offset in [86_400i32, -86_400, i32::MIN] {
        let bytes = [
            &[tag::CHRONO_ZONED][..],
            &day,
            &time(0, 0),
            &offset.to_le_bytes(),
        ]
        .concat();
        assert_eq!(refused(&bytes), CodecError::Invalid("time zone offset"));
    }
}

#[cfg(feature = "with-time")]
#[test]
fn time_out_of_the_calendar_is_refused() {
    let day = 2_460_000i32.to_le_bytes();
    let time = |seconds: u32, nanos: u32| [seconds.to_le_bytes(), nanos.to_le_bytes()].concat();
    for date in [i32::MIN, i32::MAX] {
        let bytes = [&[tag::TIME_DATE][..], &date.to_le_bytes()].concat();
        assert_eq!(refused(&bytes), CodecError::Invalid("date"));
    }
    for time in [
        time(86_400, 0),
        time(3600 * 256, 0),
        time(0, 1_000_000_000),
        time(u32::MAX, u32::MAX),
    ] {
        let bytes = [&[tag::TIME_DATE_TIME][..], &day, &time].concat();
        assert_eq!(refused(&bytes), CodecError::Invalid("time"));
    }
    for offset in [93_600i32, i32::MIN] {
        let bytes = [
            &[tag::TIME_ZONED][..],
            &day,
            &time(0, 0),
            &offset.to_le_bytes(),
        ]
        .concat();
        assert_eq!(refused(&bytes), CodecError::Invalid("time zone offset"));
    }
}

#[cfg(feature = "with-rust_decimal")]
#[test]
fn a_decimal_with_stray_bits_is_refused() {
    for (index, byte) in [(0, 1), (1, 1), (2, 29), (3, 1)] {
        let mut bytes = [0; 17];
        bytes[0] = tag::DECIMAL;
        bytes[1 + index] = byte;
        bytes[5] = 7;
        assert_eq!(
            refused(&bytes),
            CodecError::Invalid("decimal"),
            "byte {index}"
        );
    }
}

#[cfg(feature = "with-bigdecimal")]
#[test]
fn a_big_decimal_in_another_form_is_refused() {
    for tail in [&[0, 1, 5][..], &[1, 0], &[1, 2, 5, 0], &[3, 1, 5]] {
        let bytes = [&[tag::BIG_DECIMAL][..], &[0; 8], tail].concat();
        assert_eq!(
            refused(&bytes),
            CodecError::Invalid("big decimal"),
            "{tail:?}"
        );
    }
}

#[cfg(feature = "with-ipnetwork")]
#[test]
fn an_ip_network_with_a_forged_prefix_is_refused() {
    let invalid = CodecError::Invalid("IP network");
    assert_eq!(refused(&[tag::IP_NETWORK, 4, 10, 0, 0, 1, 33]), invalid);
    assert_eq!(
        refused(&[&[tag::IP_NETWORK, 6][..], &[0; 16], &[129]].concat()),
        invalid
    );
    assert_eq!(refused(&[tag::IP_NETWORK, 5, 10, 0, 0, 1, 8]), invalid);
}

#[cfg(feature = "postgres-array")]
#[test]
fn arrays_nest_only_so_deep() {
    use sea_orm::sea_query::ArrayType;

    let nested = |levels: usize| {
        (0..levels).fold(Value::Int(Some(1)), |inner, _| {
            Value::Array(ArrayType::Int, Some(Box::new(vec![inner])))
        })
    };
    let deepest = nested(ARRAY_DEPTH - 1);
    assert_same("deepest", &decoded(&encoded(&deepest)).unwrap(), &deepest);

    let mut out = b"kept".to_vec();
    let row = [Value::Int(Some(1)), nested(ARRAY_DEPTH)];
    assert_eq!(encode_row(&row, &mut out), Err(CodecError::TooDeep));
    assert_eq!(out, b"kept", "a refused row leaves nothing behind");

    let bytes = [tag::ARRAY, tag::INT, 1].repeat(100_000);
    assert_eq!(refused(&bytes), CodecError::TooDeep);
    assert_eq!(
        refused(&[tag::ARRAY, tag::ARRAY, 0]),
        CodecError::Unsupported,
        "no array type is an array"
    );
    assert_eq!(
        refused(&[tag::ARRAY | tag::NULL, 0]),
        CodecError::UnknownTag(0)
    );
}

#[cfg(feature = "postgres-array")]
#[test]
fn every_array_type_has_a_tag_of_its_own() {
    use sea_orm::sea_query::ArrayType;

    for (name, value) in samples() {
        // A vector has no array type: asking for it panics.
        #[cfg(feature = "postgres-vector")]
        if matches!(value, Value::Vector(_)) {
            continue;
        }
        let kind: ArrayType = value.array_type();
        let array = Value::Array(kind, Some(Box::new(vec![value])));
        assert_same(name, &decoded(&encoded(&array)).unwrap(), &array);
    }
}
