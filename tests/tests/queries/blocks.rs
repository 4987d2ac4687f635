//! Cached blocks of reads.

use cached_repo::query::BlockParameters;
use cached_repo::{CachedRepo, ErrorKind, tag};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityLoaderTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Set, Value,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::blog::{Author, Blog, Post, author, blog, post};
use tests::{World, matrix};

/// What is shown of a blog.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Overview {
    authors: u64,
    slugs: Vec<String>,
}

/// Overviews of a blog's posts of one year, and how often the database was asked for one.
struct Dashboard {
    repo: CachedRepo<Blog>,
    runs: Arc<AtomicUsize>,
}

impl Dashboard {
    async fn of(world: &World) -> Self {
        Self {
            repo: blog(world).await,
            runs: Arc::default(),
        }
    }

    async fn overview(&self, year: i32) -> Arc<Overview> {
        let runs = Arc::clone(&self.runs);
        let block = self.repo.read_cached("overview", [year.into()], move |db| {
            let runs = Arc::clone(&runs);
            async move {
                let authors = Author::find().count(&db).await?;
                // Not before the first statement is answered: the block is also begun to see that.
                runs.fetch_add(1, Ordering::Relaxed);
                let slugs = Post::find()
                    .select_only()
                    .column(post::Column::Slug)
                    .filter(post::Column::Year.eq(year))
                    .order_by_asc(post::Column::Slug)
                    .into_tuple::<String>()
                    .all(&db)
                    .await?;
                Ok(Overview { authors, slugs })
            }
        });
        let overview = block.await.expect("read");
        self.repo.wait_idle().await;
        overview
    }

    /// What is found, and how many runs that took.
    async fn look(&self, year: i32) -> (u64, Vec<String>, usize) {
        let before = self.runs.load(Ordering::Relaxed);
        let overview = self.overview(year).await;
        let runs = self.runs.load(Ordering::Relaxed) - before;
        (overview.authors, overview.slugs.clone(), runs)
    }
}

async fn add_author(db: &impl ConnectionTrait) -> author::Model {
    let author = author::ActiveModel::default();
    let author = author::ActiveModel {
        team_id: Set(None),
        ..author
    };
    let added = Author::insert(author).exec_with_returning(db).await;
    added.expect("inserted")
}

async fn add_post(db: &impl ConnectionTrait, year: i32, slug: &str) {
    let post = post::ActiveModel {
        author_id: Set(None),
        year: Set(year),
        slug: Set(slug.to_owned()),
        ..Default::default()
    };
    Post::insert(post).exec(db).await.expect("inserted");
}

fn texts(slugs: &[&str]) -> Vec<String> {
    slugs.iter().map(|slug| (*slug).to_owned()).collect()
}

/// What it holds does not show: it is tried one after the other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
enum Either {
    Count(u64),
    Text(String),
}

/// The same with a declared version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename = "versioned@1")]
struct Versioned {
    either: Either,
}

async fn either(db: impl ConnectionTrait) -> Result<Either, DbErr> {
    Author::find().count(&db).await.map(Either::Count)
}

async fn posts_of<Kind>(repo: &CachedRepo<Blog>, parameters: impl BlockParameters<Kind>) -> u64 {
    let count = repo.read_cached("posts of", parameters, |db| async move {
        Post::find().count(&db).await
    });
    *count.await.expect("read")
}

matrix! {
    async fn an_answer_that_does_not_show_when_its_type_changes_needs_a_version(world) {
        let repo = blog(&world).await;
        let refused = repo.read_cached("either", [], either).await.expect_err("nobody would see that it changes");
        assert_eq!(refused.kind(), ErrorKind::Query);
        assert!(refused.to_string().contains("Either"), "it names the type: {refused}");
        for _ in 0..2 {
            let read = repo.read_cached("versioned", [], |db| async move {
                Ok(Versioned { either: either(db).await? })
            });
            assert!(matches!(read.await.expect("read").either, Either::Count(_)));
            repo.wait_idle().await;
        }
    }

    async fn a_block_goes_with_a_write_to_any_table_that_it_reads(world) {
        let dashboard = Dashboard::of(&world).await;
        add_post(&dashboard.repo, 2024, "a").await;
        // The first fill may find the stamp of a tag younger than its load, and load again.
        dashboard.look(2024).await;
        assert_eq!(dashboard.look(2024).await, (0, texts(&["a"]), 0));
        add_author(&dashboard.repo).await;
        let (authors, slugs, runs) = dashboard.look(2024).await;
        assert_eq!((authors, slugs), (1, texts(&["a"])));
        assert!(runs > 0);
        assert_eq!(dashboard.look(2024).await.2, 0);
        add_post(&dashboard.repo, 2024, "b").await;
        let (_, slugs, runs) = dashboard.look(2024).await;
        assert_eq!(slugs, texts(&["a", "b"]));
        assert!(runs > 0);
        assert_eq!(dashboard.look(2024).await, (1, texts(&["a", "b"]), 0));
    }

    async fn parameters_tell_blocks_apart(world) {
        let dashboard = Dashboard::of(&world).await;
        add_post(&dashboard.repo, 2024, "a").await;
        add_post(&dashboard.repo, 2025, "b").await;
        for _ in 0..2 {
            assert_eq!(dashboard.look(2024).await.1, texts(&["a"]));
            assert_eq!(dashboard.look(2025).await.1, texts(&["b"]));
        }
        assert_eq!(dashboard.look(2024).await.2, 0);
    }

    async fn a_write_in_the_middle_of_a_block_is_seen_by_the_next(world) {
        let repo = blog(&world).await;
        let (writer, wrote) = (repo.clone(), Arc::new(AtomicUsize::new(0)));
        let count = || {
            let (writer, wrote) = (writer.clone(), Arc::clone(&wrote));
            repo.read_cached("both", [], move |db| {
                let (writer, wrote) = (writer.clone(), Arc::clone(&wrote));
                async move {
                    let posts = Post::find().count(&db).await?;
                    if wrote.fetch_add(1, Ordering::SeqCst) == 0 {
                        add_post(&writer, 2024, "late").await;
                    }
                    let authors = Author::find().count(&db).await?;
                    Ok((posts, authors))
                }
            })
        };
        assert_eq!(*count().await.expect("read"), (0, 0), "as it was read");
        repo.wait_idle().await;
        assert_eq!(*count().await.expect("read"), (1, 0), "and not stored");
    }

    async fn parameters_are_a_tuple_or_a_list(world) {
        let repo = &blog(&world).await;
        assert_eq!(posts_of(repo, (2024, "a")).await, 0);
        repo.wait_idle().await;
        add_post(&world.raw, 2024, "a").await;
        assert_eq!(posts_of(repo, [2024.into(), "a".into()]).await, 0, "the same entry, past the repo");
        assert_eq!(posts_of(repo, (2024, "b")).await, 1);
        assert_eq!(posts_of(repo, []).await, 1);
    }

    async fn options_mean_what_they_mean_for_rows(world) {
        let repo = blog(&world).await;
        let count = || repo.read_cached("posts", [], |db| async move { Post::find().count(&db).await });
        assert!(told(count().cache_only().await).contains("cache_only"));
        assert_eq!(*count().tag(tag!(Blog, "report")).await.expect("read"), 0);
        repo.wait_idle().await;
        add_post(&world.raw, 2024, "a").await;
        assert_eq!(*count().tag(tag!(Blog, "report")).await.expect("read"), 0, "past the repo");
        assert_eq!(*count().bypass().await.expect("read"), 1);
        assert_eq!(*count().tag(tag!(Blog, "report")).refresh().await.expect("read"), 1);
        repo.wait_idle().await;
        add_post(&world.raw, 2024, "b").await;
        assert_eq!(*count().tag(tag!(Blog, "report")).await.expect("read"), 1);
        repo.invalidate_tag(tag!(Blog, "report")).await.expect("delivered");
        assert_eq!(*count().tag(tag!(Blog, "report")).await.expect("read"), 2);
    }
}

/// The database goes with the world.
async fn blog_in_memory() -> (World, CachedRepo<Blog>) {
    let world = World::new(tests::Database::Sqlite, tests::Store::Memory).await;
    let repo = blog(&world).await;
    (world, repo)
}

/// What the kind and the text of the error are.
fn told<T: std::fmt::Debug>(answer: Result<T, cached_repo::Error>) -> String {
    let error = answer.expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Query, "{error}");
    error.to_string()
}

#[tokio::test]
async fn a_block_that_does_more_than_read_is_refused() {
    let (_world, repo) = blog_in_memory().await;
    let writes = repo.read_cached("writes", [], |db| async move {
        Post::find().count(&db).await?;
        // What becomes of it does not matter.
        let _ = db.execute_unprepared("DELETE FROM posts").await;
        Ok(1)
    });
    assert!(told(writes.await).contains("write"));
    let first = repo.read_cached("writes first", [], |db| async move {
        db.execute_unprepared("DELETE FROM posts").await?;
        Ok(1)
    });
    assert!(told(first.await).contains("write"));
    let returning = repo.read_cached("returning", [], |db| async move {
        let post = post::ActiveModel {
            year: Set(1),
            slug: Set(String::new()),
            ..Default::default()
        };
        Post::insert(post).exec_with_returning(&db).await?;
        Ok(1)
    });
    assert!(told(returning.await).contains("write"));
    let nothing = repo.read_cached("nothing", [], |_| async move { Ok(1) });
    assert!(told(nothing.await).contains("nothing"));
    assert_eq!(Post::find().count(&repo).await.expect("read"), 0);
}

#[tokio::test]
async fn a_block_that_reads_what_cannot_be_cached_is_refused() {
    let (_world, repo) = blog_in_memory().await;
    let raw = |label: &str, sql: &'static str| {
        repo.read_cached(label, [], move |db| async move {
            let statement = sea_orm::Statement::from_string(db.get_database_backend(), sql);
            Ok(db.query_all_raw(statement).await?.len())
        })
    };
    assert!(told(raw("strange", "SELECT * FROM sqlite_master").await).contains("sqlite_master"));
    assert!(told(raw("chance", "SELECT random() FROM posts").await).contains("ttl"));
}

#[tokio::test]
async fn an_error_of_a_block_is_its_readers() {
    let (_world, repo) = blog_in_memory().await;
    let missing = repo.read_cached("missing", [], |db| async move {
        let post = Post::find_by_id(7).one(&db).await?;
        post.ok_or_else(|| DbErr::RecordNotFound("no post".to_owned()))
            .map(|post| post.slug)
    });
    let error = missing.await.expect_err("no post");
    assert!(matches!(error.database(), Some(DbErr::RecordNotFound(_))));
}

#[tokio::test]
async fn a_label_belongs_to_one_place() {
    let (_world, repo) = blog_in_memory().await;
    let posts = repo.read_cached(
        "count",
        [],
        |db| async move { Post::find().count(&db).await },
    );
    posts.await.expect("read");
    let authors = repo.read_cached(
        "count",
        [],
        |db| async move { Author::find().count(&db).await },
    );
    let told = told(authors.await);
    assert!(
        told.contains("label: count") && told.contains("blocks.rs"),
        "{told}"
    );
}

/// Related rows, as SeaORM loads them.
#[tokio::test]
async fn a_block_may_load_related_rows() {
    let (_world, repo) = blog_in_memory().await;
    let author = add_author(&repo).await;
    let values: [Value; 1] = [author.id.into()];
    let names = async || {
        let block = repo.read_cached("loaded", values.clone(), move |db| async move {
            let authors = Author::load()
                .filter_by_id(author.id)
                .with(Post)
                .all(&db)
                .await?;
            let posts = authors.iter().flat_map(|author| author.posts.iter());
            Ok(posts.map(|post| post.slug.clone()).collect::<Vec<_>>())
        });
        Arc::unwrap_or_clone(block.await.expect("read"))
    };
    assert_eq!(names().await, [""; 0]);
    let post = post::ActiveModel {
        author_id: Set(Some(author.id)),
        year: Set(2024),
        slug: Set("a".to_owned()),
        ..Default::default()
    };
    Post::insert(post).exec(&repo).await.expect("inserted");
    assert_eq!(names().await, ["a"]);
}
