#![deny(unused_must_use)]

use cached_repo::{CachedQuery, CachedRepo, cached_schema, tag};
use sea_orm::{EntityTrait, TransactionTrait};
use user::Entity as User;

cached_schema! { #[cached(tags("users"))] pub Shop { user::Entity } }

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

async fn read(repo: &CachedRepo<Shop>) {
    User::find_cached(1);
    User::find_cached(1).one(repo);
    User::find_cached_many([1, 2]).all(repo);
    User::find_cached_by_email("ada@example.org").one(repo);
    User::find_cached_by_tenant_id(7).all(repo);
    User::find().cached();
    User::find().cached().all(repo);
    User::find().cached().one(repo);
    User::find().cached().count(repo);
    User::find().into_json().cached().all(repo);
    User::find().cached().paginate(repo, 20);
    User::find().cached().paginate(repo, 20).fetch_page(0);
    User::load().cached().one(repo);
    repo.batch((User::find_cached(1), User::find().cached().counted()));
    repo.read_cached("users", [], |db| async move { User::find_by_id(1).into_json().one(&db).await });
}

async fn write(repo: &CachedRepo<Shop>) {
    User::insert_cached(user::ActiveModel::default(), repo);
    User::delete_cached(1, repo);
    User::invalidate(1, repo);
    repo.invalidate_tag(tag!(Shop, "users"));
    repo.invalidate_entity::<User>();
    repo.invalidate_all();
    repo.begin();
    repo.begin().await.unwrap().commit();
    repo.transaction_retry(|transaction| Box::pin(async move { User::delete_cached(1, transaction).await }));
    repo.transaction_retry_async(async |transaction| User::delete_cached(1, transaction).await);
}

fn main() {
    let _ = (read, write);
}
