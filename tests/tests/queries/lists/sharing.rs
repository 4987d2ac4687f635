//! Rows that lists share, and what a hit costs.

use super::{above, loads, of, orders, totals};
use cached_repo::config::Lists;
use cached_repo::{CachedQuery, tag};
use sea_orm::EntityTrait;
use std::sync::Arc;
use tests::eventually::eventually;
use tests::faulty::Faulty;
use tests::rows::{add_note, add_order, set_total};
use tests::shop::{Note, Order, Shop};
use tests::{Database, Store, World};

#[tokio::test]
async fn lists_and_reads_by_key_share_rows_in_the_process() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let ids = orders(&world, &[10, 20]).await;
    let (listed, asked) = (of(&world.repo, 1).await, above(&world.repo, 0).await);
    let (listed_again, asked_again) = (of(&world.repo, 1).await, above(&world.repo, 0).await);
    let row = Order::find_cached(ids[0])
        .one(&world.repo)
        .await
        .expect("read")
        .expect("there");
    assert!(Arc::ptr_eq(&row, &listed_again[0]));
    assert!(Arc::ptr_eq(&row, &asked_again[1]));
    assert_eq!((listed.len(), asked.len()), (2, 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn copies_of_lists_share_rows_and_answer_without_the_store() {
    let world = World::new(Database::Postgres, Store::Bounded).await;
    let ids = orders(&world, &[10, 20]).await;
    let repo = &world.repo;
    eventually("notices arrive", async || repo.stats().store.l1_subscribed).await;
    let hits = || world.stats("order").memory_hits;
    eventually("both lists are copied", async || {
        let before = hits();
        let (listed, asked) = (of(repo, 1).await, above(repo, 0).await);
        repo.wait_idle().await;
        hits() == before + 2 && Arc::ptr_eq(&listed[0], &asked[1])
    })
    .await;
    let row = Order::find_cached(ids[0])
        .one(repo)
        .await
        .expect("read")
        .expect("there");
    assert!(Arc::ptr_eq(&row, &of(repo, 1).await[0]));
    set_total(repo, ids[0], 30).await;
    assert_eq!(totals(&of(repo, 1).await), [30, 20]);
    assert_eq!(totals(&above(repo, 0).await), [30, 20]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_list_of_keys_takes_two_round_trips_over_redis_and_a_third_if_rows_name_tags() {
    let faulty = Faulty::new().await;
    let repo = faulty.repo();
    for total in [10, 20, 30] {
        add_order(repo, 1, total).await;
    }
    add_note(repo, "a", "body").await;
    let notes = async || {
        let notes = Note::find().cached().lists(Lists::Keys).all(repo).await;
        notes.expect("read").len()
    };
    for _ in 0..2 {
        of(repo, 1).await;
        notes().await;
        repo.wait_idle().await;
    }
    let looks = async || {
        let answer = faulty.command(&["INFO", "commandstats"]).await;
        let text: String = redis::from_redis_value(answer).expect("text");
        let line = text
            .lines()
            .find_map(|line| line.strip_prefix("cmdstat_mget:calls="));
        let count = line.and_then(|rest| rest.split(',').next());
        count
            .and_then(|count| count.parse::<u64>().ok())
            .expect("a count")
    };
    let before = looks().await;
    assert_eq!(notes().await, 1);
    assert_eq!(looks().await, before + 2);
    // The partition of an edge.
    assert_eq!(totals(&of(repo, 1).await), [10, 20, 30]);
    assert_eq!(looks().await, before + 5);
}

#[tokio::test]
async fn a_list_leaves_rows_alone_that_are_cached_with_a_tag() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let ids = orders(&world, &[10, 20]).await;
    let tagged = async || {
        let read = Order::find_cached(ids[0])
            .tag(tag!(Shop, "mine"))
            .one(&world.repo);
        read.await.expect("read")
    };
    tagged().await;
    of(&world.repo, 1).await;
    let before = loads(&world);
    tagged().await;
    assert_eq!(loads(&world), before, "its tag is still there");
}
