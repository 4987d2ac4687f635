//! Entities over the same tables twice: with edges, and without.

#![expect(dead_code, reason = "SeaORM makes more of an entity than a test needs")]

use cached_repo::cached_schema;

macro_rules! entities {
    ($module:ident: $customer:meta, $purchase:meta, $line:meta, $part:meta, $node:meta) => {
        pub(crate) mod $module {
            pub(crate) mod customer {
                use cached_repo::CachedEntity;
                use sea_orm::entity::prelude::*;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
                #[sea_orm(table_name = "Customers")]
                #[$customer]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i64,
                    pub code: i64,
                }
                impl ActiveModelBehavior for ActiveModel {}
            }

            pub(crate) mod purchase {
                use cached_repo::CachedEntity;
                use sea_orm::entity::prelude::*;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
                #[sea_orm(table_name = "purchases")]
                #[$purchase]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i64,
                    #[sea_orm(column_name = "CustomerId")]
                    pub customer_id: Option<i64>,
                    pub total: i64,
                }
                impl ActiveModelBehavior for ActiveModel {}
            }

            pub(crate) mod line {
                use cached_repo::CachedEntity;
                use sea_orm::entity::prelude::*;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
                #[sea_orm(table_name = "purchase_lines")]
                #[$line]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub purchase_id: i64,
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub line_no: i64,
                }
                impl ActiveModelBehavior for ActiveModel {}
            }

            pub(crate) mod part {
                use cached_repo::CachedEntity;
                use sea_orm::entity::prelude::*;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
                #[sea_orm(table_name = "parts")]
                #[$part]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i64,
                    pub line_no: Option<i64>,
                    pub purchase_id: Option<i64>,
                }
                impl ActiveModelBehavior for ActiveModel {}
            }

            pub(crate) mod node {
                use cached_repo::CachedEntity;
                use sea_orm::entity::prelude::*;

                #[sea_orm::model]
                #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
                #[sea_orm(table_name = "nodes")]
                #[$node]
                pub struct Model {
                    #[sea_orm(primary_key, auto_increment = false)]
                    pub id: i64,
                    pub parent_id: Option<i64>,
                }
                impl ActiveModelBehavior for ActiveModel {}
            }
        }
    };
}

entities!(bare: cached(ttl = "1h"), cached(ttl = "1h"), cached(ttl = "1h"), cached(ttl = "1h"), cached(ttl = "1h"));
entities!(
    tied:
    cached(dependents(super::purchase::Entity(via = customer_id))),
    cached(ttl = "1h"),
    cached(depends_on(super::purchase::Entity(via = purchase_id))),
    cached(depends_on(super::line::Entity(via(purchase_id, line_no)))),
    cached(depends_on(super::node::Entity(via = parent_id)))
);

cached_schema! {
    /// No entity knows another.
    pub(crate) Bare { bare::customer::Entity, bare::purchase::Entity, bare::line::Entity, bare::part::Entity, bare::node::Entity }
}

cached_schema! {
    /// Each foreign key of the tests is an edge.
    pub(crate) Tied { tied::customer::Entity, tied::purchase::Entity, tied::line::Entity, tied::part::Entity, tied::node::Entity }
}
