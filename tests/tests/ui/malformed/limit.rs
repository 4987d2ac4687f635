mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(dependents(
        super::order::Entity(via = user_id, cascade, lookup),
        super::order::Entity(via = payer_id, cascade, lookup = 100),
        super::order::Entity(via = seller_id, cascade, lookup(100)),
    ))]
    #[cached(depends_on(
        super::order::Entity(via = a, cascade, lookup(limt = 100)),
        super::order::Entity(via = b, cascade, lookup(limit = 0)),
        super::order::Entity(via = c, cascade, lookup(limit = 5_000_000_000)),
        super::order::Entity(via = d, cascade, lookup(limit = -1)),
    ))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub a: i64,
        pub b: i64,
        pub c: i64,
        pub d: i64,
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
        pub payer_id: i64,
        pub seller_id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = user::Entity::find_cached(1);
}
