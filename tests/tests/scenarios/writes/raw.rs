//! SQL written by hand.

use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use tests::scene::bound;
use tests::shop::{Note, Order, User};
use tests::{Database, Read, Scene, matrix};

matrix! {
    async fn a_raw_update_with_values_is_seen(world) {
        let scene = Scene::cached(world).await;
        let sql = "UPDATE users SET tenant_id = ? WHERE id = ?";
        let update = bound(&scene.world, sql, [9_i64.into(), 1_i64.into()]);
        scene.repo().execute_raw(update).await.expect("updated");
        assert_eq!(User::find_cached_by_tenant_id(9).all(scene.repo()).await.expect("read").len(), 1);
        scene.assert_fresh().await;
    }

    async fn a_raw_insert_with_values_is_seen(world) {
        let scene = Scene::cached(world).await;
        let sql = "INSERT INTO users (email, tenant_id, name) VALUES (?, ?, ?)";
        let insert = bound(&scene.world, sql, ["new@x".into(), 9_i64.into(), "Neo".into()]);
        scene.repo().execute_raw(insert).await.expect("inserted");
        assert!(User::find_cached_by_email("new@x").one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn a_raw_delete_with_values_is_seen(world) {
        let scene = Scene::cached(world).await;
        let delete = bound(&scene.world, "DELETE FROM orders WHERE id IN (?, ?)", [1_i64.into(), 2_i64.into()]);
        scene.repo().execute_raw(delete).await.expect("deleted");
        assert_eq!(Order::find_cached_by_customer_id(1).all(scene.repo()).await.expect("read"), []);
        scene.assert_fresh().await;
    }

    async fn a_raw_update_by_a_value_of_another_type_is_seen(world) {
        let scene = Scene::cached(world).await;
        if scene.world.database == Database::Postgres {
            // It compares numbers with numbers only.
            return;
        }
        let update = bound(&scene.world, "UPDATE users SET tenant_id = ? WHERE id = ?", ["9".into(), "1".into()]);
        scene.repo().execute_raw(update).await.expect("updated");
        scene.assert_fresh().await;
    }

    async fn a_raw_insert_of_a_text_key_is_seen(world) {
        let scene = Scene::cached(world).await;
        let insert = bound(&scene.world, "INSERT INTO notes VALUES (?, ?)", ["done".into(), "x".into()]);
        scene.repo().execute_raw(insert).await.expect("inserted");
        assert!(Note::find_cached("done".to_owned()).one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn an_insert_of_many_rows_of_which_one_is_returned_is_seen(world) {
        let scene = Scene::cached(world).await;
        if scene.world.database == Database::MariaDb {
            // Its RETURNING is not SeaORM's to use.
            return;
        }
        let sql = "INSERT INTO orders (customer_id, status, total) VALUES (?, 'sent', 5), (?, 'sent', 6) RETURNING *";
        let insert = bound(&scene.world, sql, [1_i64.into(), 2_i64.into()]);
        scene.repo().query_one_raw(insert).await.expect("inserted").expect("a row");
        assert_eq!(Order::find_cached_by_status("sent").all(scene.repo()).await.expect("read").len(), 2);
        scene.assert_fresh().await;
    }

    async fn an_insert_from_a_query_is_seen(world) {
        let scene = Scene::cached(world).await;
        let sql = "INSERT INTO orders (customer_id, status, total) SELECT id, 'sent', 5 FROM users";
        scene.repo().execute_unprepared(sql).await.expect("inserted");
        assert_eq!(Order::find_cached_by_status("sent").all(scene.repo()).await.expect("read").len(), 3);
        scene.assert_fresh().await;
    }

    async fn an_unprepared_statement_is_seen(world) {
        let scene = Scene::cached(world).await;
        let sql = "UPDATE users SET email = 'new@x' WHERE id = 1";
        scene.repo().execute_unprepared(sql).await.expect("updated");
        assert_eq!(User::find_cached_by_email("ada@x").one(scene.repo()).await.expect("read"), None);
        scene.assert_fresh().await;
    }

    async fn several_unprepared_statements_are_seen(world) {
        let scene = Scene::cached(world).await;
        let sql = "UPDATE users SET tenant_id = 9 WHERE id = 1; DELETE FROM orders WHERE id = 3;
            INSERT INTO notes (id, body) VALUES ('done', 'a; b')";
        scene.repo().execute_unprepared(sql).await.expect("written");
        scene.assert_fresh().await;
    }

    async fn statements_that_change_one_row_twice_are_seen(world) {
        let scene = Scene::cached(world).await;
        let sql = "UPDATE users SET email = 'new@x' WHERE id = 1; UPDATE users SET email = 'newer@x' WHERE id = 1;
            UPDATE users SET email = 'ada@x' WHERE id = 2";
        scene.repo().execute_unprepared(sql).await.expect("written");
        scene.assert_fresh().await;
    }

    async fn a_row_inserted_and_changed_by_one_text_is_seen(world) {
        let scene = Scene::cached(world).await;
        let sql = "INSERT INTO users (id, email, tenant_id, name) VALUES (40, 'new@x', 9, 'Neo');
            UPDATE users SET email = 'newer@x', tenant_id = 8 WHERE id = 40";
        scene.repo().execute_unprepared(sql).await.expect("written");
        scene.assert_fresh().await;
    }

    async fn a_query_that_updates_and_returns_is_seen(world) {
        let scene = Scene::cached(world).await;
        if scene.world.database == Database::MariaDb {
            // No UPDATE .. RETURNING.
            return;
        }
        let sql = "UPDATE users SET tenant_id = ? WHERE id = ? RETURNING id";
        let update = bound(&scene.world, sql, [9_i64.into(), 1_i64.into()]);
        let row = scene.repo().query_one_raw(update).await.expect("updated").expect("a row");
        assert_eq!(row.try_get::<i64>("", "id").expect("a number"), 1);
        scene.assert_fresh().await;
    }

    async fn a_query_that_inserts_and_returns_is_seen(world) {
        let scene = Scene::cached(world).await;
        let sql = "INSERT INTO users (email, tenant_id, name) VALUES (?, ?, ?), (?, ?, ?) RETURNING id";
        let values = ["new@x".into(), 9_i64.into(), "a".into(), "newer@x".into(), 7_i64.into(), "b".into()];
        let rows = scene.repo().query_all_raw(bound(&scene.world, sql, values)).await.expect("inserted");
        assert_eq!(rows.len(), 2);
        assert!(User::find_cached_by_email("newer@x").one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn a_query_that_deletes_and_returns_is_seen(world) {
        let scene = Scene::cached(world).await;
        let delete = bound(&scene.world, "DELETE FROM orders WHERE customer_id = ? RETURNING id", [1_i64.into()]);
        let rows = scene.repo().query_all_raw(delete).await.expect("deleted");
        assert_eq!(rows.len(), 2);
        assert_eq!(Order::find_cached(1).one(scene.repo()).await.expect("read"), None);
        scene.assert_fresh().await;
    }

    async fn a_write_in_a_common_table_expression_is_seen(world) {
        let scene = Scene::cached(world).await;
        if scene.world.database != Database::Postgres {
            return;
        }
        let sql = "WITH gone AS (DELETE FROM orders WHERE id = 1 RETURNING customer_id)
            SELECT customer_id FROM gone";
        let statement = Statement::from_string(sea_orm::DbBackend::Postgres, sql);
        assert!(scene.repo().query_one_raw(statement).await.expect("deleted").is_some());
        scene.assert_fresh().await;
    }

    async fn a_raw_select_leaves_every_entry_alone(world) {
        let scene = Scene::cached(world).await;
        let select = bound(&scene.world, "SELECT id FROM users WHERE tenant_id = ?", [7_i64.into()]);
        assert_eq!(scene.repo().query_all_raw(select).await.expect("read").len(), 2);
        assert_eq!(User::find().all(scene.repo()).await.expect("read").len(), 3);
        assert_eq!(scene.cold().await, []);
    }

    async fn sql_that_cannot_be_read_invalidates_everything(world) {
        let scene = Scene::cached(world).await;
        let sql = match scene.world.database {
            Database::Sqlite => "BEGIN; UPDATE users SET name = 'Nobody' WHERE id = 1; COMMIT",
            Database::Postgres => "DO $$ BEGIN UPDATE users SET name = 'Nobody' WHERE id = 1; END $$",
            Database::MariaDb => "BEGIN NOT ATOMIC UPDATE users SET name = 'Nobody' WHERE id = 1; END",
        };
        scene.repo().execute_unprepared(sql).await.expect("done");
        let stats = scene.repo().stats();
        assert_eq!((stats.unknown_writes, stats.epochs), (1, 0));
        assert_eq!(scene.cold().await, tests::scene::READS);
        scene.assert_fresh().await;
    }

    async fn a_change_of_the_tables_begins_a_new_epoch(world) {
        let scene = Scene::cached(world).await;
        let sql = "ALTER TABLE users ADD COLUMN nickname VARCHAR(20)";
        scene.repo().execute_unprepared(sql).await.expect("done");
        let stats = scene.repo().stats();
        assert_eq!((stats.unknown_writes, stats.epochs), (0, 1));
        assert_eq!(scene.cold().await, tests::scene::READS);
        scene.assert_fresh().await;
    }

    async fn a_write_to_a_table_of_no_entity_invalidates_nothing(world) {
        let scene = Scene::new(world).await;
        scene.world.raw.execute_unprepared("CREATE TABLE audit (what VARCHAR(20))").await.expect("created");
        scene.warm().await;
        scene.repo().execute_unprepared("INSERT INTO audit VALUES ('x')").await.expect("inserted");
        scene.repo().execute_unprepared("UPDATE audit SET what = 'y'").await.expect("updated");
        assert_eq!(scene.cold().await, []);
        assert_eq!(scene.repo().stats().unknown_writes, 0);
    }

    async fn a_truncated_table_is_empty_at_once(world) {
        let scene = Scene::cached(world).await;
        let sql = if scene.world.database == Database::Sqlite { "DELETE FROM notes" } else { "TRUNCATE TABLE notes" };
        scene.repo().execute_unprepared(sql).await.expect("emptied");
        assert_eq!(Note::find_cached("todo".to_owned()).one(scene.repo()).await.expect("read"), None);
        assert!(Read::User(1).is_cached(scene.repo()).await);
        scene.assert_fresh().await;
    }

    async fn a_replaced_row_is_seen(world) {
        let scene = Scene::cached(world).await;
        if scene.world.database == Database::Postgres {
            return;
        }
        // Removes user 1, in whose way it is, and is a row of its own.
        let sql = "REPLACE INTO users (id, email, tenant_id, name) VALUES (40, 'ada@x', 9, 'Neo')";
        scene.repo().execute_unprepared(sql).await.expect("replaced");
        assert_eq!(User::find_cached(1).one(scene.repo()).await.expect("read"), None);
        scene.assert_fresh().await;
    }
}
