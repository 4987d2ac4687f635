//! Two releases of one program, whose models of one table differ.

use cached_repo::cached_schema;

/// As the first release has it.
pub mod first {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// An account.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "accounts")]
    #[cached(prefix = "account")]
    pub struct Model {
        /// Given by the test.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// A unique lookup.
        #[sea_orm(unique)]
        #[cached(unique)]
        pub login: String,
        /// A collection.
        #[cached(index)]
        pub team: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// As the second release has it: one column more.
pub mod second {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// An account.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "accounts")]
    #[cached(prefix = "account")]
    pub struct Model {
        /// Given by the test.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        /// A unique lookup.
        #[sea_orm(unique)]
        #[cached(unique)]
        pub login: String,
        /// A collection.
        #[cached(index)]
        pub team: i64,
        /// What the first release does not know.
        pub note: Option<String>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// The first release.
    pub First { first::Entity }
}
cached_schema! {
    /// The second release.
    pub Second { second::Entity }
}
