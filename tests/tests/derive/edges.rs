//! Edges in both directions, and schemas over several modules.

use cached_repo::__private::{Member, ResolveEdges};
use cached_repo::{CacheSchema, CachedEntity, cached_schema};

pub mod people {
    pub mod user {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "users")]
        #[cached(
            dependents(
                super::super::goods::order::Entity(via = customer_id, cascade),
                super::super::goods::order::Entity(via = payer_id, references = payer_no, on(name, id)),
            ),
            independent(super::super::goods::line::Entity),
        )]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub name: String,
            #[sea_orm(unique)]
            pub payer_no: Option<i32>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod category {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "categories")]
        #[cached(dependents(Entity(via = parent_id)))]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub parent_id: Option<i64>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

pub mod goods {
    pub mod order {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "orders")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub customer_id: i64,
            pub payer_id: Option<i32>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod line {
        use super::{super::people::user, order};
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "lines")]
        #[cached(
            depends_on(
                order::Entity(via = order_id, cascade),
                user::Entity(via(buyer), references(payer_no), on(name)),
            ),
            dependents(super::part::Entity(via(order_id, line_no), references(order_id, line_no))),
        )]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub order_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub line_no: i32,
            pub buyer: Option<i32>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod part {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "parts")]
        #[cached(depends_on(super::line::Entity(via(old_order_id, old_line_no), on(buyer))))]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub order_id: i64,
            pub line_no: Option<i32>,
            pub old_order_id: Option<i64>,
            pub old_line_no: i32,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

/// The composite key of an entity whose model does not show it.
pub mod hidden {
    pub mod parent {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[derive(Copy, Clone, Default, Debug, DeriveEntity)]
        pub struct Entity;

        impl EntityName for Entity {
            fn table_name(&self) -> &'static str {
                "hidden"
            }
        }

        #[derive(Clone, Debug, PartialEq, Eq, DeriveModel, DeriveActiveModel, CachedEntity)]
        #[cached(prefix = "hidden", dependents(super::child::Entity(via(one, two))))]
        pub struct Model {
            pub a: i32,
            pub b: String,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
        pub enum Column {
            A,
            B,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
        pub enum PrimaryKey {
            A,
            B,
        }

        impl PrimaryKeyTrait for PrimaryKey {
            type ValueType = (i32, String);

            fn auto_increment() -> bool {
                false
            }
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ColumnTrait for Column {
            type EntityName = Entity;

            fn def(&self) -> ColumnDef {
                ColumnType::Integer.def()
            }
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod child {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "children")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub one: i32,
            pub two: Option<String>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

use goods::{line, order};
use people::user::Entity as User;

cached_schema! {
    /// All that the shop caches.
    pub Shop {
        User,
        order::Entity,
        line::Entity,
        goods::part::Entity,
        people::category::Entity,
    }
}

cached_schema! { Family { hidden::child::Entity, hidden::parent::Entity } }

#[test]
fn members_in_the_order_of_the_list() {
    let paths: Vec<_> = Shop::members()
        .iter()
        .map(|member| member().meta.ident.prefix)
        .collect();
    assert_eq!(paths, ["users", "orders", "lines", "parts", "categories"]);
    assert_eq!(Shop::NAME, "Shop");
    assert_eq!(<order::Entity as Member<Shop>>::INDEX, 1);
    assert_eq!(Family::members().len(), 2);
    let _: Shop = Default::default();
}

#[test]
fn targets_by_their_position() {
    assert_eq!(<User as ResolveEdges<Shop>>::OUT, [1, 1]);
    assert_eq!(<line::Entity as ResolveEdges<Shop>>::OUT, [3]);
    assert_eq!(<line::Entity as ResolveEdges<Shop>>::IN, [1, 0]);
    assert_eq!(<people::category::Entity as ResolveEdges<Shop>>::OUT, [4]);
    assert_eq!(<hidden::parent::Entity as ResolveEdges<Family>>::OUT, [0]);
}

#[test]
fn edges_as_declared() {
    let [first, second] = User::META.dependents else {
        panic!("two edges");
    };
    assert_eq!(first.other, order::Entity::IDENT);
    assert_eq!(
        (first.via, first.references, first.on),
        (&["customer_id"][..], &[][..], &[][..])
    );
    assert!(first.cascade && !second.cascade);
    assert_eq!(
        (second.via, second.references),
        (&["payer_id"][..], &["payer_no"][..])
    );
    assert_eq!(second.on, ["name", "id"]);
    assert!(second.file.ends_with("derive/edges.rs"));
    assert_eq!(second.line, first.line + 1);
    assert_eq!(User::META.independent, [line::Entity::IDENT]);
    let [to_order, to_user] = line::Entity::META.depends_on else {
        panic!("two edges");
    };
    assert!(to_order.cascade);
    assert_eq!((to_user.via, to_user.on), (&["buyer"][..], &["name"][..]));
}
