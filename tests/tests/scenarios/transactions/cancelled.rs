//! Writers that go away while they write.

use cached_repo::{CachedRepo, Checkpoint};
use sea_orm::{ActiveModelTrait, EntityTrait, Set, TransactionTrait};
use std::sync::Arc;
use tests::eventually::promptly;
use tests::pause::Gate;
use tests::shop::{Dashboard, Note, Shop, User, note, user};
use tests::{Read, Scene, matrix};

fn renamed() -> user::ActiveModel {
    user::ActiveModel {
        id: Set(1),
        name: Set("Somebody".to_owned()),
        ..Default::default()
    }
}

/// Begins the write, drops it at the gate, and lets the engine go on.
async fn cancel<T: Send + 'static>(
    gate: &Arc<Gate>,
    write: impl Future<Output = T> + Send + 'static,
) {
    gate.close();
    let write = tokio::spawn(write);
    gate.arrival().await;
    write.abort();
    assert!(write.await.err().is_some_and(|error| error.is_cancelled()));
    gate.open();
}

/// Returns when the cache can hold this read again: the write has let go of it.
async fn released(read: Read, repo: &CachedRepo<Shop>) {
    let held = async {
        while !read.is_cached(repo).await {
            read.answer(repo).await;
            repo.wait_idle().await;
            tokio::task::yield_now().await;
        }
    };
    promptly("the write that is to let go", held).await;
}

matrix! {
    async fn a_commit_cancelled_before_it_took_effect_is_committed_and_seen(world) {
        let (scene, gate) = Scene::gated(world, Checkpoint::Locked).await;
        let transaction = scene.repo().begin().await.expect("begun");
        renamed().update_without_returning(&transaction).await.expect("updated");
        cancel(&gate, transaction.commit()).await;
        // Under the lock nobody is served what is about to be old.
        assert!(!Read::User(1).is_cached(scene.repo()).await);
        gate.pass();
        released(Read::User(1), scene.repo()).await;
        let ada = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(ada.name, "Somebody");
        scene.assert_fresh().await;
    }

    async fn a_commit_cancelled_after_it_took_effect_is_seen(world) {
        let (scene, gate) = Scene::gated(world, Checkpoint::Committed).await;
        let transaction = scene.repo().begin().await.expect("begun");
        renamed().update_without_returning(&transaction).await.expect("updated");
        cancel(&gate, transaction.commit()).await;
        scene.assert_fresh().await;
        gate.pass();
        scene.assert_fresh().await;
        released(Read::User(1), scene.repo()).await;
        scene.assert_fresh().await;
    }

    async fn a_write_cancelled_before_it_took_effect_is_written_and_seen(world) {
        let (scene, gate) = Scene::gated(world, Checkpoint::Locked).await;
        let repo = scene.repo().clone();
        cancel(&gate, async move { renamed().update_without_returning(&repo).await }).await;
        assert!(!Read::User(1).is_cached(scene.repo()).await);
        gate.pass();
        released(Read::User(1), scene.repo()).await;
        let ada = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(ada.name, "Somebody");
        scene.assert_fresh().await;
    }

    async fn a_write_cancelled_after_it_took_effect_is_seen(world) {
        let (scene, gate) = Scene::gated(world, Checkpoint::Committed).await;
        let repo = scene.repo().clone();
        cancel(&gate, async move { renamed().update_without_returning(&repo).await }).await;
        scene.assert_fresh().await;
        gate.pass();
        released(Read::User(1), scene.repo()).await;
        scene.assert_fresh().await;
    }

    async fn a_delete_cancelled_before_it_took_effect_is_done_and_seen(world) {
        let (scene, gate) = Scene::gated(world, Checkpoint::Locked).await;
        let repo = scene.repo().clone();
        cancel(&gate, async move { Dashboard::delete_by_id(1).exec(&repo).await }).await;
        gate.pass();
        released(Read::Dashboard(1), scene.repo()).await;
        assert_eq!(Dashboard::find_cached(1).one(scene.repo()).await.expect("read"), None);
        scene.assert_fresh().await;
    }

    async fn an_insert_cancelled_before_it_took_effect_is_done_and_seen(world) {
        let (scene, gate) = Scene::gated(world, Checkpoint::Locked).await;
        let repo = scene.repo().clone();
        let note = note::ActiveModel { id: Set("done".into()), body: Set("x".into()) };
        cancel(&gate, async move { Note::insert(note).exec_without_returning(&repo).await }).await;
        gate.pass();
        released(Read::Note("done"), scene.repo()).await;
        assert!(Note::find_cached("done".to_owned()).one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn a_read_under_the_lock_of_a_write_goes_to_the_database_and_fills_nothing(world) {
        let (scene, gate) = Scene::gated(world, Checkpoint::Locked).await;
        let transaction = scene.repo().begin().await.expect("begun");
        renamed().update_without_returning(&transaction).await.expect("updated");
        gate.close();
        let commit = tokio::spawn(transaction.commit());
        gate.arrival().await;
        gate.open();
        let fills = scene.world.stats("user").fills;
        let ada = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(ada.name, "Ada", "not committed yet");
        scene.world.settle().await;
        assert_eq!(scene.world.stats("user").fills, fills);
        gate.pass();
        commit.await.expect("no panic").expect("committed");
        let ada = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(ada.name, "Somebody");
    }

    async fn a_read_cancelled_while_it_loads_leaves_nothing_that_others_wait_for(world) {
        let gate = Gate::at(Checkpoint::Loaded);
        let mut world = world;
        world.repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        let scene = Scene::new(world).await;
        let repo = scene.repo().clone();
        cancel(&gate, async move { User::find_cached(1).one(&repo).await }).await;
        gate.pass();
        scene.assert_fresh().await;
        scene.warm().await;
    }
}
