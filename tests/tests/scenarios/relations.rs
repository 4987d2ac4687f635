//! Nested writes, columns that may be NULL, and rows that the database changes by itself.

use cached_repo::CachedRepo;
use sea_orm::sea_query::{Expr, ExprTrait, SimpleExpr};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityLoaderTrait, EntityTrait,
    IntoActiveModel, ModelTrait, QueryFilter, QueryOrder, Set,
};
use std::fmt::Debug;
use tests::blog::{Author, Blog, Comment, Post, author, blog, comment, post};
use tests::{World, matrix};

/// Author 1 (ada, team 7) of posts 1 and 2, author 2 (no handle, no team) of none, post 3 of nobody, and comments 1 and 2 on
/// post 1; all of it cached.
async fn cached(world: &World) -> CachedRepo<Blog> {
    let repo = blog(world).await;
    let db = repo.bypassing_connection();
    for (handle, team) in [(Some("ada"), Some(7)), (None, None)] {
        let author = author::ActiveModel {
            handle: Set(handle.map(str::to_owned)),
            team_id: Set(team),
            ..Default::default()
        };
        Author::insert(author).exec(db).await.expect("inserted");
    }
    for (author, slug) in [(Some(1), "one"), (Some(1), "two"), (None, "three")] {
        let post = post::ActiveModel {
            author_id: Set(author),
            year: Set(2026),
            slug: Set(slug.to_owned()),
            ..Default::default()
        };
        Post::insert(post).exec(db).await.expect("inserted");
    }
    for text in ["good", "bad"] {
        let comment = comment::ActiveModel {
            post_id: Set(1),
            text: Set(text.to_owned()),
            ..Default::default()
        };
        Comment::insert(comment).exec(db).await.expect("inserted");
    }
    for _ in 0..2 {
        assert_fresh(&repo).await;
    }
    repo
}

/// Reads that gave something else than the database has.
#[derive(Default)]
struct Stale(Vec<String>);

impl Stale {
    fn compare(&mut self, what: &str, seen: impl Debug, stored: impl Debug) {
        let (seen, stored) = (format!("{seen:?}"), format!("{stored:?}"));
        if seen != stored {
            self.0.push(format!("{what}: read {seen}, stored {stored}"));
        }
    }
}

/// Everything that can be read is what the database has.
async fn assert_fresh(repo: &CachedRepo<Blog>) {
    let mut stale = Stale::default();
    for id in 1..=4 {
        rows(repo, id, &mut stale).await;
    }
    for id in [Some(1), Some(2), Some(3), Some(7), Some(8), None] {
        collections(repo, id, &mut stale).await;
    }
    for (handle, year, slug) in [
        ("ada", 2026, "one"),
        ("bob", 2026, "two"),
        ("eve", 2025, "one"),
        ("joe", 2026, "four"),
    ] {
        lookups(repo, handle, (year, slug), &mut stale).await;
    }
    assert!(stale.0.is_empty(), "stale reads:\n{}", stale.0.join("\n"));
}

async fn rows(repo: &CachedRepo<Blog>, id: i64, stale: &mut Stale) {
    let db = repo.bypassing_connection();
    let seen = Author::find_cached(id).one(repo).await.expect("read");
    stale.compare(
        "author",
        seen,
        Author::find_by_id(id).one(db).await.expect("read"),
    );
    let seen = Post::find_cached(id).one(repo).await.expect("read");
    stale.compare(
        "post",
        seen,
        Post::find_by_id(id).one(db).await.expect("read"),
    );
    let seen = Comment::find_cached(id).one(repo).await.expect("read");
    stale.compare(
        "comment",
        seen,
        Comment::find_by_id(id).one(db).await.expect("read"),
    );
    let seen = Comment::find_cached_by_post_id(id)
        .all(repo)
        .await
        .expect("read");
    let stored = Comment::find()
        .filter(comment::Column::PostId.eq(id))
        .order_by_asc(comment::Column::Id);
    stale.compare("comments", seen, stored.all(db).await.expect("read"));
    repo.wait_idle().await;
}

async fn collections(repo: &CachedRepo<Blog>, id: Option<i64>, stale: &mut Stale) {
    let db = repo.bypassing_connection();
    let of = |column: SimpleExpr| match id {
        Some(id) => column.eq(id),
        None => column.is_null(),
    };
    let seen = Post::find_cached_by_author_id(id)
        .all(repo)
        .await
        .expect("read");
    let stored = Post::find()
        .filter(of(Expr::col(post::Column::AuthorId)))
        .order_by_asc(post::Column::Id);
    stale.compare(
        "posts of an author",
        seen,
        stored.all(db).await.expect("read"),
    );
    let seen = Author::find_cached_by_team_id(id)
        .all(repo)
        .await
        .expect("read");
    let stored = Author::find()
        .filter(of(Expr::col(author::Column::TeamId)))
        .order_by_asc(author::Column::Id);
    stale.compare(
        "authors of a team",
        seen,
        stored.all(db).await.expect("read"),
    );
    repo.wait_idle().await;
}

async fn lookups(
    repo: &CachedRepo<Blog>,
    handle: &str,
    (year, slug): (i32, &str),
    stale: &mut Stale,
) {
    let db = repo.bypassing_connection();
    let seen = Author::find_cached_by_handle(handle.to_owned())
        .one(repo)
        .await
        .expect("read");
    let stored = Author::find().filter(author::Column::Handle.eq(handle));
    stale.compare(
        "author by handle",
        seen,
        stored.one(db).await.expect("read"),
    );
    let seen = Post::find_cached_by_place(year, slug)
        .one(repo)
        .await
        .expect("read");
    let stored = Post::find()
        .filter(post::Column::Year.eq(year))
        .filter(post::Column::Slug.eq(slug));
    stale.compare("post by place", seen, stored.one(db).await.expect("read"));
    repo.wait_idle().await;
}

matrix! {
    async fn a_second_look_at_everything_needs_no_query(world) {
        let repo = cached(&world).await;
        let loads = || repo.stats().entities.iter().map(|stats| stats.loads).sum::<u64>();
        let before = loads();
        assert_fresh(&repo).await;
        assert_eq!(loads(), before);
    }

    async fn a_nested_save_is_seen(world) {
        let repo = cached(&world).await;
        let comment = comment::ActiveModel::builder().set_text("fine");
        let post = post::ActiveModel::builder().set_year(2026).set_slug("four").add_comment(comment);
        let author = author::ActiveModel::builder().set_handle(Some("bob".to_owned())).set_team_id(8).add_post(post);
        author.save(&repo).await.expect("saved");
        let bob = Author::find_cached_by_handle("bob".to_owned()).one(&repo).await.expect("read").expect("there");
        assert_eq!(Post::find_cached_by_author_id(bob.id).all(&repo).await.expect("read").len(), 1);
        assert_eq!(Comment::find_cached_by_post_id(4).all(&repo).await.expect("read").len(), 1);
        assert_fresh(&repo).await;
    }

    async fn a_nested_change_is_seen(world) {
        let repo = cached(&world).await;
        let loaded = Author::load().filter_by_id(1).with(Post).one(&repo).await.expect("read").expect("there");
        let mut author = loaded.into_active_model();
        author.team_id = Set(Some(8));
        author.posts[0].slug = Set("four".to_owned());
        author.save(&repo).await.expect("saved");
        assert!(Post::find_cached_by_place(2026, "four").one(&repo).await.expect("read").is_some());
        assert_fresh(&repo).await;
    }

    async fn a_nested_delete_is_seen(world) {
        let repo = cached(&world).await;
        let post = Post::load().filter_by_id(1).with(Comment).one(&repo).await.expect("read").expect("there");
        post.delete(&repo).await.expect("deleted");
        assert_eq!(Post::find_cached(1).one(&repo).await.expect("read"), None);
        assert_eq!(Comment::find_cached(1).one(&repo).await.expect("read"), None);
        assert_fresh(&repo).await;
    }

    async fn a_nested_delete_of_an_author_leaves_the_posts_to_nobody(world) {
        let repo = cached(&world).await;
        let author = Author::load().filter_by_id(1).with(Post).one(&repo).await.expect("read").expect("there");
        author.delete(&repo).await.expect("deleted");
        assert_eq!(Post::find_cached_by_author_id(None).all(&repo).await.expect("read").len(), 3);
        assert_fresh(&repo).await;
    }

    async fn rows_that_the_database_deletes_by_itself_are_gone(world) {
        let repo = cached(&world).await;
        Post::delete_by_id(1).exec(&repo).await.expect("deleted");
        assert_eq!(Comment::find_cached(1).one(&repo).await.expect("read"), None);
        assert_eq!(Comment::find_cached_by_post_id(1).all(&repo).await.expect("read"), []);
        assert_fresh(&repo).await;
    }

    async fn rows_that_the_database_sets_to_null_are_seen(world) {
        let repo = cached(&world).await;
        Author::delete_by_id(1).exec(&repo).await.expect("deleted");
        assert_eq!(Post::find_cached_by_author_id(1).all(&repo).await.expect("read"), []);
        assert_eq!(Post::find_cached(1).one(&repo).await.expect("read").expect("there").author_id, None);
        assert_eq!(Post::find_cached_by_author_id(None).all(&repo).await.expect("read").len(), 3);
        assert_fresh(&repo).await;
    }

    async fn a_value_becomes_null(world) {
        let repo = cached(&world).await;
        let ada = author::ActiveModel { id: Set(1), handle: Set(None), team_id: Set(None) };
        ada.update_without_returning(&repo).await.expect("updated");
        assert_eq!(Author::find_cached_by_handle("ada".to_owned()).one(&repo).await.expect("read"), None);
        assert_eq!(Author::find_cached_by_team_id(None).all(&repo).await.expect("read").len(), 2);
        assert_fresh(&repo).await;
    }

    async fn a_null_becomes_a_value(world) {
        let repo = cached(&world).await;
        let nobody =
            author::ActiveModel { id: Set(2), handle: Set(Some("bob".into())), team_id: Set(Some(7)) };
        nobody.update_without_returning(&repo).await.expect("updated");
        assert_eq!(Author::find_cached_by_team_id(None).all(&repo).await.expect("read"), []);
        assert_eq!(Author::find_cached_by_team_id(7).all(&repo).await.expect("read").len(), 2);
        assert_fresh(&repo).await;
    }

    async fn a_null_written_as_text_is_seen(world) {
        let repo = cached(&world).await;
        repo.execute_unprepared("UPDATE authors SET handle = NULL, team_id = NULL WHERE id = 1").await.expect("updated");
        assert_fresh(&repo).await;
        repo.execute_unprepared("INSERT INTO posts (author_id, year, slug) VALUES (NULL, 2026, 'four')").await.expect("inserted");
        assert_fresh(&repo).await;
        repo.execute_unprepared("UPDATE posts SET author_id = 2 WHERE id = 3").await.expect("updated");
        assert_fresh(&repo).await;
    }

    async fn a_row_with_columns_left_to_the_database_is_seen(world) {
        let repo = cached(&world).await;
        let author = author::ActiveModel { ..Default::default() };
        author.insert(&repo).await.expect("inserted");
        let team = Author::find_cached_by_team_id(None).all(&repo).await.expect("read");
        assert_eq!(team.len(), 2);
        assert_fresh(&repo).await;
    }

    async fn half_of_a_composite_unique_value_changes(world) {
        let repo = cached(&world).await;
        let post = post::ActiveModel { id: Set(1), year: Set(2025), ..Default::default() };
        post.update_without_returning(&repo).await.expect("updated");
        assert_eq!(Post::find_cached_by_place(2026, "one").one(&repo).await.expect("read"), None);
        assert!(Post::find_cached_by_place(2025, "one").one(&repo).await.expect("read").is_some());
        assert_fresh(&repo).await;
    }

    async fn a_delete_by_a_composite_unique_value_is_seen(world) {
        let repo = cached(&world).await;
        Post::delete_by_place((2026, "one".to_owned())).exec(&repo).await.expect("deleted");
        assert_eq!(Post::find_cached_by_place(2026, "one").one(&repo).await.expect("read"), None);
        assert_fresh(&repo).await;
    }

    async fn a_deleted_model_with_relations_is_gone(world) {
        let repo = cached(&world).await;
        let comment = Comment::find_by_id(1).one(&repo).await.expect("read").expect("there");
        comment.delete(&repo).await.expect("deleted");
        assert_eq!(Comment::find_cached_by_post_id(1).all(&repo).await.expect("read").len(), 1);
        assert_fresh(&repo).await;
    }
}
