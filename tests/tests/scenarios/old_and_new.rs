//! A value that names something changes: what stood under the old one and what stands under the new one are both right.

use cached_repo::tag;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, QueryFilter, Set, TransactionTrait};
use tests::scene::{a_note, a_user, an_order};
use tests::shop::{Line, Note, Order, Shop, User, line, note, order, user};
use tests::{Read, Scene, matrix};

fn user(id: i64) -> user::ActiveModel {
    user::ActiveModel {
        id: Set(id),
        ..Default::default()
    }
}

async fn ids_of_tenant(scene: &Scene, tenant: i64) -> Vec<i64> {
    let users = User::find_cached_by_tenant_id(tenant)
        .all(scene.repo())
        .await
        .expect("read");
    users.iter().map(|user| user.id).collect()
}

async fn id_by_email(scene: &Scene, email: &str) -> Option<i64> {
    let user = User::find_cached_by_email(email)
        .one(scene.repo())
        .await
        .expect("read");
    user.map(|user| user.id)
}

matrix! {
    async fn a_row_leaves_one_collection_and_enters_another(world) {
        let scene = Scene::cached(world).await;
        let mut ada = user(1);
        ada.tenant_id = Set(8);
        ada.update_without_returning(scene.repo()).await.expect("updated");
        assert_eq!(ids_of_tenant(&scene, 7).await, [2]);
        assert_eq!(ids_of_tenant(&scene, 8).await, [1, 3]);
        scene.assert_fresh().await;
    }

    async fn a_row_leaves_a_collection_empty_and_fills_an_empty_one(world) {
        let scene = Scene::cached(world).await;
        let mut eve = user(3);
        eve.tenant_id = Set(9);
        eve.update_without_returning(scene.repo()).await.expect("updated");
        assert_eq!(ids_of_tenant(&scene, 8).await, Vec::<i64>::new());
        assert_eq!(ids_of_tenant(&scene, 9).await, [3]);
        scene.assert_fresh().await;
    }

    async fn a_unique_value_changes(world) {
        let scene = Scene::cached(world).await;
        let mut ada = user(1);
        ada.email = Set("new@x".into());
        ada.update_without_returning(scene.repo()).await.expect("updated");
        assert_eq!(id_by_email(&scene, "ada@x").await, None);
        assert_eq!(id_by_email(&scene, "new@x").await, Some(1));
        scene.assert_fresh().await;
    }

    async fn a_unique_value_that_was_given_up_is_taken_by_another_row(world) {
        let scene = Scene::cached(world).await;
        let mut ada = user(1);
        ada.email = Set("newer@x".into());
        ada.update_without_returning(scene.repo()).await.expect("updated");
        // Absent now, and cached as that.
        assert_eq!(id_by_email(&scene, "ada@x").await, None);
        scene.world.settle().await;
        let mut eve = user(3);
        eve.email = Set("ada@x".into());
        eve.update_without_returning(scene.repo()).await.expect("updated");
        assert_eq!(id_by_email(&scene, "ada@x").await, Some(3));
        scene.assert_fresh().await;
    }

    async fn a_unique_value_of_a_deleted_row_is_taken_by_a_new_one(world) {
        let scene = Scene::cached(world).await;
        User::delete_by_id(1).exec(scene.repo()).await.expect("deleted");
        assert_eq!(id_by_email(&scene, "ada@x").await, None);
        scene.world.settle().await;
        a_user("ada@x", 9).insert(scene.repo()).await.expect("inserted");
        assert_eq!(id_by_email(&scene, "ada@x").await, Some(4));
        scene.assert_fresh().await;
    }

    async fn two_rows_swap_their_unique_values_in_one_transaction(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        for (id, email) in [(1, "newer@x"), (2, "ada@x"), (1, "bob@x")] {
            let mut user = user(id);
            user.email = Set(email.into());
            user.update_without_returning(&transaction).await.expect("updated");
        }
        transaction.commit().await.expect("committed");
        assert_eq!(id_by_email(&scene, "ada@x").await, Some(2));
        assert_eq!(id_by_email(&scene, "bob@x").await, Some(1));
        assert_eq!(id_by_email(&scene, "newer@x").await, None);
        scene.assert_fresh().await;
    }

    async fn a_row_moves_twice_in_one_transaction(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        for tenant in [8, 9] {
            let mut ada = user(1);
            ada.tenant_id = Set(tenant);
            ada.update_without_returning(&transaction).await.expect("updated");
        }
        transaction.commit().await.expect("committed");
        assert_eq!(ids_of_tenant(&scene, 7).await, [2]);
        assert_eq!(ids_of_tenant(&scene, 9).await, [1]);
        scene.assert_fresh().await;
    }

    async fn a_row_is_inserted_moved_and_deleted_in_one_transaction(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        let new = a_user("new@x", 8).insert(&transaction).await.expect("inserted");
        let mut moved = user(new.id);
        moved.email = Set("newer@x".into());
        moved.update_without_returning(&transaction).await.expect("updated");
        User::delete_by_id(new.id).exec(&transaction).await.expect("deleted");
        transaction.commit().await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn a_tag_goes_with_the_row_to_its_new_value(world) {
        let scene = Scene::cached(world).await;
        let mut ada = user(1);
        ada.tenant_id = Set(8);
        ada.update_without_returning(scene.repo()).await.expect("updated");
        scene.warm().await;
        scene.repo().invalidate_tag(tag!(Shop, "tenant:{}", 7)).await.expect("invalidated");
        assert!(Read::User(1).is_cached(scene.repo()).await, "it has left");
        assert!(!Read::User(2).is_cached(scene.repo()).await);
        scene.warm().await;
        scene.repo().invalidate_tag(tag!(Shop, "tenant:{}", 8)).await.expect("invalidated");
        assert!(!Read::User(1).is_cached(scene.repo()).await, "it has entered");
        assert!(Read::User(2).is_cached(scene.repo()).await);
    }

    async fn a_primary_key_changes(world) {
        let scene = Scene::cached(world).await;
        let update = User::update_many().col_expr(user::Column::Id, Expr::value(40));
        update.filter(user::Column::Id.eq(1)).exec(scene.repo()).await.expect("updated");
        assert_eq!(User::find_cached(1).one(scene.repo()).await.expect("read"), None);
        assert_eq!(id_by_email(&scene, "ada@x").await, Some(40));
        scene.assert_fresh().await;
    }

    async fn a_primary_key_changes_by_an_expression(world) {
        let scene = Scene::cached(world).await;
        let update = User::update_many().col_expr(user::Column::Id, Expr::col(user::Column::Id).add(39));
        update.filter(user::Column::Id.eq(1)).exec(scene.repo()).await.expect("updated");
        assert_eq!(User::find_cached(1).one(scene.repo()).await.expect("read"), None);
        assert!(User::find_cached(40).one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn a_text_key_changes(world) {
        let scene = Scene::cached(world).await;
        let update = Note::update_many().col_expr(note::Column::Id, Expr::value("done"));
        update.filter(note::Column::Id.eq("todo")).exec(scene.repo()).await.expect("updated");
        assert_eq!(Note::find_cached("todo".to_owned()).one(scene.repo()).await.expect("read"), None);
        assert!(Note::find_cached("done".to_owned()).one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn a_part_of_a_composite_key_changes(world) {
        let scene = Scene::cached(world).await;
        let update = Line::update_many().col_expr(line::Column::LineNo, Expr::value(3));
        let update = update.filter(line::Column::OrderId.eq(1)).filter(line::Column::LineNo.eq(2));
        update.exec(scene.repo()).await.expect("updated");
        assert_eq!(Line::find_cached((1, 2)).one(scene.repo()).await.expect("read"), None);
        assert!(Line::find_cached((1, 3)).one(scene.repo()).await.expect("read").is_some());
        scene.assert_fresh().await;
    }

    async fn a_key_that_others_hold_changes_and_takes_them_along(world) {
        let scene = Scene::cached(world).await;
        let update = Order::update_many().col_expr(order::Column::Id, Expr::value(4));
        update.filter(order::Column::Id.eq(1)).exec(scene.repo()).await.expect("updated");
        for read in [Read::Order(1), Read::Order(4), Read::Line(1, 1)] {
            assert!(!read.is_cached(scene.repo()).await, "{read:?}");
        }
        assert!(Read::Line(3, 1).is_cached(scene.repo()).await);
        scene.assert_fresh().await;
    }

    async fn an_order_moves_to_another_customer_who_is_then_changed(world) {
        let scene = Scene::cached(world).await;
        let order = order::ActiveModel { id: Set(1), customer_id: Set(3), ..Default::default() };
        order.update_without_returning(scene.repo()).await.expect("updated");
        scene.warm().await;
        let mut eve = user(3);
        eve.name = Set("Eve".into());
        eve.update_without_returning(scene.repo()).await.expect("updated");
        assert!(!Read::Order(1).is_cached(scene.repo()).await, "it is hers now");
        assert!(Read::Order(2).is_cached(scene.repo()).await, "it is not");
    }

    async fn an_index_value_raised_by_an_expression_is_found_under_the_new_one(world) {
        let scene = Scene::cached(world).await;
        let raised = Expr::col(user::Column::TenantId).add(1);
        let update = User::update_many().col_expr(user::Column::TenantId, raised);
        update.filter(user::Column::TenantId.eq(7)).exec(scene.repo()).await.expect("updated");
        assert_eq!(ids_of_tenant(&scene, 7).await, Vec::<i64>::new());
        assert_eq!(ids_of_tenant(&scene, 8).await, [1, 2, 3]);
        scene.assert_fresh().await;
    }

    async fn text_in_another_case_is_never_stale(world) {
        let scene = Scene::new(world).await;
        // Three ways of spelling it, each read until it is as cached as it gets.
        let spellings = ["neo@x", "NEO@X", "Neo@x"];
        for step in 0..4 {
            for _ in 0..2 {
                for email in spellings {
                    let seen = id_by_email(&scene, email).await;
                    scene.world.settle().await;
                    let stored = User::find_by_email(email).one(&scene.world.raw).await.expect("read");
                    assert_eq!(seen, stored.map(|user| user.id), "{email} at step {step}");
                }
            }
            let mut neo = user(4);
            match step {
                0 => { a_user("neo@x", 9).insert(scene.repo()).await.expect("inserted"); }
                1 => { neo.email = Set("NEO@X".into()); neo.update_without_returning(scene.repo()).await.expect("updated"); }
                _ => { User::delete_by_id(4).exec(scene.repo()).await.expect("deleted"); }
            }
        }
    }

    async fn a_collection_by_text_in_another_case_is_never_stale(world) {
        let scene = Scene::new(world).await;
        let count = async |status: &str| {
            let seen = Order::find_cached_by_status(status).all(scene.repo()).await.expect("read").len();
            scene.world.settle().await;
            let stored = Order::find().filter(order::Column::Status.eq(status));
            assert_eq!(seen, stored.all(&scene.world.raw).await.expect("read").len(), "{status}");
        };
        for change in ["SENT", "sent", "Sent", "new"] {
            for _ in 0..2 {
                for status in ["sent", "SENT", "new"] {
                    count(status).await;
                }
            }
            let order = order::ActiveModel { id: Set(3), status: Set(change.into()), ..Default::default() };
            order.update_without_returning(scene.repo()).await.expect("updated");
            an_order(1, change).insert(scene.repo()).await.expect("inserted");
        }
        for status in ["sent", "SENT", "new"] {
            count(status).await;
        }
    }

    async fn a_text_key_in_another_case_is_never_stale(world) {
        let scene = Scene::new(world).await;
        for step in 0..4 {
            for _ in 0..2 {
                for id in ["memo", "MEMO"] {
                    let seen = Note::find_cached(id.to_owned()).one(scene.repo()).await.expect("read");
                    scene.world.settle().await;
                    let stored = Note::find_by_id(id).one(&scene.world.raw).await.expect("read");
                    assert_eq!(seen.as_deref(), stored.as_ref(), "{id} at step {step}");
                }
            }
            match step {
                0 => { a_note("memo").insert(scene.repo()).await.expect("inserted"); }
                1 => {
                    let update = Note::update_many().col_expr(note::Column::Body, Expr::value("x"));
                    update.filter(note::Column::Id.eq("Memo")).exec(scene.repo()).await.expect("updated");
                }
                _ => { Note::delete_by_id("MEMO").exec(scene.repo()).await.expect("deleted"); }
            }
        }
    }
}
