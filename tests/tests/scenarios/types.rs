//! Rows of every column type come out of the cache as they come out of the database.

use cached_repo::CachedRepo;
use sea_orm::prelude::{
    BigDecimal, Date, DateTime, DateTimeUtc, DateTimeWithTimeZone, Decimal, IpNetwork, Json, Time,
    TimeDate, TimeDateTime, TimeTime, Uuid,
};
use sea_orm::{EntityTrait, IntoActiveModel};
use std::str::FromStr;
use tests::matrix;
use tests::over::{create_table, repo_over};
use tests::types::{Badge, Level, Mood, Types, big, huge, maybe, plain, small, special, times};
use tests::{Database, World};

fn parsed<T: FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("well formed")
}

/// Inserts the rows past the repo; then each must be the same from the database, when it is cached, and from the cache.
macro_rules! same {
    ($world:ident, $entity:ident, $rows:expr) => {{
        create_table(&$world.raw, $entity::Entity).await;
        let repo: CachedRepo<Types> = repo_over(&$world).await;
        let rows: Vec<$entity::Model> = $rows;
        let count = rows.len() as u64;
        for row in rows {
            let id = row.id;
            let insert = $entity::Entity::insert(row.into_active_model());
            insert
                .exec_without_returning(&$world.raw)
                .await
                .expect("inserted");
            let read = $entity::Entity::find_by_id(id).one(&$world.raw).await;
            // As text: it tells NaN, zeros with a sign, trailing zeros and offsets apart.
            let expected = format!("{:?}", read.expect("read").expect("there"));
            for time in ["first", "second"] {
                let read = $entity::Entity::find_cached(id).one(&repo).await;
                let read = read.expect("read").expect("there");
                assert_eq!(format!("{read:?}"), expected, "the {time} time");
                repo.wait_idle().await;
            }
        }
        let stats = repo
            .stats()
            .entity(stringify!($entity))
            .expect("there")
            .clone();
        assert_eq!((stats.hits, stats.undecodable), (count, 0), "{stats:?}");
    }};
}

/// A row with the numbers at one end of their range.
fn plain(id: i64, high: bool) -> plain::Model {
    let pick = |low: &'static str, top: &'static str| if high { top } else { low };
    plain::Model {
        id,
        b: if high { i16::MAX } else { i16::MIN },
        c: if high { i32::MAX } else { i32::MIN },
        d: if high { i64::MAX } else { i64::MIN },
        f: if high { 0.1 } else { -1.5e-20 },
        g: if high { 1.797e308 } else { -0.1 },
        h: high,
        i: pick("", "\u{e9}\n'\"\\").to_owned(),
        j: pick("", "long ").repeat(2000),
        k: pick("x", "abcdef").to_owned(),
        l: if high { (0..255).collect() } else { Vec::new() },
        m: Uuid::from_u128(if high { u128::MAX } else { 0 }),
        n: parsed::<Json>(pick(
            "null",
            r#"{"a":[1,-2.5,null,true,"x",{}],"":{"b":18446744073709551615}}"#,
        )),
        o: parsed::<Date>(pick("1000-01-01", "9999-12-31")),
        p: parsed::<Time>(pick("00:00:00", "23:59:59")),
        q: parsed::<DateTime>(pick("1970-01-02T00:00:01", "2037-12-31T23:59:59")),
        r: parsed::<DateTimeUtc>(pick("1970-01-02T00:00:01Z", "2037-12-31T23:59:59Z")),
        s: parsed::<DateTimeWithTimeZone>(pick(
            "1970-01-02T00:00:01+00:00",
            "2037-06-30T12:00:00+05:30",
        )),
        t: parsed::<Decimal>(pick("-12345678901234.567890", "0.100000")),
        u: if high { Mood::Good } else { Mood::Bad },
        v: if high { Level::High } else { Level::Low },
        w: Badge(if high { i64::MAX } else { -1 }),
    }
}

fn filled(id: i64) -> maybe::Model {
    let plain = plain(id, true);
    maybe::Model {
        id,
        b: Some(plain.b),
        c: Some(plain.c),
        d: Some(plain.d),
        f: Some(plain.f),
        g: Some(plain.g),
        h: Some(plain.h),
        i: Some(plain.i),
        j: Some(plain.j),
        k: Some(plain.k),
        l: Some(plain.l),
        m: Some(plain.m),
        n: Some(plain.n),
        o: Some(plain.o),
        p: Some(plain.p),
        q: Some(plain.q),
        r: Some(plain.r),
        s: Some(plain.s),
        t: Some(plain.t),
        u: Some(plain.u),
        v: Some(plain.v),
        w: Some(plain.w),
    }
}

fn nulls(id: i64) -> maybe::Model {
    maybe::Model {
        id,
        b: None,
        c: None,
        d: None,
        f: None,
        g: None,
        h: None,
        i: None,
        j: None,
        k: None,
        l: None,
        m: None,
        n: None,
        o: None,
        p: None,
        q: None,
        r: None,
        s: None,
        t: None,
        u: None,
        v: None,
        w: None,
    }
}

fn special_floats(world: &World) -> Vec<plain::Model> {
    let floats: &[f64] = match world.database {
        Database::Postgres => &[
            f64::NAN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            -0.0,
            f64::MIN_POSITIVE,
        ],
        Database::Sqlite => &[f64::INFINITY, f64::NEG_INFINITY, -0.0, 5e-324],
        Database::MariaDb => &[-0.0, f64::MIN_POSITIVE],
    };
    let row = |(at, float): (usize, &f64)| plain::Model {
        g: *float,
        #[expect(clippy::cast_possible_truncation, reason = "any float will do")]
        f: if float.abs() < 1e-30 {
            0.0
        } else {
            *float as f32
        },
        ..plain(at as i64 + 1, true)
    };
    floats.iter().enumerate().map(row).collect()
}

matrix! {
    async fn rows_at_either_end_of_every_type_are_the_same_from_the_cache(world) {
        same!(world, plain, vec![plain(1, true), plain(2, false)]);
    }

    async fn special_floats_are_the_same_from_the_cache(world) {
        same!(world, plain, special_floats(&world));
    }

    async fn nulls_of_every_type_are_the_same_from_the_cache(world) {
        same!(world, maybe, vec![nulls(1), filled(2)]);
    }

    async fn a_json_null_is_told_from_an_sql_null(world) {
        same!(world, maybe, vec![maybe::Model { n: Some(Json::Null), ..nulls(1) }]);
    }

    async fn types_of_the_crate_time_are_the_same_from_the_cache(world) {
        let row = |id, year, nanoseconds| {
            let date = TimeDate::from_ordinal_date(year, 60).expect("a day");
            let time = TimeTime::from_hms_nano(23, 59, 58, nanoseconds).expect("a time");
            let moment = TimeDateTime::new(date, time);
            times::Model { id, a: date, b: time, c: moment, d: moment.assume_utc() }
        };
        same!(world, times, vec![row(1, 1999, 0), row(2, 2024, 123_456_000)]);
    }

    async fn small_and_unsigned_numbers_are_the_same_from_the_cache_where_the_database_has_them(world) {
        if world.database != Database::Postgres {
            let rows = vec![small::Model { id: 1, a: 0, b: 0, c: i8::MIN, d: 0 }, small::Model { id: 2, a: u8::MAX, b: u16::MAX, c: i8::MAX, d: u32::MAX }];
            same!(world, small, rows);
        }
        if world.database == Database::MariaDb {
            same!(world, huge, vec![huge::Model { id: 1, a: 0 }, huge::Model { id: 2, a: u64::MAX }]);
        }
    }

    async fn decimals_of_any_length_are_the_same_from_the_cache_where_the_database_has_them(world) {
        if world.database != Database::Sqlite {
            let row = |id, text| big::Model { id, a: parsed::<BigDecimal>(text) };
            let rows = vec![row(1, "0"), row(2, "-12345678901234567890.0123456789"), row(3, "1.5000000000")];
            same!(world, big, rows);
        }
    }

    async fn arrays_and_addresses_are_the_same_from_the_cache_where_the_database_has_them(world) {
        if world.database == Database::Postgres {
            let empty = special::Model {
                id: 1,
                a: vec![],
                b: vec![],
                c: vec![],
                d: vec![],
                e: vec![],
                f: parsed::<IpNetwork>("10.1.2.3/8"),
                g: vec![],
                h: Json::Null,
            };
            let full = special::Model {
                id: 2,
                a: vec![i32::MIN, 0, i32::MAX],
                b: vec![String::new(), "a,b".to_owned(), "{\"}".to_owned()],
                c: vec![Uuid::nil(), Uuid::max()],
                d: vec![true, false],
                e: vec![f64::NAN, -0.0, f64::INFINITY],
                f: parsed::<IpNetwork>("2001:db8::1/128"),
                g: vec![i64::MAX],
                h: parsed::<Json>(r#"{"b":[1.0,null],"a":1e3}"#),
            };
            same!(world, special, vec![empty, full]);
        }
    }
}
