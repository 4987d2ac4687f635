//! The shapes in which queries come, each answered by the cache and by the database alike.

use cached_repo::{CachedQuery, CachedRepo, Consistency, ErrorKind};
use sea_orm::prelude::Json;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JsonValue, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, SelectExt, Set, Statement, TransactionTrait,
};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::sync::Arc;
use tests::blog::{Author, Blog, Comment, Post, author, blog, comment, post};
use tests::{World, matrix};

/// What a post is in a list.
#[derive(Clone, Debug, PartialEq, FromQueryResult, Serialize, Deserialize)]
struct Heading {
    slug: String,
    year: i32,
}

async fn write(repo: &impl ConnectionTrait, handle: &str, slugs: &[&str]) -> author::Model {
    let author = author::ActiveModel {
        handle: Set(Some(handle.to_owned())),
        ..Default::default()
    };
    let author = Author::insert(author).exec_with_returning(repo).await;
    let author = author.expect("inserted");
    for slug in slugs {
        let post = post::ActiveModel {
            author_id: Set(Some(author.id)),
            year: Set(2024),
            slug: Set((*slug).to_owned()),
            ..Default::default()
        };
        let post = Post::insert(post).exec_with_returning(repo).await;
        comment_on(repo, &post.expect("inserted"), "first").await;
    }
    author
}

async fn comment_on(repo: &impl ConnectionTrait, post: &post::Model, text: &str) {
    let comment = comment::ActiveModel {
        post_id: Set(post.id),
        text: Set(text.to_owned()),
        ..Default::default()
    };
    Comment::insert(comment).exec(repo).await.expect("inserted");
}

async fn delete_post(repo: &impl ConnectionTrait, slug: &str) {
    let post = Post::delete_many().filter(post::Column::Slug.eq(slug));
    post.exec(repo).await.expect("deleted");
}

/// Loads of the database since the repo was built.
fn loads(repo: &CachedRepo<Blog>) -> u64 {
    let stats = repo.stats();
    ["author", "post", "comment"]
        .map(|prefix| stats.entity(prefix).expect("there").loads)
        .iter()
        .sum()
}

/// Reads twice through the cache and once from the database, before and after the write: always the same, and the second time
/// without the database.
async fn checked<T, C, D, W>(
    repo: &CachedRepo<Blog>,
    cached: impl Fn() -> C,
    direct: impl Fn() -> D,
    write: impl Fn() -> W,
) where
    T: PartialEq + std::fmt::Debug,
    C: Future<Output = Result<T, cached_repo::Error>>,
    D: Future<Output = Result<T, DbErr>>,
    W: Future<Output = ()>,
{
    let mut before = None;
    for _ in 0..2 {
        let expected = direct().await.expect("read");
        assert_eq!(cached().await.expect("read"), expected);
        repo.wait_idle().await;
        let loaded = loads(repo);
        assert_eq!(cached().await.expect("read"), expected);
        assert_eq!(loads(repo), loaded, "the second read is a hit");
        assert_ne!(before.as_ref(), Some(&expected), "the write shows");
        before = Some(expected);
        write().await;
    }
}

/// The value behind a pointer.
fn unshared<T: Clone>(shared: Arc<T>) -> T {
    Arc::unwrap_or_clone(shared)
}

async fn filled(world: &World) -> CachedRepo<Blog> {
    let repo = blog(world).await;
    write(&repo, "ada", &["a", "b", "c"]).await;
    write(&repo, "bob", &["d"]).await;
    write(&repo, "cyd", &[]).await;
    repo
}

matrix! {
    async fn counts(world) {
        let repo = &filled(&world).await;
        let posts = || Post::find().filter(post::Column::Year.eq(2024));
        let write = || delete_post(repo, "b");
        checked(repo, || posts().cached().count(repo), || posts().count(repo), write).await;
    }

    async fn whether_there_is_any(world) {
        let repo = &filled(&world).await;
        let posts = || Post::find().filter(post::Column::Slug.eq("b"));
        let write = || delete_post(repo, "b");
        checked(repo, || posts().cached().exists(repo), || posts().exists(repo), write).await;
    }

    async fn pairs_of_rows(world) {
        let repo = &filled(&world).await;
        let pairs = || Author::find().find_also_related(Post).order_by_asc(author::Column::Id).order_by_asc(post::Column::Id);
        let write = || delete_post(repo, "b");
        let cached = async || pairs().cached().all(repo).await.map(unshared);
        checked(repo, cached, || pairs().all(repo), write).await;
        let cached = async || Ok(pairs().cached().one(repo).await?.map(unshared));
        checked(repo, cached, || pairs().one(repo), || delete_post(repo, "a")).await;
        let pairs = || Post::find().find_also_related(Author);
        checked(repo, || pairs().cached().count(repo), || pairs().count(repo), || delete_post(repo, "c")).await;
    }

    async fn rows_with_their_rows(world) {
        let repo = &filled(&world).await;
        let groups = || Author::find().find_with_related(Post).order_by_asc(author::Column::Id).order_by_asc(post::Column::Id);
        let cached = async || groups().cached().all(repo).await.map(unshared);
        checked(repo, cached, || groups().all(repo), || delete_post(repo, "b")).await;
    }

    async fn triples_in_rows_and_in_groups(world) {
        let repo = &filled(&world).await;
        let triples = || {
            Author::find()
                .find_also_related(Post)
                .and_also_related(Comment)
                .order_by_asc(author::Column::Id)
                .order_by_asc(post::Column::Id)
                .order_by_asc(comment::Column::Id)
        };
        let first = Post::find().order_by_asc(post::Column::Id).one(repo).await.expect("read").expect("there");
        let write = || comment_on(repo, &first, "second");
        let cached = async || triples().cached().all(repo).await.map(unshared);
        checked(repo, cached, || triples().all(repo), write).await;
        let cached = async || triples().consolidate().cached().all(repo).await.map(unshared);
        checked(repo, cached, || triples().consolidate().all(repo), write).await;
    }

    async fn models_of_ones_own(world) {
        let repo = &filled(&world).await;
        let headings = || Post::find().order_by_asc(post::Column::Slug).into_model::<Heading>();
        let cached = async || headings().cached().all(repo).await.map(unshared);
        checked(repo, cached, || headings().all(repo), || delete_post(repo, "b")).await;
        let cached = async || Ok(headings().cached().one(repo).await?.map(unshared));
        checked(repo, cached, || headings().one(repo), || delete_post(repo, "a")).await;
    }

    async fn tuples(world) {
        let repo = &filled(&world).await;
        let by_author = || {
            Post::find()
                .select_only()
                .column(post::Column::AuthorId)
                .column_as(post::Column::Id.count(), "posts")
                .group_by(post::Column::AuthorId)
                .having(post::Column::Id.count().gt(0))
                .order_by_asc(post::Column::AuthorId)
                .into_tuple::<(Option<i64>, i64)>()
        };
        let cached = async || by_author().cached().all(repo).await.map(unshared);
        checked(repo, cached, || by_author().all(repo), || delete_post(repo, "b")).await;
    }

    async fn json(world) {
        let repo = &filled(&world).await;
        let posts = || Post::find().order_by_asc(post::Column::Id).into_json();
        let cached = async || posts().cached().all(repo).await.map(unshared);
        checked(repo, cached, || posts().all(repo), || delete_post(repo, "b")).await;
    }

    async fn raw_statements_with_parameters(world) {
        let repo = &filled(&world).await;
        let backend = repo.get_database_backend();
        let mark = if world.database == tests::Database::Postgres { "$1" } else { "?" };
        let sql = format!(
            "WITH mine AS (SELECT p.slug, p.year FROM posts p JOIN authors a ON a.id = p.author_id WHERE a.handle = {mark}) \
             SELECT slug, year FROM mine ORDER BY slug"
        );
        let headings = || {
            let statement = Statement::from_sql_and_values(backend, &sql, ["ada".into()]);
            Heading::find_by_statement(statement)
        };
        let cached = async || headings().cached().all(repo).await.map(unshared);
        checked(repo, cached, || headings().all(repo), || delete_post(repo, "b")).await;
        let cached = async || Ok(headings().cached().one(repo).await?.map(unshared));
        checked(repo, cached, || headings().one(repo), || delete_post(repo, "a")).await;
        assert_eq!(headings().cached().count(repo).await.expect("read"), 1);
        assert!(headings().cached().exists(repo).await.expect("read"));
        let statement = Statement::from_sql_and_values(backend, &sql, ["bob".into()]);
        let json = JsonValue::find_by_statement(statement).cached().all(repo).await.expect("read");
        assert_eq!(*json, [Json::from_iter([("slug", Json::from("d")), ("year", Json::from(2024))])]);
    }

    async fn pages_and_totals(world) {
        let repo = &filled(&world).await;
        let posts = || Post::find().order_by_asc(post::Column::Slug);
        let cached = async || posts().cached().paginate(repo, 2).fetch_page(1).await.map(unshared);
        let direct = async || posts().paginate(repo, 2).fetch_page(1).await;
        checked(repo, cached, direct, || delete_post(repo, "a")).await;
        let cached = async || posts().cached().paginate(repo, 2).num_pages().await;
        let direct = async || posts().paginate(repo, 2).num_pages().await;
        checked(repo, cached, direct, || delete_post(repo, "b")).await;
        let cached = async || {
            let page = posts().cached().paginate(repo, 1).fetch_page_and_totals(0).await?;
            let slugs: Vec<String> = page.items.iter().map(|post| post.slug.clone()).collect();
            Ok((slugs, page.number_of_items, page.number_of_pages))
        };
        let direct = async || {
            let pages = posts().paginate(repo, 1);
            let items = pages.fetch_page(0).await?;
            let totals = pages.num_items_and_pages().await?;
            let slugs = items.into_iter().map(|post| post.slug).collect();
            Ok((slugs, totals.number_of_items, totals.number_of_pages))
        };
        checked(repo, cached, direct, || delete_post(repo, "c")).await;
    }

    async fn cursors_from_both_ends(world) {
        let repo = &filled(&world).await;
        let from = |last: bool| {
            let mut cursor = Post::find().into_partial();
            match last {
                true => cursor.last(2),
                false => cursor.first(2),
            };
            cursor
        };
        for last in [false, true] {
            let cached = async || from(last).cached().all(repo).await.map(unshared);
            let direct = async || from(last).all(repo).await;
            let slug = if last { "d" } else { "a" };
            checked(repo, cached, direct, || delete_post(repo, slug)).await;
        }
    }

    async fn the_cache_alone_finds_what_it_has(world) {
        let repo = &filled(&world).await;
        let posts = || Post::find().cached().cache_only();
        let pages = || posts().paginate(repo, 2);
        assert!(posts().all(repo).await.expect("no database").is_empty());
        assert!(pages().fetch_page(0).await.expect("no database").is_empty());
        for error in [
            posts().count(repo).await.expect_err("nobody knows"),
            posts().exists(repo).await.map(u64::from).expect_err("nobody knows"),
            pages().num_pages().await.expect_err("nobody knows"),
            pages().fetch_page_and_totals(0).await.map(|page| page.number_of_items).expect_err("nobody knows"),
        ] {
            assert_eq!(error.kind(), ErrorKind::Query);
            assert!(error.to_string().contains("cache_only"), "{error}");
        }
        Post::find().cached().count(repo).await.expect("read");
        repo.wait_idle().await;
        assert_eq!(posts().count(repo).await.expect("it is there"), 4);
    }

    async fn prepared_queries(world) {
        let repo = &filled(&world).await;
        let posts = || Post::find().order_by_asc(post::Column::Slug);
        let slugs = |posts: &[String]| posts.concat();
        let rows = posts().cached().prepare(repo).expect("it can be cached");
        let headings = posts().into_model::<Heading>().cached().prepare(repo).expect("it can be cached");
        for expected in ["abcd", "acd"] {
            for _ in 0..2 {
                let rows = rows.all().await.expect("read");
                let rows: Vec<String> = rows.iter().map(|post| post.slug.clone()).collect();
                let headings = headings.all().await.expect("read");
                let headings: Vec<String> = headings.iter().map(|heading| heading.slug.clone()).collect();
                assert_eq!((slugs(&rows).as_str(), slugs(&headings).as_str()), (expected, expected));
                repo.wait_idle().await;
            }
            let loaded = loads(repo);
            rows.all().await.expect("read");
            headings.all().await.expect("read");
            assert_eq!(loads(repo), loaded, "hits");
            delete_post(repo, "b").await;
        }
        let strange = Post::find().filter(Expr::cust("EXISTS (SELECT 1 FROM strangers)"));
        let error = strange.cached().prepare(repo).expect_err("who would say when it changes?");
        assert_eq!(error.kind(), ErrorKind::Query);
    }

    async fn a_transaction_asks_the_database(world) {
        let repo = &filled(&world).await;
        let count = async || Post::find().cached().count(repo).await.expect("read");
        assert_eq!(count().await, 4);
        repo.wait_idle().await;
        let transaction = repo.begin().await.expect("begun");
        delete_post(&transaction, "a").await;
        let inside = Post::find().cached().count(&transaction).await.expect("read");
        let pairs = Author::find().find_also_related(Post).cached().all(&transaction).await.expect("read");
        assert_eq!((inside, pairs.len()), (3, 4));
        transaction.rollback().await.expect("rolled back");
        assert_eq!(count().await, 4);
    }
}

/// Cursors over the headings of posts.
trait Partial {
    fn into_partial(self) -> sea_orm::Cursor<sea_orm::SelectModel<Heading>>;
}

impl Partial for sea_orm::Select<Post> {
    fn into_partial(self) -> sea_orm::Cursor<sea_orm::SelectModel<Heading>> {
        self.cursor_by(post::Column::Id).into_model::<Heading>()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_page_is_an_error() {
    let world = World::new(tests::Database::Sqlite, tests::Store::Memory).await;
    let repo = filled(&world).await;
    for (page, size) in [(0, 0), (u64::MAX, 2)] {
        let pages = Post::find().cached().paginate(&repo, size);
        let error = pages.fetch_page(page).await.expect_err("no page");
        assert_eq!(error.kind(), ErrorKind::Query);
        assert!(pages.fetch_page_and_totals(page).await.is_err());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_without_a_table_is_refused() {
    let world = World::new(tests::Database::Sqlite, tests::Store::Memory).await;
    let repo = filled(&world).await;
    let backend = repo.get_database_backend();
    for sql in ["SELECT 1 AS one", "SELECT * FROM strangers", "", "é;"] {
        let statement = Statement::from_string(backend, sql);
        let count = JsonValue::find_by_statement(statement.clone());
        let error = count
            .cached()
            .count(&repo)
            .await
            .expect_err("nothing to count");
        assert_eq!(error.kind(), ErrorKind::Query, "{error}");
        let answer = JsonValue::find_by_statement(statement).cached().all(&repo);
        let error = answer.await.expect_err("who would say when it changes?");
        assert_eq!(error.kind(), ErrorKind::Query, "{error}");
    }
}

/// Two processes share what they have found, whatever its shape.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn values_are_shared_between_processes() {
    let world = World::new(tests::Database::Postgres, tests::Store::Redis).await;
    let (here, there) = (filled(&world).await, tests::blog::another(&world).await);
    assert_eq!(here.consistency(), Consistency::Strict);
    let count = async |repo: &CachedRepo<Blog>| Post::find().cached().count(repo).await;
    let headings = async |repo: &CachedRepo<Blog>| {
        let posts = Post::find().order_by_asc(post::Column::Id);
        posts.into_model::<Heading>().cached().all(repo).await
    };
    assert_eq!(count(&here).await.expect("read"), 4);
    let first = headings(&here).await.expect("read");
    here.wait_idle().await;
    assert_eq!(count(&there).await.expect("read"), 4);
    assert_eq!(headings(&there).await.expect("read"), first);
    assert_eq!(loads(&there), 0, "all of it was there");
    delete_post(&there, "a").await;
    assert_eq!(count(&here).await.expect("read"), 3);
    assert_eq!(headings(&here).await.expect("read").len(), 3);
}
