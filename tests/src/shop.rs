//! A small shop: every kind of key, lookup, tag and edge.

use cached_repo::cached_schema;

/// Customers and staff.
pub mod user {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A user.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "users")]
    #[cached(
        prefix = "user",
        ttl = "1h",
        negative_ttl = "30s",
        tags("users", "tenant:{tenant_id}"),
        dependents(
            super::order::Entity(via = customer_id),
            super::dashboard::Entity(via = user_id, on(name)),
        )
    )]
    pub struct Model {
        /// Numbered by the database.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// A lookup to the row.
        #[sea_orm(unique)]
        #[cached(unique)]
        pub email: String,
        /// A lookup to a collection.
        #[cached(index)]
        pub tenant_id: i64,
        /// What dashboards show.
        pub name: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Orders, which depend on users and take their lines along.
pub mod order {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// An order.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "orders")]
    #[cached(prefix = "order", dependents(super::line::Entity(via = order_id, cascade)))]
    pub struct Model {
        /// Numbered by the database.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The user.
        #[cached(index)]
        pub customer_id: i64,
        /// A lookup by text.
        #[cached(index)]
        pub status: String,
        /// In cents.
        pub total: i64,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Lines of orders, with a composite key.
pub mod line {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A line of an order.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "order_lines")]
    #[cached(prefix = "line")]
    pub struct Model {
        /// The order.
        #[sea_orm(primary_key, auto_increment = false)]
        pub order_id: i64,
        /// Position in the order.
        #[sea_orm(primary_key, auto_increment = false)]
        pub line_no: i32,
        /// What was ordered.
        pub product: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Dashboards, which show the name of their user.
pub mod dashboard {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A dashboard.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "dashboards")]
    #[cached(prefix = "dashboard")]
    pub struct Model {
        /// Numbered by the database.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The user.
        pub user_id: i64,
        /// What it is called.
        pub title: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Notes: a text key, and nothing that needs old values.
pub mod note {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A note.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "notes")]
    #[cached(prefix = "note", negative_ttl = "30s")]
    pub struct Model {
        /// Any text.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        /// What it says.
        pub body: String,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// All of the shop.
    #[cached(tags("front page", "board", "fence", "mine", "report", "searches", "any:{text}"))]
    pub Shop { user::Entity, order::Entity, line::Entity, dashboard::Entity, note::Entity }
}

pub use dashboard::Entity as Dashboard;
pub use line::Entity as Line;
pub use note::Entity as Note;
pub use order::Entity as Order;
pub use user::Entity as User;
