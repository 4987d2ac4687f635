//! Loads that do not end, and loads that nobody waits for any more.

use super::{readers, stats_of};
use cached_repo::{CachedRepo, Checkpoint, Error, ErrorKind, RepoBuilder};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, TransactionTrait};
use std::sync::Arc;
use std::time::Duration;
use tests::eventually::{eventually, promptly};
use tests::faulty::hits_of_two_reads;
use tests::passing::pass;
use tests::pause::Gate;
use tests::rows::{add_note, add_user, note_of, set_note, total_of};
use tests::shop::{Note, Order, Shop, User};
use tests::{Database, Store, World, matrix};
use tokio::task::JoinHandle;

/// Longer than any test takes.
const NEVER: Duration = Duration::from_secs(1800);
const SOON: Duration = Duration::from_millis(200);

/// A repo whose loads stop at the gate, which is closed.
async fn held(
    world: &World,
    checkpoint: Checkpoint,
    settings: impl FnOnce(RepoBuilder<Shop>) -> RepoBuilder<Shop>,
) -> (CachedRepo<Shop>, Arc<Gate>) {
    let gate = Gate::at(checkpoint);
    let built = world.another_with(|builder| settings(builder.checkpoints(gate.clone())));
    let repo = built.await;
    gate.close();
    (repo, gate)
}

type Reading<T> = JoinHandle<Result<T, Error>>;

/// Tasks that read one note.
fn tries(repo: &CachedRepo<Shop>, count: usize) -> Vec<Reading<Option<String>>> {
    let read = |_| {
        let repo = repo.clone();
        tokio::spawn(async move {
            let note = Note::find_cached("n".to_owned()).one(&repo).await?;
            Ok(note.map(|note| note.body.clone()))
        })
    };
    (0..count).map(read).collect()
}

async fn assert_timed_out<T: std::fmt::Debug>(what: &str, reading: Reading<T>) {
    let answer = promptly(what, reading).await.expect("no panic");
    let error = answer.expect_err("the load hangs");
    assert_eq!(error.kind(), ErrorKind::TimedOut, "{what}: {error}");
    assert!(error.to_string().contains("load_timeout"), "{error}");
}

matrix! {
    async fn a_load_that_hangs_keeps_nobody_from_the_row_for_longer_than_the_soft_limit(world) {
        add_note(&world.raw, "n", "there").await;
        let settings = |builder: RepoBuilder<Shop>| builder.load_soft_timeout(SOON).load_timeout(NEVER);
        let (repo, gate) = held(&world, Checkpoint::Permitted, settings).await;
        let leader = readers(&repo, 1).remove(0);
        gate.arrival().await;
        gate.open();
        let mut all = readers(&repo, 20);
        all.push(leader);
        for reader in all {
            let read = promptly("a reader behind a load that hangs", reader).await;
            assert_eq!(read.expect("no panic").as_deref(), Some("there"));
        }
        gate.pass();
        promptly("the load that hung", repo.wait_idle()).await;
    }

    async fn a_database_that_hangs_is_asked_twice_for_a_key_and_no_more(world) {
        add_note(&world.raw, "n", "there").await;
        let settings = |builder: RepoBuilder<Shop>| builder.load_soft_timeout(SOON).load_timeout(NEVER);
        let (repo, gate) = held(&world, Checkpoint::Permitted, settings).await;
        let all = readers(&repo, 20);
        for _ in 0..2 {
            promptly("a load", gate.arrival()).await;
        }
        let third = tokio::time::timeout(SOON * 5, gate.arrival()).await;
        assert!(third.is_err(), "two loads hang, and a third begins");
        gate.open();
        gate.pass();
        gate.pass();
        for reader in all {
            let read = promptly("a reader", reader).await;
            assert_eq!(read.expect("no panic").as_deref(), Some("there"));
        }
    }

    async fn a_load_that_takes_longer_than_the_soft_limit_still_answers(world) {
        add_note(&world.raw, "n", "there").await;
        let settings = |builder: RepoBuilder<Shop>| builder.load_soft_timeout(SOON).load_timeout(NEVER);
        let (repo, gate) = held(&world, Checkpoint::Permitted, settings).await;
        let reader = readers(&repo, 1).remove(0);
        for _ in 0..2 {
            promptly("a load", gate.arrival()).await;
        }
        // The first of them ends; the second hangs.
        gate.pass();
        let read = promptly("the reader", reader).await;
        assert_eq!(read.expect("no panic").as_deref(), Some("there"));
        gate.open();
        gate.pass();
    }

    async fn a_load_that_hangs_ends_at_its_limit_with_an_error_for_all_who_wait(world) {
        add_note(&world.raw, "n", "there").await;
        let settings = |builder: RepoBuilder<Shop>| builder.load_soft_timeout(SOON).load_timeout(SOON * 3);
        let (repo, gate) = held(&world, Checkpoint::Permitted, settings).await;
        for reader in tries(&repo, 20) {
            assert_timed_out("a reader", reader).await;
        }
        gate.open();
        // What was granted to the loads was given back, or ends by itself: the row can be stored.
        eventually("the row is cached again", async || hits_of_two_reads(&repo, "n").await >= 1).await;
        assert_eq!(note_of(&repo, "n").await.as_deref(), Some("there"));
    }

    async fn many_reads_at_once_end_at_the_limit_of_a_load(world) {
        add_note(&world.raw, "n", "there").await;
        let user = add_user(&world.raw, "ada@example.org").await.id;
        let settings = |builder: RepoBuilder<Shop>| builder.load_timeout(SOON);
        let (repo, gate) = held(&world, Checkpoint::Permitted, settings).await;
        let many = tokio::spawn({
            let repo = repo.clone();
            async move { Note::find_cached_many(["n".to_owned(), "m".to_owned()]).all(&repo).await }
        });
        assert_timed_out("many rows", many).await;
        let batch = tokio::spawn({
            let repo = repo.clone();
            async move { repo.batch((User::find_cached(user), User::find_cached(user + 1))).await }
        });
        assert_timed_out("a batch", batch).await;
        gate.open();
        eventually("the row is cached again", async || hits_of_two_reads(&repo, "n").await >= 1).await;
    }

    async fn an_entry_past_its_lifetime_is_served_at_the_soft_limit(world) {
        add_note(&world.raw, "n", "old").await;
        let settings = |builder: RepoBuilder<Shop>| {
            let builder = builder.ttl(Duration::from_secs(60)).stale_if_error(NEVER);
            builder.load_soft_timeout(SOON).load_timeout(NEVER)
        };
        let (repo, gate) = held(&world, Checkpoint::Permitted, settings).await;
        gate.open();
        assert_eq!(note_of(&repo, "n").await.as_deref(), Some("old"));
        repo.wait_idle().await;
        set_note(&world.raw, "n", "new").await;
        pass(&world, Duration::from_secs(90)).await;
        gate.close();
        let read = promptly("a read behind a load that hangs", note_of(&repo, "n")).await;
        assert_eq!(read.as_deref(), Some("old"), "the entry has ended, and its grace has not");
        gate.open();
        gate.pass();
    }

    async fn batches_that_go_away_leave_no_queue_of_loads_behind(world) {
        const CALLERS: i64 = 50;
        let (repo, gate) = held(&world, Checkpoint::Permitted, |builder| builder).await;
        let mut callers = Vec::new();
        for at in 0..CALLERS {
            let repo = repo.clone();
            callers.push(tokio::spawn(async move {
                let (one, other) = (Order::find_cached(at), Order::find_cached(at + CALLERS));
                repo.batch((one, other)).await.map(drop)
            }));
            // One after the other: what begins in the same turn is one load.
            promptly("a load", gate.arrival()).await;
        }
        for caller in &callers {
            caller.abort();
        }
        join_all(callers).await;
        gate.open();
        (0..CALLERS).for_each(|_| gate.pass());
        promptly("what is left of the loads", repo.wait_idle()).await;
        let loads = stats_of(&repo, "order").loads;
        assert!((1..=4).contains(&loads), "{loads} loads that nobody waits for");
        eventually("a row is cached", async || {
            let before = stats_of(&repo, "order").hits;
            for _ in 0..2 {
                assert_eq!(total_of(&repo, CALLERS).await, None);
                repo.wait_idle().await;
            }
            stats_of(&repo, "order").hits > before
        }).await;
    }

    async fn callers_that_go_away_leave_no_queue_of_loads_behind(world) {
        const CALLERS: usize = 200;
        let (repo, gate) = held(&world, Checkpoint::Permitted, |builder| builder).await;
        let read = |at: usize| {
            let repo = repo.clone();
            tokio::spawn(async move { note_of(&repo, &format!("note {at}")).await })
        };
        let callers: Vec<_> = (0..CALLERS).map(read).collect();
        for _ in 0..CALLERS {
            promptly("a load", gate.arrival()).await;
        }
        for caller in &callers {
            caller.abort();
        }
        join_all(callers).await;
        gate.open();
        (0..CALLERS).for_each(|_| gate.pass());
        promptly("what is left of the loads", repo.wait_idle()).await;
        let loads = stats_of(&repo, "note").loads;
        assert!((1..=4).contains(&loads), "{loads} loads that nobody waits for");
        // The leases of the others were given back.
        for at in [0, CALLERS / 2, CALLERS - 1] {
            let id = format!("note {at}");
            eventually("a row is cached", async || hits_of_two_reads(&repo, &id).await >= 1).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_waits_in_the_database_ends_at_the_limit_of_a_load() {
    for store in [Store::Memory, Store::Redis] {
        let settings =
            |builder: RepoBuilder<Shop>| builder.load_soft_timeout(SOON).load_timeout(SOON * 3);
        let world = World::with(Database::Postgres, store, settings).await;
        add_note(&world.raw, "n", "there").await;
        let other = world.raw.begin().await.expect("begun");
        let lock = "LOCK TABLE notes IN ACCESS EXCLUSIVE MODE";
        other.execute_unprepared(lock).await.expect("locked");
        for reader in tries(&world.repo, 20) {
            assert_timed_out("a reader", reader).await;
        }
        other.rollback().await.expect("let go");
        eventually("the row is cached again", async || {
            hits_of_two_reads(&world.repo, "n").await >= 1
        })
        .await;
    }
}
