//! A write takes from the cache what it may have changed, and nothing else.

use sea_orm::sea_query::Expr;
use sea_orm::{ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Set};
use tests::Read::{
    Dashboard as DashboardRead, Line as LineRead, Note as NoteRead, Order as OrderRead,
    OrdersInStatus, OrdersOfCustomer, User as UserRead, UserByEmail, UsersOfTenant,
};
use tests::scene::{READS, a_line, a_user, an_order};
use tests::shop::{Dashboard, Line, Note, Order, User, line, note, order, user};
use tests::{Database, Read, Scene, matrix};

/// Reads of orders that a write to user 1 may have changed: of all that is looked up by something else than the customer,
/// nobody knows to whom it belongs.
const ORDERS_OF_USER_1: [Read; 6] = [
    OrderRead(1),
    OrderRead(2),
    OrdersOfCustomer(1),
    OrdersInStatus("new"),
    OrdersInStatus("paid"),
    OrdersInStatus("sent"),
];

/// All lines that are there.
const LINES: [Read; 3] = [LineRead(1, 1), LineRead(1, 2), LineRead(3, 1)];

async fn assert_cold(scene: &Scene, expected: impl IntoIterator<Item = Read>) {
    let expected: Vec<Read> = expected.into_iter().collect();
    // In the order of the list, each once.
    let expected: Vec<Read> = READS
        .iter()
        .copied()
        .filter(|read| expected.contains(read))
        .collect();
    assert_eq!(scene.cold().await, expected);
    scene.assert_fresh().await;
}

async fn update_user(scene: &Scene, column: user::Column, value: impl Into<sea_orm::Value>) {
    let update = User::update_many().col_expr(column, Expr::value(value));
    let update = update.filter(user::Column::Id.eq(1));
    update.exec(scene.repo()).await.expect("updated");
}

matrix! {
    async fn a_new_name_of_a_user_takes_that_user_and_what_shows_it(world) {
        let scene = Scene::cached(world).await;
        update_user(&scene, user::Column::Name, "Ada Lovelace").await;
        let own = [UserRead(1), UserByEmail("ada@x"), UsersOfTenant(7), DashboardRead(1)];
        let lines = READS.iter().copied().filter(|read| matches!(read, LineRead(..)));
        assert_cold(&scene, own.into_iter().chain(ORDERS_OF_USER_1).chain(lines)).await;
    }

    async fn a_dashboard_is_left_alone_when_another_column_of_its_user_changes(world) {
        let scene = Scene::cached(world).await;
        update_user(&scene, user::Column::TenantId, 9_i64).await;
        let cold = scene.cold().await;
        assert!(!cold.iter().any(|read| matches!(read, DashboardRead(_))), "{cold:?}");
        assert!(cold.contains(&UserRead(1)));
        scene.assert_fresh().await;
    }

    async fn a_dashboard_goes_with_its_user(world) {
        let scene = Scene::cached(world).await;
        User::delete_by_id(1).exec(scene.repo()).await.expect("deleted");
        let cold = scene.cold().await;
        assert!(cold.contains(&DashboardRead(1)));
        assert!(!cold.contains(&DashboardRead(2)));
        scene.assert_fresh().await;
    }

    async fn a_write_to_a_user_leaves_the_orders_of_others_alone(world) {
        let scene = Scene::cached(world).await;
        update_user(&scene, user::Column::Name, "Ada Lovelace").await;
        for read in [OrderRead(3), OrdersOfCustomer(2), OrdersOfCustomer(3)] {
            assert!(read.is_cached(scene.repo()).await, "{read:?}");
        }
        assert!(!OrderRead(1).is_cached(scene.repo()).await);
        assert_eq!(scene.world.stats("order").table_invalidations, 0);
    }

    async fn a_write_to_a_user_takes_the_lines_behind_the_orders(world) {
        let scene = Scene::cached(world).await;
        update_user(&scene, user::Column::Name, "Ada Lovelace").await;
        for read in LINES {
            assert!(!read.is_cached(scene.repo()).await, "{read:?}");
        }
        assert_eq!(scene.world.stats("line").table_invalidations, 1);
    }

    async fn a_write_to_an_order_takes_its_own_lines_only(world) {
        let scene = Scene::cached(world).await;
        let update = Order::update_many().col_expr(order::Column::Total, Expr::value(5));
        update.filter(order::Column::Id.eq(1)).exec(scene.repo()).await.expect("updated");
        let rows = [OrderRead(1), OrdersOfCustomer(1), OrdersInStatus("new"), LineRead(1, 1), LineRead(1, 2)];
        assert_cold(&scene, rows).await;
    }

    async fn a_write_to_a_line_takes_that_line_only(world) {
        let scene = Scene::cached(world).await;
        let line = line::ActiveModel { order_id: Set(1), line_no: Set(2), product: Set("ink".into()) };
        line.update_without_returning(scene.repo()).await.expect("updated");
        assert_cold(&scene, [LineRead(1, 2)]).await;
    }

    async fn a_write_to_a_note_takes_that_note_only(world) {
        let scene = Scene::cached(world).await;
        let note = note::ActiveModel { id: Set("todo".into()), body: Set("sell ink".into()) };
        note.update_without_returning(scene.repo()).await.expect("updated");
        assert_cold(&scene, [NoteRead("todo")]).await;
    }

    async fn a_write_to_a_dashboard_takes_that_dashboard_only(world) {
        let scene = Scene::cached(world).await;
        Dashboard::delete_by_id(2).exec(scene.repo()).await.expect("deleted");
        assert_cold(&scene, [DashboardRead(2)]).await;
    }

    async fn a_new_order_takes_what_it_enters(world) {
        let scene = Scene::cached(world).await;
        an_order(2, "paid").insert(scene.repo()).await.expect("inserted");
        if scene.world.database == Database::MariaDb {
            // Text may stand for differently spelled text: all lookups by text go.
            let cold = scene.cold().await;
            assert!(!cold.contains(&OrderRead(1)), "{cold:?}");
            scene.assert_fresh().await;
        } else {
            assert_cold(&scene, [OrderRead(4), OrdersOfCustomer(2), OrdersInStatus("paid")]).await;
        }
    }

    async fn a_new_line_takes_its_own_absence(world) {
        let scene = Scene::cached(world).await;
        a_line(1, 3).insert(scene.repo()).await.expect("inserted");
        assert_cold(&scene, [LineRead(1, 3)]).await;
    }

    async fn an_order_that_changes_hands_takes_both_collections(world) {
        let scene = Scene::cached(world).await;
        let order = order::ActiveModel { id: Set(2), customer_id: Set(3), ..Default::default() };
        order.update_without_returning(scene.repo()).await.expect("updated");
        assert_cold(&scene, [OrderRead(2), OrdersOfCustomer(1), OrdersOfCustomer(3), OrdersInStatus("paid")]).await;
    }

    async fn a_user_that_changes_tenants_takes_both_collections(world) {
        let scene = Scene::cached(world).await;
        update_user(&scene, user::Column::TenantId, 8_i64).await;
        let cold = scene.cold().await;
        let users: Vec<&Read> = cold.iter().filter(|read| matches!(read, UserRead(_) | UsersOfTenant(_))).collect();
        // The tag `tenant:{tenant_id}` takes everybody in both.
        assert_eq!(users, [&UserRead(1), &UserRead(2), &UserRead(3), &UsersOfTenant(7), &UsersOfTenant(8)]);
        scene.assert_fresh().await;
    }

    async fn a_bulk_update_takes_the_whole_table_and_no_other(world) {
        let scene = Scene::cached(world).await;
        let update = Dashboard::update_many().col_expr(tests::shop::dashboard::Column::Title, Expr::value("x"));
        update.exec(scene.repo()).await.expect("updated");
        let dashboards = READS.iter().copied().filter(|read| matches!(read, DashboardRead(_)));
        assert_cold(&scene, dashboards).await;
        assert_eq!(scene.world.stats("dashboard").table_invalidations, 1);
    }

    async fn a_bulk_update_takes_dependents_by_the_columns_that_change(world) {
        let scene = Scene::cached(world).await;
        let update = User::update_many().col_expr(user::Column::TenantId, Expr::value(9));
        update.filter(user::Column::Email.eq("eve@x")).exec(scene.repo()).await.expect("updated");
        let cold = scene.cold().await;
        let kept: Vec<&Read> = READS.iter().filter(|read| !cold.contains(read)).collect();
        let expected: Vec<&Read> =
            READS.iter().filter(|read| matches!(read, DashboardRead(_) | NoteRead(_))).collect();
        assert_eq!(kept, expected);
        scene.assert_fresh().await;
    }

    async fn an_update_of_two_known_rows_leaves_the_third_alone(world) {
        let scene = Scene::cached(world).await;
        let update = Order::update_many().col_expr(order::Column::Total, Expr::value(5));
        update.filter(order::Column::Id.is_in([1, 2])).exec(scene.repo()).await.expect("updated");
        let cold = scene.cold().await;
        assert!(cold.contains(&OrderRead(1)) && cold.contains(&OrderRead(2)));
        assert!(!cold.contains(&OrderRead(3)) && !cold.contains(&OrdersOfCustomer(2)), "{cold:?}");
        assert_eq!(scene.world.stats("order").table_invalidations, 0);
        assert_eq!(scene.world.stats("order").row_invalidations, 2);
    }

    async fn a_statement_about_no_row_leaves_every_row_alone(world) {
        let scene = Scene::cached(world).await;
        let deleted = Order::delete_by_id(4).exec(scene.repo()).await.expect("done");
        assert_eq!(deleted.rows_affected, 0);
        assert_cold(&scene, [OrderRead(4)]).await;
    }

    async fn a_refused_update_leaves_every_entry_alone(world) {
        let scene = Scene::cached(world).await;
        let ada = user::ActiveModel { id: Set(1), email: Set("bob@x".into()), ..Default::default() };
        ada.update_without_returning(scene.repo()).await.expect_err("the email is taken");
        assert_cold(&scene, []).await;
    }

    async fn the_counters_tell_what_was_invalidated(world) {
        let scene = Scene::cached(world).await;
        update_user(&scene, user::Column::Name, "Ada Lovelace").await;
        let user = scene.world.stats("user");
        assert_eq!((user.row_invalidations, user.table_invalidations, user.edge_invalidations), (1, 0, 0));
        let order = scene.world.stats("order");
        assert_eq!((order.row_invalidations, order.table_invalidations, order.edge_invalidations), (0, 0, 1));
        let dashboard = scene.world.stats("dashboard");
        assert_eq!((dashboard.table_invalidations, dashboard.edge_invalidations), (0, 1));
        let note = scene.world.stats("note");
        assert_eq!((note.row_invalidations, note.table_invalidations, note.edge_invalidations), (0, 0, 0));
    }

    async fn a_text_with_several_statements_is_as_precise_as_each(world) {
        let scene = Scene::cached(world).await;
        let sql = "DELETE FROM dashboards WHERE id = 2; UPDATE order_lines SET product = 'ink' WHERE order_id = 1 AND line_no = 1";
        scene.repo().execute_unprepared(sql).await.expect("written");
        assert_cold(&scene, [DashboardRead(2), LineRead(1, 1)]).await;
    }

    async fn what_has_been_invalidated_is_a_hit_again_after_one_read(world) {
        let scene = Scene::cached(world).await;
        User::delete_by_id(1).exec(scene.repo()).await.expect("deleted");
        Note::delete_by_id("todo").exec(scene.repo()).await.expect("deleted");
        Line::insert(a_line(1, 3)).exec_without_returning(scene.repo()).await.expect("inserted");
        a_user("new@x", 9).insert(scene.repo()).await.expect("inserted");
        scene.warm().await;
        scene.assert_fresh().await;
    }
}
