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

async fn write(db: &sea_orm::DatabaseConnection) -> Result<(), cached_repo::Error> {
    user::Entity::insert_cached(user::ActiveModel::default(), db).await?;
    user::Entity::delete_cached(1, db).await?;
    user::Entity::invalidate(1, db).await
}

fn main() {
    let _ = write;
}
