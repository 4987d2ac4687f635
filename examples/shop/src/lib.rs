//! Who buys what: entities that refer to those of another crate, and the schema of both.

use cached_repo::cached_schema;
use catalog::{category, price, product};

cached_schema! {
    /// All that the shop caches.
    pub Shop {
        category::Entity, product::Entity, price::Entity,
        stock::Entity, review::Entity, user::Entity, order::Entity, line::Entity, shipment::Entity, event::Entity
    }
}

pub mod user {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(
        prefix = "user",
        // Orders and reviews show the name of a user. Nothing shows the address.
        dependents(
            super::order::Entity(via = customer_id, on(name)),
            super::review::Entity(via = author_id, on(name))
        ),
        independent(super::event::Entity)
    )]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique)]
        #[cached(unique)]
        pub email: String,
        pub name: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod order {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "orders")]
    #[cached(prefix = "order")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(index)]
        pub customer_id: i64,
        #[sea_orm(belongs_to, from = "customer_id", to = "id")]
        pub customer: HasOne<super::user::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod line {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "order_lines")]
    #[cached(
        prefix = "line",
        depends_on(
            // What an order shows, its lines show, too: what leads to orders goes on to the lines of just these orders.
            super::order::Entity(via = order_id, cascade, lookup(limit = 100)),
            catalog::product::Entity(via = product_id, on(name))
        )
    )]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_no: i32,
        pub product_id: i64,
        #[sea_orm(belongs_to, from = "order_id", to = "id", on_delete = "Cascade")]
        pub order: HasOne<super::order::Entity>,
        #[sea_orm(belongs_to, from = "product_id", to = "id")]
        pub product: HasOne<catalog::product::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod shipment {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "shipments")]
    // The same without a lookup: what leads to orders goes on to all shipments.
    #[cached(prefix = "shipment", depends_on(super::order::Entity(via = order_id, cascade)))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(index)]
        pub order_id: i64,
        #[sea_orm(belongs_to, from = "order_id", to = "id")]
        pub order: HasOne<super::order::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod review {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "reviews")]
    #[cached(prefix = "review", depends_on(catalog::product::Entity(via = product_id)))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(index)]
        pub product_id: i64,
        pub author_id: Option<i64>,
        #[sea_orm(belongs_to, from = "product_id", to = "id")]
        pub product: HasOne<catalog::product::Entity>,
        // A review outlives its author.
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "SetNull")]
        pub author: HasOne<super::user::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod stock {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "stock")]
    // The warehouse knows products by another column than their key.
    #[cached(depends_on(catalog::product::Entity(via = sku, references = sku, on(name))))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub sku: String,
        pub pieces: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

pub mod event {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "events")]
    #[cached(prefix = "event")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(index)]
        pub user_id: i64,
        #[sea_orm(belongs_to, from = "user_id", to = "id")]
        pub user: HasOne<super::user::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}
