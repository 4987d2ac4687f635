//! Primary keys of every type, alone and together.

use cached_repo::CachedEntity;

macro_rules! keyed {
    ($($name:ident: $ty:ty = $key:expr;)*) => { $(
        pub mod $name {
            use cached_repo::prelude::*;
            use sea_orm::entity::prelude::*;

            #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
            #[sea_orm(table_name = "keyed")]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub id: $ty,
                pub name: String,
            }

            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}

            impl ActiveModelBehavior for ActiveModel {}

            #[test]
            fn round_trip() {
                let key: $ty = $key;
                let model = Model { id: key.clone(), name: "x".into() };
                assert_eq!(Entity::from_values(Entity::to_values(&model)), Some(model));
                let _ = Entity::find_cached(key.clone());
                let _ = Entity::find_cached_many([key]);
            }
        }
    )* };
}

pub mod types {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
    #[sea_orm(rs_type = "String", db_type = "String(StringLen::N(8))")]
    pub enum Color {
        #[sea_orm(string_value = "red")]
        Red,
        #[sea_orm(string_value = "green")]
        Green,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, DeriveValueType)]
    pub struct UserId(pub i64);
}

keyed! {
    of_i8: i8 = -1;
    of_i16: i16 = -1;
    of_i32: i32 = -1;
    of_i64: i64 = -1;
    of_u8: u8 = 1;
    of_u16: u16 = 1;
    of_u32: u32 = 1;
    of_u64: u64 = u64::MAX;
    of_string: String = "key".to_owned();
    of_uuid: Uuid = Uuid::from_u128(7);
    of_bytes: Vec<u8> = vec![0, 255];
    of_date: ChronoDate = ChronoDate::from_ymd_opt(2024, 2, 29).unwrap();
    of_enum: super::types::Color = super::types::Color::Green;
    of_newtype: super::types::UserId = super::types::UserId(7);
}

pub mod line {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        #[cached(index)]
        pub order_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub sku: String,
        pub amount: i32,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[test]
fn composite_keys_are_tuples() {
    let model = line::Model {
        order_id: 1,
        sku: "nut".into(),
        amount: 3,
    };
    let values = line::Entity::to_values(&model);
    assert_eq!(line::Entity::from_values(values), Some(model));
    let _ = line::Entity::find_cached((1, "nut".to_owned()));
    let _ = line::Entity::find_cached_many([(1, "nut".to_owned()), (1, "bolt".to_owned())]);
    let _ = line::Entity::find_cached_by_order_id(1);
}
