//! Transactions that are begun and ended as text, on a pool of one connection.

use sea_orm::{ConnectionTrait, EntityTrait};
use tests::rows::{add_user, name_of, rename};
use tests::shop::User;
use tests::{Database, World, matrix};

/// What the database has, past the repo.
async fn stored(world: &World, id: i64) -> Option<String> {
    let user = User::find_by_id(id).one(&world.raw).await.expect("read");
    user.map(|user| user.name)
}

/// How a transaction can be begun and ended here.
fn forms(database: Database) -> &'static [(&'static str, &'static str)] {
    match database {
        Database::Sqlite => &[
            ("BEGIN", "END"),
            ("BEGIN IMMEDIATE", "COMMIT"),
            ("SAVEPOINT a", "RELEASE a"),
            ("SAVEPOINT a; SAVEPOINT b", "RELEASE SAVEPOINT A"),
        ],
        Database::Postgres => &[("BEGIN", "COMMIT"), ("START TRANSACTION", "END")],
        Database::MariaDb => &[
            ("BEGIN", "COMMIT"),
            ("START TRANSACTION", "COMMIT"),
            ("SET autocommit = 0", "COMMIT"),
            ("SET @@autocommit = OFF", "SET autocommit = 1"),
        ],
    }
}

matrix! {
    async fn a_write_between_begin_and_commit_as_text_belongs_to_it(world) {
        for (begin, commit) in forms(world.database) {
            let repo = world.on_one_connection().await;
            let user = add_user(&repo, &format!("{begin}@x")).await;
            assert_ne!(name_of(&repo, user.id).await.as_deref(), Some("Eve"));
            for part in begin.split("; ") {
                repo.execute_unprepared(part).await.expect("begun");
            }
            rename(&repo, &user, "Eve").await;
            assert_ne!(stored(&world, user.id).await.as_deref(), Some("Eve"), "{begin}: nobody else sees it yet");
            assert_eq!(name_of(&repo, user.id).await.as_deref(), Some("Eve"), "{begin}: who has written it does");
            if world.store.is_shared() {
                let there = name_of(&world.repo, user.id).await;
                assert_ne!(there.as_deref(), Some("Eve"), "{begin}: another process is not given what is not committed");
            }
            repo.execute_unprepared(commit).await.expect("committed");
            assert_eq!(stored(&world, user.id).await.as_deref(), Some("Eve"), "{commit}");
            assert_eq!(name_of(&repo, user.id).await.as_deref(), Some("Eve"), "{commit}");
            if world.store.is_shared() {
                let there = User::find_cached(user.id).strict().one(&world.repo).await.expect("read");
                assert_eq!(there.map(|user| user.name.clone()).as_deref(), Some("Eve"), "{commit}");
            }
        }
    }

    async fn a_write_that_is_rolled_back_as_text_never_was(world) {
        for (begin, _) in forms(world.database).iter().filter(|(begin, _)| !begin.starts_with("SAVEPOINT")) {
            let repo = world.on_one_connection().await;
            let user = add_user(&repo, &format!("{begin}@x")).await;
            repo.execute_unprepared(begin).await.expect("begun");
            rename(&repo, &user, "Eve").await;
            assert_eq!(name_of(&repo, user.id).await.as_deref(), Some("Eve"), "{begin}");
            repo.execute_unprepared("ROLLBACK").await.expect("rolled back");
            assert_eq!(stored(&world, user.id).await.as_deref(), Some(user.name.as_str()), "{begin}");
            assert_eq!(name_of(&repo, user.id).await.as_deref(), Some(user.name.as_str()), "{begin}");
        }
    }

    async fn a_write_behind_a_savepoint_is_undone_with_it(world) {
        let repo = world.on_one_connection().await;
        let user = add_user(&repo, "ada@x").await;
        repo.execute_unprepared("BEGIN").await.expect("begun");
        rename(&repo, &user, "Eve").await;
        repo.execute_unprepared("SAVEPOINT a").await.expect("set");
        rename(&repo, &user, "Mallory").await;
        repo.execute_unprepared("ROLLBACK TO SAVEPOINT a").await.expect("undone");
        rename(&repo, &user, "Eva").await;
        repo.execute_unprepared("COMMIT").await.expect("committed");
        assert_eq!(stored(&world, user.id).await.as_deref(), Some("Eva"));
        assert_eq!(name_of(&repo, user.id).await.as_deref(), Some("Eva"));
    }

    async fn what_is_read_after_a_commit_as_text_is_cached_again(world) {
        let repo = world.on_one_connection().await;
        let user = add_user(&repo, "ada@x").await;
        repo.execute_unprepared("BEGIN").await.expect("begun");
        rename(&repo, &user, "Eve").await;
        repo.execute_unprepared("COMMIT").await.expect("committed");
        name_of(&repo, user.id).await;
        repo.wait_idle().await;
        let kept = User::find_cached(user.id).cache_only().one(&repo).await.expect("read");
        assert!(kept.is_some());
    }
}
