//! Transactions inside transactions.

use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, Set, TransactionTrait};
use tests::scene::a_user;
use tests::shop::{Order, User, user};
use tests::{Read, Scene, matrix};

async fn rename(id: i64, db: &impl ConnectionTrait) {
    let user = user::ActiveModel {
        id: Set(id),
        name: Set("Somebody".to_owned()),
        ..Default::default()
    };
    user.update_without_returning(db).await.expect("updated");
}

matrix! {
    async fn a_savepoint_is_seen_after_both_commits(world) {
        let scene = Scene::cached(world).await;
        let outer = scene.repo().begin().await.expect("begun");
        let inner = outer.begin().await.expect("begun");
        rename(1, &inner).await;
        inner.commit().await.expect("released");
        assert_eq!(scene.cold().await, [], "only the outer commit counts");
        outer.commit().await.expect("committed");
        assert!(!Read::User(1).is_cached(scene.repo()).await);
        scene.assert_fresh().await;
    }

    async fn a_savepoint_goes_down_with_the_outer_transaction(world) {
        let scene = Scene::cached(world).await;
        let outer = scene.repo().begin().await.expect("begun");
        let inner = outer.begin().await.expect("begun");
        rename(1, &inner).await;
        inner.commit().await.expect("released");
        outer.rollback().await.expect("rolled back");
        assert_eq!(scene.cold().await, []);
        scene.assert_fresh().await;
    }

    async fn a_savepoint_that_is_rolled_back_leaves_its_entries_alone(world) {
        let scene = Scene::cached(world).await;
        let outer = scene.repo().begin().await.expect("begun");
        let inner = outer.begin().await.expect("begun");
        rename(1, &inner).await;
        inner.rollback().await.expect("rolled back");
        rename(3, &outer).await;
        outer.commit().await.expect("committed");
        assert!(Read::User(1).is_cached(scene.repo()).await, "it was rolled back");
        assert!(!Read::User(3).is_cached(scene.repo()).await);
        scene.assert_fresh().await;
    }

    async fn a_dropped_savepoint_leaves_its_entries_alone(world) {
        let scene = Scene::cached(world).await;
        let outer = scene.repo().begin().await.expect("begun");
        let inner = outer.begin().await.expect("begun");
        rename(1, &inner).await;
        drop(inner);
        outer.commit().await.expect("committed");
        assert_eq!(scene.cold().await, []);
        scene.assert_fresh().await;
    }

    async fn a_savepoint_in_a_savepoint_is_seen_after_all_commits(world) {
        let scene = Scene::cached(world).await;
        let outer = scene.repo().begin().await.expect("begun");
        let middle = outer.begin().await.expect("begun");
        let inner = middle.begin().await.expect("begun");
        rename(1, &inner).await;
        inner.commit().await.expect("released");
        rename(2, &middle).await;
        middle.commit().await.expect("released");
        assert_eq!(scene.cold().await, []);
        outer.commit().await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn a_savepoint_committed_in_one_that_is_rolled_back_leaves_its_entries_alone(world) {
        let scene = Scene::cached(world).await;
        let outer = scene.repo().begin().await.expect("begun");
        let middle = outer.begin().await.expect("begun");
        let inner = middle.begin().await.expect("begun");
        rename(1, &inner).await;
        inner.commit().await.expect("released");
        middle.rollback().await.expect("rolled back");
        outer.commit().await.expect("committed");
        assert_eq!(scene.cold().await, []);
        scene.assert_fresh().await;
    }

    async fn a_closure_in_a_closure_that_fails_leaves_its_entries_alone(world) {
        let scene = Scene::cached(world).await;
        let work = scene.repo().transaction::<_, (), DbErr>(|outer| {
            Box::pin(async move {
                a_user("new@x", 9).insert(outer).await?;
                let inner = outer.transaction::<_, (), DbErr>(|inner| {
                    Box::pin(async move {
                        rename(3, inner).await;
                        Err(DbErr::Custom("no".into()))
                    })
                });
                inner.await.expect_err("it says so");
                Ok(())
            })
        });
        work.await.expect("committed");
        assert!(Read::Order(3).is_cached(scene.repo()).await);
        assert!(Read::User(3).is_cached(scene.repo()).await, "it was rolled back");
        assert!(!Read::UserByEmail("new@x").is_cached(scene.repo()).await);
        scene.assert_fresh().await;
    }

    async fn a_read_in_a_savepoint_sees_both_and_fills_nothing(world) {
        let scene = Scene::cached(world).await;
        let outer = scene.repo().begin().await.expect("begun");
        rename(1, &outer).await;
        let inner = outer.begin().await.expect("begun");
        Order::delete_by_id(1).exec(&inner).await.expect("deleted");
        let ada = User::find_cached(1).one(&inner).await.expect("read").expect("there");
        assert_eq!(ada.name, "Somebody");
        assert_eq!(Order::find_cached(1).one(&inner).await.expect("read"), None);
        inner.rollback().await.expect("rolled back");
        assert!(Order::find_cached(1).one(&outer).await.expect("read").is_some());
        outer.rollback().await.expect("rolled back");
        assert_eq!(scene.cold().await, []);
    }

    async fn a_savepoint_written_as_text_is_rolled_back_by_the_outer_transaction(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        transaction.execute_unprepared("SAVEPOINT mine").await.expect("done");
        rename(1, &transaction).await;
        transaction.execute_unprepared("ROLLBACK TO SAVEPOINT mine").await.expect("done");
        rename(3, &transaction).await;
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }
}
