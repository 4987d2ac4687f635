//! Stores that forget and refuse, and holders of locks and leases that die.

use cached_repo::{CachedRepo, Checkpoint, ErrorKind, RedisStore};
use sea_orm::ConnectionTrait;
use std::time::Duration;
use tests::eventually::{eventually, promptly};
use tests::faulty::{Faulty, back, hits_of_two_reads, soon};
use tests::pause::Gate;
use tests::rows::{add_note, note_of, set_note};
use tests::shop::{Note, Shop};
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_that_the_store_has_forgotten_are_loaded_again() {
    let faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "old").await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
    faulty.command(&["SCRIPT", "FLUSH"]).await;
    set_note(faulty.repo(), "n", "new").await;
    assert_eq!(note_of(faulty.repo(), "n").await.as_deref(), Some("new"));
    faulty.repo().wait_idle().await;
    faulty.command(&["SCRIPT", "FLUSH"]).await;
    add_note(faulty.repo(), "m", "there").await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "m").await, 1);
    assert_eq!(faulty.repo().stats().store.outages, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flushed_store_is_a_miss_and_fills_again() {
    let faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "there").await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
    faulty.command(&["FLUSHALL"]).await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
    assert_eq!(faulty.repo().stats().store.outages, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_store_serves_what_it_has_and_fails_no_read_and_no_write() {
    let faulty = Faulty::with(&["--maxmemory-policy", "noeviction"], |builder| builder).await;
    let repo = faulty.repo();
    add_note(repo, "n", "old").await;
    add_note(repo, "m", "there").await;
    assert_eq!(hits_of_two_reads(repo, "n").await, 1);
    faulty.command(&["CONFIG", "SET", "maxmemory", "1"]).await;
    assert_eq!(
        hits_of_two_reads(repo, "n").await,
        2,
        "what is there is served"
    );
    assert_eq!(
        hits_of_two_reads(repo, "m").await,
        0,
        "and nothing new stored"
    );
    assert_eq!(note_of(repo, "m").await.as_deref(), Some("there"));
    set_note(repo, "n", "new").await;
    assert_eq!(note_of(repo, "n").await.as_deref(), Some("new"));
    faulty.command(&["CONFIG", "SET", "maxmemory", "0"]).await;
    back(repo).await;
    assert_eq!(note_of(repo, "n").await.as_deref(), Some("new"));
    assert_eq!(hits_of_two_reads(repo, "m").await, 1);
}

#[tokio::test]
async fn no_error_about_the_stores_address_names_its_password() {
    let closed = "redis://user:hunter2secret@127.0.0.1:1";
    let wrong = "redis-but-not://user:hunter2secret@nowhere";
    let errors = [
        RedisStore::open(wrong).expect_err("not an address"),
        RedisStore::connect(wrong)
            .await
            .expect_err("not an address"),
        RedisStore::connect(closed)
            .await
            .expect_err("nobody is there"),
    ];
    let kinds = errors.each_ref().map(cached_repo::Error::kind);
    let configuration = ErrorKind::Configuration;
    assert_eq!(
        kinds,
        [configuration, configuration, ErrorKind::StoreUnavailable]
    );
    for error in &errors {
        let mut text = format!("{error} {error:?}");
        let mut source = std::error::Error::source(error);
        while let Some(cause) = source {
            text.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        assert!(!text.contains("hunter2secret"), "{text}");
    }
    let store = RedisStore::open(closed).expect("an address");
    assert!(!format!("{store:?}").contains("hunter2secret"));
}

/// Runs the work in a process of its own, as far as one can: a runtime that is dropped when the gate is reached.
fn dies_at_the_gate(gate: &std::sync::Arc<Gate>, work: impl Future<Output = ()> + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    gate.close();
    runtime.spawn(work);
    runtime.block_on(promptly("the way to the gate", gate.arrival()));
    runtime.shutdown_background();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lock_of_a_dead_writer_ends_by_itself() {
    let faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "old").await;
    let gate = Gate::at(Checkpoint::Committed);
    let (url, raw) = (faulty.redis.url(), faulty.world.raw.clone());
    let namespace = faulty.world.namespace().to_owned();
    let death = {
        let gate = gate.clone();
        let own = gate.clone();
        move || {
            dies_at_the_gate(&gate, async move {
                let store = RedisStore::open(&url).expect("the address is right");
                let writer = soon(CachedRepo::<Shop>::builder(raw))
                    .namespace(namespace)
                    .store(store)
                    .checkpoints(own)
                    .lock_time(Duration::from_millis(700))
                    .build()
                    .await;
                set_note(&writer.expect("built"), "n", "new").await;
            });
        }
    };
    std::thread::spawn(death).join().expect("no panic");
    // It has committed and will never release.
    assert_eq!(note_of(faulty.repo(), "n").await.as_deref(), Some("new"));
    eventually("readers cache again", async || {
        hits_of_two_reads(faulty.repo(), "n").await > 0
    })
    .await;
    assert_eq!(note_of(faulty.repo(), "n").await.as_deref(), Some("new"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lease_of_a_dead_reader_ends_by_itself() {
    let faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "there").await;
    let gate = Gate::at(Checkpoint::Permitted);
    let reader = faulty
        .another_with(|builder| {
            builder
                .checkpoints(gate.clone())
                .lease_time(Duration::from_millis(700))
        })
        .await;
    gate.close();
    // It never goes on: as good as dead.
    let dead = tokio::spawn(async move { note_of(&reader, "n").await });
    gate.arrival().await;
    let read = promptly("a read under a lease", note_of(faulty.repo(), "n")).await;
    assert_eq!(read.as_deref(), Some("there"));
    assert_eq!(
        faulty.world.stats("note").fills,
        0,
        "the other holds the lease"
    );
    eventually("another reader fills", async || {
        hits_of_two_reads(faulty.repo(), "n").await > 0
    })
    .await;
    dead.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_has_forgotten_is_not_filled_until_the_longest_lock_would_have_ended() {
    let settle = Duration::from_millis(1500);
    let faulty = Faulty::with(&[], |builder| builder.settle_time(settle)).await;
    add_note(faulty.repo(), "n", "there").await;
    let settled = async || hits_of_two_reads(faulty.repo(), "n").await > 0;
    eventually("the first epoch settles", settled).await;
    let begin = Instant::now();
    faulty.command(&["FLUSHALL"]).await;
    eventually("the new epoch settles", settled).await;
    assert!(
        begin.elapsed() >= settle - Duration::from_millis(50),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_debt_paid_to_a_store_that_has_forgotten_does_not_shorten_its_settling() {
    let settle = Duration::from_millis(1500);
    let mut faulty = Faulty::with(&[], |builder| builder.settle_time(settle)).await;
    add_note(faulty.repo(), "n", "old").await;
    let settled = async |repo: &CachedRepo<Shop>| hits_of_two_reads(repo, "n").await > 0;
    eventually("the first epoch settles", async || {
        settled(faulty.repo()).await
    })
    .await;
    faulty.redis.kill();
    set_note(faulty.repo(), "n", "new").await;
    // The new epoch begins later than this: the breaker's probe may be faster than this thread.
    let begin = Instant::now();
    faulty.redis.restart().expect("restarted");
    back(faulty.repo()).await;
    assert_eq!(faulty.repo().stats().store.namespace_resets, 1);
    eventually("the new epoch settles", async || {
        settled(faulty.repo()).await
    })
    .await;
    assert!(
        begin.elapsed() >= settle - Duration::from_millis(50),
        "{:?}",
        begin.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_away_is_an_error_of_the_database_and_nothing_is_cached() {
    let faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "there").await;
    let raw = &faulty.world.raw;
    raw.execute_unprepared("ALTER TABLE notes RENAME TO away")
        .await
        .expect("renamed");
    let error = Note::find_cached("n".to_owned())
        .one(faulty.repo())
        .await
        .expect_err("no table");
    assert_eq!(error.kind(), ErrorKind::Database);
    raw.execute_unprepared("ALTER TABLE away RENAME TO notes")
        .await
        .expect("renamed");
    assert_eq!(
        hits_of_two_reads(faulty.repo(), "n").await,
        1,
        "its lease was given back"
    );
}
