//! Whose statements are reported, and to whom.

use super::{NOTE, Reports};
use cached_repo::invalidation::BypassKind::{Delete, Insert, Update};
use cached_repo::{CachedRepo, CachedTransaction, Error, ErrorKind};
use sea_orm::{
    ActiveModelTrait, DatabaseConnection, EntityTrait, IntoActiveModel, ModelTrait, Set,
    TransactionTrait,
};
use std::backtrace::Backtrace;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use tests::over::repo_over;
use tests::rows::{add_note, set_note};
use tests::scene::a_user;
use tests::shop::{Note, Shop, User};
use tests::{Database, Store, World};

/// Writes in every way through the repo.
async fn write(repo: &CachedRepo<Shop>) {
    let neo = a_user("new@x", 7).insert(repo).await.expect("inserted");
    let mut neo = neo.into_active_model();
    neo.name = Set("Neo".to_owned());
    let neo = neo.update(repo).await.expect("updated");
    neo.delete(repo).await.expect("deleted");
    set_note(repo, "a", "b").await;
    let transaction = repo.begin().await.expect("begun");
    add_note(&transaction, "a", "b").await;
    let savepoint = transaction.begin().await.expect("begun");
    set_note(&savepoint, "a", "c").await;
    savepoint.commit().await.expect("committed");
    transaction.commit().await.expect("committed");
    let delete = async |transaction: &CachedTransaction<Shop>| -> Result<(), Error> {
        Note::delete_by_id("a").exec(transaction).await?;
        Ok(())
    };
    repo.transaction_retry_async(delete)
        .await
        .expect("committed");
}

databases! {
    async fn a_repo_over_the_watched_handle_is_not_reported(world) {
        let mut world = world;
        let repo = repo_over::<Shop>(&world).await;
        let reports = Reports::of(&repo, &mut world.raw);
        write(&repo).await;
        assert_eq!(reports.take(), []);
        Note::delete_many().exec(&world.raw).await.expect("deleted");
        assert_eq!(reports.take(), [(NOTE, Delete)]);
        assert_eq!(repo.stats().bypassed_writes, 1);
    }

    async fn a_repo_built_from_the_watched_handle_later_is_not_reported(world) {
        let mut world = world;
        let reports = Reports::of(&world.repo, &mut world.raw);
        let later = repo_over::<Shop>(&world).await;
        write(&later).await;
        assert_eq!(reports.take(), []);
        // Its connection is a clone of the handle, and past both repos.
        Note::delete_many().exec(later.bypassing_connection()).await.expect("deleted");
        assert_eq!(reports.take(), [(NOTE, Delete)]);
    }

    async fn clones_made_later_are_watched_and_earlier_ones_are_not(world) {
        let mut world = world;
        let earlier = world.raw.clone();
        let reports = Reports::of(&world.repo, &mut world.raw);
        let later = world.raw.clone();
        add_note(&earlier, "a", "b").await;
        assert_eq!(reports.take(), []);
        add_note(&later, "c", "d").await;
        assert_eq!(reports.take(), [(NOTE, Insert)]);
    }

    async fn nothing_is_reported_once_the_repo_is_gone(world) {
        let mut world = world;
        let repo = world.another().await;
        let reports = Reports::of(&repo, &mut world.raw);
        let clone = repo.clone();
        drop(repo);
        add_note(&world.raw, "a", "b").await;
        assert_eq!(reports.take(), [(NOTE, Insert)]);
        drop(clone);
        add_note(&world.raw, "c", "d").await;
        assert_eq!(reports.take(), []);
    }

    async fn a_callback_of_ones_own_can_report_as_well(world) {
        let mut world = world;
        let (reports, statements) = (Reports::default(), Arc::new(AtomicU32::new(0)));
        let (report, count) = (reports.clone(), Arc::clone(&statements));
        let look = world.repo.bypass_callback(move |bypass| report.note(bypass));
        world.raw.set_metric_callback(move |info| {
            count.fetch_add(1, Ordering::Relaxed);
            look(info);
        });
        User::find().all(&world.raw).await.expect("read");
        set_note(&world.raw, "a", "b").await;
        assert_eq!(reports.take(), [(NOTE, Update)]);
        assert_eq!(statements.load(Ordering::Relaxed), 2);
    }

    async fn reports_to_the_log_are_counted(world) {
        let mut world = world;
        world.repo.report_bypasses(&mut world.raw).expect("the handle tells of statements");
        a_user("new@x", 7).insert(&world.raw).await.expect("inserted");
        set_note(&world.raw, "a", "b").await;
        User::find().all(&world.raw).await.expect("read");
        assert_eq!(world.repo.stats().bypassed_writes, 2);
    }

    async fn a_report_may_panic(world) {
        let mut world = world;
        let panic = |bypass: &cached_repo::invalidation::Bypass| panic!("{bypass}");
        world.repo.report_bypasses_to(&mut world.raw, panic).expect("the handle tells of statements");
        let raw = world.raw.clone();
        let writer = tokio::spawn(async move {
            let transaction = raw.begin().await.expect("begun");
            add_note(&transaction, "a", "b").await;
        });
        let panic = writer.await.expect_err("a panic").into_panic();
        let message = panic.downcast_ref::<String>().expect("a text");
        assert_eq!(
            message,
            "a write past the repo: insert of `notes` (entity `tests::shop::note::Entity`); run it through the repo, or \
             call `invalidate` or `invalidate_entity` after its commit"
        );
        assert!(Note::find().all(&world.raw).await.expect("read").is_empty(), "rolled back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backtrace_in_a_report_leads_to_the_writer() {
    let mut world = World::new(Database::Sqlite, Store::Memory).await;
    let traces = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&traces);
    let trace = move |_: &cached_repo::invalidation::Bypass| {
        let trace = Backtrace::force_capture().to_string();
        kept.lock().expect("nobody panics").push(trace);
    };
    let watched = world.repo.report_bypasses_to(&mut world.raw, trace);
    watched.expect("the handle tells of statements");
    // The function stands in `rows.rs`.
    add_note(&world.raw, "a", "b").await;
    let traces = traces.lock().expect("nobody panics");
    assert_eq!(traces.len(), 1);
    assert!(traces[0].contains("rows.rs"), "{}", traces[0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handle_that_tells_nothing_is_refused() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let mut nowhere = DatabaseConnection::default();
    let error = world
        .repo
        .report_bypasses(&mut nowhere)
        .expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(error.to_string().contains("not connected"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handle_to_another_kind_of_database_is_refused() {
    let world = World::new(Database::Postgres, Store::Memory).await;
    let mut other = sea_orm::Database::connect("sqlite::memory:")
        .await
        .expect("connected");
    let error = world.repo.report_bypasses(&mut other).expect_err("refused");
    assert_eq!(error.kind(), ErrorKind::Configuration);
    assert!(
        error
            .to_string()
            .contains("(handle: Sqlite) (repo: Postgres)"),
        "{error}"
    );
}
