use cached_repo::{CachedLoader, CachedQuery, Error, cached_schema};
use sea_orm::{DatabaseConnection, EntityTrait, RelationDef};
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

async fn read(db: &DatabaseConnection, relation: RelationDef) -> Result<(), Error> {
    User::find_cached(1).one(db).await?;
    User::find_cached_many([1]).all(db).await?;
    User::find_cached_by_email("ada@example.org").one(db).await?;
    User::find_cached_by_tenant_id(7).all(db).await?;
    User::find().cached().all(db).await?;
    User::find().cached().one(db).await?;
    User::find().cached().count(db).await?;
    User::find().cached().exists(db).await?;
    User::find().into_json().cached().all(db).await?;
    User::find().into_json().cached().one(db).await?;
    User::load().cached().all(db).await?;
    User::find().cached().paginate(db, 20).fetch_page(0).await?;
    User::find().cached().prepare(db)?.all().await?;
    Vec::<user::Model>::new().load_one_cached_by(User, relation, db).await?;
    Ok(())
}

fn main() {
    let _ = read;
}
