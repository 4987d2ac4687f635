//! A root and its leaves: a partition as large as one likes.

use cached_repo::cached_schema;

pub(crate) mod root {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "roots")]
    #[cached(ttl = "1h", dependents(super::leaf::Entity(via = root_id)))]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) mod leaf {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "leaves")]
    #[cached(ttl = "1h")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: i64,
        pub(crate) root_id: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! { pub(crate) Tree { root::Entity, leaf::Entity } }
