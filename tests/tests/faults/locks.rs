//! Locks of writes that take longer than a lock lives, and of writers that do not release them (rule 5).

use cached_repo::{CachedQuery, CachedRepo, Checkpoint, RedisStore, RepoBuilder};
use sea_orm::{ConnectionTrait, EntityTrait, TransactionTrait};
use std::time::Duration;
use testkit::{Proxy, Redis};
use tests::eventually::{eventually, promptly};
use tests::faulty::{back, is_away, soon};
use tests::pause::Gate;
use tests::rows::{add_note, add_order, note_of, set_note, set_total, totals_of};
use tests::shop::{Note, Order, Shop};
use tests::{Database, Store, World};
use tokio::time::Instant;

/// Renewed twice in that time: a machine that is busy with something else may keep a task waiting for half a second.
const LOCK_TIME: Duration = Duration::from_millis(1200);

fn briefly(builder: RepoBuilder<Shop>) -> RepoBuilder<Shop> {
    builder.lock_time(LOCK_TIME)
}

/// Whether a read of the note leaves an entry.
async fn is_filled(repo: &CachedRepo<Shop>) -> bool {
    note_of(repo, "n").await;
    repo.wait_idle().await;
    let cached = Note::find_cached("n".to_owned()).cache_only().one(repo);
    cached.await.expect("read").is_some()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lock_of_a_living_writer_lasts_as_long_as_its_write() {
    for store in [Store::Redis, Store::Bounded, Store::Memory] {
        let world = World::with(Database::Postgres, store, briefly).await;
        let reader = match store {
            Store::Memory => world.repo.clone(),
            _ => world.another().await,
        };
        add_note(&world.repo, "n", "old").await;
        // Somebody else has the row, so that the write waits.
        let other = world.raw.begin().await.expect("begun");
        let take = "SELECT * FROM notes WHERE id = 'n' FOR UPDATE";
        other.execute_unprepared(take).await.expect("taken");
        let write = tokio::spawn({
            let writer = world.repo.clone();
            async move { set_note(&writer, "n", "new").await }
        });
        let locked = promptly("the lock", async { while is_filled(&reader).await {} });
        locked.await;
        let begun = Instant::now();
        while begun.elapsed() < LOCK_TIME * 3 {
            assert!(
                !is_filled(&reader).await,
                "{store:?} after {:?}",
                begun.elapsed()
            );
        }
        other.commit().await.expect("let go");
        write.await.expect("written");
        assert_eq!(note_of(&world.repo, "n").await.as_deref(), Some("new"));
        world.settle().await;
        assert!(is_filled(&reader).await, "the lock is gone");
    }
}

/// What a pause of the whole process does: its locks end, its commit takes effect, and its first call to the store fails.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_whose_locks_have_ended_returns_when_its_invalidation_is_delivered() {
    let redis = Redis::start().expect("Redis is installed");
    let proxy = Proxy::start(redis.port()).await.expect("a free port");
    let over = |builder: RepoBuilder<Shop>, port: u16| {
        let address = format!("redis://127.0.0.1:{port}");
        let store = RedisStore::open(&address).expect("an address");
        briefly(soon(builder)).store(store)
    };
    let world = World::with(Database::Postgres, Store::Memory, |builder| {
        over(builder, redis.port())
    })
    .await;
    let gate = Gate::at(Checkpoint::Locked);
    let writer =
        world.another_with(|builder| over(builder, proxy.port()).checkpoints(gate.clone()));
    let writer = writer.await;
    add_note(&writer, "n", "old").await;
    gate.close();
    let write = tokio::spawn({
        let writer = writer.clone();
        async move { set_note(&writer, "n", "new").await }
    });
    promptly("the lock", gate.arrival()).await;
    eventually("the lock has ended", async || is_filled(&world.repo).await).await;
    proxy.reset();
    gate.open();
    gate.pass();
    eventually("the store is away", async || is_away(&writer)).await;
    eventually("the write has taken effect", async || {
        let row = Note::find_by_id("n".to_owned()).one(&world.raw).await;
        row.expect("read").expect("there").body == "new"
    })
    .await;
    assert!(
        !write.is_finished(),
        "readers elsewhere are served the old row"
    );
    proxy.heal();
    promptly("the write", write).await.expect("written");
    assert_eq!(note_of(&world.repo, "n").await.as_deref(), Some("new"));
}

/// Writes another order than the one whose lock stands; returns whether the customer's list and a query over the table are then
/// answered by the cache.
async fn lists_are_hits_after_a_write(repo: &CachedRepo<Shop>, other: i64) -> bool {
    set_total(repo, other, i64::from(fastrand::u32(..))).await;
    let hits = || repo.stats().entity("order").expect("an entity").hits;
    let before = hits();
    for _ in 0..2 {
        totals_of(repo, 1).await;
        Order::find().cached().all(repo).await.expect("read");
        repo.wait_idle().await;
    }
    hits() == before + 2
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lock_of_a_dead_writer_ends_while_others_write_the_table() {
    // Long enough that a busy machine writes more often than once in it.
    let lock_time = Duration::from_millis(1500);
    let world = World::with(Database::Postgres, Store::Redis, |builder| {
        builder.lock_time(lock_time)
    })
    .await;
    let gate = Gate::at(Checkpoint::Committed);
    let writer =
        world.another_with(|builder| builder.lock_time(lock_time).checkpoints(gate.clone()));
    let writer = writer.await;
    let order = add_order(&world.repo, 1, 10).await.id;
    let other = add_order(&world.repo, 1, 20).await.id;
    assert!(lists_are_hits_after_a_write(&world.repo, other).await);
    gate.close();
    // It has committed and never releases: as good as dead.
    let dead = tokio::spawn(async move { set_total(&writer, order, 30).await });
    promptly("the commit", gate.arrival()).await;
    assert!(!lists_are_hits_after_a_write(&world.repo, other).await);
    eventually("lists are hits again", async || {
        lists_are_hits_after_a_write(&world.repo, other).await
    })
    .await;
    assert!(totals_of(&world.repo, 1).await.contains(&30));
    dead.abort();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_has_paid_its_debt_releases_its_locks() {
    // They would not end by themselves while the test runs.
    let lock_time = Duration::from_secs(3600);
    let redis = Redis::start().expect("Redis is installed");
    let proxy = Proxy::start(redis.port()).await.expect("a free port");
    let over = |builder: RepoBuilder<Shop>, port: u16| {
        let address = format!("redis://127.0.0.1:{port}");
        let store = RedisStore::open(&address).expect("an address");
        soon(builder).lock_time(lock_time).store(store)
    };
    let world = World::with(Database::Postgres, Store::Memory, |builder| {
        over(builder, redis.port())
    })
    .await;
    let gate = Gate::at(Checkpoint::Committed);
    let writer =
        world.another_with(|builder| over(builder, proxy.port()).checkpoints(gate.clone()));
    let writer = writer.await;
    let order = add_order(&world.repo, 1, 10).await.id;
    let other = add_order(&world.repo, 1, 20).await.id;
    gate.close();
    let write = tokio::spawn({
        let writer = writer.clone();
        async move { set_total(&writer, order, 30).await }
    });
    promptly("the commit", gate.arrival()).await;
    proxy.reset();
    gate.open();
    gate.pass();
    promptly("the write", write).await.expect("written");
    assert!(is_away(&writer), "the invalidation is owed");
    proxy.heal();
    back(&writer).await;
    assert_eq!(writer.stats().store.namespace_resets, 1);
    assert!(lists_are_hits_after_a_write(&world.repo, other).await);
    assert!(totals_of(&world.repo, 1).await.contains(&30));
}
