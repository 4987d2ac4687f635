mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let db = sea_orm::DatabaseConnection::default();
    drop(user::Entity::insert_cached(user::ActiveModel::default(), &db));
    drop(user::Entity::delete_cached(1, &db));
    drop(user::Entity::invalidate(1, &db));
}
