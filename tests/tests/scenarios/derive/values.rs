//! Rows as values and back.

use cached_repo::CachedEntity;
use sea_orm::Value;

pub mod item {
    use super::super::keys::types::{Color, UserId};
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "items")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: Uuid,
        pub owner: Option<UserId>,
        pub color: Color,
        pub price: Decimal,
        pub weight: f64,
        pub data: Option<Json>,
        pub made: ChronoDateTimeUtc,
        pub photo: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn model() -> item::Model {
    item::Model {
        id: sea_orm::prelude::Uuid::nil(),
        owner: Some(super::keys::types::UserId(3)),
        color: super::keys::types::Color::Red,
        price: 12.into(),
        weight: 0.5,
        data: Some(sea_orm::prelude::Json::Null),
        made: sea_orm::prelude::ChronoDateTimeUtc::UNIX_EPOCH,
        photo: vec![1, 2],
    }
}

#[test]
fn all_kinds_of_columns_come_back() {
    let values = item::Entity::to_values(&model());
    assert_eq!(item::Entity::from_values(values), Some(model()));
}

#[test]
fn values_that_do_not_fit_are_refused() {
    let values = item::Entity::to_values(&model());
    let mut short = values.clone();
    short.pop();
    assert_eq!(item::Entity::from_values(short), None);
    let mut long = values.clone();
    long.push(Value::Int(Some(1)));
    assert_eq!(item::Entity::from_values(long), None);
    let mut other = values;
    other[3] = Value::Int(Some(1));
    assert_eq!(item::Entity::from_values(other), None);
    assert_eq!(item::Entity::from_values(Vec::new()), None);
}
