//! SeaORM's active models and models.

use sea_orm::{ActiveModelTrait, EntityTrait, IntoActiveModel, ModelTrait, Set};
use tests::scene::{a_dashboard, a_line, a_note, a_user, an_order};
use tests::shop::{Line, Note, Order, User};
use tests::{Scene, matrix};

matrix! {
    async fn an_inserted_active_model_is_seen(world) {
        let scene = Scene::cached(world).await;
        let new = a_user("new@x", 7).insert(scene.repo()).await.expect("inserted");
        assert_eq!(new.id, 4);
        let read = User::find_cached(4).one(scene.repo()).await.expect("read").expect("no longer absent");
        assert_eq!(read.email, "new@x");
        scene.assert_fresh().await;
    }

    async fn an_inserted_order_is_seen(world) {
        let scene = Scene::cached(world).await;
        an_order(3, "sent").insert(scene.repo()).await.expect("inserted");
        let orders = Order::find_cached_by_customer_id(3).all(scene.repo()).await.expect("read");
        assert_eq!(orders.len(), 1);
        scene.assert_fresh().await;
    }

    async fn an_inserted_row_with_a_composite_key_is_seen(world) {
        let scene = Scene::cached(world).await;
        a_line(1, 3).insert(scene.repo()).await.expect("inserted");
        let line = Line::find_cached((1, 3)).one(scene.repo()).await.expect("read");
        assert!(line.is_some());
        scene.assert_fresh().await;
    }

    async fn an_inserted_row_with_a_text_key_is_seen(world) {
        let scene = Scene::cached(world).await;
        a_note("done").insert(scene.repo()).await.expect("inserted");
        let note = Note::find_cached("done".to_owned()).one(scene.repo()).await.expect("read");
        assert!(note.is_some());
        scene.assert_fresh().await;
    }

    async fn an_inserted_row_of_a_numbered_entity_without_lookups_is_seen(world) {
        let scene = Scene::cached(world).await;
        let new = a_dashboard(3).insert(scene.repo()).await.expect("inserted");
        assert_eq!(new.id, 3);
        scene.assert_fresh().await;
    }

    async fn an_updated_active_model_is_seen(world) {
        let scene = Scene::cached(world).await;
        let mut ada = scene.user(1).await.into_active_model();
        ada.name = Set("Ada Lovelace".into());
        ada.update(scene.repo()).await.expect("updated");
        let read = User::find_cached_by_email("ada@x").one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(read.name, "Ada Lovelace");
        scene.assert_fresh().await;
    }

    async fn an_update_without_returning_is_seen(world) {
        let scene = Scene::cached(world).await;
        let mut ada = scene.user(1).await.into_active_model();
        ada.tenant_id = Set(9);
        ada.update_without_returning(scene.repo()).await.expect("updated");
        let users = User::find_cached_by_tenant_id(9).all(scene.repo()).await.expect("read");
        assert_eq!(users.len(), 1);
        scene.assert_fresh().await;
    }

    async fn an_update_that_sets_nothing_leaves_every_entry_alone(world) {
        let scene = Scene::cached(world).await;
        let ada = scene.user(1).await.into_active_model();
        let same = ada.update(scene.repo()).await.expect("read back");
        assert_eq!(same.email, "ada@x");
        assert_eq!(scene.cold().await, []);
    }

    async fn a_saved_new_active_model_is_seen(world) {
        let scene = Scene::cached(world).await;
        let saved = a_user("new@x", 9).save(scene.repo()).await.expect("saved");
        assert_eq!(saved.id.unwrap(), 4);
        scene.assert_fresh().await;
    }

    async fn a_saved_known_active_model_is_seen(world) {
        let scene = Scene::cached(world).await;
        let mut order = scene.order(1).await.into_active_model();
        order.status = Set("sent".into());
        order.save(scene.repo()).await.expect("saved");
        let sent = Order::find_cached_by_status("sent").all(scene.repo()).await.expect("read");
        assert_eq!(sent.len(), 1);
        scene.assert_fresh().await;
    }

    async fn a_deleted_model_is_gone(world) {
        let scene = Scene::cached(world).await;
        scene.user(1).await.delete(scene.repo()).await.expect("deleted");
        let read = User::find_cached(1).one(scene.repo()).await.expect("read");
        assert_eq!(read, None);
        scene.assert_fresh().await;
    }

    async fn a_deleted_active_model_is_gone(world) {
        let scene = Scene::cached(world).await;
        scene.order(1).await.into_active_model().delete(scene.repo()).await.expect("deleted");
        let read = Order::find_cached_by_customer_id(1).all(scene.repo()).await.expect("read");
        assert_eq!(read.len(), 1);
        scene.assert_fresh().await;
    }

    async fn a_deleted_row_with_a_composite_key_is_gone(world) {
        let scene = Scene::cached(world).await;
        let line = Line::find_by_id((1, 2)).one(&scene.world.raw).await.expect("read").expect("there");
        line.delete(scene.repo()).await.expect("deleted");
        assert_eq!(Line::find_cached((1, 2)).one(scene.repo()).await.expect("read"), None);
        scene.assert_fresh().await;
    }

    async fn a_row_deleted_and_inserted_again_is_seen_both_times(world) {
        let scene = Scene::cached(world).await;
        Note::delete_cached("todo".to_owned(), scene.repo()).await.expect("deleted");
        assert_eq!(Note::find_cached("todo".to_owned()).one(scene.repo()).await.expect("read"), None);
        scene.world.settle().await;
        a_note("todo").insert(scene.repo()).await.expect("inserted");
        assert!(Note::find_cached("todo".to_owned()).one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn an_update_of_a_row_that_is_not_there_changes_nothing(world) {
        let scene = Scene::cached(world).await;
        let mut nobody = a_user("new@x", 9);
        nobody.id = Set(40);
        nobody.update(scene.repo()).await.expect_err("no such row");
        scene.assert_fresh().await;
    }

    async fn a_refused_insert_changes_nothing(world) {
        let scene = Scene::cached(world).await;
        a_user("ada@x", 9).insert(scene.repo()).await.expect_err("the email is taken");
        scene.assert_fresh().await;
    }
}
