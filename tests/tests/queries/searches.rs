//! Cached searches.

use cached_repo::query::BlockReader;
use cached_repo::search::{Normalized, Search};
use cached_repo::{CachedRepo, ErrorKind, tag};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::rows::{add_note, set_note};
use tests::shop::{Note, Shop, note};
use tests::{Database, Store, World, matrix};

type Found = Pin<Box<dyn Future<Output = Result<Vec<String>, DbErr>> + Send>>;
type Block = Box<dyn Fn(BlockReader, Normalized) -> Found + Send + Sync>;

/// Searches notes, and counts how often it asks the database.
fn notes(label: &str) -> (Search<Block>, Arc<AtomicUsize>) {
    let loads = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&loads);
    let block: Block = Box::new(move |db, text| {
        let counter = Arc::clone(&counter);
        Box::pin(async move {
            let mut query = Note::find().select_only().column(note::Column::Id);
            for word in text.words() {
                query = query.filter(note::Column::Body.contains(word));
            }
            let query = query.order_by_asc(note::Column::Id);
            let found = query.into_tuple::<String>().all(&db).await?;
            counter.fetch_add(1, Ordering::SeqCst);
            if text.as_str() == "broken" {
                return Err(DbErr::Custom("broken".to_owned()));
            }
            Ok(found)
        })
    });
    (Search::new(label, block), loads)
}

async fn find(search: &Search<Block>, repo: &CachedRepo<Shop>, text: &str) -> Vec<String> {
    let found = search.find(repo, text).expect("a text").await;
    let found = found.expect("read").to_vec();
    repo.wait_idle().await;
    found
}

/// How often the database is asked for this.
async fn cost(
    loads: &AtomicUsize,
    search: &Search<Block>,
    repo: &CachedRepo<Shop>,
    text: &str,
) -> usize {
    let before = loads.load(Ordering::SeqCst);
    find(search, repo, text).await;
    loads.load(Ordering::SeqCst) - before
}

matrix! {
    async fn texts_that_mean_the_same_share_an_answer_until_a_write(world) {
        let repo = &world.repo;
        let (search, loads) = notes("notes");
        add_note(repo, "a", "red shoes").await;
        for _ in 0..2 {
            assert_eq!(find(&search, repo, "red shoes").await, ["a"]);
        }
        for text in ["red shoes", "  RED\t shoes ", "red\u{a0}ｓｈｏｅｓ"] {
            assert_eq!(cost(&loads, &search, repo, text).await, 0, "{text}");
        }
        assert_eq!(cost(&loads, &search, repo, "shoes").await, 1);
        add_note(repo, "b", "other red shoes").await;
        assert_eq!(find(&search, repo, "Red Shoes").await, ["a", "b"]);
        set_note(repo, "b", "blue").await;
        assert_eq!(find(&search, repo, "Red Shoes").await, ["a"]);
    }

    async fn the_order_of_words_matters_unless_it_is_let_go(world) {
        let repo = &world.repo;
        for (label, any_order, expected) in [("strict", false, 1), ("loose", true, 0)] {
            let (search, loads) = notes(label);
            let search = if any_order { search.any_order() } else { search };
            add_note(repo, label, "red shoes").await;
            for _ in 0..2 {
                find(&search, repo, "red shoes").await;
            }
            assert_eq!(cost(&loads, &search, repo, "shoes red").await.min(1), expected, "{label}");
        }
    }

    async fn common_searches_are_warmed_and_failures_reported(world) {
        let repo = &world.repo;
        let (search, loads) = notes("warmed");
        let search = search.common(["Red", "red ", "blue", "broken"]).expect("texts").tag(tag!(Shop, "searches"));
        let report = search.warm(repo).await;
        repo.wait_idle().await;
        let mut warmed: Vec<_> = report.warmed.iter().map(Normalized::as_str).collect();
        warmed.sort_unstable();
        assert_eq!(warmed, ["blue", "red"]);
        let [(failed, error)] = report.failed.as_slice() else {
            panic!("{} failures", report.failed.len());
        };
        assert_eq!((failed.as_str(), error.kind()), ("broken", ErrorKind::Database));
        for text in ["red", "blue"] {
            // Under a new tag the first fill may have to read twice; here all that matters is that it is there.
            let read = search.find(repo, text).expect("a text").cache_only();
            assert!(read.await.is_ok(), "{text}");
        }
        let before = loads.load(Ordering::SeqCst);
        search.warm(repo).await;
        assert_eq!(loads.load(Ordering::SeqCst), before + 1, "only the broken one");
        repo.invalidate_tag(tag!(Shop, "searches")).await.expect("delivered");
        assert!(search.find(repo, "red").expect("a text").cache_only().await.is_err());
    }
}

#[tokio::test]
async fn what_is_asked_for_most_is_warmed_on_request() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let repo = &world.repo;
    let (search, loads) = notes("frequent");
    let search = search.count_frequent(8);
    for number in 0..50 {
        find(&search, repo, "Often").await;
        find(&search, repo, &format!("rare {number}")).await;
    }
    let most = search.most_frequent(1);
    assert_eq!(
        most.iter().map(Normalized::as_str).collect::<Vec<_>>(),
        ["often"]
    );
    repo.invalidate_all().await.expect("delivered");
    let report = search.warm_frequent(repo, 1).await;
    assert_eq!(report.warmed, most);
    assert_eq!(cost(&loads, &search, repo, "often").await, 0);
}

#[tokio::test]
async fn empty_and_long_texts_are_refused_and_no_text_is_shown() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let (search, loads) = notes("refused");
    let search = search.max_length(10);
    for text in ["", "  ", "secretsecret"] {
        let error = search.find(&world.repo, text).expect_err("refused");
        assert_eq!(error.kind(), ErrorKind::Search);
        assert!(!error.to_string().contains("secret"), "{error}");
    }
    let read = search.find(&world.repo, "secret").expect("a text");
    assert!(!format!("{read:?} {search:?}").contains("secret"));
    drop(read);
    assert_eq!(loads.load(Ordering::SeqCst), 0);
    let search = search.allow_empty();
    assert_eq!(find(&search, &world.repo, " ").await, Vec::<String>::new());
}

#[tokio::test]
async fn two_searches_under_one_label_are_an_error() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let (first, _) = notes("same");
    find(&first, &world.repo, "a").await;
    let other = Search::new("same", |db: BlockReader, _: Normalized| async move {
        Note::find()
            .select_only()
            .column(note::Column::Id)
            .into_tuple::<String>()
            .all(&db)
            .await
    });
    let error = other.find(&world.repo, "a").expect("a text").await;
    assert_eq!(error.expect_err("refused").kind(), ErrorKind::Query);
}
