use cached_repo::cached_schema;

cached_schema! {}
cached_schema! { pub }
cached_schema! { pub struct A { user::Entity } }
cached_schema! { B {} }
cached_schema! { C }
cached_schema! { D(user::Entity) }
cached_schema! { E<T> { user::Entity } }
cached_schema! { F { user::Entity } G { user::Entity } }

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

fn main() {}
