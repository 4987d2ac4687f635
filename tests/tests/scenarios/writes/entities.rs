//! Inserts, upserts and single updates and deletes by SeaORM's entities.

use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, Set, TryInsertResult};
use tests::scene::{a_line, a_note, a_user, an_order};
use tests::shop::{Line, Note, Order, User, line, user};
use tests::{Database, Scene, matrix};

matrix! {
    async fn an_insert_by_the_entity_is_seen(world) {
        let scene = Scene::cached(world).await;
        let inserted = User::insert(a_user("new@x", 7)).exec(scene.repo()).await.expect("inserted");
        assert_eq!(inserted.last_insert_id, 4);
        let read = User::find_cached_by_email("new@x").one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(read.id, 4);
        scene.assert_fresh().await;
    }

    async fn an_insert_with_returning_is_seen(world) {
        let scene = Scene::cached(world).await;
        let new = User::insert(a_user("new@x", 9)).exec_with_returning(scene.repo()).await.expect("inserted");
        assert_eq!(new.id, 4);
        scene.assert_fresh().await;
    }

    async fn an_insert_without_returning_is_seen(world) {
        let scene = Scene::cached(world).await;
        User::insert(a_user("new@x", 9)).exec_without_returning(scene.repo()).await.expect("inserted");
        let users = User::find_cached_by_tenant_id(9).all(scene.repo()).await.expect("read");
        assert_eq!(users.len(), 1);
        scene.assert_fresh().await;
    }

    async fn an_insert_of_many_is_seen(world) {
        let scene = Scene::cached(world).await;
        let rows = [a_user("new@x", 7), a_user("newer@x", 9)];
        User::insert_many(rows).exec(scene.repo()).await.expect("inserted");
        assert!(User::find_cached(5).one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn an_insert_of_many_with_composite_keys_is_seen(world) {
        let scene = Scene::cached(world).await;
        Line::insert_many([a_line(1, 3), a_line(2, 1)]).exec(scene.repo()).await.expect("inserted");
        assert!(Line::find_cached((1, 3)).one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn an_insert_of_many_with_returning_is_seen(world) {
        let scene = Scene::cached(world).await;
        let rows = [a_user("new@x", 7), a_user("newer@x", 9)];
        let answer = User::insert_many(rows).exec_with_returning(scene.repo()).await;
        // SeaORM knows no RETURNING on MySQL.
        assert_eq!(answer.is_ok(), scene.world.database != Database::MariaDb);
        scene.assert_fresh().await;
    }

    async fn an_insert_of_many_without_returning_is_seen(world) {
        let scene = Scene::cached(world).await;
        let rows = [an_order(3, "sent"), an_order(4, "new")];
        let inserted = Order::insert_many(rows).exec_without_returning(scene.repo()).await.expect("inserted");
        assert_eq!(inserted, 2);
        scene.assert_fresh().await;
    }

    async fn an_insert_that_does_nothing_on_conflict_leaves_the_row_as_it_is(world) {
        let scene = Scene::cached(world).await;
        let answer = Note::insert(a_note("todo")).on_conflict_do_nothing().exec(scene.repo()).await;
        // SeaORM has MySQL set the key to itself, which counts as an insert.
        let conflicted = matches!(answer.expect("no error"), TryInsertResult::Conflicted);
        assert_eq!(conflicted, scene.world.database != Database::MariaDb);
        scene.assert_fresh().await;
    }

    async fn an_insert_that_would_do_nothing_on_conflict_is_seen_without_one(world) {
        let scene = Scene::cached(world).await;
        let insert = Note::insert(a_note("done")).on_conflict_do_nothing();
        insert.exec_without_returning(scene.repo()).await.expect("inserted");
        assert!(Note::find_cached("done".to_owned()).one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn an_insert_of_many_of_which_one_conflicts_is_seen(world) {
        let scene = Scene::cached(world).await;
        let rows = [a_user("ada@x", 9), a_user("new@x", 9)];
        let insert = User::insert_many(rows).on_conflict_do_nothing_on([user::Column::Email]);
        insert.exec_without_returning(scene.repo()).await.expect("inserted");
        let users = User::find_cached_by_tenant_id(9).all(scene.repo()).await.expect("read");
        assert_eq!(users.len(), 1);
        scene.assert_fresh().await;
    }

    async fn an_upsert_is_seen_in_the_existing_row(world) {
        let scene = Scene::cached(world).await;
        let conflict = OnConflict::column(user::Column::Email).update_column(user::Column::TenantId).to_owned();
        let upsert = User::insert(a_user("ada@x", 9)).on_conflict(conflict);
        upsert.exec_without_returning(scene.repo()).await.expect("changed");
        let ada = User::find_cached(1).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(ada.tenant_id, 9);
        scene.assert_fresh().await;
    }

    async fn an_upsert_is_seen_as_a_new_row(world) {
        let scene = Scene::cached(world).await;
        let conflict = OnConflict::columns([line::Column::OrderId, line::Column::LineNo])
            .update_column(line::Column::Product)
            .to_owned();
        let upsert = Line::insert(a_line(1, 3)).on_conflict(conflict);
        upsert.exec_without_returning(scene.repo()).await.expect("inserted");
        assert!(Line::find_cached((1, 3)).one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn an_upsert_by_an_expression_is_seen(world) {
        let scene = Scene::cached(world).await;
        let conflict = OnConflict::column(user::Column::Email)
            .value(user::Column::TenantId, Expr::col((User, user::Column::TenantId)).add(2))
            .to_owned();
        let upsert = User::insert(a_user("bob@x", 1)).on_conflict(conflict);
        upsert.exec_without_returning(scene.repo()).await.expect("changed");
        let bob = User::find_cached_by_email("bob@x").one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(bob.tenant_id, 9);
        scene.assert_fresh().await;
    }

    async fn an_update_by_the_entity_is_seen(world) {
        let scene = Scene::cached(world).await;
        let mut ada = scene.user(1).await.into_active_model();
        ada.email = Set("new@x".into());
        User::update(ada).exec(scene.repo()).await.expect("updated");
        let read = User::find_cached_by_email("new@x").one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(read.id, 1);
        scene.assert_fresh().await;
    }

    async fn an_update_by_the_entity_with_a_further_condition_is_seen(world) {
        use sea_orm::QueryFilter;
        let scene = Scene::cached(world).await;
        let mut ada = scene.user(1).await.into_active_model();
        ada.tenant_id = Set(9);
        let update = User::update(ada).validate().expect("complete").filter(user::Column::Email.eq("ada@x"));
        update.exec(scene.repo()).await.expect("updated");
        scene.assert_fresh().await;
    }

    async fn a_delete_by_the_entity_is_seen(world) {
        let scene = Scene::cached(world).await;
        let ada = scene.user(1).await.into_active_model();
        User::delete(ada).exec(scene.repo()).await.expect("deleted");
        assert_eq!(User::find_cached_by_email("ada@x").one(scene.repo()).await.expect("read"), None);
        scene.assert_fresh().await;
    }

    async fn a_delete_by_id_is_seen(world) {
        let scene = Scene::cached(world).await;
        Order::delete_by_id(1).exec(scene.repo()).await.expect("deleted");
        assert_eq!(Order::find_cached(1).one(scene.repo()).await.expect("read"), None);
        scene.assert_fresh().await;
    }

    async fn a_delete_by_a_composite_id_is_seen(world) {
        let scene = Scene::cached(world).await;
        Line::delete_by_id((1, 1)).exec(scene.repo()).await.expect("deleted");
        assert_eq!(Line::find_cached((1, 1)).one(scene.repo()).await.expect("read"), None);
        scene.assert_fresh().await;
    }

    async fn a_delete_by_a_unique_column_is_seen(world) {
        let scene = Scene::cached(world).await;
        User::delete_by_email("bob@x").exec(scene.repo()).await.expect("deleted");
        assert_eq!(User::find_cached(2).one(scene.repo()).await.expect("read"), None);
        scene.assert_fresh().await;
    }
}
