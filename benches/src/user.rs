//! The entity: about 330 bytes when encoded.

use cached_repo::CachedEntity;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity, Serialize, Deserialize)]
#[sea_orm(table_name = "users")]
#[cached(ttl = "10m")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) street: String,
    pub(crate) city: String,
    pub(crate) phone: String,
    pub(crate) about: String,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub(crate) created_at: DateTimeUtc,
    #[serde(with = "chrono::serde::ts_microseconds")]
    pub(crate) updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}

/// The row with this id.
pub(crate) fn sample(id: i64) -> Model {
    let moment = |offset: i64| {
        DateTimeUtc::from_timestamp_micros(1_700_000_000_123_456 + id * 1_000_003 + offset)
            .unwrap_or_default()
    };
    Model {
        id,
        email: format!("user.number.{id:08}@mail.example.org"),
        name: format!("Augusta Ada King {id:06}"),
        street: format!("{id} St James's Square, Westminster"),
        city: "London SW1Y 4JH".to_owned(),
        phone: format!("+44 20 {id:08}"),
        about: "Wrote the first program for a machine that was never built, and saw that numbers may stand for anything, \
                music included. Likes horses, and the calculus of finite differences."
            .to_owned(),
        created_at: moment(0),
        updated_at: moment(86_400_000_000),
    }
}
