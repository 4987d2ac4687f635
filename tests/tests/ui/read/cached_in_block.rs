use cached_repo::{CachedQuery, CachedRepo, Error, cached_schema};
use sea_orm::EntityTrait;
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
    let count = repo
        .read_cached("count", [], |db| async move {
            let user = User::find_cached(1).one(&db).await?;
            let users = User::find().cached().all(&db).await?;
            let names = User::find().into_json().cached().all(&db).await?;
            Ok((users.len() + names.len()) as u64 + u64::from(user.is_some()))
        })
        .await?;
    Ok(*count)
}

fn main() {
    let _ = read;
}
