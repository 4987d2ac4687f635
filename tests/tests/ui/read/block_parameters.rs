use cached_repo::{CachedRepo, Error, cached_schema};
use sea_orm::{EntityTrait, PaginatorTrait};
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

async fn read(repo: &CachedRepo<Shop>) -> Result<u64, Error> {
    let count = repo.read_cached("count", 7_i64, |db| async move { User::find().count(&db).await });
    Ok(*count.await?)
}

fn main() {
    let _ = read;
}
