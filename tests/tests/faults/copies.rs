//! Copies in the process of what the store holds: when they serve, and when they must not (rule 10).

mod own_writes;

use cached_repo::{CachedRepo, Checkpoint, Consistency, ErrorKind, tag};
use tests::eventually::{eventually, promptly};
use tests::faulty::Faulty;
use tests::pair::{BOUND, Pair, bounded, copied, stats};
use tests::pause::Gate;
use tests::rows::{add_note, add_order, note_of, set_note, set_total, totals_of};
use tests::shop::{Note, Order, Shop};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_serves_without_the_store() {
    let mut pair = Pair::new().await;
    pair.copied_note().await;
    let before = stats(&pair.here);
    assert_eq!(note_of(&pair.here, "n").await.as_deref(), Some("old"));
    let after = stats(&pair.here);
    assert_eq!(after.memory_hits, before.memory_hits + 1);
    assert_eq!(after.loads, before.loads);
    pair.faulty.redis.kill();
    eventually("the loss is noticed", async || {
        !pair.here.stats().store.l1_subscribed
    })
    .await;
    let before = stats(&pair.here).memory_hits;
    assert_eq!(note_of(&pair.here, "n").await.as_deref(), Some("old"));
    assert_eq!(
        stats(&pair.here).memory_hits,
        before,
        "nobody would tell of a write"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_elsewhere_ends_the_copy_when_its_notice_arrives() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    set_note(&pair.there, "n", "new").await;
    assert_eq!(
        note_of(&pair.there, "n").await.as_deref(),
        Some("new"),
        "one's own at once"
    );
    eventually("the notice arrives", async || {
        note_of(&pair.here, "n").await.as_deref() == Some("new")
    })
    .await;
    copied(&pair.here).await;
    assert_eq!(
        pair.here.stats().store.l1_flushes,
        0,
        "nothing else was forgotten"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn collections_and_lookups_are_copied_and_end_as_well() {
    let pair = Pair::new().await;
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
    set_total(&pair.there, order.id, 20).await;
    eventually("the change is seen", async || {
        totals_of(&pair.here, 7).await == [20]
    })
    .await;
    add_order(&pair.there, 7, 30).await;
    eventually("the new one is seen", async || {
        totals_of(&pair.here, 7).await == [20, 30]
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_is_served_up_to_the_bound_and_no_longer() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    pair.change_in_secret().await;
    assert_eq!(
        note_of(&pair.here, "n").await.as_deref(),
        Some("old"),
        "nobody told of it"
    );
    pair.faulty.world.clock.advance(BOUND);
    assert_eq!(note_of(&pair.here, "n").await.as_deref(), Some("new"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strict_read_asks_the_store() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    pair.change_in_secret().await;
    let strict = Note::find_cached("n".to_owned()).strict().one(&pair.here);
    assert_eq!(strict.await.expect("read").expect("there").body, "new");
    let many = Note::find_cached_many(["n".to_owned()])
        .strict()
        .all(&pair.here);
    let many = many.await.expect("read");
    assert_eq!(many[0].as_ref().expect("there").body, "new");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_lost_connection_empties_the_copies_and_a_new_one_fills_them_again() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    pair.faulty
        .command(&["CLIENT", "KILL", "TYPE", "pubsub"])
        .await;
    eventually("the loss is noticed", async || {
        pair.here.stats().store.l1_flushes > 0
    })
    .await;
    pair.hearing().await;
    copied(&pair.here).await;
    set_note(&pair.there, "n", "new").await;
    eventually("the new connection brings notices", async || {
        note_of(&pair.here, "n").await.as_deref() == Some("new")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_server_empties_the_copies() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    pair.faulty.redis.freeze().expect("frozen");
    eventually("the silence is noticed", async || {
        !pair.here.stats().store.l1_subscribed
    })
    .await;
    let before = stats(&pair.here).memory_hits;
    let read = promptly("a read without the store", note_of(&pair.here, "n")).await;
    assert_eq!(read.as_deref(), Some("old"));
    assert_eq!(stats(&pair.here).memory_hits, before);
    pair.faulty.redis.thaw().expect("thawed");
    pair.hearing().await;
    copied(&pair.here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_gap_in_the_notices_empties_the_copies() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    let sequence = format!("{}:sequence", pair.faulty.world.namespace());
    pair.faulty.command(&["INCR", &sequence]).await;
    add_note(&pair.there, "other", "").await;
    eventually("the gap is noticed", async || {
        pair.here.stats().store.l1_flushes == 1
    })
    .await;
    copied(&pair.here).await;
    pair.faulty.command(&["INCR", &sequence]).await;
    eventually("the beat shows that the last one is missing", async || {
        pair.here.stats().store.l1_flushes == 2
    })
    .await;
    copied(&pair.here).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_that_is_not_understood_empties_the_copies() {
    for notice in ["", ":", "nonsense", "18446744073709551616:", "-1:"] {
        let pair = Pair::new().await;
        pair.copied_note().await;
        pair.tell(notice).await;
        eventually("everything is forgotten", async || {
            pair.here.stats().store.l1_flushes > 0
        })
        .await;
        copied(&pair.here).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_that_arrives_before_the_copy_is_made_wins() {
    let faulty = Faulty::new().await;
    let gate = Gate::at(Checkpoint::Fetched);
    let here = faulty
        .another_with(|builder| bounded(builder).checkpoints(gate.clone()))
        .await;
    let there = faulty.another_with(bounded).await;
    eventually("notices arrive", async || here.stats().store.l1_subscribed).await;
    add_note(&there, "n", "old").await;
    note_of(&there, "n").await;
    there.wait_idle().await;
    gate.close();
    let stalled = tokio::spawn({
        let here = here.clone();
        async move { note_of(&here, "n").await }
    });
    promptly("the way to the gate", gate.arrival()).await;
    gate.open();
    set_note(&there, "n", "new").await;
    let token = there.token();
    eventually("the notice has arrived", async || {
        // Served from a copy of something else: then all notices up to the token were carried out.
        let before = here.stats().entity("note").expect("there").memory_hits;
        let other = Note::find_cached("absent".to_owned()).at_least(&token);
        other.one(&here).await.expect("read");
        here.wait_idle().await;
        here.stats().entity("note").expect("there").memory_hits > before
    })
    .await;
    gate.pass();
    let old = stalled.await.expect("no panic");
    assert_eq!(old.as_deref(), Some("old"), "it began before the write");
    assert_eq!(
        note_of(&here, "n").await.as_deref(),
        Some("new"),
        "and left no copy"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_entry_under_a_tag_of_another_call_is_not_copied() {
    let pair = Pair::new().await;
    add_order(&pair.there, 7, 10).await;
    let tagged = Order::find_cached_by_customer_id(7)
        .tag(tag!(Shop, "report"))
        .all(&pair.there);
    tagged.await.expect("read");
    pair.there.wait_idle().await;
    let hits = || {
        pair.here
            .stats()
            .entity("order")
            .expect("there")
            .memory_hits
    };
    for _ in 0..5 {
        assert_eq!(totals_of(&pair.here, 7).await, [10]);
        pair.here.wait_idle().await;
    }
    assert_eq!(
        hits(),
        0,
        "a notice for its tag would not end a copy that does not know it"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invalidation_by_hand_reaches_copies_everywhere() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    set_note(&pair.faulty.world.raw, "n", "new").await;
    Note::invalidate("n".to_owned(), &pair.there)
        .await
        .expect("delivered");
    eventually("the row is seen", async || {
        note_of(&pair.here, "n").await.as_deref() == Some("new")
    })
    .await;
    copied(&pair.here).await;
    set_note(&pair.faulty.world.raw, "n", "newer").await;
    pair.there.invalidate_all().await.expect("delivered");
    eventually("everything is read anew", async || {
        note_of(&pair.here, "n").await.as_deref() == Some("newer")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_reaches_copies_everywhere() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    copied(&pair.there).await;
    set_note(&pair.faulty.world.raw, "n", "new").await;
    let refresh = Note::find_cached("n".to_owned()).refresh().one(&pair.there);
    assert_eq!(refresh.await.expect("read").expect("there").body, "new");
    pair.there.wait_idle().await;
    assert_eq!(note_of(&pair.there, "n").await.as_deref(), Some("new"));
    eventually("the notice arrives", async || {
        note_of(&pair.here, "n").await.as_deref() == Some("new")
    })
    .await;
}

#[tokio::test]
async fn a_level_that_contradicts_the_stores_is_refused() {
    let faulty = Faulty::new().await;
    let store = cached_repo::RedisStore::open(&faulty.redis.url()).expect("an address");
    let built = CachedRepo::<Shop>::builder(faulty.world.raw.clone())
        .store(store)
        .consistency(Consistency::InProcess)
        .build()
        .await;
    let error = built.expect_err("a contradiction");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("in-process"), "{error}");
    assert_eq!(faulty.repo().consistency(), Consistency::Strict);
    let alone = CachedRepo::<Shop>::builder(faulty.world.raw.clone())
        .build()
        .await;
    assert_eq!(alone.expect("built").consistency(), Consistency::InProcess);
}
