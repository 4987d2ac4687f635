//! Writes between the look at a list and the look at its rows.

use super::{evict, of, totals};
use cached_repo::{CachedRepo, Checkpoint};
use sea_orm::TransactionTrait;
use tests::rows::{add_order, set_total};
use tests::shop::Shop;
use tests::sides::Sides;
use tests::{Database, Store, World};

/// A transaction that changes two rows together: no answer may show the one without the other.
async fn both(repo: CachedRepo<Shop>, ids: Vec<i64>, total: i64) {
    let transaction = repo.begin().await.expect("begun");
    for id in ids {
        set_total(&transaction, id, total).await;
    }
    transaction.commit().await.expect("committed");
}

/// Reads a list as keys while two of its rows change together, held at a checkpoint in the middle of the read.
async fn race(world: &World, checkpoint: Checkpoint, evicted: bool) {
    for (at, side) in (1..).zip(Sides::of(world, checkpoint).await) {
        let mut ids = Vec::new();
        for _ in 0..3 {
            ids.push(add_order(&side.writer, at, 10).await.id);
        }
        // Until all is in the cache, and in no copy.
        for _ in 0..2 {
            of(&side.reader, at).await;
            side.reader.wait_idle().await;
        }
        if evicted {
            evict(world, &side.reader, ids[1]).await;
        }
        side.gate.close();
        let reader = side.reader.clone();
        let stalled = tokio::spawn(async move { totals(&of(&reader, at).await) });
        side.gate.arrival().await;
        side.gate.open();
        both(side.writer.clone(), ids[..2].to_vec(), 20).await;
        side.gate.pass();
        let stalled = stalled.await.expect("no panic");
        assert!(
            stalled == [10, 10, 10] || stalled == [20, 20, 10],
            "torn: {}, {stalled:?}",
            side.label
        );
        for repo in [&side.reader, &side.writer, &side.reader] {
            assert_eq!(totals(&of(repo, at).await), [20, 20, 10], "{}", side.label);
            repo.wait_idle().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_between_list_and_rows_tears_nothing_in_the_process() {
    // In the process, list and rows are read at once, unless a row must be loaded.
    for checkpoint in [
        Checkpoint::Fetched,
        Checkpoint::Permitted,
        Checkpoint::Loaded,
    ] {
        race(
            &World::new(Database::Postgres, Store::Memory).await,
            checkpoint,
            true,
        )
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_between_list_and_rows_tears_nothing_over_redis() {
    race(
        &World::new(Database::Postgres, Store::Redis).await,
        Checkpoint::Fetched,
        false,
    )
    .await;
    for checkpoint in [
        Checkpoint::Fetched,
        Checkpoint::Permitted,
        Checkpoint::Loaded,
    ] {
        race(
            &World::new(Database::Postgres, Store::Redis).await,
            checkpoint,
            true,
        )
        .await;
    }
}
