//! Reads through the cache.

mod logged;
mod recorded;

use cached_repo::Checkpoint;
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set};
use tests::pause::Gate;
use tests::shop::{User, user};
use tests::{World, matrix};

async fn add_user(world: &World, email: &str) -> user::Model {
    let user = user::ActiveModel {
        email: Set(email.to_owned()),
        tenant_id: Set(7),
        name: Set("Ada".to_owned()),
        ..Default::default()
    };
    user.insert(&world.repo)
        .await
        .expect("the user is inserted")
}

matrix! {
    async fn the_second_read_is_a_hit(world) {
        let user = add_user(&world, "ada@example.org").await;
        let first = User::find_cached(user.id).one(&world.repo).await.expect("read").expect("there");
        world.settle().await;
        let second = User::find_cached(user.id).one(&world.repo).await.expect("read").expect("there");
        assert_eq!(*first, user);
        assert_eq!(*second, user);
        let stats = world.stats("user");
        assert_eq!((stats.hits, stats.misses, stats.fills), (1, 1, 1), "{stats:?}");
    }

    async fn an_update_is_seen_by_the_next_read(world) {
        let user = add_user(&world, "ada@example.org").await;
        User::find_cached(user.id).one(&world.repo).await.expect("read");
        world.settle().await;
        let mut change = user.clone().into_active_model();
        change.name = Set("Ada Lovelace".into());
        change.update(&world.repo).await.expect("updated");
        let read = User::find_cached(user.id).one(&world.repo).await.expect("read").expect("there");
        assert_eq!(read.name, "Ada Lovelace");
    }

    async fn a_fill_that_began_before_a_write_is_refused(world) {
        let user = add_user(&world, "ada@example.org").await;
        let gate = Gate::at(Checkpoint::Loaded);
        let reader = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        // Over the store in the process the reader and the writer are one repo.
        let writer = if world.store != tests::Store::Redis { reader.clone() } else { world.repo.clone() };
        gate.close();
        let stalled = {
            let reader = reader.clone();
            tokio::spawn(async move { User::find_cached(user.id).one(&reader).await })
        };
        gate.arrival().await;
        gate.open();
        let mut change = user.clone().into_active_model();
        change.name = Set("Ada Lovelace".into());
        change.update(&writer).await.expect("updated");
        gate.pass();
        let old = stalled.await.expect("no panic").expect("read").expect("there");
        assert_eq!(old.name, "Ada", "the stalled reader began before the write");
        reader.wait_idle().await;
        let new = User::find_cached(user.id).one(&reader).await.expect("read").expect("there");
        assert_eq!(new.name, "Ada Lovelace");
        let new = User::find_cached(user.id).one(&writer).await.expect("read").expect("there");
        assert_eq!(new.name, "Ada Lovelace");
    }
}
