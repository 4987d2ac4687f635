//! What building a repo does with the findings.

use super::log::Log;
use super::tied::Tied;
use super::*;
use cached_repo::ErrorKind;
use tracing::Level;

async fn cascading(world: &World) {
    let customer = foreign_key(
        "fk_customer",
        "<CustomerId>",
        "<Customers> (<id>)",
        "ON DELETE CASCADE",
    );
    let parent = foreign_key(
        "fk_parent",
        "<parent_id>",
        "<nodes> (<id>)",
        "ON DELETE CASCADE",
    );
    Tables {
        purchases: &customer,
        nodes: &parent,
        ..Tables::default()
    }
    .create(&world.raw)
    .await;
}

databases! {
    async fn by_default_each_finding_is_logged_once(world) {
        cascading(&world).await;
        let log = Log::default();
        let guard = tracing::subscriber::set_default(log.clone());
        let builder = CachedRepo::<Tied>::builder(world.raw.clone());
        builder.build().await.expect("a warning is no error");
        drop(guard);
        let lines = log.lines();
        assert_eq!(lines.len(), 2, "{lines:#?}");
        for table in ["purchases", "nodes"] {
            let told = |(level, line): &&(Level, String)| {
                *level == Level::WARN
                    && line.contains(&format!("deletes rows of `{table}`"))
                    && line.contains("fix=")
                    && line.contains("on_delete = cascade")
                    && line.contains("kind=UndeclaredAction")
            };
            assert_eq!(lines.iter().filter(told).count(), 1, "{lines:#?}");
        }
    }

    async fn as_errors_all_warnings_keep_the_repo_from_being_built(world) {
        cascading(&world).await;
        let builder = CachedRepo::<Tied>::builder(world.raw.clone()).database_check(DatabaseCheck::Error);
        let error = builder.build().await.expect_err("warnings");
        assert_eq!(error.kind(), ErrorKind::Configuration);
        let text = error.to_string();
        for part in ["rows of `purchases`", "rows of `nodes`", "on_delete = cascade", "set `database_check = warn`"] {
            assert!(text.contains(part), "{part} is not in: {text}");
        }
    }

    async fn without_findings_nothing_is_logged_and_nothing_refused(world) {
        Tables::default().create(&world.raw).await;
        let log = Log::default();
        let guard = tracing::subscriber::set_default(log.clone());
        for choice in DatabaseCheck::ALL {
            let builder = CachedRepo::<Tied>::builder(world.raw.clone()).database_check(choice);
            builder.build().await.expect("nothing is wrong");
        }
        drop(guard);
        assert_eq!(log.lines(), []);
    }

    async fn switched_off_nothing_is_compared(world) {
        cascading(&world).await;
        let log = Log::default();
        let guard = tracing::subscriber::set_default(log.clone());
        let builder = CachedRepo::<Tied>::builder(world.raw.clone()).database_check(DatabaseCheck::Off);
        let repo = builder.build().await.expect("not compared");
        drop(guard);
        assert_eq!(log.lines(), []);
        assert_eq!(repo.check_database().await.expect("read").warnings().count(), 2);
    }
}

#[tokio::test]
async fn a_database_that_is_away_is_a_warning_or_an_error() {
    let world = World::new(Database::Sqlite, tests::Store::Memory).await;
    let connection = world.raw.clone();
    connection.close_by_ref().await.expect("closed");
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    let builder = || CachedRepo::<Tied>::builder(connection.clone());
    let repo = builder().build().await.expect("a warning is no error");
    drop(guard);
    let lines = log.lines();
    assert!(
        matches!(lines.as_slice(), [(Level::WARN, line)] if line.contains("could not be compared")),
        "{lines:#?}"
    );
    assert_eq!(
        repo.check_database().await.expect_err("away").kind(),
        ErrorKind::Database
    );
    let refused = builder().database_check(DatabaseCheck::Error).build().await;
    assert_eq!(refused.expect_err("away").kind(), ErrorKind::Database);
}
