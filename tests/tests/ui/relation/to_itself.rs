use cached_repo::cached_schema;

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
        pub manager_id: Option<i64>,
        #[sea_orm(self_ref, relation_enum = "Manager", from = "manager_id", to = "id")]
        pub manager: HasOne<Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {}
