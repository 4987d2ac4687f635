//! Programs that are not this library, and change keys in Redis: their changes end copies at once if the server is asked to tell.

use cached_repo::{CachedRepo, RepoBuilder};
use tests::eventually::eventually;
use tests::pair::{Pair, bounded, copied, stats};
use tests::rows::{add_order, note_of, set_note, totals_of};
use tests::shop::Shop;

fn tracking(builder: RepoBuilder<Shop>) -> RepoBuilder<Shop> {
    bounded(builder).client_tracking(true)
}

/// Another program changes the note in the database and then deletes this key of the namespace.
async fn foreign_write(pair: &Pair, key: &str) {
    set_note(&pair.faulty.world.raw, "n", "new").await;
    let key = format!("{}:{key}", pair.faulty.world.namespace());
    pair.faulty.command(&["UNLINK", &key]).await;
}

async fn sees_it(repo: &CachedRepo<Shop>) {
    eventually("the change is seen", async || {
        note_of(repo, "n").await.as_deref() == Some("new")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_deletion_of_an_entry_or_of_any_of_its_tags_ends_the_copy() {
    for key in ["r:note:=n", "table:note", "epoch"] {
        let pair = Pair::with(tracking).await;
        pair.copied_note().await;
        let emptied = pair.here.stats().store.l1_flushes;
        foreign_write(&pair, key).await;
        sees_it(&pair.here).await;
        assert_eq!(
            pair.here.stats().store.l1_flushes,
            emptied,
            "{key}: nothing else was forgotten"
        );
        copied(&pair.here).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_foreign_deletion_of_a_partition_ends_the_collection() {
    let pair = Pair::with(tracking).await;
    let order = add_order(&pair.there, 7, 10).await;
    let hits = || {
        pair.here
            .stats()
            .entity("order")
            .expect("there")
            .memory_hits
    };
    eventually("the collection is answered from memory", async || {
        let before = hits();
        assert_eq!(totals_of(&pair.here, 7).await, [10]);
        pair.here.wait_idle().await;
        hits() > before
    })
    .await;
    tests::rows::set_total(&pair.faulty.world.raw, order.id, 20).await;
    let key = format!(
        "{}:member:order:customer_id:7",
        pair.faulty.world.namespace()
    );
    pair.faulty.command(&["UNLINK", &key]).await;
    eventually("the change is seen", async || {
        totals_of(&pair.here, 7).await == [20]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_drops_all_keys_ends_all_copies() {
    let pair = Pair::with(tracking).await;
    pair.copied_note().await;
    set_note(&pair.faulty.world.raw, "n", "new").await;
    pair.faulty.command(&["FLUSHALL"]).await;
    sees_it(&pair.here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fills_of_other_entries_leave_copies_alone() {
    let pair = Pair::with(tracking).await;
    pair.copied_note().await;
    tests::rows::add_note(&pair.faulty.world.raw, "other", "").await;
    note_of(&pair.there, "other").await;
    pair.there.wait_idle().await;
    let before = stats(&pair.here);
    assert_eq!(note_of(&pair.here, "n").await.as_deref(), Some("old"));
    assert_eq!(stats(&pair.here).memory_hits, before.memory_hits + 1);
    assert_eq!(pair.here.stats().store.l1_flushes, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_does_not_allow_tracking_is_one_without_copies() {
    let pair = Pair::new().await;
    let rules = ["ACL", "SETUSER", "default", "-client|tracking"];
    pair.faulty.command(&rules).await;
    let repo = pair.faulty.another_with(tracking).await;
    pair.copied_note().await;
    for _ in 0..5 {
        assert_eq!(note_of(&repo, "n").await.as_deref(), Some("old"));
        repo.wait_idle().await;
    }
    assert!(!repo.stats().store.l1_subscribed);
    assert_eq!(stats(&repo).memory_hits, 0);
    assert!(stats(&repo).hits > 0, "the server serves all the same");
}
