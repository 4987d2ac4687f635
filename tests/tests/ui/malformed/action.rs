mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(dependents(
        super::order::Entity(via = user_id, on_delete, on_update()),
        super::order::Entity(via = payer_id, on_delete =, on_update = true),
    ))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
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
        pub user_id: i64,
        pub payer_id: i64,
        pub seller_id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = user::Entity::find_cached(1);
}
