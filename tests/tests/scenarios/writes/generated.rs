//! The writers that the derive generates, and writes by code that knows nothing of the cache.

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel, Set, TransactionTrait,
};
use tests::scene::{a_line, a_note, a_user};
use tests::shop::{Line, Note, User, user};
use tests::{Scene, matrix};

/// Code that was written for SeaORM alone.
async fn rename(id: i64, name: &str, db: &impl ConnectionTrait) -> Result<user::Model, DbErr> {
    let found = User::find_by_id(id).one(db).await?;
    let mut user = found
        .ok_or_else(|| DbErr::RecordNotFound(id.to_string()))?
        .into_active_model();
    user.name = Set(name.to_owned());
    user.update(db).await
}

/// The same with a transaction of its own.
async fn move_to(id: i64, tenant: i64, db: &impl TransactionTrait) -> Result<(), DbErr> {
    use sea_orm::TransactionSession;
    let transaction = db.begin().await?;
    let user = user::ActiveModel {
        id: Set(id),
        tenant_id: Set(tenant),
        ..Default::default()
    };
    user.update_without_returning(&transaction).await?;
    transaction.commit().await
}

matrix! {
    async fn insert_cached_is_seen(world) {
        let scene = Scene::cached(world).await;
        let new = User::insert_cached(a_user("new@x", 9), scene.repo()).await.expect("inserted");
        assert_eq!((new.id, new.email.as_str()), (4, "new@x"));
        assert_eq!(User::find_cached_by_email("new@x").one(scene.repo()).await.expect("read"), Some(new));
        scene.assert_fresh().await;
    }

    async fn insert_cached_of_a_model_is_seen(world) {
        let scene = Scene::cached(world).await;
        let model = user::Model { id: 40, email: "new@x".into(), tenant_id: 9, name: "Neo".into() };
        User::insert_cached(model, scene.repo()).await.expect("inserted");
        let read = User::find_cached(40).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(read.name, "Neo");
        scene.assert_fresh().await;
    }

    async fn update_cached_is_seen(world) {
        let scene = Scene::cached(world).await;
        let mut ada = scene.user(1).await.into_active_model();
        ada.email = Set("newer@x".into());
        let ada = User::update_cached(ada, scene.repo()).await.expect("updated");
        assert_eq!(User::find_cached_by_email("newer@x").one(scene.repo()).await.expect("read"), Some(ada));
        scene.assert_fresh().await;
    }

    async fn save_cached_inserts_what_has_no_key(world) {
        let scene = Scene::cached(world).await;
        let saved = User::save_cached(a_user("new@x", 9), scene.repo()).await.expect("saved");
        assert_eq!(User::find_cached(4).one(scene.repo()).await.expect("read"), Some(saved));
        scene.assert_fresh().await;
    }

    async fn save_cached_updates_what_has_a_key(world) {
        let scene = Scene::cached(world).await;
        let mut eve = scene.user(3).await.into_active_model();
        eve.tenant_id = Set(9);
        let saved = User::save_cached(eve, scene.repo()).await.expect("saved");
        assert_eq!(User::find_cached_by_tenant_id(9).all(scene.repo()).await.expect("read"), [saved]);
        scene.assert_fresh().await;
    }

    async fn delete_cached_is_seen_and_tells_whether_there_was_a_row(world) {
        let scene = Scene::cached(world).await;
        assert!(User::delete_cached(1, scene.repo()).await.expect("deleted"));
        assert_eq!(User::find_cached(1).one(scene.repo()).await.expect("read"), None);
        assert!(!User::delete_cached(1, scene.repo()).await.expect("done"));
        assert!(Line::delete_cached((1, 1), scene.repo()).await.expect("deleted"));
        assert!(Note::delete_cached("todo".to_owned(), scene.repo()).await.expect("deleted"));
        scene.assert_fresh().await;
    }

    async fn invalidate_makes_a_write_past_the_repo_seen(world) {
        let scene = Scene::cached(world).await;
        rename(1, "Ada Lovelace", &scene.world.raw).await.expect("updated");
        let old = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(old.name, "Ada", "nobody has told the cache");
        User::invalidate(1, scene.repo()).await.expect("invalidated");
        scene.assert_fresh().await;
    }

    async fn invalidate_makes_a_new_unique_value_past_the_repo_seen(world) {
        let scene = Scene::cached(world).await;
        let ada = user::ActiveModel { id: Set(1), email: Set("new@x".into()), tenant_id: Set(9), ..Default::default() };
        ada.update_without_returning(&scene.world.raw).await.expect("updated");
        User::invalidate(1, scene.repo()).await.expect("invalidated");
        scene.assert_fresh().await;
    }

    async fn invalidate_of_a_row_without_lookups_takes_that_row_alone(world) {
        let scene = Scene::cached(world).await;
        Line::insert(a_line(1, 3)).exec_without_returning(&scene.world.raw).await.expect("inserted");
        Line::invalidate((1, 3), scene.repo()).await.expect("invalidated");
        assert_eq!(scene.cold().await, [tests::Read::Line(1, 3)]);
        scene.assert_fresh().await;
    }

    async fn code_for_any_connection_writes_through_the_repo(world) {
        let scene = Scene::cached(world).await;
        rename(1, "Ada Lovelace", scene.repo()).await.expect("updated");
        scene.assert_fresh().await;
    }

    async fn code_for_any_connection_writes_through_a_transaction(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        rename(1, "Ada Lovelace", &transaction).await.expect("updated");
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn code_that_begins_transactions_writes_through_the_repo(world) {
        let scene = Scene::cached(world).await;
        move_to(1, 9, scene.repo()).await.expect("updated");
        assert_eq!(User::find_cached_by_tenant_id(9).all(scene.repo()).await.expect("read").len(), 1);
        scene.assert_fresh().await;
    }

    async fn code_that_begins_transactions_writes_through_a_transaction(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        move_to(1, 9, &transaction).await.expect("updated");
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn a_generated_writer_takes_a_transaction(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        Note::insert_cached(a_note("done"), &transaction).await.expect("inserted");
        User::delete_cached(3, &transaction).await.expect("deleted");
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }
}
