//! Each entity format of SeaORM, with the derive in each place.

use cached_repo::CachedEntity;
use sea_orm::EntityTrait;

pub mod dense {
    pub mod user {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
        #[sea_orm(table_name = "users")]
        #[cached(prefix = "user", ttl = "1h")]
        pub struct Model {
            #[sea_orm(primary_key)]
            pub id: i64,
            #[sea_orm(unique)]
            #[cached(unique)]
            pub email: String,
            #[sea_orm(has_many)]
            pub posts: HasMany<super::post::Entity>,
        }

        impl ActiveModelBehavior for ActiveModel {}
    }

    pub mod post {
        use cached_repo::prelude::*;
        use sea_orm::entity::prelude::*;

        #[derive(CachedEntity)]
        #[sea_orm::model]
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = "posts")]
        #[cached(ttl = "1m")]
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
}

pub mod compact {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "compact")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        #[cached(index)]
        pub name: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod compact_model {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(CachedEntity)]
    #[sea_orm::compact_model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "compact_models")]
    #[cached(negative_ttl = "30s", jitter = "10%")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i32,
        pub user_id: i64,
        pub user: HasOne<super::dense::user::Entity>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {
        #[sea_orm(
            belongs_to = "super::dense::user::Entity",
            from = "Column::UserId",
            to = "super::dense::user::Column::Id"
        )]
        User,
    }

    impl Related<super::dense::user::Entity> for Entity {
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
    #[cached(prefix = "old")]
    pub struct Model {
        pub id: i32,
        #[cached(unique)]
        pub name: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveColumn)]
    pub enum Column {
        Id,
        Name,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DerivePrimaryKey)]
    pub enum PrimaryKey {
        Id,
    }

    impl PrimaryKeyTrait for PrimaryKey {
        type ValueType = i32;

        fn auto_increment() -> bool {
            true
        }
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ColumnTrait for Column {
        type EntityName = Entity;

        fn def(&self) -> ColumnDef {
            match self {
                Self::Id => ColumnType::Integer.def(),
                Self::Name => ColumnType::String(StringLen::None).def().nullable(),
            }
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// Names of the columns, as the description has them.
pub fn columns<E: CachedEntity>() -> Vec<(&'static str, &'static str)> {
    let fields = E::META.fields.iter().map(|field| field.name.text);
    fields
        .zip(E::COLUMNS.iter().map(sea_orm::IdenStatic::as_str))
        .collect()
}

fn round_trips<E: CachedEntity>(model: &E::Model)
where
    E::Model: Clone + PartialEq + std::fmt::Debug,
{
    let values = E::to_values(model);
    assert_eq!(values.len(), E::META.fields.len());
    assert_eq!(E::from_values(values).as_ref(), Some(model));
}

#[test]
fn dense_inside_the_list() {
    use dense::user::{Entity, Model};
    assert_eq!(
        columns::<Entity>(),
        [("id", "id"), ("email", "email")],
        "a relation is no column"
    );
    assert_eq!(Entity::IDENT.prefix, "user");
    round_trips::<Entity>(&Model {
        id: 1,
        email: "ada@example.org".into(),
    });
    let _ = Entity::find_cached_by_email("ada@example.org");
}

#[test]
fn dense_above() {
    use dense::post::{Entity, Model};
    assert_eq!(columns::<Entity>(), [("id", "id"), ("user_id", "user_id")]);
    assert_eq!(Entity::IDENT.prefix, "posts");
    round_trips::<Entity>(&Model { id: 1, user_id: 2 });
    let _ = Entity::find_cached_by_user_id(1);
}

#[test]
fn classic_compact() {
    use compact::{Entity, Model};
    round_trips::<Entity>(&Model {
        id: 1,
        name: "x".into(),
    });
    let _ = Entity::find_cached(1);
}

#[test]
fn compact_model_above() {
    use compact_model::{Entity, Model};
    assert_eq!(columns::<Entity>(), [("id", "id"), ("user_id", "user_id")]);
    round_trips::<Entity>(&Model { id: 1, user_id: 2 });
}

#[test]
fn expanded_legacy() {
    use expanded::{Entity, Model};
    assert_eq!(Entity::IDENT.prefix, "old");
    assert_eq!(columns::<Entity>(), [("id", "id"), ("name", "name")]);
    round_trips::<Entity>(&Model { id: 1, name: None });
    let _ = Entity::find_cached_by_name(Some("x".to_owned()));
    let _ = Entity::find();
}
