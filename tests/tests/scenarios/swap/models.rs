//! Active models with hooks, saved alone and with what belongs to them.

#![expect(unreachable_pub, reason = "SeaORM wants models to be public")]

use cached_repo::{CachedRepo, cached_schema};
use sea_orm::{
    ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait, PaginatorTrait, Set, Unchanged,
};
use tests::blog::{Author, Blog, Comment, Post, author, blog, comment, post};
use tests::{Database, Store, World};

/// Labels, whose hooks write to a second table.
mod label {
    use super::record;
    use cached_repo::CachedEntity;
    use sea_orm::Set;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "labels")]
    #[cached(prefix = "label")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(index)]
        pub text: String,
    }

    #[async_trait::async_trait]
    impl ActiveModelBehavior for ActiveModel {
        async fn before_save<C: ConnectionTrait>(mut self, _: &C, _: bool) -> Result<Self, DbErr> {
            if let Some(text) = self.text.take() {
                self.text = Set(text.trim().to_lowercase());
            }
            Ok(self)
        }

        async fn after_save<C: ConnectionTrait>(
            model: Model,
            db: &C,
            insert: bool,
        ) -> Result<Model, DbErr> {
            record::add(db, model.id, if insert { "made" } else { "changed" }).await?;
            Ok(model)
        }

        async fn before_delete<C: ConnectionTrait>(self, _: &C) -> Result<Self, DbErr> {
            match self.text.try_as_ref().is_some_and(|text| text == "kept") {
                true => Err(DbErr::Custom("this one is kept".into())),
                false => Ok(self),
            }
        }

        async fn after_delete<C: ConnectionTrait>(self, db: &C) -> Result<Self, DbErr> {
            record::add(db, self.id.clone().unwrap(), "gone").await?;
            Ok(self)
        }
    }
}

/// What became of a label.
mod record {
    use cached_repo::CachedEntity;
    use sea_orm::Set;
    use sea_orm::entity::prelude::*;

    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "records")]
    #[cached(prefix = "record")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[cached(index)]
        pub label_id: i64,
        pub what: String,
    }
    impl ActiveModelBehavior for ActiveModel {}

    pub(super) async fn add(
        db: &impl ConnectionTrait,
        label_id: i64,
        what: &str,
    ) -> Result<(), DbErr> {
        let record = ActiveModel {
            label_id: Set(label_id),
            what: Set(what.to_owned()),
            ..Default::default()
        };
        record.insert(db).await.map(drop)
    }
}

cached_schema! { Labels { label::Entity, record::Entity } }

async fn world() -> World {
    World::new(Database::Sqlite, Store::Memory).await
}

async fn labels(world: &World) -> CachedRepo<Labels> {
    let repo: CachedRepo<Labels> = world.beside().await.build().await.expect("built");
    let tables = repo
        .get_schema_builder()
        .register(label::Entity)
        .register(record::Entity);
    tables.apply(&repo).await.expect("created");
    repo
}

async fn texts(repo: &CachedRepo<Labels>, text: &str) -> usize {
    let found = label::Entity::find_cached_by_text(text).all(repo).await;
    found.expect("read").len()
}

async fn records(repo: &CachedRepo<Labels>, id: i64) -> Vec<String> {
    let found = record::Entity::find_cached_by_label_id(id).all(repo).await;
    found
        .expect("read")
        .iter()
        .map(|record| record.what.clone())
        .collect()
}

#[tokio::test]
async fn what_hooks_change_and_write_is_seen() {
    let world = world().await;
    let repo = labels(&world).await;
    assert_eq!(
        (texts(&repo, "new").await, records(&repo, 1).await.len()),
        (0, 0)
    );

    let new = label::ActiveModel {
        text: Set(" New ".to_owned()),
        ..Default::default()
    };
    let new = new.insert(&repo).await.expect("inserted");
    assert_eq!(new.text, "new", "the hook has changed it");
    assert_eq!(texts(&repo, "new").await, 1);
    assert_eq!(records(&repo, 1).await, ["made"]);

    let mut change = new.into_active_model();
    change.text = Set("NEWER".to_owned());
    let saved = change.save(&repo).await.expect("saved");
    assert_eq!(saved.text, Unchanged("newer".to_owned()));
    assert_eq!(
        (texts(&repo, "new").await, texts(&repo, "newer").await),
        (0, 1)
    );
    assert_eq!(records(&repo, 1).await, ["made", "changed"]);

    saved.delete(&repo).await.expect("deleted");
    assert_eq!(texts(&repo, "newer").await, 0);
    assert_eq!(records(&repo, 1).await, ["made", "changed", "gone"]);
}

#[tokio::test]
async fn a_hook_that_refuses_leaves_everything_cached() {
    let world = world().await;
    let repo = labels(&world).await;
    let kept = label::ActiveModel {
        text: Set("kept".to_owned()),
        ..Default::default()
    };
    let kept = kept.save(&repo).await.expect("saved");
    assert_eq!(texts(&repo, "kept").await, 1);
    kept.delete(&repo).await.expect_err("the hook refuses");
    let found = label::Entity::find_cached_by_text("kept")
        .cache_only()
        .all(&repo)
        .await;
    assert_eq!(found.expect("read").len(), 1);
}

/// Everything of the blog, through the cache.
async fn counts(repo: &CachedRepo<Blog>) -> (usize, usize, Option<String>) {
    let posts = Post::find_cached_by_author_id(Some(1))
        .all(repo)
        .await
        .expect("read");
    let comments = Comment::find_cached_by_post_id(1)
        .all(repo)
        .await
        .expect("read");
    let author = Author::find_cached(1).one(repo).await.expect("read");
    (
        posts.len(),
        comments.len(),
        author.and_then(|author| author.handle.clone()),
    )
}

#[tokio::test]
async fn models_are_saved_with_what_belongs_to_them() {
    let world = world().await;
    let repo = blog(&world).await;
    assert_eq!(counts(&repo).await, (0, 0, None));
    let first = post::ActiveModel::builder()
        .set_year(2026)
        .set_slug("first");
    let first = first.add_comment(comment::ActiveModel::builder().set_text("well said"));
    let author = author::ActiveModel::builder()
        .set_handle(Some("ada".to_owned()))
        .add_post(first)
        .save(&repo)
        .await
        .expect("saved");
    assert_eq!(counts(&repo).await, (1, 1, Some("ada".to_owned())));

    let second = post::ActiveModel::builder()
        .set_year(2026)
        .set_slug("second");
    let author = author.add_post(second).save(&repo).await.expect("saved");
    assert_eq!(counts(&repo).await, (2, 1, Some("ada".to_owned())));
    assert_eq!(Post::find().count(&repo).await.expect("read"), 2);

    let deleted = author.delete(&repo).await.expect("deleted");
    assert!(deleted.rows_affected >= 1);
    assert_eq!(
        counts(&repo).await,
        (0, 1, None),
        "posts outlive their authors"
    );
}

#[tokio::test]
async fn a_model_is_deleted_by_itself() {
    let world = world().await;
    let repo = blog(&world).await;
    let author = author::ActiveModel {
        handle: Set(Some("ada".to_owned())),
        ..Default::default()
    };
    let author = author.insert(&repo).await.expect("inserted");
    assert_eq!(counts(&repo).await.2.as_deref(), Some("ada"));
    author.delete(&repo).await.expect("deleted");
    assert_eq!(counts(&repo).await.2, None);
}
