mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached]
    #[cached = "user"]
    #[cached()]
    #[cached("user", 1, ttl "1h", ttl = )]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached]
        pub name: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = user::Entity::find_cached(1);
}
