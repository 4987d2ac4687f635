//! Edges in both directions, and schemas over several modules.

use cached_repo::__private::{Action, Member, Name, ResolveEdges};
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
                super::super::goods::order::Entity(via = customer_id, on_delete = cascade),
                super::super::goods::order::Entity(
                    via = payer_id,
                    references = payer_no,
                    on(name, id),
                    on_update = "SetNull",
                ),
            ),
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
        #[cached(
            dependents(Entity(via = parent_id)),
            independent(super::user::Entity(via = owner_id), super::audit::Entity),
        )]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub parent_id: Option<i64>,
            pub owner_id: i64,
            #[sea_orm(belongs_to, from = "owner_id", to = "id")]
            pub owner: BelongsTo<super::user::Entity>,
            #[sea_orm(has_many)]
            pub audits: HasMany<super::audit::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    /// Not cached.
    pub mod audit {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "audits")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub category_id: i64,
            #[sea_orm(belongs_to, from = "category_id", to = "id")]
            pub category: BelongsTo<super::category::Entity>,
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
                order::Entity(via = order_id, cascade, lookup(limit = 50)),
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
    let prefixes: Vec<_> = Shop::tables()
        .metas
        .iter()
        .map(|meta| meta.ident.prefix)
        .collect();
    assert_eq!(
        prefixes,
        ["users", "orders", "lines", "parts", "categories"]
    );
    assert_eq!(Shop::NAME, "Shop");
    assert_eq!(<order::Entity as Member<Shop>>::INDEX, 1);
    assert_eq!(Family::tables().metas.len(), 2);
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

fn texts(names: &[Name]) -> Vec<&'static str> {
    names.iter().map(|name| name.text).collect()
}

#[test]
fn edges_as_declared() {
    let [first, second] = User::META.dependents else {
        panic!("two edges");
    };
    assert_eq!(first.other, order::Entity::IDENT);
    assert_eq!(texts(first.via), ["customer_id"]);
    assert!(first.references.is_empty() && first.on.is_empty());
    assert_eq!(texts(second.via), ["payer_id"]);
    assert_eq!(texts(second.references), ["payer_no"]);
    assert_eq!(texts(second.on), ["name", "id"]);
    assert!(second.place.file.ends_with("derive/edges.rs"));
    assert_eq!(second.place.line, first.place.line + 1);
}

#[test]
fn edges_from_the_other_end() {
    let [to_order, to_user] = line::Entity::META.depends_on else {
        panic!("two edges");
    };
    assert_eq!(to_order.other, order::Entity::IDENT);
    assert_eq!(texts(to_user.via), ["buyer"]);
    assert_eq!(texts(to_user.on), ["name"]);
    assert!(to_order.cascade && !to_user.cascade);
    assert_eq!((to_order.lookup, to_user.lookup), (50, 0));
}

#[test]
fn actions_in_both_spellings() {
    let actions: Vec<_> = User::META
        .dependents
        .iter()
        .map(|edge| (edge.on_delete, edge.on_update))
        .collect();
    assert_eq!(
        actions,
        [
            (Action::Cascade, Action::None),
            (Action::None, Action::SetNull)
        ]
    );
}

#[test]
fn what_is_independent() {
    let [user, audit] = people::category::Entity::META.independent else {
        panic!("two entries");
    };
    assert_eq!(user.other, Some(User::IDENT));
    assert_eq!(texts(user.via), ["owner_id"]);
    assert_eq!(audit.other, None, "it is not cached");
    assert!(audit.via.is_empty());
    assert_eq!(audit.place.line, user.place.line);
}

#[test]
fn names_with_their_hashes() {
    let via = User::META.dependents[0].via[0];
    assert_eq!(via, Name::of("customer_id"), "as the run-time side hashes");
    for field in User::META.fields {
        assert_eq!(field.name, Name::of(field.name.text));
        assert_eq!(field.variant, Name::of(field.variant.text));
    }
}

#[test]
fn keys_that_the_model_shows() {
    let keys = |meta: &cached_repo::__private::EntityMeta| {
        let fields = meta.fields.iter().filter(|field| field.key);
        fields.map(|field| field.name.text).collect::<Vec<_>>()
    };
    assert_eq!(keys(line::Entity::META), ["order_id", "line_no"]);
    assert!(keys(hidden::parent::Entity::META).is_empty());
}
