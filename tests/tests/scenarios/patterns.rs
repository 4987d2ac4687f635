//! Invalidation by pattern.

use cached_repo::config::WhenStoreDown;
use cached_repo::invalidation::{Pattern, Progress};
use cached_repo::stats::CauseKind;
use cached_repo::{CachedRepo, Checkpoint, ErrorKind};
use futures_util::{StreamExt, TryStreamExt};
use sea_orm::{EntityTrait, Set};
use std::time::Duration;
use tests::eventually::{eventually, promptly};
use tests::faulty::Faulty;
use tests::pair::{Pair, copied};
use tests::pause::Gate;
use tests::rows::{add_note, add_order, add_user, note_of, set_note, set_total, total_of};
use tests::shop::{Note, Order, Shop, User, note};
use tests::{Database, Store, World, matrix};

fn glob(text: &str) -> Pattern {
    Pattern::glob(text).expect("a glob")
}

fn regex(text: &str) -> Pattern {
    Pattern::regex(text).expect("an expression")
}

async fn swept(repo: &CachedRepo<Shop>, pattern: Pattern) -> Progress {
    let swept = repo.invalidate_matching(pattern).run().await;
    swept.expect("the store answers")
}

/// Notes of these names, in the cache.
async fn cache_notes(world: &World, names: &[&str]) {
    for name in names {
        add_note(&world.raw, name, "old").await;
    }
    let keys = || names.iter().map(|name| (*name).to_owned());
    for _ in 0..2 {
        let rows = Note::find_cached_many(keys()).all(&world.repo).await;
        rows.expect("read");
        world.settle().await;
    }
}

/// Which of the notes the cache still has.
async fn kept(world: &World, names: &[&'static str]) -> Vec<&'static str> {
    let mut kept = Vec::new();
    for name in names {
        let read = Note::find_cached((*name).to_owned()).cache_only();
        if read.one(&world.repo).await.expect("read").is_some() {
            kept.push(*name);
        }
    }
    kept
}

matrix! {
    async fn what_matches_goes_and_the_rest_stays(world) {
        let names = ["a1", "a2", "b1", "a*"];
        cache_notes(&world, &names).await;
        let order = add_order(&world.repo, 7, 10).await;
        total_of(&world.repo, order.id).await;
        world.settle().await;
        let progress = swept(&world.repo, glob("r:note:=a[0-9]")).await;
        assert_eq!((progress.matched, progress.invalidated), (2, 2), "{progress:?}");
        assert!(progress.is_done);
        assert_eq!(kept(&world, &names).await, ["b1", "a*"]);
        // What is not a letter or a digit is written in hexadecimal digits.
        swept(&world.repo, regex("^r:note:=A%2a$")).await;
        assert_eq!(kept(&world, &names).await, ["b1", "a*"]);
        swept(&world.repo, regex("(?i)^r:note:=A%2a$")).await;
        assert_eq!(kept(&world, &names).await, ["b1"]);
        let before = world.stats("order").loads;
        total_of(&world.repo, order.id).await;
        assert_eq!(world.stats("order").loads, before, "another entity");
    }

    async fn a_dry_run_counts_and_leaves_everything(world) {
        let names = ["a1", "a2", "b1"];
        cache_notes(&world, &names).await;
        let dry = world.repo.invalidate_matching(glob("r:note:=a*")).dry_run();
        let progress = dry.run().await.expect("the store answers");
        assert_eq!((progress.matched, progress.invalidated), (2, 0), "{progress:?}");
        assert_eq!(kept(&world, &names).await, names);
        assert_eq!(world.repo.stats().invalidations.cause(CauseKind::Pattern).invalidations, 0);
    }

    async fn a_write_past_the_repo_is_seen_by_every_kind_of_entry(world) {
        let repo = &world.repo;
        let ada = add_user(repo, "ada@example.org").await;
        let order = add_order(repo, ada.id, 10).await;
        let totals = async || {
            let by_index = Order::find_cached_by_customer_id(ada.id).all(repo).await.expect("read");
            (by_index[0].total, total_of(repo, order.id).await)
        };
        for _ in 0..3 {
            totals().await;
            world.settle().await;
        }
        set_total(&world.raw, order.id, 11).await;
        assert_eq!(totals().await, (10, Some(10)), "cached");
        let progress = swept(repo, glob("[ri]:order:*")).await;
        assert!(progress.matched >= 2, "{progress:?}");
        assert_eq!(totals().await, (11, Some(11)));
        assert!(User::find_cached_by_email("ada@example.org").one(repo).await.expect("read").is_some());
    }

    async fn random_globs_find_what_is_there(world) {
        let names = ["a", "ab", "abc", "b-1", "b_2", "c.d"];
        cache_notes(&world, &names).await;
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..40 {
            let pieces = ["a", "b", "?", "*", "[a-c]", "[^b]", "\\-", ".", "_"];
            let text: String = (0..random.usize(1..5)).map(|_| pieces[random.usize(..pieces.len())]).collect();
            // An expression is matched here, a glob by a server first: both must find the same.
            let same: String = text.replace('.', "\\.").replace('?', "[^a]|").replace("[^a]|", ".").replace('*', ".*");
            let count = async |pattern| {
                let dry = world.repo.invalidate_matching(pattern).dry_run();
                dry.run().await.expect("the store answers").matched
            };
            let found = count(glob(&format!("r:note:={text}"))).await;
            let expected = count(regex(&format!("^r:note:={same}$"))).await;
            assert_eq!(found, expected, "{text}");
        }
    }
}

/// 10,000 entries.
async fn crowd(world: &World) {
    let keys: Vec<String> = (0..10_000).map(|number| format!("n{number}")).collect();
    for keys in keys.chunks(500) {
        let rows = keys.iter().map(|id| note::ActiveModel {
            id: Set(id.clone()),
            body: Set("old".to_owned()),
        });
        let inserted = Note::insert_many(rows).exec(&world.raw).await;
        inserted.expect("inserted");
        let read = Note::find_cached_many(keys.to_vec()).all(&world.repo).await;
        read.expect("read");
    }
    world.settle().await;
}

async fn steps_are_bounded(store: Store) {
    let world = World::new(Database::Sqlite, store).await;
    crowd(&world).await;
    let repo = &world.repo;
    let mut sweep = repo
        .invalidate_matching(glob("r:note:=n*5"))
        .step_size(1000);
    let mut last = Progress::default();
    while !last.is_done {
        let progress = sweep.step().await.expect("the store answers");
        // A server may give a few more.
        assert!(
            progress.invalidated - last.invalidated <= 1200,
            "{progress:?}"
        );
        assert!(progress.scanned - last.scanned <= 1000, "{progress:?}");
        last = progress;
        assert_eq!(last, sweep.progress());
    }
    assert!(last.steps >= 10, "{last:?}");
    // A server may show a name twice.
    assert!((1000..1100).contains(&last.matched), "{last:?}");
    assert_eq!(last.invalidated, last.matched);
    assert_eq!(note_of(repo, "n6").await.as_deref(), Some("old"));
    let rest = repo.invalidate_matching(glob("r:note:*")).dry_run();
    let rest = rest.run().await.expect("the store answers").matched;
    assert!((9000..9900).contains(&rest), "{rest}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_entries_go_in_bounded_steps_in_memory() {
    steps_are_bounded(Store::Memory).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_entries_go_in_bounded_steps_on_a_server() {
    steps_are_bounded(Store::Redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sweep_is_a_stream_that_can_be_stopped() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let names: Vec<String> = (0..50).map(|number| format!("n{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    cache_notes(&world, &names).await;
    let sweep = || {
        let sweep = world.repo.invalidate_matching(glob("r:note:*"));
        sweep.step_size(10).pause(Duration::from_millis(1))
    };
    let first = sweep().into_stream().next().await.expect("a step");
    assert_eq!(first.expect("answers").invalidated, 10);
    let rest: Vec<Progress> = sweep().into_stream().try_collect().await.expect("answers");
    let last = rest.last().expect("steps");
    assert_eq!((last.invalidated, last.is_done), (40, true), "{last:?}");
    assert!(rest[..rest.len() - 1].iter().all(|step| !step.is_done));
}

async fn a_lock_is_respected(store: Store) {
    let gate = Gate::at(Checkpoint::Locked);
    let world = World::with(Database::Sqlite, store, |builder| {
        builder.checkpoints(gate.clone())
    })
    .await;
    let repo = world.repo.clone();
    add_note(&repo, "n", "old").await;
    note_of(&repo, "n").await;
    world.settle().await;
    gate.close();
    let writer = repo.clone();
    let write = tokio::spawn(async move { set_note(&writer, "n", "new").await });
    promptly("the lock", gate.arrival()).await;
    swept(&repo, glob("r:note:*")).await;
    let bypasses = world.stats("note").bypasses;
    assert_eq!(note_of(&repo, "n").await.as_deref(), Some("old"));
    assert_eq!(world.stats("note").bypasses, bypasses + 1, "still locked");
    gate.open();
    gate.pass();
    write.await.expect("no panic");
    assert_eq!(note_of(&repo, "n").await.as_deref(), Some("new"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writers_lock_stays_in_memory() {
    a_lock_is_respected(Store::Memory).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_writers_lock_stays_on_a_server() {
    a_lock_is_respected(Store::Redis).await;
}

async fn a_load_under_way_is_not_stored(store: Store) {
    let gate = Gate::at(Checkpoint::Loaded);
    let world = World::with(Database::Sqlite, store, |builder| {
        builder.checkpoints(gate.clone())
    })
    .await;
    let repo = world.repo.clone();
    add_note(&repo, "n", "old").await;
    gate.close();
    let reader = repo.clone();
    let read = tokio::spawn(async move { note_of(&reader, "n").await });
    promptly("the load", gate.arrival()).await;
    set_note(&world.raw, "n", "new").await;
    swept(&repo, glob("r:note:*")).await;
    gate.open();
    gate.pass();
    read.await.expect("no panic");
    world.settle().await;
    assert_eq!(note_of(&repo, "n").await.as_deref(), Some("new"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_loaded_before_is_not_stored_behind_the_scan_in_memory() {
    a_load_under_way_is_not_stored(Store::Memory).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_loaded_before_is_not_stored_behind_the_scan_on_a_server() {
    a_load_under_way_is_not_stored(Store::Redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_in_other_processes_go() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    set_note(&pair.faulty.world.raw, "n", "new").await;
    assert_eq!(note_of(&pair.here, "n").await.as_deref(), Some("old"));
    let mut stream = pair.there.subscribe();
    let progress = swept(&pair.there, glob("r:note:*")).await;
    assert_eq!(progress.invalidated, 1, "{progress:?}");
    eventually("the copy is gone", async || {
        note_of(&pair.here, "n").await.as_deref() == Some("new")
    })
    .await;
    copied(&pair.here).await;
    let told = promptly("the stream", stream.next()).await;
    let Some(Ok(told)) = told else {
        panic!("{told:?}");
    };
    assert!(told.is_caused_by(CauseKind::Pattern), "{told:?}");
    assert_eq!(told.fan_out().rows, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stamps_and_other_namespaces_are_left_alone() {
    let world = World::new(Database::Sqlite, Store::Redis).await;
    let ada = add_user(&world.repo, "ada@example.org").await;
    for _ in 0..2 {
        let read = User::find_cached(ada.id).one(&world.repo).await;
        read.expect("read");
        world.settle().await;
    }
    let progress = swept(&world.repo, glob("tag:*")).await;
    assert_eq!(
        (progress.matched, progress.invalidated),
        (0, 0),
        "{progress:?}"
    );
    assert!(progress.passed_over > 0, "{progress:?}");
    let before = world.stats("user").loads;
    let read = User::find_cached(ada.id).one(&world.repo).await;
    read.expect("read");
    assert_eq!(
        world.stats("user").loads,
        before,
        "its tags have their stamps"
    );
    // A namespace is no pattern, nor the beginning of one.
    let namespace = world.namespace();
    let short = namespace[..namespace.len() - 1].to_owned();
    let wild = world.another_with(|builder| builder.namespace(short)).await;
    let progress = swept(&wild, glob("*")).await;
    // Its own epoch, and its own number of notices.
    assert_eq!(progress.matched, 0, "{progress:?}");
    assert!(progress.passed_over <= 2, "{progress:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_away_is_an_error_and_the_next_step_goes_on() {
    let mut faulty = Faulty::with(&[], |builder| {
        builder.when_store_down(WhenStoreDown::Proceed)
    })
    .await;
    let mut sweep = faulty.repo().invalidate_matching(glob("*")).step_size(1);
    faulty.redis.kill();
    let error = sweep.step().await.expect_err("the store is away");
    assert_eq!(error.kind(), ErrorKind::StoreUnavailable);
    assert!(!sweep.progress().is_done);
}

#[test]
fn what_is_no_pattern_is_refused_with_a_reason_and_without_its_text() {
    for (pattern, reason) in [
        (Pattern::glob("secret["), "`[`"),
        (Pattern::glob(""), "empty"),
        (Pattern::regex("secret("), "unclosed group"),
        (Pattern::regex("secret{1000}{1000}{1000}"), "large"),
    ] {
        let error = pattern.expect_err("no pattern");
        assert_eq!(error.kind(), ErrorKind::Pattern);
        let told = error.to_string();
        assert!(told.contains(reason), "{told}");
        assert!(!told.contains("secret"), "{told}");
    }
    assert!(!format!("{:?}", glob("secret")).contains("secret"));
}
