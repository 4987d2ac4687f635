//! Updates and deletes of many rows.

use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use tests::shop::{Line, Note, Order, User, line, note, order, user};
use tests::{Database, Scene, matrix};

matrix! {
    async fn an_update_of_many_by_a_condition_is_seen(world) {
        let scene = Scene::cached(world).await;
        let update = User::update_many().col_expr(user::Column::TenantId, Expr::value(9));
        let done = update.filter(user::Column::TenantId.eq(7)).exec(scene.repo()).await.expect("updated");
        assert_eq!(done.rows_affected, 2);
        assert_eq!(User::find_cached_by_tenant_id(9).all(scene.repo()).await.expect("read").len(), 2);
        scene.assert_fresh().await;
    }

    async fn an_update_of_every_row_is_seen(world) {
        let scene = Scene::cached(world).await;
        let update = User::update_many().col_expr(user::Column::Name, Expr::value("Everybody"));
        update.exec(scene.repo()).await.expect("updated");
        scene.assert_fresh().await;
    }

    async fn an_update_of_many_by_primary_key_is_seen(world) {
        let scene = Scene::cached(world).await;
        let update = Order::update_many().col_expr(order::Column::Status, Expr::value("sent"));
        update.filter(order::Column::Id.eq(1)).exec(scene.repo()).await.expect("updated");
        assert_eq!(Order::find_cached_by_status("sent").all(scene.repo()).await.expect("read").len(), 1);
        scene.assert_fresh().await;
    }

    async fn an_update_of_many_by_a_list_of_primary_keys_is_seen(world) {
        let scene = Scene::cached(world).await;
        let update = Order::update_many().col_expr(order::Column::CustomerId, Expr::value(3));
        update.filter(order::Column::Id.is_in([1, 2])).exec(scene.repo()).await.expect("updated");
        assert_eq!(Order::find_cached_by_customer_id(3).all(scene.repo()).await.expect("read").len(), 2);
        scene.assert_fresh().await;
    }

    async fn an_update_of_many_by_one_key_or_another_is_seen(world) {
        let scene = Scene::cached(world).await;
        let either = Condition::any().add(user::Column::Id.eq(1)).add(user::Column::Email.eq("eve@x"));
        let update = User::update_many().col_expr(user::Column::TenantId, Expr::value(9));
        update.filter(either).exec(scene.repo()).await.expect("updated");
        scene.assert_fresh().await;
    }

    async fn an_update_of_many_but_one_is_seen(world) {
        let scene = Scene::cached(world).await;
        let update = User::update_many().col_expr(user::Column::TenantId, Expr::value(9));
        update.filter(user::Column::Id.ne(1)).exec(scene.repo()).await.expect("updated");
        scene.assert_fresh().await;
    }

    async fn an_update_of_many_by_a_subquery_is_seen(world) {
        use sea_orm::{QuerySelect, QueryTrait};
        let scene = Scene::cached(world).await;
        let customers = User::find().select_only().column(user::Column::Id).filter(user::Column::TenantId.eq(7));
        let update = Order::update_many().col_expr(order::Column::Status, Expr::value("paid"));
        let update = update.filter(order::Column::CustomerId.in_subquery(customers.into_query()));
        update.exec(scene.repo()).await.expect("updated");
        scene.assert_fresh().await;
    }

    async fn an_update_of_many_with_returning_is_seen(world) {
        let scene = Scene::cached(world).await;
        let update = User::update_many().col_expr(user::Column::TenantId, Expr::value(9));
        let update = update.filter(user::Column::Id.eq(3));
        let answer = update.exec_with_returning(scene.repo()).await;
        assert_eq!(answer.is_ok(), scene.world.database != Database::MariaDb);
        scene.assert_fresh().await;
    }

    async fn an_update_by_a_composite_key_is_seen(world) {
        let scene = Scene::cached(world).await;
        let update = Line::update_many().col_expr(line::Column::Product, Expr::value("ink"));
        let update = update.filter(line::Column::OrderId.eq(1)).filter(line::Column::LineNo.eq(2));
        update.exec(scene.repo()).await.expect("updated");
        let line = Line::find_cached((1, 2)).one(scene.repo()).await.expect("read").expect("there");
        assert_eq!(line.product, "ink");
        scene.assert_fresh().await;
    }

    async fn an_update_by_half_of_a_composite_key_is_seen(world) {
        let scene = Scene::cached(world).await;
        let update = Line::update_many().col_expr(line::Column::Product, Expr::value("ink"));
        update.filter(line::Column::OrderId.eq(1)).exec(scene.repo()).await.expect("updated");
        scene.assert_fresh().await;
    }

    async fn a_value_set_by_an_expression_is_seen(world) {
        let scene = Scene::cached(world).await;
        let raised = Expr::col(user::Column::TenantId).add(1);
        let update = User::update_many().col_expr(user::Column::TenantId, raised);
        update.filter(user::Column::Id.eq(1)).exec(scene.repo()).await.expect("updated");
        assert_eq!(User::find_cached_by_tenant_id(8).all(scene.repo()).await.expect("read").len(), 2);
        assert_eq!(User::find_cached_by_tenant_id(7).all(scene.repo()).await.expect("read").len(), 1);
        scene.assert_fresh().await;
    }

    async fn an_update_of_a_text_key_in_another_case_is_seen(world) {
        let scene = Scene::cached(world).await;
        let update = Note::update_many().col_expr(note::Column::Body, Expr::value("sell ink"));
        // MariaDB finds the row under this spelling, the others do not.
        update.filter(note::Column::Id.eq("TODO")).exec(scene.repo()).await.expect("updated");
        scene.assert_fresh().await;
    }

    async fn a_delete_of_a_text_key_in_another_case_is_seen(world) {
        let scene = Scene::cached(world).await;
        Note::delete_by_id("Todo ").exec(scene.repo()).await.expect("done");
        scene.assert_fresh().await;
    }

    async fn a_delete_of_many_is_seen(world) {
        let scene = Scene::cached(world).await;
        let done = User::delete_many().filter(user::Column::TenantId.eq(7)).exec(scene.repo()).await.expect("deleted");
        assert_eq!(done.rows_affected, 2);
        assert_eq!(User::find_cached_by_tenant_id(7).all(scene.repo()).await.expect("read"), []);
        scene.assert_fresh().await;
    }

    async fn a_delete_of_many_by_a_list_of_primary_keys_is_seen(world) {
        let scene = Scene::cached(world).await;
        let delete = Order::delete_many().filter(order::Column::Id.is_in([2, 3, 40]));
        delete.exec(scene.repo()).await.expect("deleted");
        assert_eq!(Order::find_cached_by_customer_id(2).all(scene.repo()).await.expect("read"), []);
        scene.assert_fresh().await;
    }

    async fn a_delete_of_every_row_is_seen(world) {
        let scene = Scene::cached(world).await;
        Line::delete_many().exec(scene.repo()).await.expect("deleted");
        scene.assert_fresh().await;
    }
}
