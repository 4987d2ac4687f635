use cached_repo::{CachedRepo, Error, cached_schema};

cached_schema! { pub Shop { order::Entity } }

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

mod order {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn read(repo: &CachedRepo<Shop>) -> Result<bool, Error> {
    Ok(user::Entity::find_cached(1).one(repo).await?.is_some())
}

async fn delete(repo: &CachedRepo<Shop>) -> Result<bool, Error> {
    user::Entity::delete_cached(1, repo).await
}

fn main() {}
