use cached_repo::{CachedRepo, Error, cached_schema};
use user::Entity as User;

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
        #[cached(unique)]
        pub email: String,
        #[cached(index)]
        pub tenant_id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

async fn delete(repo: &CachedRepo<Shop>) -> Result<bool, Error> {
    repo.transaction_retry(async |transaction| User::delete_cached(1, transaction).await).await
}

fn main() {
    let _ = delete;
}
