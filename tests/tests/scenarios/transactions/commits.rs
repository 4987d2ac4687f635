//! Commit and rollback.

use sea_orm::{
    AccessMode, ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    IsolationLevel, Set, TransactionError, TransactionTrait,
};
use tests::scene::{a_user, bound};
use tests::shop::{Order, User, user};
use tests::{Database, Read, Scene, matrix};

async fn rename(id: i64, name: &str, db: &impl ConnectionTrait) {
    let user = user::ActiveModel {
        id: Set(id),
        name: Set(name.to_owned()),
        ..Default::default()
    };
    user.update_without_returning(db).await.expect("updated");
}

matrix! {
    async fn a_read_inside_sees_what_the_transaction_wrote(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, "Ada Lovelace", &transaction).await;
        a_user("new@x", 7).insert(&transaction).await.expect("inserted");
        let ada = User::find_cached(1).one(&transaction).await.expect("read").expect("there");
        assert_eq!(ada.name, "Ada Lovelace");
        let new = User::find_cached_by_email("new@x").one(&transaction).await.expect("read");
        assert!(new.is_some());
        assert_eq!(User::find_cached_by_tenant_id(7).all(&transaction).await.expect("read").len(), 3);
        let many = User::find_cached_many([1_i64, 4, 40]).all(&transaction).await.expect("read");
        assert_eq!(many.iter().flatten().count(), 2);
        transaction.rollback().await.expect("rolled back");
    }

    async fn a_read_inside_fills_nothing(world) {
        let scene = Scene::new(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, "Nobody", &transaction).await;
        User::find_cached(1).one(&transaction).await.expect("read");
        User::find_cached_by_email("ada@x").one(&transaction).await.expect("read");
        User::find_cached_by_tenant_id(7).all(&transaction).await.expect("read");
        User::find_cached_many([1_i64, 2]).all(&transaction).await.expect("read");
        transaction.rollback().await.expect("rolled back");
        scene.world.settle().await;
        let stats = scene.world.stats("user");
        assert_eq!((stats.fills, stats.hits, stats.bypasses), (0, 0, 5), "{stats:?}");
        scene.assert_fresh().await;
    }

    async fn nothing_is_invalidated_before_the_commit(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, "Ada Lovelace", &transaction).await;
        Order::delete_by_id(3).exec(&transaction).await.expect("deleted");
        assert_eq!(scene.cold().await, []);
        let ada = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(ada.name, "Ada", "nobody else sees it yet");
        transaction.commit().await.expect("committed");
        let ada = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(ada.name, "Ada Lovelace");
        scene.assert_fresh().await;
    }

    async fn a_rollback_leaves_every_entry_alone(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, "Ada Lovelace", &transaction).await;
        User::delete_by_id(2).exec(&transaction).await.expect("deleted");
        transaction.rollback().await.expect("rolled back");
        assert_eq!(scene.cold().await, []);
        scene.assert_fresh().await;
    }

    async fn a_dropped_transaction_leaves_every_entry_alone(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, "Ada Lovelace", &transaction).await;
        drop(transaction);
        assert_eq!(scene.cold().await, []);
        scene.assert_fresh().await;
    }

    async fn a_transaction_that_only_reads_leaves_every_entry_alone(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        User::find().all(&transaction).await.expect("read");
        User::find_cached(1).one(&transaction).await.expect("read");
        transaction.commit().await.expect("committed");
        assert_eq!(scene.cold().await, []);
    }

    async fn all_that_a_transaction_wrote_is_seen_after_its_commit(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, "Ada Lovelace", &transaction).await;
        a_user("new@x", 9).insert(&transaction).await.expect("inserted");
        Order::delete_by_id(1).exec(&transaction).await.expect("deleted");
        let update = bound(&scene.world, "UPDATE orders SET status = 'sent' WHERE id = ?", [2_i64.into()]);
        transaction.execute_raw(update).await.expect("updated");
        transaction.execute_unprepared("DELETE FROM notes").await.expect("deleted");
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn a_closure_that_succeeds_is_seen(world) {
        let scene = Scene::cached(world).await;
        let new = scene.repo().transaction::<_, _, DbErr>(|transaction| {
            Box::pin(async move {
                rename(1, "Ada Lovelace", transaction).await;
                a_user("new@x", 9).insert(transaction).await
            })
        });
        assert_eq!(new.await.expect("committed").id, 4);
        scene.assert_fresh().await;
    }

    async fn a_closure_that_fails_leaves_every_entry_alone(world) {
        let scene = Scene::cached(world).await;
        let answer = scene.repo().transaction::<_, (), DbErr>(|transaction| {
            Box::pin(async move {
                rename(1, "Ada Lovelace", transaction).await;
                Err(DbErr::Custom("no".into()))
            })
        });
        assert!(matches!(answer.await, Err(TransactionError::Transaction(DbErr::Custom(_)))));
        assert_eq!(scene.cold().await, []);
        scene.assert_fresh().await;
    }

    async fn a_closure_with_an_isolation_level_is_seen(world) {
        let scene = Scene::cached(world).await;
        let work = scene.repo().transaction_with_config::<_, _, DbErr>(
            |transaction| {
                Box::pin(async move {
                    let ada = User::find_cached(1).one(transaction).await?.expect("there");
                    let mut ada = (*ada).clone().into_active_model();
                    ada.tenant_id = Set(9);
                    ada.update(transaction).await
                })
            },
            Some(IsolationLevel::Serializable),
            None,
        );
        assert_eq!(work.await.expect("committed").tenant_id, 9);
        scene.assert_fresh().await;
    }

    async fn a_transaction_with_an_isolation_level_is_seen(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin_with_config(Some(IsolationLevel::RepeatableRead), None).await;
        let transaction = transaction.expect("begun");
        rename(1, "Ada Lovelace", &transaction).await;
        assert_eq!(scene.cold().await, []);
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn a_read_only_transaction_reads_past_the_cache(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin_with_config(None, Some(AccessMode::ReadOnly)).await.expect("begun");
        assert!(User::find_cached(1).one(&transaction).await.expect("read").is_some());
        transaction.commit().await.expect("committed");
        assert_eq!(scene.cold().await, []);
    }

    async fn a_transaction_with_options_is_seen(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin_with_options(Default::default()).await.expect("begun");
        rename(1, "Ada Lovelace", &transaction).await;
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn unreadable_sql_in_a_transaction_invalidates_everything_at_its_commit(world) {
        let scene = Scene::cached(world).await;
        if scene.world.database != Database::Postgres {
            return;
        }
        let transaction = scene.repo().begin().await.expect("begun");
        let sql = "DO $$ BEGIN UPDATE users SET name = 'Nobody' WHERE id = 1; END $$";
        transaction.execute_unprepared(sql).await.expect("done");
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn a_commit_behind_the_transactions_back_is_seen_at_once(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, "Ada Lovelace", &transaction).await;
        // On MariaDB every change of a table commits.
        let sql = if scene.world.database == Database::MariaDb { "CREATE TABLE more (id INT)" } else { "COMMIT" };
        transaction.execute_unprepared(sql).await.expect("committed");
        scene.assert_fresh().await;
        // The database may or may not mind that there is nothing to roll back.
        let _ = transaction.rollback().await;
        scene.assert_fresh().await;
    }

    async fn a_write_after_a_commit_behind_the_transactions_back_is_seen_at_once(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(2, "Bob", &transaction).await;
        transaction.execute_unprepared("COMMIT").await.expect("committed");
        scene.assert_fresh().await;
        scene.world.settle().await;
        rename(1, "Ada Lovelace", &transaction).await;
        let ada = Read::User(1);
        assert_eq!(ada.answer(scene.repo()).await, ada.truth(&scene.world.raw).await);
        let _ = transaction.rollback().await;
        scene.assert_fresh().await;
    }

    async fn an_emptied_table_that_commits_by_itself_is_seen_with_all_before_it(world) {
        let scene = Scene::cached(world).await;
        if scene.world.database != Database::MariaDb {
            return;
        }
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, "Ada Lovelace", &transaction).await;
        transaction.execute_unprepared("TRUNCATE TABLE notes").await.expect("emptied");
        scene.assert_fresh().await;
        transaction.rollback().await.expect("done");
        scene.assert_fresh().await;
    }
}
