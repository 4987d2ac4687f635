//! Relations as `CachedRelation` shows them.

use super::formats;
use super::relations::{actions, dense, shown};
use cached_repo::__private::RelationKind::{BelongsTo, Has};
use cached_repo::__private::{Action, Probe, Unknown as _};
use cached_repo::CachedEntity;

pub mod compact {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "compact")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        pub parent_id: Option<i64>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation, CachedRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::super::relations::dense::user::Entity",
            from = "Column::UserId",
            to = "super::super::relations::dense::user::Column::Id",
            on_update = "NoAction",
            on_delete = "Cascade"
        )]
        User,
        #[sea_orm(belongs_to = "Entity", from = "Column::ParentId", to = "Column::Id")]
        Parent,
        #[sea_orm(has_many = "super::expanded::Entity")]
        Expanded,
    }

    impl Related<super::expanded::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Expanded.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod compact_model {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::compact_model]
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "compact_models")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub user_id: i64,
        pub user: HasOne<super::super::relations::dense::user::Entity>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation, CachedRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::super::relations::dense::user::Entity",
            from = "Column::UserId",
            to = "super::super::relations::dense::user::Column::Id"
        )]
        User,
    }

    impl Related<super::super::relations::dense::user::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::User.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod expanded {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(Copy, Clone, Default, Debug, DeriveEntity)]
    pub struct Entity;

    impl EntityName for Entity {
        fn table_name(&self) -> &'static str {
            "expanded"
        }
    }

    #[derive(Clone, Debug, PartialEq, Eq, DeriveModel, DeriveActiveModel, CachedEntity)]
    #[cached(prefix = "expanded")]
    pub struct Model {
        pub id: i64,
        pub compact_id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
    pub enum Column {
        Id,
        CompactId,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
    pub enum PrimaryKey {
        Id,
    }

    impl PrimaryKeyTrait for PrimaryKey {
        type ValueType = i64;

        fn auto_increment() -> bool {
            true
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation, CachedRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::compact::Entity",
            from = "Column::CompactId",
            to = "super::compact::Column::Id",
            on_delete = "SetDefault"
        )]
        Compact,
    }

    impl Related<super::compact::Entity> for Entity {
        fn to() -> RelationDef {
            Relation::Compact.def()
        }
    }

    impl ColumnTrait for Column {
        type EntityName = Entity;

        fn def(&self) -> ColumnDef {
            ColumnType::BigInteger.def()
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[test]
fn enum_of_the_compact_format() {
    let relations = Probe::<compact::Entity>::RELATIONS;
    assert_eq!(
        shown(relations),
        [
            (
                "User",
                "super::super::relations::dense::user::Entity",
                BelongsTo,
                vec!["UserId"],
                vec!["Id"]
            ),
            ("Parent", "Entity", BelongsTo, vec!["ParentId"], vec!["Id"]),
            ("Expanded", "super::expanded::Entity", Has, vec![], vec![]),
        ]
    );
    assert_eq!(actions(relations)[0], (Action::Cascade, Action::None));
    let user = &relations.unwrap()[0];
    assert_eq!(user.other, Some(dense::user::Entity::IDENT));
}

#[test]
fn enum_of_the_expanded_format() {
    let relations = Probe::<expanded::Entity>::RELATIONS;
    assert_eq!(
        shown(relations),
        [(
            "Compact",
            "super::compact::Entity",
            BelongsTo,
            vec!["CompactId"],
            vec!["Id"]
        )]
    );
    assert_eq!(actions(relations), [(Action::SetDefault, Action::None)]);
}

#[test]
fn enum_beside_a_compact_model() {
    let relations = shown(Probe::<compact_model::Entity>::RELATIONS);
    assert_eq!(relations.len(), 1, "the enum speaks, not the fields");
    assert_eq!(relations[0].0, "User");
}

#[test]
fn without_the_derive_nothing_is_known() {
    assert!(Probe::<formats::compact::Entity>::RELATIONS.is_none());
    assert!(Probe::<formats::compact_model::Entity>::RELATIONS.is_none());
    assert!(Probe::<formats::expanded::Entity>::RELATIONS.is_none());
}

#[test]
fn the_expanded_format_hides_its_table() {
    assert_eq!(expanded::Entity::IDENT.table, "");
}
