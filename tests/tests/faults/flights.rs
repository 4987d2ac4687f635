//! Many readers of one key, and loads that fail, panic and are given up.

mod limits;
mod runtimes;

use cached_repo::stats::EntityStats;
use cached_repo::{CachedRepo, Checkpoint, ErrorKind};
use futures_util::future::{Either, join_all, select};
use sea_orm::{ConnectionTrait, EntityTrait, Set};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::eventually::{eventually, promptly};
use tests::matrix;
use tests::over::{builder_over, create_table};
use tests::pause::Gate;
use tests::rows::{add_note, add_order, add_user, note_of, set_note, totals_of};
use tests::shop::{Line, Note, Shop, User};
use tests::traps::{BOOM, Touchy, Trap, Traps, trap};
use tokio::task::JoinHandle;

const HERD: usize = 200;

/// Reads that all begin while the first load is held, and what came of them.
async fn herd<T, F>(
    world: &tests::World,
    read: impl Fn(CachedRepo<Shop>) -> F,
) -> (Vec<T>, CachedRepo<Shop>)
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    let gate = Gate::at(Checkpoint::Loaded);
    let repo = world
        .another_with(|builder| builder.checkpoints(gate.clone()))
        .await;
    gate.close();
    let leader = tokio::spawn(read(repo.clone()));
    gate.arrival().await;
    gate.open();
    let followers = join_all((1..HERD).map(|_| read(repo.clone())));
    let followers = waiting(&repo, followers).await;
    gate.pass();
    let mut answers = vec![promptly("the leader", leader).await.expect("no panic")];
    answers.extend(promptly("the herd", followers).await);
    repo.wait_idle().await;
    (answers, repo)
}

/// Lets readers go until they wait for a leader that the gate holds.
///
/// The store answers in order, so it has answered them before it answers the read of another key. Polled first in the second
/// round, the last of them has seen its answer, too.
async fn waiting<F: Future + Unpin>(repo: &CachedRepo<Shop>, mut readers: F) -> F {
    for _ in 0..2 {
        let another = Box::pin(Line::find_cached((-1, -1)).one(repo));
        match select(readers, another).await {
            Either::Left(_) => panic!("somebody has an answer before the leader"),
            Either::Right((read, waiting)) => {
                read.expect("read");
                readers = waiting;
            }
        }
    }
    readers
}

fn stats_of(repo: &CachedRepo<Shop>, prefix: &str) -> EntityStats {
    repo.stats().entity(prefix).expect("there").clone()
}

/// Tasks that read one note.
fn readers(repo: &CachedRepo<Shop>, count: usize) -> Vec<JoinHandle<Option<String>>> {
    let read = |_| {
        let repo = repo.clone();
        tokio::spawn(async move { note_of(&repo, "n").await })
    };
    (0..count).map(read).collect()
}

matrix! {
    async fn a_herd_of_readers_of_a_cold_row_costs_one_load(world) {
        add_note(&world.raw, "n", "there").await;
        let (answers, repo) = herd(&world, |repo| async move { note_of(&repo, "n").await }).await;
        assert!(answers.iter().all(|answer| answer.as_deref() == Some("there")));
        let stats = stats_of(&repo, "note");
        assert_eq!((stats.loads, stats.fills), (1, 1), "{stats:?}");
        assert_eq!(stats.hits + stats.misses + stats.bypasses, HERD as u64, "{stats:?}");
    }

    async fn a_herd_of_readers_of_an_absent_row_costs_one_load(world) {
        let (answers, repo) = herd(&world, |repo| async move { note_of(&repo, "n").await }).await;
        assert!(answers.iter().all(Option::is_none));
        let stats = stats_of(&repo, "note");
        assert_eq!((stats.loads, stats.fills), (1, 1), "{stats:?}");
    }

    async fn a_herd_of_readers_of_a_collection_costs_one_load(world) {
        add_order(&world.raw, 7, 1).await;
        add_order(&world.raw, 7, 2).await;
        let (answers, repo) = herd(&world, |repo| async move { totals_of(&repo, 7).await }).await;
        assert!(answers.iter().all(|answer| answer == &[1, 2]));
        let stats = stats_of(&repo, "order");
        assert_eq!((stats.loads, stats.fills), (1, 1), "{stats:?}");
    }

    async fn a_herd_of_readers_of_many_rows_and_of_one_of_them_costs_one_load(world) {
        for id in ["a", "b", "c"] {
            add_note(&world.raw, id, id).await;
        }
        let turn = AtomicUsize::new(0);
        let (answers, repo) = herd(&world, |repo| {
            let reads_one = turn.fetch_add(1, Ordering::Relaxed) % 2 == 1;
            async move {
                if reads_one {
                    return vec![note_of(&repo, "b").await];
                }
                let rows = Note::find_cached_many(["c", "b", "a"].map(str::to_owned)).all(&repo).await;
                rows.expect("read").into_iter().map(|row| row.map(|note| note.body.clone())).collect()
            }
        }).await;
        let body = |id: &str| Some(id.to_owned());
        for answer in answers {
            assert!(answer == [body("b")] || answer == [body("c"), body("b"), body("a")], "{answer:?}");
        }
        let stats = stats_of(&repo, "note");
        assert_eq!((stats.loads, stats.fills), (1, 3), "{stats:?}");
    }

    async fn a_herd_of_readers_of_a_unique_value_costs_one_load_and_at_most_one_for_its_row(world) {
        let user = add_user(&world.raw, "ada@example.org").await;
        let (answers, repo) = herd(&world, |repo| async move {
            let found = User::find_cached_by_email("ada@example.org".to_owned()).one(&repo).await;
            found.expect("read").map(|user| user.id)
        }).await;
        assert!(answers.iter().all(|answer| *answer == Some(user.id)));
        let stats = stats_of(&repo, "user");
        assert!(stats.loads <= 3, "the row names a tag, which may need a second look: {stats:?}");
        assert_eq!(stats.fills, 2, "the lookup and the row: {stats:?}");
    }

    async fn readers_whose_leader_is_cancelled_are_served_all_the_same(world) {
        add_note(&world.raw, "n", "there").await;
        let gate = Gate::at(Checkpoint::Loaded);
        let repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        gate.close();
        let leader = readers(&repo, 1).remove(0);
        gate.arrival().await;
        gate.open();
        let waiters = waiting(&repo, join_all((0..50).map(|_| note_of(&repo, "n")))).await;
        leader.abort();
        leader.await.expect_err("cancelled");
        gate.pass();
        let answers = promptly("the waiters", waiters).await;
        assert!(answers.iter().all(|answer| answer.as_deref() == Some("there")));
        repo.wait_idle().await;
        let stats = stats_of(&repo, "note");
        assert!(stats.loads <= 2 && stats.fills >= 1, "{stats:?}");
    }

    async fn a_load_whose_callers_are_all_cancelled_is_not_wasted(world) {
        add_note(&world.raw, "n", "there").await;
        for checkpoint in [Checkpoint::Permitted, Checkpoint::Loaded] {
            set_note(&world.repo, "n", "there").await;
            let gate = Gate::at(checkpoint);
            let repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
            gate.close();
            let leader = readers(&repo, 1).remove(0);
            gate.arrival().await;
            let mut callers = readers(&repo, 10);
            callers.push(leader);
            for caller in callers {
                caller.abort();
                caller.await.expect_err("cancelled");
            }
            gate.open();
            gate.pass();
            promptly("the rest of the load", repo.wait_idle()).await;
            assert_eq!(note_of(&repo, "n").await.as_deref(), Some("there"));
            let stats = stats_of(&repo, "note");
            assert_eq!((stats.loads, stats.fills, stats.hits), (1, 1, 1), "{checkpoint:?}: {stats:?}");
        }
    }

    async fn a_refresh_is_not_answered_by_a_load_that_began_before_it(world) {
        add_note(&world.raw, "n", "old").await;
        let gate = Gate::at(Checkpoint::Loaded);
        let repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        gate.close();
        let reader = readers(&repo, 1).remove(0);
        gate.arrival().await;
        set_note(&world.raw, "n", "new").await;
        gate.open();
        let refresh = Box::pin(Note::find_cached("n".to_owned()).refresh().one(&repo));
        let refresh = waiting(&repo, refresh).await;
        gate.pass();
        let refreshed = promptly("the refresh", refresh).await.expect("read").expect("there");
        assert_eq!(refreshed.body, "new");
        promptly("the reader", reader).await.expect("no panic");
        repo.wait_idle().await;
        assert_eq!(note_of(&repo, "n").await.as_deref(), Some("new"));
    }

    async fn a_refresh_outlasts_the_fill_of_a_load_elsewhere_that_began_before_it(world) {
        add_note(&world.raw, "n", "old").await;
        let gate = Gate::at(Checkpoint::Loaded);
        let elsewhere = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        gate.close();
        let reader = readers(&elsewhere, 1).remove(0);
        gate.arrival().await;
        set_note(&world.raw, "n", "new").await;
        let refresh = Note::find_cached("n".to_owned()).refresh().one(&world.repo);
        let refreshed = promptly("the refresh", refresh).await.expect("read").expect("there");
        assert_eq!(refreshed.body, "new");
        gate.pass();
        gate.open();
        promptly("the reader", reader).await.expect("no panic");
        elsewhere.wait_idle().await;
        world.settle().await;
        assert_eq!(note_of(&world.repo, "n").await.as_deref(), Some("new"));
    }

    async fn an_error_of_a_load_goes_to_every_waiter_and_the_next_read_tries_again(world) {
        add_note(&world.raw, "n", "there").await;
        let gate = Gate::at(Checkpoint::Loaded);
        let repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        world.raw.execute_unprepared("ALTER TABLE notes RENAME TO hidden").await.expect("renamed");
        let read = || {
            let repo = repo.clone();
            tokio::spawn(async move { Note::find_cached("n".to_owned()).one(&repo).await })
        };
        gate.close();
        let mut readers = vec![read()];
        gate.arrival().await;
        gate.open();
        readers.extend((0..20).map(|_| read()));
        gate.pass();
        for reader in readers {
            let error = promptly("a waiter", reader).await.expect("no panic").expect_err("no table");
            assert_eq!(error.kind(), ErrorKind::Database);
            assert!(error.database().is_some());
        }
        let many = Note::find_cached_many(["n".to_owned()]).all(&repo).await;
        assert_eq!(many.expect_err("no table").kind(), ErrorKind::Database);
        world.raw.execute_unprepared("ALTER TABLE hidden RENAME TO notes").await.expect("renamed");
        for _ in 0..2 {
            assert_eq!(note_of(&repo, "n").await.as_deref(), Some("there"));
            repo.wait_idle().await;
        }
        let stats = stats_of(&repo, "note");
        assert_eq!((stats.fills, stats.hits), (1, 1), "{stats:?}");
    }

    async fn a_panic_in_a_load_is_an_error_for_every_waiter_and_the_next_read_tries_again(world) {
        create_table(&world.raw, Trap).await;
        let lease = std::time::Duration::from_millis(500);
        let builder = builder_over::<Traps>(&world).lease_time(lease);
        let repo = builder.build().await.expect("built");
        let touchy = |text: &str| trap::ActiveModel { id: Set(1), touchy: Set(Touchy(text.to_owned())) };
        Trap::insert(touchy(BOOM)).exec_without_returning(&world.raw).await.expect("inserted");
        let readers: Vec<_> = (0..20).map(|_| {
            let repo = repo.clone();
            tokio::spawn(async move { Trap::find_cached(1).one(&repo).await })
        }).collect();
        for reader in readers {
            let error = promptly("a waiter", reader).await.expect("no panic").expect_err("it panics");
            assert_eq!(error.kind(), ErrorKind::LoadPanicked);
            assert!(!error.to_string().contains(BOOM), "{error}");
        }
        world.raw.execute_unprepared("UPDATE traps SET touchy = 'calm'").await.expect("updated");
        let calm = Trap::find_cached(1).one(&repo).await.expect("read").expect("there");
        assert_eq!(calm.touchy.0, "calm");
        eventually("it is cached again", async || {
            Trap::find_cached(1).one(&repo).await.expect("read");
            repo.wait_idle().await;
            repo.stats().entity("trap").expect("there").hits > 0
        }).await;
    }

    async fn a_reader_that_joins_a_load_begun_before_a_write_gets_the_new_value(world) {
        add_note(&world.raw, "n", "old").await;
        let gate = Gate::at(Checkpoint::Loaded);
        let repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        gate.close();
        let before = readers(&repo, 1).remove(0);
        gate.arrival().await;
        gate.open();
        set_note(&repo, "n", "new").await;
        let after: Vec<_> = readers(&repo, 10);
        gate.pass();
        let old = promptly("the old reader", before).await.expect("no panic");
        assert_eq!(old.as_deref(), Some("old"), "it began before the write");
        for reader in after {
            let new = promptly("a new reader", reader).await.expect("no panic");
            assert_eq!(new.as_deref(), Some("new"), "it began after the write");
        }
    }

    async fn readers_of_different_keys_do_not_wait_for_one_another(world) {
        add_note(&world.raw, "n", "slow").await;
        add_note(&world.raw, "m", "quick").await;
        let gate = Gate::at(Checkpoint::Loaded);
        let repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        gate.close();
        let slow = readers(&repo, 1).remove(0);
        gate.arrival().await;
        gate.open();
        assert_eq!(promptly("another key", note_of(&repo, "m")).await.as_deref(), Some("quick"));
        gate.pass();
        let slow: Arc<str> = promptly("the slow one", slow).await.expect("no panic").expect("there").into();
        assert_eq!(&*slow, "slow");
    }
}
