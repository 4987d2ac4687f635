use cached_repo::{CachedRepo, Error, cached_schema};

cached_schema! { pub Shop { user::Entity } }

mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique)]
        pub email: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn read(repo: &CachedRepo<Shop>) -> Result<bool, Error> {
    Ok(user::Entity::find_cached_by_email("ada@example.org").one(repo).await?.is_some())
}

fn main() {
    let _ = read;
}
