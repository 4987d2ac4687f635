//! A repo that outlives the runtime in which it was built.

use super::readers;
use cached_repo::{CachedQuery, CachedRepo, Checkpoint, ErrorKind};
use sea_orm::{ConnectionTrait, EntityTrait, TransactionTrait};
use std::time::Duration;
use tests::eventually::promptly;
use tests::pause::Gate;
use tests::rows::{add_note, note_of};
use tests::shop::{Note, Shop};
use tests::{Database, Store, World};
use tokio::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    let mut runtime = Builder::new_multi_thread();
    let built = runtime.worker_threads(2).enable_all().build();
    built.expect("a runtime")
}

/// A repo whose runtime has ended while one of its loads was under way.
fn left_behind(database: Database, store: Store) -> (World, CachedRepo<Shop>) {
    let first = runtime();
    let gate = Gate::at(Checkpoint::Permitted);
    let (world, repo) = first.block_on(async {
        let world = World::new(database, store).await;
        add_note(&world.raw, "n", "there").await;
        add_note(&world.raw, "m", "there").await;
        let repo = world
            .another_with(|builder| builder.checkpoints(gate.clone()))
            .await;
        assert_eq!(note_of(&repo, "m").await.as_deref(), Some("there"));
        repo.wait_idle().await;
        gate.close();
        drop(readers(&repo, 2));
        promptly("a load", gate.arrival()).await;
        (world, repo)
    });
    first.shutdown_timeout(Duration::from_secs(5));
    (world, repo)
}

async fn everything_fails(repo: &CachedRepo<Shop>) {
    let note = || "n".to_owned();
    let kinds = [
        promptly("a read", Note::find_cached(note()).one(repo))
            .await
            .err(),
        promptly("many", Note::find_cached_many([note()]).all(repo))
            .await
            .err(),
        promptly("a query", Note::find().cached().all(repo))
            .await
            .err(),
        promptly("a refresh", Note::find_cached(note()).refresh().one(repo))
            .await
            .err(),
        promptly("a batch", repo.batch((Note::find_cached(note()),)))
            .await
            .err(),
        promptly("an invalidation", Note::invalidate(note(), repo))
            .await
            .err(),
        promptly("everything", repo.invalidate_all()).await.err(),
    ];
    for (at, error) in kinds.into_iter().enumerate() {
        let error = error.unwrap_or_else(|| panic!("call {at} ended well"));
        assert_eq!(error.kind(), ErrorKind::RuntimeEnded, "call {at}: {error}");
    }
    let write = repo.execute_unprepared("UPDATE notes SET body = 'new'");
    let error = promptly("a write", write).await.expect_err("no runtime");
    assert!(error.to_string().contains("runtime"), "{error}");
    let error = promptly("a transaction", repo.begin())
        .await
        .expect_err("no runtime");
    assert!(error.to_string().contains("runtime"), "{error}");
    promptly("the rest", repo.wait_idle()).await;
}

fn a_repo_left_behind_fails(database: Database, store: Store) {
    let (world, repo) = left_behind(database, store);
    let second = runtime();
    second.block_on(everything_fails(&repo));
    second.block_on(async { drop((world, repo)) });
}

#[test]
fn a_repo_whose_runtime_has_ended_fails_and_does_not_hang() {
    a_repo_left_behind_fails(Database::Sqlite, Store::Memory);
}

#[test]
fn a_repo_over_a_server_whose_runtime_has_ended_fails_and_does_not_hang() {
    a_repo_left_behind_fails(Database::Postgres, Store::Memory);
    a_repo_left_behind_fails(Database::Postgres, Store::Redis);
    a_repo_left_behind_fails(Database::MariaDb, Store::Bounded);
}
