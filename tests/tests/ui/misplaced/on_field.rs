mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(ttl = "1h", prefix = "user")]
        pub name: String,
        #[cached(super::order::Entity(via = user_id))]
        pub nick: String,
        #[cached(via = user_id, relations = unchecked)]
        pub city: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = user::Entity::find_cached(1);
}
