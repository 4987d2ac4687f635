//! Statements that change no row leave every entry alone.

use sea_orm::{ConnectionTrait, TransactionTrait};
use tests::scene::READS;
use tests::{Database, Read, Scene, matrix};

/// What a database is told beside reads and writes.
fn statements(database: Database) -> &'static [&'static str] {
    match database {
        Database::Sqlite => &[
            "CREATE TEMP TABLE IF NOT EXISTS scratch (a INTEGER)",
            "CREATE TABLE IF NOT EXISTS temp.more (a INTEGER)",
            "CREATE TEMPORARY TABLE copied AS SELECT id FROM users",
            "DROP TABLE IF EXISTS temp.more",
            "ATTACH DATABASE ':memory:' AS aside",
            "CREATE INDEX by_name ON users (name)",
            "REINDEX users",
            "ANALYZE",
            "PRAGMA optimize",
            "EXPLAIN QUERY PLAN DELETE FROM users",
            "DROP INDEX by_name",
            "VACUUM",
        ],
        Database::Postgres => &[
            "CREATE TEMP TABLE IF NOT EXISTS scratch (a INT) ON COMMIT DELETE ROWS",
            "CREATE LOCAL TEMPORARY TABLE copied AS SELECT id FROM users",
            "SELECT id INTO TEMP TABLE chosen FROM users",
            "DROP TABLE IF EXISTS pg_temp.scratch",
            "CREATE EXTENSION IF NOT EXISTS plpgsql",
            "CREATE INDEX by_name ON users (name)",
            "REINDEX TABLE users",
            "ANALYZE users",
            "VACUUM users",
            "EXPLAIN DELETE FROM users",
            "DROP INDEX by_name",
            "COMMENT ON TABLE users IS 'people'",
            "GRANT SELECT ON users TO PUBLIC",
            "LISTEN things; NOTIFY things; UNLISTEN things",
            "SET statement_timeout = 0",
            "SHOW search_path",
            "PREPARE chosen AS SELECT id FROM users WHERE id = $1",
            "DEALLOCATE ALL",
            "DISCARD TEMP",
            "CHECKPOINT",
        ],
        Database::MariaDb => &[
            "CREATE TEMPORARY TABLE IF NOT EXISTS scratch (a INT)",
            "CREATE OR REPLACE TEMPORARY TABLE copied AS SELECT id FROM users",
            "DROP TEMPORARY TABLE IF EXISTS scratch, copied",
            "CREATE INDEX by_name ON users (name)",
            "ANALYZE TABLE users",
            "OPTIMIZE TABLE users",
            "CHECK TABLE users",
            "FLUSH TABLES users",
            "FLUSH STATUS",
            "DROP INDEX by_name ON users",
            "SHOW TABLES",
            "EXPLAIN DELETE FROM users",
            "SET SESSION sort_buffer_size = 262144",
            "PREPARE chosen FROM 'SELECT id FROM users'",
            "LOCK TABLES users READ; UNLOCK TABLES",
            "UNLOCK TABLES",
        ],
    }
}

matrix! {
    async fn what_changes_no_row_leaves_every_entry_alone(world) {
        let scene = Scene::cached(world).await;
        for sql in statements(scene.world.database) {
            let done = scene.repo().execute_unprepared(sql).await;
            done.unwrap_or_else(|error| panic!("{sql}: {error}"));
            assert_eq!(scene.cold().await, [], "{sql}");
        }
        let stats = scene.repo().stats();
        assert_eq!((stats.unknown_writes, stats.epochs), (0, 0));
    }

    async fn a_savepoint_of_ones_own_inside_a_transaction_leaves_every_entry_alone(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        for sql in ["SAVEPOINT mine", "RELEASE SAVEPOINT mine"] {
            transaction.execute_unprepared(sql).await.expect(sql);
        }
        transaction.commit().await.expect("committed");
        assert_eq!(scene.cold().await, []);
        // Nothing to release: the database refuses it, and nothing has been written.
        let _ = scene.repo().execute_unprepared("RELEASE SAVEPOINT mine").await;
        assert_eq!(scene.cold().await, []);
        assert_eq!(scene.repo().stats().unknown_writes, 0);
    }

    async fn a_temporary_table_that_hides_a_table_of_the_schema_takes_its_entries(world) {
        let scene = Scene::cached(world).await;
        let sql = "CREATE TEMPORARY TABLE notes (id VARCHAR(20), body VARCHAR(20))";
        scene.repo().execute_unprepared(sql).await.expect("created");
        assert!(!Read::Note("todo").is_cached(scene.repo()).await);
        assert!(Read::User(1).is_cached(scene.repo()).await, "the other tables are as they were");
    }

    async fn what_commits_by_the_way_ends_a_transaction_that_a_text_has_begun(world) {
        let scene = Scene::cached(world).await;
        let (begins, commits) = match scene.world.database {
            Database::Sqlite => ("SAVEPOINT mine", "RELEASE mine"),
            Database::MariaDb => ("BEGIN", "ANALYZE TABLE notes"),
            // Nothing commits by the way.
            Database::Postgres => return,
        };
        scene.repo().execute_unprepared(begins).await.expect("begun");
        assert_eq!(scene.cold().await, []);
        // Over several connections it may be another that is asked; what was written before may be visible from now on.
        let _ = scene.repo().execute_unprepared(commits).await;
        assert_eq!(scene.cold().await, READS);
    }
}
