//! Statements and commits that fail.

use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, Set, TransactionTrait};
use tests::scene::{a_user, bound};
use tests::shop::{User, user};
use tests::{Database, Read, Scene, World, matrix};

async fn rename(id: i64, db: &impl ConnectionTrait) {
    let user = user::ActiveModel {
        id: Set(id),
        name: Set("Somebody".to_owned()),
        ..Default::default()
    };
    user.update_without_returning(db).await.expect("updated");
}

/// The server ends the connection that runs the transaction.
async fn kill(world: &World, transaction: &impl ConnectionTrait) {
    let (who, kill) = match world.database {
        Database::Postgres => (
            "SELECT pg_backend_pid()",
            "SELECT pg_terminate_backend(?, 5000)",
        ),
        _ => ("SELECT CAST(CONNECTION_ID() AS SIGNED)", "KILL ?"),
    };
    let row = transaction
        .query_one_raw(bound(world, who, []))
        .await
        .expect("read")
        .expect("a row");
    if world.database == Database::Postgres {
        let id: i32 = row.try_get_by_index(0).expect("a number");
        world
            .raw
            .query_one_raw(bound(world, kill, [id.into()]))
            .await
            .expect("killed");
    } else {
        let id: i64 = row.try_get_by_index(0).expect("a number");
        world
            .raw
            .execute_unprepared(&kill.replace('?', &id.to_string()))
            .await
            .expect("killed");
    }
}

matrix! {
    async fn a_commit_that_the_database_refuses_changes_nothing(world) {
        if world.database == Database::MariaDb {
            // No check that waits for the commit.
            return;
        }
        let scene = Scene::new(world).await;
        let sql = "CREATE TABLE gifts (user_id BIGINT REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED)";
        scene.world.raw.execute_unprepared(sql).await.expect("created");
        scene.warm().await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, &transaction).await;
        transaction.execute_unprepared("INSERT INTO gifts VALUES (99)").await.expect("checked later");
        transaction.commit().await.expect_err("there is no user 99");
        let ada = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(ada.name, "Ada");
        scene.assert_fresh().await;
        scene.warm().await;
    }

    async fn a_commit_over_a_broken_connection_shows_what_the_database_has(world) {
        if world.database == Database::Sqlite {
            // No connection that could break.
            return;
        }
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, &transaction).await;
        kill(&scene.world, &transaction).await;
        transaction.commit().await.expect_err("nobody has answered");
        assert!(!Read::User(1).is_cached(scene.repo()).await, "it may have taken effect");
        scene.assert_fresh().await;
    }

    async fn a_statement_over_a_broken_connection_shows_what_the_database_has(world) {
        if world.database == Database::Sqlite {
            return;
        }
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, &transaction).await;
        kill(&scene.world, &transaction).await;
        User::delete_by_id(2).exec(&transaction).await.expect_err("nobody has answered");
        let _ = transaction.rollback().await;
        scene.assert_fresh().await;
    }

    async fn a_statement_that_fails_does_not_keep_the_others_from_being_seen(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, &transaction).await;
        a_user("bob@x", 9).insert(&transaction).await.expect_err("the email is taken");
        // PostgreSQL has given the transaction up and rolls it back; the others commit the first statement.
        let _ = transaction.commit().await;
        let ada = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        let kept = scene.world.database != Database::Postgres;
        assert_eq!(ada.name == "Somebody", kept);
        scene.assert_fresh().await;
    }

    async fn a_statement_that_fails_in_a_savepoint_is_rolled_back_alone(world) {
        let scene = Scene::cached(world).await;
        let outer = scene.repo().begin().await.expect("begun");
        rename(1, &outer).await;
        let inner = outer.begin().await.expect("begun");
        a_user("bob@x", 9).insert(&inner).await.expect_err("the email is taken");
        inner.rollback().await.expect("rolled back");
        rename(3, &outer).await;
        outer.commit().await.expect("committed");
        let eve = User::find_cached(3).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(eve.name, "Somebody");
        scene.assert_fresh().await;
    }

    async fn a_statement_that_fails_by_itself_leaves_the_database_and_the_cache_agreed(world) {
        let scene = Scene::cached(world).await;
        scene.repo().execute_unprepared("UPDATE users SET nothing = 1 WHERE id = 1").await.expect_err("no such column");
        scene.repo().execute_unprepared("UPDATE users SET tenant_id = 1 WHERE").await.expect_err("no sense");
        scene.assert_fresh().await;
    }

    async fn a_text_of_which_the_second_statement_fails_shows_what_the_first_did(world) {
        let scene = Scene::cached(world).await;
        let sql = "UPDATE users SET tenant_id = 9 WHERE id = 1; UPDATE users SET email = 'bob@x' WHERE id = 1";
        scene.repo().execute_unprepared(sql).await.expect_err("the email is taken");
        scene.assert_fresh().await;
    }

    async fn a_bulk_text_of_which_the_second_statement_fails_shows_what_the_first_did(world) {
        let scene = Scene::cached(world).await;
        let sql = "UPDATE dashboards SET title = 'x'; UPDATE dashboards SET nothing = 1";
        scene.repo().execute_unprepared(sql).await.expect_err("no such column");
        scene.assert_fresh().await;
    }
}
