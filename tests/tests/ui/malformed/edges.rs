mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(dependents(
        super::order::Entity,
        super::order::Entity(),
        super::order::Entity(on(name)),
        super::order::Entity = user_id,
        "order",
        super::order::Entity(via),
        super::order::Entity(via()),
        super::order::Entity(via = "user_id"),
        super::order::Entity(via = user.id),
        super::order::Entity(via(user_id, 1)),
        super::order::Entity(via = user_id, cascade = true, on),
    ))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
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
    }

    impl ActiveModelBehavior for ActiveModel {}
}

mod a {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "as")]
    #[cached(dependents, depends_on = super::user::Entity, independent)]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

fn main() {
    let _ = user::Entity::find_cached(1);
}
