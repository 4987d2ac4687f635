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
    }

    impl ActiveModelBehavior for ActiveModel {}
}

struct PriceChanged;

async fn emit(repo: &CachedRepo<Shop>) -> Result<(), Error> {
    repo.emit(&PriceChanged).await
}

fn main() {}
