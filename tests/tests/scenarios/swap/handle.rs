//! What the handle says of its connection, and does with it.

use cached_repo::CachedRepo;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbBackend, EntityTrait, MockDatabase, MockExecResult,
    PaginatorTrait, Set, StreamTrait, TransactionTrait,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tests::shop::{Note, Shop, User, note, user};
use tests::{Database, Scene, Store, World, matrix};

async fn scene() -> Scene {
    Scene::cached(World::new(Database::Sqlite, Store::Memory).await).await
}

async fn rename(id: i64, db: &impl ConnectionTrait) {
    let user = user::ActiveModel {
        id: Set(id),
        name: Set("Somebody".to_owned()),
        ..Default::default()
    };
    user.update(db).await.expect("updated");
}

/// Counts the statements that a handle has told of.
fn counted(repo: &mut CachedRepo<Shop>) -> Arc<AtomicUsize> {
    let told = Arc::<AtomicUsize>::default();
    let tells = Arc::clone(&told);
    repo.set_metric_callback(move |info| {
        assert!(!info.failed && !info.statement.sql.is_empty());
        tells.fetch_add(1, Ordering::SeqCst);
    });
    told
}

matrix! {
    async fn a_repo_says_of_its_database_what_the_connection_says(world) {
        // With both traits in scope: a method of the handle's own is what keeps the call from being ambiguous.
        fn kind(db: &(impl ConnectionTrait + StreamTrait)) -> (DbBackend, DbBackend) {
            (ConnectionTrait::get_database_backend(db), StreamTrait::get_database_backend(db))
        }
        let (repo, raw) = (&world.repo, &world.raw);
        assert_eq!(repo.get_database_backend(), raw.get_database_backend());
        assert_eq!(kind(repo), kind(raw));
        assert_eq!(repo.support_returning(), raw.support_returning());
        assert_eq!(repo.is_mock_connection(), raw.is_mock_connection());
        let transaction = repo.begin().await.expect("begun");
        assert_eq!(transaction.get_database_backend(), raw.get_database_backend());
        assert_eq!(kind(&transaction), kind(raw));
        assert_eq!(transaction.support_returning(), raw.support_returning());
        transaction.rollback().await.expect("rolled back");
    }

    async fn ping_asks_the_database(world) {
        world.repo.ping().await.expect("alive");
        world.repo.close_by_ref().await.expect("closed");
        world.repo.ping().await.expect_err("closed for good");
    }
}

#[tokio::test]
async fn closing_one_handle_closes_all() {
    let scene = scene().await;
    let repo = scene.repo().clone();
    repo.close().await.expect("closed");
    let repo = scene.repo();
    User::find().all(repo).await.expect_err("closed");
    User::find_cached(4)
        .refresh()
        .one(repo)
        .await
        .expect_err("closed");
    let cached = User::find_cached(1).one(repo).await;
    assert!(
        cached.expect("needs no database").is_some(),
        "what is cached is served"
    );
}

#[tokio::test]
async fn a_transaction_that_is_open_is_waited_for_when_the_repo_is_closed() {
    let scene = scene().await;
    let transaction = scene.repo().begin().await.expect("begun");
    rename(1, &transaction).await;
    let repo = scene.repo().clone();
    let closing = tokio::spawn(async move { repo.close().await });
    transaction.commit().await.expect("committed");
    closing.await.expect("no panic").expect("closed");
    let ada = User::find_by_id(1).one(&scene.world.raw).await;
    assert_eq!(ada.expect("read").expect("there").name, "Somebody");
    let cached = User::find_cached(1).cache_only().one(scene.repo()).await;
    assert_eq!(cached.expect("read"), None, "the commit has invalidated it");
}

#[tokio::test]
async fn a_metric_callback_is_told_of_statements_through_its_handle_and_later_clones() {
    let scene = scene().await;
    let mut repo = scene.repo().clone();
    let told = counted(&mut repo);
    let told = || told.load(Ordering::SeqCst);

    User::find().all(scene.repo()).await.expect("read");
    assert_eq!(told(), 0, "an earlier clone has no callback");
    User::find().all(&repo).await.expect("read");
    assert_eq!(told(), 1);
    Note::find().all(&repo.clone()).await.expect("read");
    assert_eq!(told(), 2);
    User::find_cached(40)
        .bypass()
        .one(&repo)
        .await
        .expect("read");
    assert_eq!(told(), 3, "a load is a statement");
    User::find_cached(1).one(&repo).await.expect("read");
    assert_eq!(told(), 3, "a hit is none");

    let transaction = repo.begin().await.expect("begun");
    Note::find().all(&transaction).await.expect("read");
    assert_eq!(told(), 4);
    rename(1, &transaction).await;
    transaction.commit().await.expect("committed");
    assert!(told() > 4);
}

#[tokio::test]
async fn handles_with_and_without_a_callback_share_one_cache() {
    let scene = scene().await;
    let mut repo = scene.repo().clone();
    let told = counted(&mut repo);
    rename(1, &repo).await;
    assert!(told.load(Ordering::SeqCst) > 0);
    scene.assert_fresh().await;
    rename(2, scene.repo()).await;
    scene.assert_fresh_in(&repo).await;
}

#[tokio::test]
async fn a_label_of_a_block_belongs_to_one_place_in_all_handles() {
    let scene = scene().await;
    let mut repo = scene.repo().clone();
    counted(&mut repo);
    let here = scene.repo().read_cached(
        "users",
        [],
        |db| async move { User::find().count(&db).await },
    );
    here.await.expect("read");
    let there = repo.read_cached(
        "users",
        [],
        |db| async move { User::find().count(&db).await },
    );
    there
        .await
        .expect_err("the label is taken by the place above");
}

#[tokio::test]
async fn a_mock_that_a_repo_was_built_from_gives_its_log() {
    let note = note::Model {
        id: "todo".to_owned(),
        body: "buy ink".to_owned(),
    };
    let mock = MockDatabase::new(DbBackend::Postgres)
        .append_query_results([[note.clone()]])
        .append_exec_results([MockExecResult {
            last_insert_id: 0,
            rows_affected: 1,
        }]);
    let repo = CachedRepo::<Shop>::builder(mock.into_connection())
        .build()
        .await
        .expect("the settings are right");
    assert!(repo.is_mock_connection());
    let found = Note::find_by_id("todo").one(&repo).await.expect("read");
    assert_eq!(found, Some(note));
    Note::delete_by_id("todo")
        .exec(&repo)
        .await
        .expect("deleted");
    let backend = repo.as_mock_connection().get_database_backend();
    assert_eq!(backend, DbBackend::Postgres);
    let log = repo.into_transaction_log();
    assert_eq!(log.len(), 2, "{log:?}");
}
