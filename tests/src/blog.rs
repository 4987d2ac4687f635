//! A blog: relations, columns that may be NULL, a unique lookup over two columns, and rows that the database deletes by itself.

use crate::World;
use cached_repo::{CachedRepo, cached_schema};
use sea_orm::{ConnectionTrait, Schema};

/// Authors.
pub mod author {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// An author.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "authors")]
    #[cached(prefix = "author", dependents(super::post::Entity(via = author_id)))]
    pub struct Model {
        /// Numbered by the database.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// Not everybody has one.
        #[sea_orm(unique)]
        #[cached(unique)]
        pub handle: Option<String>,
        /// Not everybody is in one.
        #[cached(index)]
        pub team_id: Option<i64>,
        /// What they wrote.
        #[sea_orm(has_many)]
        pub posts: HasMany<super::post::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Posts, which outlive their authors.
pub mod post {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A post.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "posts")]
    #[cached(prefix = "post", dependents(super::comment::Entity(via = post_id, cascade)))]
    pub struct Model {
        /// Numbered by the database.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The author, if it is known.
        #[cached(index)]
        pub author_id: Option<i64>,
        /// First half of its place.
        #[sea_orm(unique_key = "place")]
        #[cached(unique = "place")]
        pub year: i32,
        /// Second half.
        #[sea_orm(unique_key = "place")]
        #[cached(unique = "place")]
        pub slug: String,
        /// The author.
        #[sea_orm(belongs_to, from = "author_id", to = "id", on_delete = "SetNull")]
        pub author: HasOne<super::author::Entity>,
        /// What others said.
        #[sea_orm(has_many)]
        pub comments: HasMany<super::comment::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

/// Comments, which go with their posts.
pub mod comment {
    use cached_repo::CachedEntity;
    use sea_orm::entity::prelude::*;

    /// A comment.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel, CachedEntity)]
    #[sea_orm(table_name = "comments")]
    #[cached(prefix = "comment")]
    pub struct Model {
        /// Numbered by the database.
        #[sea_orm(primary_key)]
        pub id: i64,
        /// The post.
        #[cached(index)]
        pub post_id: i64,
        /// What it says.
        pub text: String,
        /// The post.
        #[sea_orm(belongs_to, from = "post_id", to = "id", on_delete = "Cascade")]
        pub post: HasOne<super::post::Entity>,
    }
    impl ActiveModelBehavior for ActiveModel {}
}

cached_schema! {
    /// All of the blog.
    #[cached(tags("report"))]
    pub Blog { author::Entity, post::Entity, comment::Entity }
}

pub use author::Entity as Author;
pub use comment::Entity as Comment;
pub use post::Entity as Post;

/// Creates the blog's tables in the world's database, and a repo over them.
pub async fn blog(world: &World) -> CachedRepo<Blog> {
    let backend = world.raw.get_database_backend();
    let schema = Schema::new(backend);
    let tables = [
        schema.create_table_from_entity(Author),
        schema.create_table_from_entity(Post),
        schema.create_table_from_entity(Comment),
    ];
    for table in tables {
        world
            .raw
            .execute(&table)
            .await
            .expect("the table is created");
    }
    another(world).await
}

/// Another repo over them, as another process would have it.
pub async fn another(world: &World) -> CachedRepo<Blog> {
    let builder = world.beside().await;
    builder.build().await.expect("the settings are right")
}
