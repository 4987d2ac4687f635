//! Columns under other names, and fields that are no columns.

use super::formats::columns;
use cached_repo::CachedEntity;

pub mod odd {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "odd", schema_name = "main")]
    #[cached(tags("kind:{type}", "{{odd}}"), dependents(Entity(via = parent, on(r#type, r#match))))]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub r#type: String,
        #[sea_orm(enum_name = "Match")]
        pub r#match: i32,
        #[sea_orm(column_name = "theParent", enum_name = "Father")]
        pub parent: Option<i64>,
        pub self_: bool,
        #[sea_orm(ignore)]
        pub note: Option<String>,
        pub text_2d: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

#[test]
fn columns_by_their_names() {
    assert_eq!(
        columns::<odd::Entity>(),
        [
            ("id", "id"),
            ("type", "type"),
            ("match", "match"),
            ("parent", "theParent"),
            ("self_", "self"),
            ("text_2d", "text_2d"),
        ]
    );
}

#[test]
fn ignored_fields_are_empty_afterwards() {
    let model = odd::Model {
        id: 1,
        r#type: "t".into(),
        r#match: 2,
        parent: None,
        self_: true,
        note: Some("lost".into()),
        text_2d: String::new(),
    };
    let values = odd::Entity::to_values(&model);
    assert_eq!(values.len(), 6);
    let again = odd::Entity::from_values(values);
    assert_eq!(
        again,
        Some(odd::Model {
            note: None,
            ..model
        })
    );
}
