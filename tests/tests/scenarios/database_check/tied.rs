//! The same entities, with edges.

use cached_repo::cached_schema;

pub mod customer {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "Customers")]
    #[cached(dependents(super::purchase::Entity(via = customer_id)))]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub code: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod purchase {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "purchases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        #[sea_orm(column_name = "CustomerId")]
        pub customer_id: Option<i64>,
        pub total: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod line {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "purchase_lines")]
    #[cached(depends_on(super::purchase::Entity(via = purchase_id)))]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub purchase_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_no: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod part {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "parts")]
    #[cached(depends_on(super::line::Entity(via(purchase_id, line_no))))]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub line_no: Option<i64>,
        pub purchase_id: Option<i64>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod node {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "nodes")]
    #[cached(depends_on(super::node::Entity(via = parent_id)))]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub parent_id: Option<i64>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// An edge for each foreign key of the tests.
    pub Tied { customer::Entity, purchase::Entity, line::Entity, part::Entity, node::Entity }
}
