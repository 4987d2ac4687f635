mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(CachedEntity)]
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "users")]
    #[cached(
        tags("tenant:{tennant_id}", "{orders}", "{note}", "{zzz}"),
        dependents(super::order::Entity(via = user_id, on(emial, orders), references = ide)),
        depends_on(super::order::Entity(via = last_ordr)),
    )]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub email: String,
        pub tenant_id: i64,
        pub last_order: i64,
        #[sea_orm(ignore)]
        pub note: String,
        #[sea_orm(has_many)]
        pub orders: HasMany<super::order::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod order {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "orders")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        #[sea_orm(belongs_to, from = "user_id", to = "id")]
        pub user: HasOne<super::user::Entity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = user::Entity::find_cached(1);
}
