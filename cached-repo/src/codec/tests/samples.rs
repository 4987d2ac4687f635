//! One named value for each thing that must survive, at the edges of its type.

use std::sync::Arc;

use sea_orm::Value;
use sea_orm::sea_query::{Enum, OptionEnum};

/// Every sample that this build has the features for. The names are those of the golden file.
pub(super) fn samples() -> Vec<(&'static str, Value)> {
    let mut all = numbers();
    all.extend(texts());
    #[cfg(feature = "with-json")]
    all.extend(json());
    #[cfg(feature = "with-chrono")]
    all.extend(chrono().into_iter().chain(chrono_instants()));
    #[cfg(feature = "with-time")]
    all.extend(time());
    #[cfg(feature = "with-uuid")]
    all.extend(uuids());
    #[cfg(feature = "with-rust_decimal")]
    all.extend(decimals());
    #[cfg(feature = "with-bigdecimal")]
    all.extend(big_decimals());
    #[cfg(feature = "postgres-vector")]
    all.extend(vectors());
    #[cfg(feature = "with-ipnetwork")]
    all.extend(ip_networks());
    #[cfg(feature = "with-mac_address")]
    all.extend(mac_addresses());
    #[cfg(feature = "postgres-array")]
    all.extend(arrays());
    all
}

fn numbers() -> Vec<(&'static str, Value)> {
    vec![
        ("bool null", Value::Bool(None)),
        ("bool false", Value::Bool(Some(false))),
        ("bool true", Value::Bool(Some(true))),
        ("tiny int null", Value::TinyInt(None)),
        ("tiny int min", Value::TinyInt(Some(i8::MIN))),
        ("small int null", Value::SmallInt(None)),
        ("small int min", Value::SmallInt(Some(i16::MIN))),
        ("int null", Value::Int(None)),
        ("int", Value::Int(Some(0x0102_0304))),
        ("int min", Value::Int(Some(i32::MIN))),
        ("big int null", Value::BigInt(None)),
        ("big int min", Value::BigInt(Some(i64::MIN))),
        ("tiny unsigned null", Value::TinyUnsigned(None)),
        ("tiny unsigned max", Value::TinyUnsigned(Some(u8::MAX))),
        ("small unsigned null", Value::SmallUnsigned(None)),
        ("small unsigned max", Value::SmallUnsigned(Some(u16::MAX))),
        ("unsigned null", Value::Unsigned(None)),
        ("unsigned max", Value::Unsigned(Some(u32::MAX))),
        ("big unsigned null", Value::BigUnsigned(None)),
        ("big unsigned max", Value::BigUnsigned(Some(u64::MAX))),
        ("float null", Value::Float(None)),
        ("float minus zero", Value::Float(Some(-0.0))),
        ("float least", Value::Float(Some(f32::from_bits(1)))),
        ("float infinite", Value::Float(Some(f32::INFINITY))),
        (
            "float nan with payload",
            Value::Float(Some(f32::from_bits(0xffc1_2345))),
        ),
        ("double null", Value::Double(None)),
        ("double minus zero", Value::Double(Some(-0.0))),
        ("double least", Value::Double(Some(f64::from_bits(1)))),
        (
            "double minus infinite",
            Value::Double(Some(f64::NEG_INFINITY)),
        ),
        (
            "double signaling nan",
            Value::Double(Some(f64::from_bits(0x7ff0_0000_0000_0001))),
        ),
    ]
}

fn texts() -> Vec<(&'static str, Value)> {
    let mood = |value: &'static str| Enum {
        type_name: Arc::from("mood"),
        value: value.into(),
    };
    vec![
        ("string null", Value::String(None)),
        ("string empty", Value::String(Some(String::new()))),
        (
            "string",
            Value::String(Some("na\u{ef}ve \u{1f980}\0".to_owned())),
        ),
        (
            "enum null",
            Value::Enum(OptionEnum::None(Arc::from("mood"))),
        ),
        (
            "enum null without name",
            Value::Enum(OptionEnum::None(Arc::from(""))),
        ),
        (
            "enum",
            Value::Enum(OptionEnum::Some(Box::new(mood("happy")))),
        ),
        (
            "enum empty",
            Value::Enum(OptionEnum::Some(Box::new(mood("")))),
        ),
        ("char null", Value::Char(None)),
        ("char zero", Value::Char(Some('\0'))),
        ("char last", Value::Char(Some(char::MAX))),
        ("bytes null", Value::Bytes(None)),
        ("bytes empty", Value::Bytes(Some(vec![]))),
        ("bytes", Value::Bytes(Some((0..=255).collect()))),
    ]
}

#[cfg(feature = "with-json")]
fn json() -> Vec<(&'static str, Value)> {
    use sea_orm::sea_query::value::prelude::serde_json::json;

    let json = |it| Value::Json(Some(Box::new(it)));
    vec![
        ("json null column", Value::Json(None)),
        ("json null", json(json!(null))),
        (
            "json numbers",
            json(json!([
                0,
                1,
                u64::MAX,
                -1,
                i64::MIN,
                i64::MAX,
                1.0,
                -0.0,
                1e300,
                5e-324,
                0.1
            ])),
        ),
        (
            "json texts",
            json(json!(["", "\u{1f980}", true, false, null])),
        ),
        ("json empty", json(json!([{}, []]))),
        (
            "json object",
            json(json!({"": -7, "a": 1, "b": {"x": [1, {"y": null}]}, "\u{e4}": "z"})),
        ),
    ]
}

#[cfg(feature = "with-chrono")]
fn chrono() -> Vec<(&'static str, Value)> {
    use sea_orm::sea_query::value::prelude::chrono::{NaiveDate, NaiveDateTime, NaiveTime};

    let date = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let time = NaiveTime::from_hms_nano_opt(23, 59, 58, 123_456_789).unwrap();
    let leap = NaiveTime::from_hms_nano_opt(23, 59, 59, 1_999_999_999).unwrap();
    vec![
        ("chrono date null", Value::ChronoDate(None)),
        ("chrono date", Value::ChronoDate(Some(date))),
        ("chrono date min", Value::ChronoDate(Some(NaiveDate::MIN))),
        ("chrono date max", Value::ChronoDate(Some(NaiveDate::MAX))),
        ("chrono time null", Value::ChronoTime(None)),
        ("chrono time", Value::ChronoTime(Some(time))),
        ("chrono time leap second", Value::ChronoTime(Some(leap))),
        ("chrono date time null", Value::ChronoDateTime(None)),
        (
            "chrono date time",
            Value::ChronoDateTime(Some(date.and_time(time))),
        ),
        (
            "chrono date time min",
            Value::ChronoDateTime(Some(NaiveDateTime::MIN)),
        ),
    ]
}

#[cfg(feature = "with-chrono")]
fn chrono_instants() -> Vec<(&'static str, Value)> {
    use sea_orm::sea_query::value::prelude::chrono::{
        DateTime, FixedOffset, Local, NaiveDate, NaiveDateTime, TimeZone, Utc,
    };

    let date = NaiveDate::from_ymd_opt(2024, 2, 29).unwrap();
    let moment = date.and_hms_nano_opt(23, 59, 58, 123_456_789).unwrap();
    let leap = date.and_hms_nano_opt(23, 59, 59, 1_999_999_999).unwrap();
    let at = |offset: i32, naive| {
        FixedOffset::east_opt(offset)
            .unwrap()
            .from_utc_datetime(naive)
    };
    vec![
        ("chrono utc null", Value::ChronoDateTimeUtc(None)),
        (
            "chrono utc leap second",
            Value::ChronoDateTimeUtc(Some(leap.and_utc())),
        ),
        (
            "chrono utc min",
            Value::ChronoDateTimeUtc(Some(DateTime::<Utc>::MIN_UTC)),
        ),
        (
            "chrono utc max",
            Value::ChronoDateTimeUtc(Some(DateTime::<Utc>::MAX_UTC)),
        ),
        ("chrono local null", Value::ChronoDateTimeLocal(None)),
        (
            "chrono local",
            Value::ChronoDateTimeLocal(Some(Local.from_utc_datetime(&moment))),
        ),
        (
            "chrono local max",
            Value::ChronoDateTimeLocal(Some(DateTime::<Utc>::MAX_UTC.with_timezone(&Local))),
        ),
        ("chrono zoned null", Value::ChronoDateTimeWithTimeZone(None)),
        (
            "chrono zoned",
            Value::ChronoDateTimeWithTimeZone(Some(at(19_800, &moment))),
        ),
        // The offset moves the leap second out of the last second of the minute.
        (
            "chrono zoned odd leap second",
            Value::ChronoDateTimeWithTimeZone(Some(at(-86_399, &leap))),
        ),
        (
            "chrono zoned max",
            Value::ChronoDateTimeWithTimeZone(Some(at(0, &NaiveDateTime::MAX))),
        ),
    ]
}

#[cfg(feature = "with-time")]
fn time() -> Vec<(&'static str, Value)> {
    use sea_orm::sea_query::value::prelude::time::{
        Date, Month, PrimitiveDateTime, Time, UtcOffset,
    };

    let first = Date::from_calendar_date(-9999, Month::January, 1).unwrap();
    let last = Date::from_calendar_date(9999, Month::December, 31).unwrap();
    let late = Time::from_hms_nano(23, 59, 59, 999_999_999).unwrap();
    let moment = PrimitiveDateTime::new(Date::from_ordinal_date(2024, 60).unwrap(), late);
    let at = |hours, minutes, seconds| UtcOffset::from_hms(hours, minutes, seconds).unwrap();
    // Both are out of the calendar when shown in UTC.
    let earliest = PrimitiveDateTime::new(first, Time::MIDNIGHT).assume_offset(at(25, 59, 59));
    let latest = PrimitiveDateTime::new(last, late).assume_offset(at(-25, -59, -59));
    vec![
        ("time date null", Value::TimeDate(None)),
        ("time date first", Value::TimeDate(Some(first))),
        ("time date last", Value::TimeDate(Some(last))),
        ("time time null", Value::TimeTime(None)),
        ("time time", Value::TimeTime(Some(late))),
        ("time date time null", Value::TimeDateTime(None)),
        ("time date time", Value::TimeDateTime(Some(moment))),
        ("time zoned null", Value::TimeDateTimeWithTimeZone(None)),
        (
            "time zoned",
            Value::TimeDateTimeWithTimeZone(Some(moment.assume_offset(at(-3, -30, -1)))),
        ),
        (
            "time zoned earliest",
            Value::TimeDateTimeWithTimeZone(Some(earliest)),
        ),
        (
            "time zoned latest",
            Value::TimeDateTimeWithTimeZone(Some(latest)),
        ),
    ]
}

#[cfg(feature = "with-uuid")]
fn uuids() -> Vec<(&'static str, Value)> {
    let uuid = sea_orm::prelude::Uuid::from_u128(0x0011_2233_4455_6677_8899_aabb_ccdd_eeff);
    vec![
        ("uuid null", Value::Uuid(None)),
        ("uuid", Value::Uuid(Some(uuid))),
    ]
}

#[cfg(feature = "with-rust_decimal")]
fn decimals() -> Vec<(&'static str, Value)> {
    use sea_orm::prelude::Decimal;

    let mut minus_zero = Decimal::new(0, 3);
    minus_zero.set_sign_negative(true);
    let mut all = vec![
        ("decimal null", Value::Decimal(None)),
        ("decimal minus zero", Value::Decimal(Some(minus_zero))),
    ];
    for (name, text) in [
        ("decimal scale kept", "1.10"),
        ("decimal max", "79228162514264337593543950335"),
        ("decimal least", "-0.0000000000000000000000000001"),
    ] {
        all.push((
            name,
            Value::Decimal(Some(Decimal::from_str_exact(text).unwrap())),
        ));
    }
    all
}

#[cfg(feature = "postgres-vector")]
fn vectors() -> Vec<(&'static str, Value)> {
    let vector = vec![1.5, -0.0, f32::from_bits(0x7fc0_0001)];
    vec![
        ("vector null", Value::Vector(None)),
        ("vector", Value::Vector(Some(vector.into()))),
        ("vector empty", Value::Vector(Some(vec![].into()))),
    ]
}

#[cfg(feature = "with-ipnetwork")]
fn ip_networks() -> Vec<(&'static str, Value)> {
    let mut all = vec![("ip network null", Value::IpNetwork(None))];
    for (name, text) in [
        ("ip network with host bits", "10.1.2.3/8"),
        ("ip network six", "2001:db8::1/128"),
        ("ip network mapped", "::ffff:10.0.0.1/0"),
    ] {
        all.push((name, Value::IpNetwork(Some(text.parse().unwrap()))));
    }
    all
}

#[cfg(feature = "with-mac_address")]
fn mac_addresses() -> Vec<(&'static str, Value)> {
    let address = sea_orm::sea_query::value::prelude::MacAddress::new([1, 2, 3, 4, 5, 0xff]);
    vec![
        ("mac address null", Value::MacAddress(None)),
        ("mac address", Value::MacAddress(Some(address))),
    ]
}

#[cfg(feature = "with-bigdecimal")]
fn big_decimals() -> Vec<(&'static str, Value)> {
    use sea_orm::prelude::BigDecimal;

    let mut all = vec![("big decimal null", Value::BigDecimal(None))];
    for (name, text) in [
        ("big decimal zero", "0"),
        ("big decimal zero with scale", "0.000"),
        ("big decimal scale kept", "1.10"),
        ("big decimal minus", "-255"),
        ("big decimal negative scale", "12e+400"),
        (
            "big decimal past 64 bits",
            "-340282366920938463463374607431768211456.5",
        ),
    ] {
        all.push((
            name,
            Value::BigDecimal(Some(Box::new(text.parse::<BigDecimal>().unwrap()))),
        ));
    }
    all
}

#[cfg(feature = "postgres-array")]
fn arrays() -> Vec<(&'static str, Value)> {
    use sea_orm::sea_query::ArrayType;

    let array = |kind, items| Value::Array(kind, Some(Box::new(items)));
    let mood = || ArrayType::Enum(Box::new(Arc::from("mood")));
    let row = || array(ArrayType::Int, vec![Value::Int(Some(1)), Value::Int(None)]);
    vec![
        ("array null", Value::Array(ArrayType::Int, None)),
        (
            "array null of another kind",
            Value::Array(ArrayType::BigInt, None),
        ),
        ("array empty", array(ArrayType::String, vec![])),
        ("array with null", row()),
        (
            "array nested",
            array(
                ArrayType::Int,
                vec![row(), Value::Array(ArrayType::Int, None), row()],
            ),
        ),
        ("array of enums null", Value::Array(mood(), None)),
        (
            "array of enums",
            array(
                mood(),
                vec![Value::Enum(OptionEnum::None(Arc::from("mood")))],
            ),
        ),
        (
            "array of bytes",
            array(
                ArrayType::Bytes,
                vec![Value::Bytes(Some(vec![0])), Value::Bytes(None)],
            ),
        ),
    ]
}
