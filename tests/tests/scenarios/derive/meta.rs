//! What the entity says about itself.

use cached_repo::__private::TagPart;
use cached_repo::CachedEntity;
use std::time::Duration;

pub mod plain {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "plain_rows")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub tenant_id: i32,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

pub mod rich {
    use cached_repo::prelude::*;
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "rich rows")]
    #[cached(prefix = "rich-1", ttl = "1h 30m", negative_ttl = "500ms")]
    #[cached(jitter = "2.5%", tags("rows", "tenant:{tenant_id}/{id}", "a{{b}}"), relations = unchecked)]
    #[cached(
        stale_while_revalidate = "5m",
        stale_if_error = "1d",
        refresh_ahead = "80%",
        early_refresh = 1.5
    )]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub tenant_id: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

#[test]
fn defaults() {
    let meta = plain::Entity::META;
    assert_eq!(meta.ident, plain::Entity::IDENT);
    assert_eq!(meta.ident.prefix, "plain_rows");
    assert_eq!(meta.ident.path, concat!(module_path!(), "::plain::Entity"));
    assert!(meta.ident.place.file.ends_with("derive/meta.rs"));
    assert_eq!(meta.ident.place.line, 11, "where the derive stands");
    assert_eq!(meta.ident.table, "plain_rows");
    assert!(meta.relations_checked);
    assert_eq!(meta.lifetimes.ttl, None);
    assert_eq!(meta.lifetimes.negative_ttl, None);
    assert_eq!(meta.lifetimes.jitter, None);
    assert_eq!(meta.lifetimes.stale_while_revalidate, None);
    assert_eq!(meta.lifetimes.stale_if_error, None);
    assert_eq!(meta.lifetimes.refresh_ahead, None);
    assert_eq!(meta.lifetimes.early_refresh, None);
    assert!(meta.tags.is_empty() && meta.indexes.is_empty() && meta.uniques.is_empty());
}

#[test]
fn everything_that_was_said() {
    let meta = rich::Entity::META;
    assert_eq!(meta.ident.prefix, "rich-1");
    assert!(!meta.relations_checked);
    assert_eq!(meta.lifetimes.ttl, Some(Duration::from_secs(5400)));
    assert_eq!(
        meta.lifetimes.negative_ttl,
        Some(Duration::from_millis(500))
    );
    assert_eq!(meta.lifetimes.jitter, Some(0.025));
    let minutes = |minutes: u64| Some(Duration::from_secs(60 * minutes));
    assert_eq!(meta.lifetimes.stale_while_revalidate, minutes(5));
    assert_eq!(meta.lifetimes.stale_if_error, minutes(24 * 60));
    assert_eq!(meta.lifetimes.refresh_ahead, Some(0.8));
    assert_eq!(meta.lifetimes.early_refresh, Some(1.5));
    let templates: Vec<_> = meta.tags.iter().map(|tag| tag.template).collect();
    assert_eq!(templates, ["rows", "tenant:{tenant_id}/{id}", "a{{b}}"]);
    assert_eq!(meta.tags[0].parts, [TagPart::Text("rows")]);
    assert_eq!(
        meta.tags[1].parts,
        [
            TagPart::Text("tenant:"),
            TagPart::Field("tenant_id"),
            TagPart::Text("/"),
            TagPart::Field("id"),
        ]
    );
    assert_eq!(meta.tags[2].parts, [TagPart::Text("a{b}")]);
}

#[test]
fn shape_follows_the_columns() {
    let shapes = [plain::Entity::META.shape, rich::Entity::META.shape];
    assert_ne!(shapes[0], shapes[1], "a type differs");
    assert_eq!(
        shapes[0], 0x1873_7282_e374_f526,
        "same columns hashed otherwise: every cached entry becomes a miss; raise the format version on purpose"
    );
}

cached_repo::cached_schema! {
    /// Of nothing.
    Nothing {}
}

#[tokio::test]
async fn a_schema_without_entities_passes_everything_on() {
    use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, Set};
    use tests::shop::{Note, note};
    use tests::{Database, Store, World};

    assert!(Nothing::graph().nodes.is_empty());
    for store in [Store::Memory, Store::Bounded] {
        let world = World::new(Database::Sqlite, store).await;
        let repo = world
            .beside::<Nothing>()
            .await
            .build()
            .await
            .expect("built");
        let note = note::ActiveModel {
            id: Set("todo".to_owned()),
            body: Set("buy".to_owned()),
        };
        note.insert(&repo).await.expect("inserted");
        assert_eq!(Note::find().all(&repo).await.expect("read").len(), 1);
        Note::delete_by_id("todo".to_owned())
            .exec(&repo)
            .await
            .expect("deleted");
        repo.execute_unprepared("CREATE TABLE more (id INTEGER)")
            .await
            .expect("created");
        repo.execute_unprepared("DETACH nothing")
            .await
            .expect_err("there is none");
        repo.invalidate_all().await.expect("delivered");
        assert_eq!(Note::find().all(&repo).await.expect("read").len(), 0);
    }
}
