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

struct Overview {
    users: u64,
}

async fn read(repo: &CachedRepo<Shop>) -> Result<u64, Error> {
    let overview = repo
        .read_cached("overview", [], |db| async move {
            Ok(Overview { users: User::find().count(&db).await? })
        })
        .await?;
    Ok(overview.users)
}

fn main() {
    let _ = read;
}
