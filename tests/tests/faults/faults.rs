//! Stores that die and hang, and what becomes of reads and writes meanwhile.

mod warnings;

use cached_repo::config::WhenStoreDown;
use cached_repo::{CachedRepo, Checkpoint, Error, ErrorKind, tag};
use futures_util::future::join_all;
use sea_orm::{ActiveModelTrait, EntityTrait, TransactionTrait};
use std::time::Duration;
use tests::eventually::{eventually, promptly};
use tests::faulty::{Faulty, back, hits_of_two_reads, is_away};
use tests::pause::Gate;
use tests::rows::{
    add_note, add_order, add_user, name_of, note_of, rename, set_note, set_total, total_of,
};
use tests::shop::{Note, Shop, note};
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_go_on_when_the_store_is_killed_and_wait_for_nothing() {
    let mut faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "there").await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
    faulty.redis.kill();
    assert_eq!(note_of(faulty.repo(), "n").await.as_deref(), Some("there"));
    assert!(is_away(faulty.repo()));
    let begin = Instant::now();
    // Waiting for the store would take each half a second.
    for _ in 0..1000 {
        assert_eq!(note_of(faulty.repo(), "n").await.as_deref(), Some("there"));
    }
    assert!(
        begin.elapsed() < Duration::from_secs(100),
        "{:?}",
        begin.elapsed()
    );
    let stats = faulty.repo().stats();
    assert!(stats.store.outages >= 1, "{stats:?}");
    assert!(stats.entity("note").expect("there").errors >= 1000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_breaker_closes_by_itself_when_the_store_is_back() {
    let mut faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "there").await;
    faulty.redis.kill();
    note_of(faulty.repo(), "n").await;
    assert!(is_away(faulty.repo()));
    faulty.redis.restart().expect("restarted");
    // Nobody reads meanwhile.
    back(faulty.repo()).await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_few_reads_wait_for_a_frozen_store_and_then_none_does() {
    const THRESHOLD: usize = 3;
    let faulty = Faulty::with(&[], |builder| {
        builder
            .breaker_threshold(THRESHOLD)
            .store_timeout(Duration::from_millis(300))
    })
    .await;
    add_note(faulty.repo(), "n", "there").await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
    faulty.redis.freeze().expect("frozen");
    for at in 0..THRESHOLD {
        assert!(!is_away(faulty.repo()), "{at} reads have waited");
        let read = promptly("a read", note_of(faulty.repo(), "n")).await;
        assert_eq!(read.as_deref(), Some("there"));
    }
    eventually("the breaker is open", async || {
        note_of(faulty.repo(), "n").await;
        is_away(faulty.repo())
    })
    .await;
    let begin = Instant::now();
    // Waiting for the store would take each half a second.
    for _ in 0..1000 {
        assert_eq!(note_of(faulty.repo(), "n").await.as_deref(), Some("there"));
    }
    // If each had waited, it were five minutes.
    assert!(
        begin.elapsed() < Duration::from_secs(100),
        "{:?}",
        begin.elapsed()
    );
    faulty.redis.thaw().expect("thawed");
    back(faulty.repo()).await;
    assert!(hits_of_two_reads(faulty.repo(), "n").await >= 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_stops_for_a_moment_opens_no_breaker() {
    let faulty = Faulty::new().await;
    add_note(faulty.repo(), "n", "there").await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
    faulty.redis.freeze().expect("frozen");
    // All of them are late together.
    let reads = join_all((0..50).map(|_| note_of(faulty.repo(), "n")));
    let reads = promptly("the reads", reads).await;
    faulty.redis.thaw().expect("thawed");
    assert!(reads.iter().all(|read| read.as_deref() == Some("there")));
    assert!(!is_away(faulty.repo()));
    eventually("the store is asked again", async || {
        hits_of_two_reads(faulty.repo(), "n").await >= 1
    })
    .await;
    assert_eq!(faulty.repo().stats().store.outages, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crowd_of_misses_opens_no_breaker_and_holds_up_no_invalidation() {
    const CROWD: usize = 10_000;
    let faulty = Faulty::new().await;
    add_note(&faulty.world.raw, "n", "there").await;
    for same in [true, false] {
        let read = |at: usize| {
            let repo = faulty.repo().clone();
            let id = if same {
                "n".to_owned()
            } else {
                format!("n{}", at % 500)
            };
            tokio::spawn(async move { note_of(&repo, &id).await })
        };
        let crowd: Vec<_> = (0..CROWD).map(read).collect();
        let delivered = faulty.repo().invalidate_all().await;
        delivered.expect("an invalidation does not stand in the readers' line");
        for reader in crowd {
            let read = promptly("a reader", reader).await.expect("no panic");
            assert_eq!(read.is_some(), same);
        }
        assert_eq!(faulty.repo().stats().store.outages, 0, "one key: {same}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_killed_during_a_load_costs_nothing_but_the_fill() {
    let mut faulty = Faulty::new().await;
    let gate = Gate::at(Checkpoint::Loaded);
    let repo = faulty
        .another_with(|builder| builder.checkpoints(gate.clone()))
        .await;
    add_note(&repo, "n", "there").await;
    gate.close();
    let read = {
        let repo = repo.clone();
        tokio::spawn(async move { note_of(&repo, "n").await })
    };
    gate.arrival().await;
    gate.open();
    faulty.redis.kill();
    gate.pass();
    let read = promptly("the read", read).await.expect("no panic");
    assert_eq!(read.as_deref(), Some("there"));
    promptly("the fill", repo.wait_idle()).await;
    faulty.redis.restart().expect("restarted");
    back(&repo).await;
    assert_eq!(hits_of_two_reads(&repo, "n").await, 1);
}

/// A write that is held at the checkpoint while the store is restarted empty; then both repos must read the new value.
async fn restarted_during_a_write(checkpoint: Checkpoint) {
    let mut faulty = Faulty::new().await;
    let gate = Gate::at(checkpoint);
    let writer = faulty
        .another_with(|builder| builder.checkpoints(gate.clone()))
        .await;
    add_note(&writer, "n", "old").await;
    assert_eq!(hits_of_two_reads(faulty.repo(), "n").await, 1);
    gate.close();
    let write = {
        let writer = writer.clone();
        tokio::spawn(async move { set_note(&writer, "n", "new").await })
    };
    gate.arrival().await;
    gate.open();
    faulty.redis.restart().expect("restarted");
    // A reader in another process that finds the store well and empty, the lock gone.
    note_of(faulty.repo(), "n").await;
    back(faulty.repo()).await;
    note_of(faulty.repo(), "n").await;
    faulty.repo().wait_idle().await;
    gate.pass();
    promptly("the write", write).await.expect("no panic");
    for _ in 0..2 {
        back(&writer).await;
        for repo in [&writer, faulty.repo()] {
            assert_eq!(
                note_of(repo, "n").await.as_deref(),
                Some("new"),
                "{checkpoint:?}"
            );
            repo.wait_idle().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_restarted_between_lock_and_commit_serves_nothing_old() {
    restarted_during_a_write(Checkpoint::Locked).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_restarted_between_commit_and_release_serves_nothing_old() {
    restarted_during_a_write(Checkpoint::Committed).await;
}

/// A write whose release does not reach the store, which keeps all that it holds.
async fn undelivered(write: impl AsyncFn(&CachedRepo<Shop>, i64)) {
    let faulty = Faulty::new().await;
    let repo = faulty.repo();
    let other = faulty.another_with(|builder| builder).await;
    let id = add_order(repo, 1, 1).await.id;
    for repo in [repo, &other] {
        assert_eq!(total_of(repo, id).await, Some(1));
        repo.wait_idle().await;
    }
    faulty.redis.freeze().expect("frozen");
    promptly("the write", write(repo, id)).await;
    assert_eq!(total_of(repo, id).await, Some(2));
    assert_eq!(repo.stats().store.namespace_resets, 0);
    faulty.redis.thaw().expect("thawed");
    back(repo).await;
    assert_eq!(
        repo.stats().store.namespace_resets,
        1,
        "the debt is paid by a new epoch"
    );
    eventually("the other repo finds the store well", async || {
        !is_away(&other)
    })
    .await;
    for _ in 0..2 {
        for repo in [repo, &other] {
            assert_eq!(total_of(repo, id).await, Some(2));
            repo.wait_idle().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalidation_that_was_not_delivered_is_made_good() {
    undelivered(async |repo, id| set_total(repo, id, 2).await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalidation_of_a_transaction_that_was_not_delivered_is_made_good() {
    undelivered(async |repo, id| {
        let transaction = repo.begin().await.expect("begun");
        set_total(&transaction, id, 2).await;
        transaction.commit().await.expect("committed");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_explicit_invalidation_that_was_not_delivered_is_reported_and_made_good() {
    let faulty = Faulty::new().await;
    let (repo, raw) = (faulty.repo(), &faulty.world.raw);
    let user = add_user(raw, "ada@example.org").await;
    assert_eq!(name_of(repo, user.id).await.as_deref(), Some("Ada"));
    repo.wait_idle().await;
    faulty.redis.freeze().expect("frozen");
    rename(raw, &user, "Grace").await;
    let error = repo
        .invalidate_tag(tag!(Shop, "users"))
        .await
        .expect_err("the store is frozen");
    assert_eq!(error.kind(), ErrorKind::StoreUnavailable);
    faulty.redis.thaw().expect("thawed");
    back(repo).await;
    assert_eq!(name_of(repo, user.id).await.as_deref(), Some("Grace"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_that_must_be_invalidated_are_refused_while_the_store_is_away() {
    let mut faulty = Faulty::with(&[], |builder| {
        builder.when_store_down(WhenStoreDown::Refuse)
    })
    .await;
    add_note(faulty.repo(), "n", "old").await;
    faulty.redis.kill();
    let repo = faulty.repo();
    let change = note::ActiveModel {
        id: sea_orm::Set("n".to_owned()),
        body: sea_orm::Set("new".to_owned()),
    };
    let error = change.clone().update(repo).await.expect_err("refused");
    assert_eq!(Error::from(error).kind(), ErrorKind::StoreUnavailable);
    // With old values to be read, it is a transaction of the repo's own.
    let order = tests::shop::order::ActiveModel {
        customer_id: sea_orm::Set(1),
        status: sea_orm::Set("open".to_owned()),
        total: sea_orm::Set(1),
        ..Default::default()
    };
    order.insert(repo).await.expect_err("refused");
    let transaction = repo.begin().await.expect("begun");
    change
        .clone()
        .update(&transaction)
        .await
        .expect("within the transaction");
    let error = transaction.commit().await.expect_err("refused");
    assert_eq!(Error::from(error).kind(), ErrorKind::StoreUnavailable);
    let error = repo
        .transaction_retry_async(async |transaction| {
            change.clone().update(transaction).await?;
            Ok(())
        })
        .await
        .expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::StoreUnavailable, "{error}");
    assert!(error.to_string().contains("store is away"), "{error}");
    let raw = &faulty.world.raw;
    let note = Note::find_by_id("n".to_owned())
        .one(raw)
        .await
        .expect("read");
    assert_eq!(note.expect("there").body, "old", "nothing was written");
    let orders = tests::shop::Order::find().all(raw).await.expect("read");
    assert!(orders.is_empty(), "nothing was written");
    faulty.redis.restart().expect("restarted");
    back(faulty.repo()).await;
    set_note(faulty.repo(), "n", "new").await;
    assert_eq!(note_of(faulty.repo(), "n").await.as_deref(), Some("new"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_was_never_there_fails_neither_reads_nor_writes() {
    let mut faulty = Faulty::new().await;
    faulty.redis.kill();
    let repo = faulty.another_with(|builder| builder).await;
    add_note(&repo, "n", "there").await;
    assert_eq!(note_of(&repo, "n").await.as_deref(), Some("there"));
    faulty.redis.restart().expect("restarted");
    back(&repo).await;
    assert_eq!(hits_of_two_reads(&repo, "n").await, 1);
}
