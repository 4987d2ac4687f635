//! Related rows of many models at once.

use cached_repo::{CachedLoader, CachedQuery, CachedRepo, ErrorKind};
use sea_orm::{EntityTrait, LoaderTrait, QueryOrder, Set, TransactionTrait};
use std::sync::Arc;
use tests::blog::{Author, Blog, Comment, Post, another, author, blog, comment, post};
use tests::{Store, World, matrix};

/// Authors 1 to 3, posts of the first two and of nobody, comments on the first posts; nothing is cached.
async fn filled(world: &World) -> CachedRepo<Blog> {
    let repo = blog(world).await;
    let db = repo.bypassing_connection();
    let authors = (1..=3).map(|number| author::ActiveModel {
        handle: Set(Some(format!("author {number}"))),
        ..Default::default()
    });
    Author::insert_many(authors)
        .exec_without_returning(db)
        .await
        .expect("inserted");
    let owners = [Some(1), Some(2), None, Some(1), Some(2), Some(1)];
    let posts = owners
        .into_iter()
        .enumerate()
        .map(|(number, author)| post::ActiveModel {
            author_id: Set(author),
            year: Set(2026),
            slug: Set(format!("post {number}")),
            ..Default::default()
        });
    Post::insert_many(posts)
        .exec_without_returning(db)
        .await
        .expect("inserted");
    let comments = [1, 1, 4].into_iter().map(|post_id| comment::ActiveModel {
        post_id: Set(post_id),
        text: Set("good".to_owned()),
        ..Default::default()
    });
    Comment::insert_many(comments)
        .exec_without_returning(db)
        .await
        .expect("inserted");
    another(world).await
}

fn loads(repo: &CachedRepo<Blog>, prefix: &str) -> u64 {
    repo.stats().entity(prefix).expect("there").loads
}

fn owned<M: Clone>(lists: Vec<Vec<Arc<M>>>) -> Vec<Vec<M>> {
    let list = |list: Vec<Arc<M>>| list.iter().map(|row| row.as_ref().clone()).collect();
    lists.into_iter().map(list).collect()
}

matrix! {
    async fn the_one_row_that_each_belongs_to_is_what_sea_orm_finds(world) {
        let repo = filled(&world).await;
        let posts = Post::find().order_by_asc(post::Column::Id).cached().all(&repo).await.expect("read");
        let plain: Vec<post::Model> = posts.iter().map(|post| post.as_ref().clone()).collect();
        let expected = plain.load_one(Author, repo.bypassing_connection()).await.expect("read");
        for _ in 0..2 {
            let shared = posts.load_one_cached(Author, &repo).await.expect("read");
            repo.wait_idle().await;
            let found: Vec<_> = shared.iter().map(|row| row.as_deref().cloned()).collect();
            assert_eq!(found, expected);
            assert_eq!(plain.load_one_cached(Author, &repo).await.expect("read"), shared);
        }
        assert_eq!(loads(&repo, "author"), 1);
        let one = Author::find_cached(1).cache_only().one(&repo).await.expect("read");
        assert!(one.is_some(), "the rows are those of single reads");
    }

    async fn the_rows_that_belong_to_each_are_what_sea_orm_finds_and_take_one_query(world) {
        let repo = filled(&world).await;
        let authors = Author::find().order_by_asc(author::Column::Id).all(&repo).await.expect("read");
        let expected = authors.load_many(Post, repo.bypassing_connection()).await.expect("read");
        for _ in 0..2 {
            let found = authors.load_many_cached(Post, &repo).await.expect("read");
            repo.wait_idle().await;
            assert_eq!(owned(found), expected);
        }
        if world.store == Store::Memory {
            // A server as store has no stamps yet for what the rows name: they are read once more, off the reader's way.
            assert_eq!(loads(&repo, "post"), 1);
        }
        let list = Post::find_cached_by_author_id(1).cache_only().all(&repo).await.expect("read");
        assert_eq!(list.len(), 3, "the lists are those of single reads");
    }

    async fn a_write_to_a_related_row_is_seen(world) {
        let repo = filled(&world).await;
        let posts = Post::find().order_by_asc(post::Column::Id).cached().all(&repo).await.expect("read");
        posts.load_many_cached(Comment, &repo).await.expect("read");
        repo.wait_idle().await;
        let comment = comment::ActiveModel { post_id: Set(2), text: Set("new".to_owned()), ..Default::default() };
        Comment::insert(comment).exec(&repo).await.expect("inserted");
        Comment::delete_by_id(1).exec(&repo).await.expect("deleted");
        let lists = posts.load_many_cached(Comment, &repo).await.expect("read");
        assert_eq!(lists.iter().map(Vec::len).collect::<Vec<_>>(), [1, 1, 0, 1, 0, 0]);
    }

    async fn a_relation_can_be_named(world) {
        let repo = filled(&world).await;
        let posts = Post::find().order_by_asc(post::Column::Id).cached().all(&repo).await.expect("read");
        let relation = || <Post as sea_orm::Related<Author>>::to();
        let by_name = posts.load_one_cached_by(Author, relation(), &repo).await.expect("read");
        assert_eq!(by_name, posts.load_one_cached(Author, &repo).await.expect("read"));
        let wrong = posts.load_one_cached_by(Comment, relation(), &repo).await.expect_err("it leads elsewhere");
        assert_eq!(wrong.kind(), ErrorKind::Query);
        let many = posts.load_many_cached_by(Comment, <Post as sea_orm::Related<Comment>>::to(), &repo).await.expect("read");
        assert_eq!(many[0].len(), 2);
    }

    async fn inside_a_transaction_the_database_answers(world) {
        let repo = filled(&world).await;
        let posts = Post::find().order_by_asc(post::Column::Id).cached().all(&repo).await.expect("read");
        let transaction = repo.begin().await.expect("begun");
        Comment::delete_by_id(1).exec(&transaction).await.expect("deleted");
        let lists = posts.load_many_cached(Comment, &transaction).await.expect("read");
        assert_eq!(lists[0].len(), 1);
        transaction.rollback().await.expect("rolled back");
        assert_eq!(posts.load_many_cached(Comment, &repo).await.expect("read")[0].len(), 2);
    }

    async fn what_the_cache_cannot_serve_says_what_to_do(world) {
        let repo = filled(&world).await;
        let authors = Author::find().cached().all(&repo).await.expect("read");
        let before = loads(&repo, "post");
        let many = authors.load_one_cached(Post, &repo).await.expect_err("there are many");
        assert!(many.to_string().contains("load_many_cached"), "{many}");
        let by_year = Author::has_many(Post).from(author::Column::Id).to(post::Column::Year).into();
        let unindexed = authors.load_many_cached_by(Post, by_year, &repo).await.expect_err("no index");
        assert!(unindexed.to_string().contains("#[cached(index)]") && unindexed.to_string().contains("year"), "{unindexed}");
        assert_eq!(loads(&repo, "post"), before, "nothing was asked");
        let no_models: Vec<Arc<author::Model>> = Vec::new();
        assert_eq!(no_models.load_many_cached(Post, &repo).await.expect("read").len(), 0);
    }
}
