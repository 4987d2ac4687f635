use cached_repo::{CachedRepo, Error, cached_schema};

cached_schema! { pub Shop { user::Entity } }

mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(tags("tenant:{tenant_id}"))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub tenant_id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn change(repo: &CachedRepo<Shop>) -> Result<(), Error> {
    repo.invalidate_tag("tennant:7").await
}

async fn read(repo: &CachedRepo<Shop>) -> Result<bool, Error> {
    Ok(user::Entity::find_cached(1).tag("homepage").one(repo).await?.is_some())
}

fn main() {
    let _ = (change, read);
}
