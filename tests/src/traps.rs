//! An entity that panics when a row with a certain value is read.

use cached_repo::cached_schema;
use sea_orm::sea_query::{ArrayType, Nullable, ValueType, ValueTypeErr};
use sea_orm::{ColIdx, ColumnType, QueryResult, TryGetError, TryGetable, Value};

/// The value that panics.
pub const BOOM: &str = "boom";

/// A text that must not be [`BOOM`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touchy(pub String);

impl From<Touchy> for Value {
    fn from(touchy: Touchy) -> Self {
        touchy.0.into()
    }
}

impl TryGetable for Touchy {
    fn try_get_by<I: ColIdx>(result: &QueryResult, index: I) -> Result<Self, TryGetError> {
        let text = String::try_get_by(result, index)?;
        assert_ne!(text, BOOM, "a model that panics, as the test wants it");
        Ok(Self(text))
    }
}

impl ValueType for Touchy {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        <String as ValueType>::try_from(value).map(Self)
    }
    fn type_name() -> String {
        "Touchy".to_owned()
    }
    fn array_type() -> ArrayType {
        ArrayType::String
    }
    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl Nullable for Touchy {
    fn null() -> Value {
        Value::String(None)
    }
}

/// Traps.
pub mod trap {
    use super::Touchy;
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A trap.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "traps")]
    #[cached(prefix = "trap")]
    pub struct Model {
        /// Given by the test.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// What may panic.
        pub touchy: Touchy,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// Traps alone.
    pub Traps { trap::Entity }
}

pub use trap::Entity as Trap;
