mod category {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "categorys")]
    #[cached(dependents(Entity(via = parent_id, cascade)))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub parent_id: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = category::Entity::find_cached(1);
}
