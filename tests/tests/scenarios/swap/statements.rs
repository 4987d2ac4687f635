//! Statements: `ConnectionTrait`, `StreamTrait`, and what SeaORM's statements of entities give back.

use futures_util::{StreamExt, TryStreamExt};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryResult, Statement, StreamTrait,
    TryInsertResult, UpdateMany,
};
use tests::scene::{a_note, a_user, bound};
use tests::shop::{Note, Order, User, note, order, user};
use tests::{Scene, matrix};

fn emails() -> sea_orm::sea_query::SelectStatement {
    let mut select = Query::select();
    select
        .column(user::Column::Email)
        .from(User)
        .order_by(user::Column::Id, sea_orm::Order::Asc);
    select
}

fn text(row: &QueryResult) -> String {
    row.try_get("", "email").expect("a column of text")
}

fn renamed() -> UpdateMany<User> {
    let update = User::update_many().col_expr(user::Column::Name, Expr::value("Somebody"));
    update.filter(user::Column::TenantId.eq(7))
}

matrix! {
    async fn built_and_raw_statements_are_executed(world) {
        let scene = Scene::cached(world).await;
        let (repo, world) = (scene.repo(), &scene.world);
        let mut update = Query::update();
        update.table(User).value(user::Column::Name, "Ada Lovelace").and_where(user::Column::Id.eq(1));
        let done = repo.execute(&update).await.expect("updated");
        assert_eq!(done.rows_affected(), 1);
        scene.assert_fresh().await;
        let raw = bound(world, "UPDATE orders SET total = ? WHERE id = ?", [7_i64.into(), 2_i64.into()]);
        let done = repo.execute_raw(raw).await.expect("updated");
        assert_eq!(done.rows_affected(), 1);
        scene.assert_fresh().await;
        let done = repo.execute_unprepared("DELETE FROM notes WHERE id = 'todo'").await.expect("deleted");
        assert_eq!(done.rows_affected(), 1);
        scene.assert_fresh().await;
    }

    async fn built_and_raw_queries_are_answered_by_the_database(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        let first = repo.query_one(&emails()).await.expect("read").expect("there");
        assert_eq!(text(&first), "ada@x");
        let all = repo.query_all(&emails()).await.expect("read");
        assert_eq!(all.iter().map(text).collect::<Vec<_>>(), ["ada@x", "bob@x", "eve@x"]);
        let raw = || Statement::from_string(repo.get_database_backend(), "SELECT email FROM users WHERE id = 2");
        let one = repo.query_one_raw(raw()).await.expect("read").expect("there");
        assert_eq!(text(&one), "bob@x");
        assert_eq!(repo.query_all_raw(raw()).await.expect("read").len(), 1);
        let none = Statement::from_string(repo.get_database_backend(), "SELECT email FROM users WHERE id = 40");
        assert!(repo.query_one_raw(none).await.expect("read").is_none());
        assert_eq!(scene.cold().await, [], "a read invalidates nothing");
    }

    async fn a_query_that_returns_what_it_writes_is_seen(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        if !repo.support_returning() {
            return;
        }
        let mut update = Query::update();
        update.table(User).value(user::Column::TenantId, 9).and_where(user::Column::Id.eq(1));
        update.returning_col(user::Column::Email);
        let row = repo.query_one(&update).await.expect("updated").expect("returned");
        assert_eq!(text(&row), "ada@x");
        scene.assert_fresh().await;
        let mut delete = Query::delete();
        delete.from_table(Order).and_where(Expr::col(order::Column::CustomerId).eq(1)).returning_col(Alias::new("id"));
        assert_eq!(repo.query_all(&delete).await.expect("deleted").len(), 2);
        scene.assert_fresh().await;
    }

    async fn streams_give_rows_one_by_one(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        let rows: Vec<_> = repo.stream(&emails()).await.expect("begun").try_collect().await.expect("read");
        assert_eq!(rows.iter().map(text).collect::<Vec<_>>(), ["ada@x", "bob@x", "eve@x"]);
        let raw = Statement::from_string(repo.get_database_backend(), "SELECT email FROM users ORDER BY id");
        let mut stream = repo.stream_raw(raw).await.expect("begun");
        let first = stream.next().await.expect("a row").expect("read");
        assert_eq!(text(&first), "ada@x");
        drop(stream);
        let users: Vec<user::Model> = User::find().stream(repo).await.expect("begun").try_collect().await.expect("read");
        assert_eq!(users.len(), 3);
        assert_eq!(scene.cold().await, []);
    }

    async fn inserts_give_back_keys_rows_or_numbers(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        let inserted = User::insert(a_user("new@x", 7)).exec(repo).await.expect("inserted");
        assert_eq!(inserted.last_insert_id, 4);
        scene.assert_fresh().await;
        let row = User::insert(a_user("newer@x", 8)).exec_with_returning(repo).await.expect("inserted");
        assert_eq!((row.id, row.email.as_str()), (5, "newer@x"));
        scene.assert_fresh().await;
        let rows = [a_user("six@x", 9), a_user("seven@x", 9)];
        assert_eq!(User::insert_many(rows).exec_without_returning(repo).await.expect("inserted"), 2);
        scene.assert_fresh().await;
        let last = User::insert_many([a_user("eight@x", 9)]).exec(repo).await.expect("inserted");
        assert!(last.last_insert_id.is_some_and(|id| id >= 8), "{last:?}");
        scene.assert_fresh().await;
        let none = User::insert_many(Vec::<user::ActiveModel>::new()).exec(repo).await.expect("nothing to do");
        assert_eq!(none.last_insert_id, None);
    }

    async fn inserts_of_many_give_back_their_rows_and_keys(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        if !repo.support_returning() {
            return;
        }
        let rows = [a_user("new@x", 7), a_user("newer@x", 8)];
        let rows = User::insert_many(rows).exec_with_returning(repo).await.expect("inserted");
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [4, 5]);
        scene.assert_fresh().await;
        let rows = [a_user("six@x", 9), a_user("seven@x", 9)];
        let keys = User::insert_many(rows).exec_with_returning_keys(repo).await.expect("inserted");
        assert_eq!(keys, [6, 7]);
        scene.assert_fresh().await;
        let one = User::insert(a_user("eight@x", 9)).exec_with_returning_keys(repo).await.expect("inserted");
        assert_eq!(one, [8]);
        scene.assert_fresh().await;
    }

    async fn upserts_are_seen(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        let mut again = a_note("todo");
        again.body = sea_orm::Set("buy paper".to_owned());
        let conflict = OnConflict::column(note::Column::Id).update_column(note::Column::Body).to_owned();
        Note::insert(again).on_conflict(conflict).exec_without_returning(repo).await.expect("changed");
        scene.assert_fresh().await;
        let kept = Note::insert(a_note("todo")).on_conflict_do_nothing_on([note::Column::Id]);
        let kept = kept.exec_without_returning(repo).await.expect("kept");
        assert!(!matches!(kept, TryInsertResult::Empty));
        scene.assert_fresh().await;
    }

    async fn updates_give_back_rows_or_numbers(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        assert_eq!(renamed().exec(repo).await.expect("updated").rows_affected, 2);
        scene.assert_fresh().await;
        let mut ada = user::ActiveModel { id: sea_orm::Unchanged(1), ..Default::default() };
        ada.tenant_id = sea_orm::Set(8);
        let ada = User::update(ada).exec(repo).await.expect("updated");
        assert_eq!((ada.tenant_id, ada.email.as_str()), (8, "ada@x"));
        scene.assert_fresh().await;
        if repo.support_returning() {
            let rows = renamed().exec_with_returning(repo).await.expect("updated");
            assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), [2]);
            scene.assert_fresh().await;
        }
    }

    async fn deletes_give_back_rows_or_numbers(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        let paid = Order::delete_many().filter(order::Column::Status.eq("paid"));
        assert_eq!(paid.exec(repo).await.expect("deleted").rows_affected, 1);
        scene.assert_fresh().await;
        assert_eq!(User::delete_by_id(2).exec(repo).await.expect("deleted").rows_affected, 1);
        scene.assert_fresh().await;
        if repo.support_returning() {
            let gone = Order::delete_by_id(3).exec_with_returning(repo).await.expect("deleted");
            assert_eq!(gone.map(|order| order.customer_id), Some(2));
            scene.assert_fresh().await;
            let gone = User::delete_many().filter(user::Column::TenantId.eq(8)).exec_with_returning(repo).await;
            assert_eq!(gone.expect("deleted").len(), 1);
            scene.assert_fresh().await;
        }
    }
}
