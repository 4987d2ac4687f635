use cached_repo::{cached_schema, tag};

cached_schema! { pub Shop { user::Entity } }

mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(tags("users", "tenant:{tenant_id}"))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub tenant_id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = tag!(Shop, "tenent:{}", 7);
    let _ = tag!(Shop, "tenant:{}");
    let _ = tag!(Shop, "users", 7);
}
