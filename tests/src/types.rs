//! A column of every type.

use cached_repo::cached_schema;
use sea_orm::entity::prelude::*;

/// An enum kept as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "String(StringLen::N(16))")]
pub enum Mood {
    /// Good.
    #[sea_orm(string_value = "good")]
    Good,
    /// Bad.
    #[sea_orm(string_value = "bad")]
    Bad,
}

/// An enum kept as a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "i32", db_type = "Integer")]
pub enum Level {
    /// Low.
    #[sea_orm(num_value = -5)]
    Low,
    /// High.
    #[sea_orm(num_value = 7)]
    High,
}

/// A number of its own type.
#[derive(Clone, Debug, PartialEq, Eq, DeriveValueType)]
pub struct Badge(pub i64);

/// What every database has.
pub mod plain {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "plains")]
    #[cached(prefix = "plain")]
    pub struct Model {
        /// Given by the test.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[expect(missing_docs, reason = "its type says all")]
        pub b: i16,
        #[expect(missing_docs, reason = "its type says all")]
        pub c: i32,
        #[expect(missing_docs, reason = "its type says all")]
        pub d: i64,
        #[expect(missing_docs, reason = "its type says all")]
        pub f: f32,
        #[expect(missing_docs, reason = "its type says all")]
        pub g: f64,
        #[expect(missing_docs, reason = "its type says all")]
        pub h: bool,
        #[expect(missing_docs, reason = "its type says all")]
        pub i: String,
        #[sea_orm(column_type = "Text")]
        #[expect(missing_docs, reason = "its type says all")]
        pub j: String,
        #[sea_orm(column_type = "Char(Some(6))")]
        #[expect(missing_docs, reason = "its type says all")]
        pub k: String,
        #[expect(missing_docs, reason = "its type says all")]
        pub l: Vec<u8>,
        #[expect(missing_docs, reason = "its type says all")]
        pub m: Uuid,
        #[expect(missing_docs, reason = "its type says all")]
        pub n: Json,
        #[expect(missing_docs, reason = "its type says all")]
        pub o: Date,
        #[expect(missing_docs, reason = "its type says all")]
        pub p: Time,
        #[expect(missing_docs, reason = "its type says all")]
        pub q: DateTime,
        #[expect(missing_docs, reason = "its type says all")]
        pub r: DateTimeUtc,
        #[expect(missing_docs, reason = "its type says all")]
        pub s: DateTimeWithTimeZone,
        #[sea_orm(column_type = "Decimal(Some((20, 6)))")]
        #[expect(missing_docs, reason = "its type says all")]
        pub t: Decimal,
        #[expect(missing_docs, reason = "its type says all")]
        pub u: super::Mood,
        #[expect(missing_docs, reason = "its type says all")]
        pub v: super::Level,
        #[expect(missing_docs, reason = "its type says all")]
        pub w: super::Badge,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// The same, each or NULL.
pub mod maybe {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "maybes")]
    #[cached(prefix = "maybe")]
    pub struct Model {
        /// Given by the test.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[expect(missing_docs, reason = "its type says all")]
        pub b: Option<i16>,
        #[expect(missing_docs, reason = "its type says all")]
        pub c: Option<i32>,
        #[expect(missing_docs, reason = "its type says all")]
        pub d: Option<i64>,
        #[expect(missing_docs, reason = "its type says all")]
        pub f: Option<f32>,
        #[expect(missing_docs, reason = "its type says all")]
        pub g: Option<f64>,
        #[expect(missing_docs, reason = "its type says all")]
        pub h: Option<bool>,
        #[expect(missing_docs, reason = "its type says all")]
        pub i: Option<String>,
        #[sea_orm(column_type = "Text")]
        #[expect(missing_docs, reason = "its type says all")]
        pub j: Option<String>,
        #[sea_orm(column_type = "Char(Some(6))")]
        #[expect(missing_docs, reason = "its type says all")]
        pub k: Option<String>,
        #[expect(missing_docs, reason = "its type says all")]
        pub l: Option<Vec<u8>>,
        #[expect(missing_docs, reason = "its type says all")]
        pub m: Option<Uuid>,
        #[expect(missing_docs, reason = "its type says all")]
        pub n: Option<Json>,
        #[expect(missing_docs, reason = "its type says all")]
        pub o: Option<Date>,
        #[expect(missing_docs, reason = "its type says all")]
        pub p: Option<Time>,
        #[expect(missing_docs, reason = "its type says all")]
        pub q: Option<DateTime>,
        #[expect(missing_docs, reason = "its type says all")]
        pub r: Option<DateTimeUtc>,
        #[expect(missing_docs, reason = "its type says all")]
        pub s: Option<DateTimeWithTimeZone>,
        #[sea_orm(column_type = "Decimal(Some((20, 6)))")]
        #[expect(missing_docs, reason = "its type says all")]
        pub t: Option<Decimal>,
        #[expect(missing_docs, reason = "its type says all")]
        pub u: Option<super::Mood>,
        #[expect(missing_docs, reason = "its type says all")]
        pub v: Option<super::Level>,
        #[expect(missing_docs, reason = "its type says all")]
        pub w: Option<super::Badge>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Types of the crate `time`.
pub mod times {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "times")]
    #[cached(prefix = "times")]
    pub struct Model {
        /// Given by the test.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[expect(missing_docs, reason = "its type says all")]
        pub a: TimeDate,
        #[expect(missing_docs, reason = "its type says all")]
        pub b: TimeTime,
        #[expect(missing_docs, reason = "its type says all")]
        pub c: TimeDateTime,
        #[expect(missing_docs, reason = "its type says all")]
        pub d: TimeDateTimeWithTimeZone,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Small numbers, which PostgreSQL has not.
pub mod small {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "smalls")]
    #[cached(prefix = "small")]
    pub struct Model {
        /// Given by the test.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[expect(missing_docs, reason = "its type says all")]
        pub a: u8,
        #[expect(missing_docs, reason = "its type says all")]
        pub b: u16,
        #[expect(missing_docs, reason = "its type says all")]
        pub c: i8,
        #[expect(missing_docs, reason = "its type says all")]
        pub d: u32,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Large numbers without sign, which MySQL alone has.
pub mod huge {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "huges")]
    #[cached(prefix = "huge")]
    pub struct Model {
        /// Given by the test.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[expect(missing_docs, reason = "its type says all")]
        pub a: u64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Decimals of any length, which SQLite has not.
pub mod big {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "bigs")]
    #[cached(prefix = "big")]
    pub struct Model {
        /// Given by the test.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(column_type = "Decimal(Some((30, 10)))")]
        #[expect(missing_docs, reason = "its type says all")]
        pub a: BigDecimal,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// What PostgreSQL alone has.
pub mod special {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A row.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "specials")]
    #[cached(prefix = "special")]
    pub struct Model {
        /// Given by the test.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[expect(missing_docs, reason = "its type says all")]
        pub a: Vec<i32>,
        #[expect(missing_docs, reason = "its type says all")]
        pub b: Vec<String>,
        #[expect(missing_docs, reason = "its type says all")]
        pub c: Vec<Uuid>,
        #[expect(missing_docs, reason = "its type says all")]
        pub d: Vec<bool>,
        #[expect(missing_docs, reason = "its type says all")]
        pub e: Vec<f64>,
        #[sea_orm(column_type = "Inet")]
        #[expect(missing_docs, reason = "its type says all")]
        pub f: IpNetwork,
        #[expect(missing_docs, reason = "its type says all")]
        pub g: Vec<i64>,
        #[sea_orm(column_type = "JsonBinary")]
        #[expect(missing_docs, reason = "its type says all")]
        pub h: Json,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// All of them.
    pub Types { plain::Entity, maybe::Entity, times::Entity, small::Entity, huge::Entity, big::Entity, special::Entity }
}
