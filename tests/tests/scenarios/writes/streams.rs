//! Streams read past the cache, and one that writes is seen.

use futures_util::TryStreamExt;
use sea_orm::{EntityTrait, StreamTrait, TransactionTrait};
use tests::scene::bound;
use tests::shop::User;
use tests::{Scene, matrix};

matrix! {
    async fn a_stream_that_reads_leaves_every_entry_alone(world) {
        let scene = Scene::cached(world).await;
        {
            let users = User::find().stream(scene.repo()).await.expect("a stream");
            assert_eq!(users.try_collect::<Vec<_>>().await.expect("rows").len(), 3);
        }
        assert_eq!(scene.cold().await, []);
    }

    async fn a_stream_that_writes_is_seen(world) {
        let scene = Scene::cached(world).await;
        let delete = bound(&scene.world, "DELETE FROM users WHERE id = ? RETURNING id", [1_i64.into()]);
        let rows = scene.repo().stream_raw(delete).await.expect("a stream");
        // Before anybody has looked at what it returns.
        assert_eq!(User::find_cached(1).one(scene.repo()).await.expect("read"), None);
        assert_eq!(rows.try_collect::<Vec<_>>().await.expect("rows").len(), 1);
        scene.assert_fresh().await;
    }

    async fn a_stream_that_nobody_reads_is_written_and_seen(world) {
        let scene = Scene::cached(world).await;
        let sql = "INSERT INTO users (email, tenant_id, name) VALUES (?, ?, ?) RETURNING id";
        let insert = bound(&scene.world, sql, ["new@x".into(), 9_i64.into(), "Neo".into()]);
        drop(scene.repo().stream_raw(insert).await.expect("a stream"));
        assert!(User::find_cached_by_email("new@x").one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn a_stream_that_writes_in_a_transaction_is_seen_after_the_commit(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        let delete = bound(&scene.world, "DELETE FROM users WHERE id = ? RETURNING id", [1_i64.into()]);
        {
            let rows = transaction.stream_raw(delete).await.expect("a stream");
            assert_eq!(rows.try_collect::<Vec<_>>().await.expect("rows").len(), 1);
        }
        assert_eq!(scene.cold().await, []);
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn a_stream_in_a_transaction_sees_what_the_transaction_wrote(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        User::delete_by_id(1).exec(&transaction).await.expect("deleted");
        {
            let users = User::find().stream(&transaction).await.expect("a stream");
            assert_eq!(users.try_collect::<Vec<_>>().await.expect("rows").len(), 2);
        }
        transaction.rollback().await.expect("rolled back");
        assert_eq!(scene.cold().await, []);
    }
}
