//! Pages, cursors and related rows, by SeaORM's own readers: they take a repo or a transaction, and see what was written.

use futures_util::TryStreamExt;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, LoaderTrait, ModelTrait, PaginatorTrait,
    QueryOrder, Set, TransactionTrait,
};
use tests::blog::{Author, Blog, Comment, Post, author, blog, comment, post};
use tests::{Database, Store, World};

/// A blog with three authors, of whom the first has two posts, and one of these a comment.
async fn filled() -> (World, cached_repo::CachedRepo<Blog>) {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let repo = blog(&world).await;
    let author = |handle: &str| author::ActiveModel {
        handle: Set(Some(handle.to_owned())),
        ..Default::default()
    };
    let authors = ["ada", "bob", "eve"].map(author);
    Author::insert_many(authors)
        .exec(&repo)
        .await
        .expect("inserted");
    for slug in ["first", "second"] {
        add_post(&repo, 1, slug).await.expect("inserted");
    }
    let comment = comment::ActiveModel {
        post_id: Set(1),
        text: Set("well said".to_owned()),
        ..Default::default()
    };
    comment.insert(&repo).await.expect("inserted");
    (world, repo)
}

async fn add_post(
    db: &impl ConnectionTrait,
    author: i64,
    slug: &str,
) -> Result<post::Model, DbErr> {
    let post = post::ActiveModel {
        author_id: Set(Some(author)),
        year: Set(2026),
        slug: Set(slug.to_owned()),
        ..Default::default()
    };
    post.insert(db).await
}

/// How many posts each author has, by each of SeaORM's readers of related rows.
async fn posts_of_each(db: &impl ConnectionTrait) -> Vec<usize> {
    let authors = Author::find()
        .order_by_asc(author::Column::Id)
        .all(db)
        .await
        .expect("read");
    let by_loader = authors.load_many(Post, db).await.expect("read");
    let by_loader: Vec<usize> = by_loader.iter().map(Vec::len).collect();
    let joined = Author::find()
        .find_with_related(Post)
        .order_by_asc(author::Column::Id)
        .all(db)
        .await;
    let joined: Vec<usize> = joined
        .expect("read")
        .iter()
        .map(|(_, posts)| posts.len())
        .collect();
    let mut single = Vec::new();
    for author in &authors {
        single.push(author.find_related(Post).all(db).await.expect("read").len());
    }
    let trees = Author::load()
        .with(Post)
        .order_by_asc(author::Column::Id)
        .all(db)
        .await
        .expect("read");
    let trees: Vec<usize> = trees.iter().map(|tree| tree.posts.len()).collect();
    assert_eq!(
        (&by_loader, &by_loader, &by_loader),
        (&joined, &single, &trees)
    );
    by_loader
}

#[tokio::test]
async fn related_rows_are_those_that_were_written() {
    let (_world, repo) = filled().await;
    assert_eq!(posts_of_each(&repo).await, [2, 0, 0]);
    let transaction = repo.begin().await.expect("begun");
    add_post(&transaction, 3, "third").await.expect("inserted");
    assert_eq!(posts_of_each(&transaction).await, [2, 0, 1]);
    transaction.rollback().await.expect("rolled back");
    assert_eq!(posts_of_each(&repo).await, [2, 0, 0]);
    add_post(&repo, 3, "third").await.expect("inserted");
    assert_eq!(posts_of_each(&repo).await, [2, 0, 1]);
    let cached = Post::find_cached_by_author_id(Some(3)).all(&repo).await;
    assert_eq!(cached.expect("read").len(), 1);
}

#[tokio::test]
async fn a_row_is_found_with_the_one_that_it_belongs_to() {
    let (_world, repo) = filled().await;
    let comment = Comment::find_by_id(1)
        .one(&repo)
        .await
        .expect("read")
        .expect("there");
    let post = comment
        .find_related(Post)
        .one(&repo)
        .await
        .expect("read")
        .expect("there");
    assert_eq!(post.slug, "first");
    let both = Comment::find()
        .find_also_related(Post)
        .one(&repo)
        .await
        .expect("read");
    assert_eq!(both.and_then(|(_, post)| post), Some(post.clone()));
    let loaded = vec![comment].load_one(Post, &repo).await.expect("read");
    assert_eq!(loaded, [Some(post)]);
}

#[tokio::test]
async fn pages_and_cursors_go_through_the_repo() {
    let (_world, repo) = filled().await;
    let by_id = || Author::find().order_by_asc(author::Column::Id);
    let mut pages = by_id().paginate(&repo, 2);
    assert_eq!(pages.num_items().await.expect("read"), 3);
    assert_eq!(pages.num_pages().await.expect("read"), 2);
    assert_eq!(pages.fetch_page(1).await.expect("read").len(), 1);
    assert_eq!(
        pages
            .fetch_and_next()
            .await
            .expect("read")
            .map(|page| page.len()),
        Some(2)
    );
    assert_eq!(pages.cur_page(), 1);
    let sizes: Vec<usize> = by_id()
        .paginate(&repo, 2)
        .into_stream()
        .map_ok(|page| page.len())
        .try_collect()
        .await
        .expect("read");
    assert_eq!(sizes, [2, 1]);
    let mut cursor = Author::find().cursor_by(author::Column::Id);
    let after = cursor.after(1).first(2).all(&repo).await.expect("read");
    assert_eq!(
        after.iter().map(|author| author.id).collect::<Vec<_>>(),
        [2, 3]
    );
    Author::delete_by_id(3).exec(&repo).await.expect("deleted");
    assert_eq!(by_id().count(&repo).await.expect("read"), 2);
    let gone = Author::find_cached(3).one(&repo).await.expect("read");
    assert_eq!(gone, None);
}
