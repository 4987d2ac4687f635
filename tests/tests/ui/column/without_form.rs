mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(
        tags("near:{place}"),
        dependents(super::order::Entity(via = user_score, references = score)),
        depends_on(super::order::Entity(via(settings), references(data))),
    )]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique)]
        pub score: f64,
        #[cached(index)]
        pub tags: Option<Vec<String>>,
        #[cached(unique)]
        pub photo: Vec<u8>,
        pub place: Option<f32>,
        pub settings: Json,
        pub weight: f64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod order {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_score: f64,
        #[cached(index)]
        pub data: serde_json::Value,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = user::Entity::find_cached(1);
}
