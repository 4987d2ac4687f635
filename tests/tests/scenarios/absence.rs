//! "No such row" is cached, and an insert ends it.

use sea_orm::{ActiveModelTrait, EntityTrait, Set};
use std::time::Duration;
use tests::scene::{a_dashboard, a_line, a_note, a_user, an_order};
use tests::shop::{Dashboard, Line, Note, Order, User};
use tests::{Scene, matrix};

matrix! {
    async fn a_row_that_is_not_there_is_asked_for_once(world) {
        for _ in 0..2 {
            assert_eq!(User::find_cached(1).one(&world.repo).await.expect("read"), None);
            world.settle().await;
        }
        let stats = world.stats("user");
        assert_eq!((stats.loads, stats.hits, stats.misses), (1, 1, 1), "{stats:?}");
    }

    async fn a_unique_value_that_nobody_has_is_asked_for_once(world) {
        for _ in 0..2 {
            assert_eq!(User::find_cached_by_email("new@x").one(&world.repo).await.expect("read"), None);
            world.settle().await;
        }
        let stats = world.stats("user");
        assert_eq!((stats.loads, stats.hits, stats.misses), (1, 1, 1), "{stats:?}");
    }

    async fn an_empty_collection_is_asked_for_once(world) {
        for _ in 0..2 {
            assert_eq!(Order::find_cached_by_customer_id(1).all(&world.repo).await.expect("read"), []);
            world.settle().await;
        }
        let stats = world.stats("order");
        assert_eq!((stats.loads, stats.hits, stats.misses), (1, 1, 1), "{stats:?}");
    }

    async fn an_insert_with_a_given_key_ends_its_absence(world) {
        let scene = Scene::cached(world).await;
        let mut neo = a_user("neo@x", 9);
        neo.id = Set(40);
        neo.insert(scene.repo()).await.expect("inserted");
        assert!(User::find_cached(40).one(scene.repo()).await.expect("read").is_some());
    }

    async fn an_insert_numbered_by_the_database_ends_its_absence(world) {
        let scene = Scene::cached(world).await;
        a_dashboard(1).insert(scene.repo()).await.expect("inserted");
        assert!(Dashboard::find_cached(3).one(scene.repo()).await.expect("read").is_some());
    }

    async fn an_insert_without_its_number_returned_ends_its_absence(world) {
        let scene = Scene::cached(world).await;
        Dashboard::insert(a_dashboard(1)).exec_without_returning(scene.repo()).await.expect("inserted");
        assert!(Dashboard::find_cached(3).one(scene.repo()).await.expect("read").is_some());
    }

    async fn an_insert_ends_the_absence_of_its_unique_value(world) {
        let scene = Scene::cached(world).await;
        a_user("new@x", 9).insert(scene.repo()).await.expect("inserted");
        assert!(User::find_cached_by_email("new@x").one(scene.repo()).await.expect("read").is_some());
        assert_eq!(User::find_cached_by_email("newer@x").one(scene.repo()).await.expect("read"), None);
    }

    async fn an_empty_collection_gets_its_first_row(world) {
        let scene = Scene::cached(world).await;
        an_order(3, "sent").insert(scene.repo()).await.expect("inserted");
        assert_eq!(Order::find_cached_by_customer_id(3).all(scene.repo()).await.expect("read").len(), 1);
        assert_eq!(Order::find_cached_by_status("sent").all(scene.repo()).await.expect("read").len(), 1);
    }

    async fn an_insert_of_many_ends_the_absence_of_each(world) {
        let scene = Scene::cached(world).await;
        User::insert_many([a_user("new@x", 9), a_user("newer@x", 9)]).exec(scene.repo()).await.expect("inserted");
        for email in ["new@x", "newer@x"] {
            assert!(User::find_cached_by_email(email).one(scene.repo()).await.expect("read").is_some());
        }
        assert!(User::find_cached(5).one(scene.repo()).await.expect("read").is_some());
    }

    async fn an_insert_ends_the_absence_of_a_composite_key_and_of_no_other(world) {
        let scene = Scene::cached(world).await;
        a_line(1, 3).insert(scene.repo()).await.expect("inserted");
        assert!(Line::find_cached((1, 3)).one(scene.repo()).await.expect("read").is_some());
    }

    async fn an_insert_after_a_delete_ends_the_absence_that_the_delete_began(world) {
        let scene = Scene::cached(world).await;
        for _ in 0..3 {
            Note::delete_by_id("todo").exec(scene.repo()).await.expect("deleted");
            assert_eq!(Note::find_cached("todo".to_owned()).one(scene.repo()).await.expect("read"), None);
            scene.world.settle().await;
            a_note("todo").insert(scene.repo()).await.expect("inserted");
            assert!(Note::find_cached("todo".to_owned()).one(scene.repo()).await.expect("read").is_some());
            scene.world.settle().await;
        }
    }

    async fn an_insert_that_is_rolled_back_leaves_the_absence(world) {
        use sea_orm::TransactionTrait;
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        a_user("new@x", 9).insert(&transaction).await.expect("inserted");
        transaction.rollback().await.expect("rolled back");
        assert_eq!(scene.cold().await, []);
        assert_eq!(User::find_cached_by_email("new@x").one(scene.repo()).await.expect("read"), None);
    }

    async fn an_absence_ends_by_itself_sooner_than_a_row(world) {
        if world.store.is_shared() {
            // The server's clock is not ours to move.
            return;
        }
        a_note("todo").insert(&world.repo).await.expect("inserted");
        for id in ["todo", "done"] {
            Note::find_cached(id.to_owned()).one(&world.repo).await.expect("read");
        }
        world.clock.advance(Duration::from_secs(31));
        for id in ["todo", "done"] {
            Note::find_cached(id.to_owned()).one(&world.repo).await.expect("read");
        }
        let stats = world.stats("note");
        assert_eq!((stats.hits, stats.misses), (1, 3), "the row was a hit, the absence was not: {stats:?}");
    }
}
