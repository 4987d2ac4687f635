//! Relations as the dense format shows them.

use cached_repo::__private::{Action, Probe, RelationKind, RelationMeta};
use cached_repo::CachedEntity;

/// The derive in the list, which SeaORM repeats on `ModelEx`.
pub mod dense {
    pub mod user {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "users", schema_name = "shop")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub boss_id: Option<i64>,
            #[sea_orm(has_many)]
            pub posts: HasMany<super::post::Entity>,
            #[sea_orm(has_one)]
            pub profile: HasOne<super::profile::Entity>,
            #[sea_orm(has_many, via = "membership")]
            pub groups: HasMany<super::group::Entity>,
            #[sea_orm(
                self_ref,
                relation_enum = "Boss",
                from = "boss_id",
                to = "id",
                on_delete = "SetNull"
            )]
            pub boss: HasOne<Entity>,
            #[sea_orm(self_ref, relation_enum = "Staff", relation_reverse = "Boss")]
            pub staff: HasMany<Entity>,
            #[sea_orm(self_ref, via = "friendship", from = "One", to = "Other")]
            pub friends: HasMany<Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    /// The derive above, which sees all at once.
    pub mod post {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[derive(CachedEntity)]
        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "posts")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub user_id: i64,
            #[sea_orm(enum_name = "Desk")]
            pub group_id: Option<i64>,
            #[sea_orm(
                belongs_to,
                from = "user_id",
                to = "id",
                on_delete = "Cascade",
                on_update = "SetDefault"
            )]
            pub author: BelongsTo<super::user::Entity>,
            #[sea_orm(belongs_to, from = "Desk", to = "Id", on_delete = "Restrict")]
            pub group: BelongsTo<Option<super::group::Entity>>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod profile {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "profiles")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            #[sea_orm(unique)]
            pub user_id: i64,
            #[sea_orm(belongs_to, from = "user_id", to = "id")]
            pub user: HasOne<super::user::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    /// Not cached.
    pub mod group {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "groups")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod membership {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "memberships")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub user_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub group_id: i64,
            #[sea_orm(belongs_to, from = "user_id", to = "id")]
            pub user: HasOne<super::user::Entity>,
            #[sea_orm(belongs_to, from = "group_id", to = "id")]
            pub group: HasOne<super::group::Entity>,
            #[sea_orm(has_many)]
            pub badges: HasMany<super::badge::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod badge {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "badges")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            pub user_id: i64,
            pub group_id: i64,
            #[sea_orm(belongs_to, from = "(user_id, group_id)", to = "(user_id, group_id)")]
            pub membership: BelongsTo<super::membership::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod friendship {
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
        #[sea_orm(table_name = "friendships")]
        pub struct Model {
            #[sea_orm(primary_key, auto_increment = false)]
            pub one_id: i64,
            #[sea_orm(primary_key, auto_increment = false)]
            pub other_id: i64,
            #[sea_orm(belongs_to, relation_enum = "One", from = "one_id", to = "id")]
            pub one: HasOne<super::user::Entity>,
            #[sea_orm(belongs_to, relation_enum = "Other", from = "other_id", to = "id")]
            pub other: HasOne<super::user::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }
}

fn texts(names: &[cached_repo::__private::Name]) -> Vec<&'static str> {
    names.iter().map(|name| name.text).collect()
}

/// Name, path, kind, columns on both sides.
pub type Shown = (
    &'static str,
    &'static str,
    RelationKind,
    Vec<&'static str>,
    Vec<&'static str>,
);

pub fn shown(relations: Option<&'static [RelationMeta]>) -> Vec<Shown> {
    let relations = relations.expect("the format shows them").iter();
    relations
        .map(|relation| {
            let (from, to) = (texts(relation.from), texts(relation.to));
            (relation.name, relation.written, relation.kind, from, to)
        })
        .collect()
}

pub fn actions(relations: Option<&'static [RelationMeta]>) -> Vec<(Action, Action)> {
    let relations = relations.expect("the format shows them").iter();
    relations
        .map(|relation| (relation.on_delete, relation.on_update))
        .collect()
}

use RelationKind::{BelongsTo, Has, ManyToMany};

#[test]
fn dense_in_the_list() {
    let relations = Probe::<dense::user::Entity>::RELATIONS;
    assert_eq!(
        shown(relations),
        [
            ("posts", "super::post::Entity", Has, vec![], vec![]),
            ("profile", "super::profile::Entity", Has, vec![], vec![]),
            ("groups", "super::group::Entity", ManyToMany, vec![], vec![]),
            ("boss", "Entity", BelongsTo, vec!["BossId"], vec!["Id"]),
            ("staff", "Entity", Has, vec![], vec![]),
            ("friends", "Entity", ManyToMany, vec![], vec![]),
        ]
    );
    assert_eq!(actions(relations)[3], (Action::SetNull, Action::None));
}

#[test]
fn dense_above() {
    let relations = Probe::<dense::post::Entity>::RELATIONS;
    assert_eq!(
        shown(relations),
        [
            (
                "author",
                "super::user::Entity",
                BelongsTo,
                vec!["UserId"],
                vec!["Id"]
            ),
            (
                "group",
                "super::group::Entity",
                BelongsTo,
                vec!["Desk"],
                vec!["Id"]
            ),
        ]
    );
    assert_eq!(
        actions(relations),
        [
            (Action::Cascade, Action::SetDefault),
            (Action::None, Action::None)
        ]
    );
}

#[test]
fn several_columns() {
    assert_eq!(
        shown(Probe::<dense::badge::Entity>::RELATIONS),
        [(
            "membership",
            "super::membership::Entity",
            BelongsTo,
            vec!["UserId", "GroupId"],
            vec!["UserId", "GroupId"]
        )]
    );
}

#[test]
fn other_ends_by_their_identity() {
    let relations = Probe::<dense::user::Entity>::RELATIONS.unwrap();
    let others: Vec<_> = relations.iter().map(|relation| relation.other).collect();
    assert_eq!(
        others,
        [
            Some(dense::post::Entity::IDENT),
            Some(dense::profile::Entity::IDENT),
            None,
            Some(dense::user::Entity::IDENT),
            Some(dense::user::Entity::IDENT),
            Some(dense::user::Entity::IDENT),
        ],
        "groups are not cached"
    );
    let places: Vec<_> = relations.iter().map(|relation| relation.place).collect();
    assert!(places[0].file.ends_with("derive/relations.rs"));
    assert_eq!(places[1].line, places[0].line + 2);
}

#[test]
fn columns_are_variants_here() {
    let fields = dense::post::Entity::META.fields;
    let variants: Vec<_> = fields.iter().map(|field| field.variant.text).collect();
    assert_eq!(variants, ["Id", "UserId", "Desk"]);
    for relation in Probe::<dense::post::Entity>::RELATIONS.unwrap() {
        assert!(fields.iter().any(|field| field.variant == relation.from[0]));
    }
}

#[test]
fn tables_where_the_format_shows_them() {
    assert_eq!(dense::user::Entity::IDENT.table, "shop.users");
    assert_eq!(dense::post::Entity::IDENT.table, "posts");
}
