//! Which statements are reported, and as what.

use super::{AUTHOR, COMMENT, NOTE, ORDER, POST, Reports, USER};
use cached_repo::invalidation::BypassKind::{
    Delete, Insert, Other, Schema, Truncate, Unknown, Update,
};
use futures_util::TryStreamExt;
use sea_orm::sea_query::{Expr, OnConflict, Table};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait,
    IntoActiveModel, ModelTrait, PaginatorTrait, QueryFilter, Set, Statement, StreamTrait,
    TransactionTrait,
};
use tests::blog::{author, blog, comment, post};
use tests::scene::{a_note, a_user, an_order, bound};
use tests::shop::{Note, Order, User, note, order, user};
use tests::{Database, Scene, World};

/// A scene, and its connection past the repo, which is watched.
async fn watched(world: World) -> (Scene, DatabaseConnection, Reports) {
    let scene = Scene::new(world).await;
    let mut raw = scene.world.raw.clone();
    let reports = Reports::of(scene.repo(), &mut raw);
    (scene, raw, reports)
}

/// A statement that no table can be told from; not every database can run it.
fn riddle(world: &World) -> Statement {
    Statement::from_string(world.raw.get_database_backend(), "CALL riddle()")
}

databases! {
    async fn each_write_of_an_active_model_is_reported_once(world) {
        let (_scene, raw, reports) = watched(world).await;
        let mut neo = a_user("new@x", 7).insert(&raw).await.expect("inserted").into_active_model();
        assert_eq!(reports.take(), [(USER, Insert)]);
        neo.name = Set("Neo".to_owned());
        let mut neo = neo.update(&raw).await.expect("updated").into_active_model();
        assert_eq!(reports.take(), [(USER, Update)]);
        neo.tenant_id = Set(8);
        let neo = neo.save(&raw).await.expect("saved");
        assert_eq!(reports.take(), [(USER, Update)]);
        neo.delete(&raw).await.expect("deleted");
        assert_eq!(reports.take(), [(USER, Delete)]);
        let order = an_order(1, "sent").save(&raw).await.expect("saved");
        assert_eq!(reports.take(), [(ORDER, Insert)]);
        let order: order::Model = sea_orm::TryIntoModel::try_into_model(order).expect("complete");
        order.delete(&raw).await.expect("deleted");
        assert_eq!(reports.take(), [(ORDER, Delete)]);
    }

    async fn each_write_of_an_entity_is_reported_once(world) {
        let (_scene, raw, reports) = watched(world).await;
        User::insert(a_user("new@x", 7)).exec(&raw).await.expect("inserted");
        assert_eq!(reports.take(), [(USER, Insert)]);
        User::insert_many([a_user("a@x", 7), a_user("b@x", 7)]).exec(&raw).await.expect("inserted");
        assert_eq!(reports.take(), [(USER, Insert)]);
        let again = OnConflict::column(note::Column::Id).update_column(note::Column::Body).to_owned();
        Note::insert(a_note("todo")).on_conflict(again).exec_without_returning(&raw).await.expect("upserted");
        assert_eq!(reports.take(), [(NOTE, Insert)]);
        let all = User::update_many().col_expr(user::Column::TenantId, Expr::value(9));
        all.exec(&raw).await.expect("updated");
        assert_eq!(reports.take(), [(USER, Update)]);
        Order::delete_many().filter(order::Column::Status.eq("paid")).exec(&raw).await.expect("deleted");
        assert_eq!(reports.take(), [(ORDER, Delete)]);
        Order::delete_by_id(1).exec(&raw).await.expect("deleted");
        assert_eq!(reports.take(), [(ORDER, Delete)]);
        User::delete_by_email("a@x").exec(&raw).await.expect("deleted");
        assert_eq!(reports.take(), [(USER, Delete)]);
    }

    async fn a_nested_save_is_reported_for_each_row(world) {
        let repo = blog(&world).await;
        let mut raw = world.raw.clone();
        let reports = Reports::of(&repo, &mut raw);
        let comments = ["fine", "bad"].map(|text| comment::ActiveModel::builder().set_text(text));
        let [fine, bad] = comments;
        let post = post::ActiveModel::builder().set_year(2026).set_slug("one").add_comment(fine).add_comment(bad);
        author::ActiveModel::builder().set_team_id(8).add_post(post).save(&raw).await.expect("saved");
        assert_eq!(reports.take(), [(AUTHOR, Insert), (POST, Insert), (COMMENT, Insert), (COMMENT, Insert)]);
    }

    async fn raw_sql_with_values_is_reported(world) {
        let (scene, raw, reports) = watched(world).await;
        let update = bound(&scene.world, "UPDATE users SET name = ? WHERE id = ?", ["Neo".into(), 1_i64.into()]);
        raw.execute_raw(update).await.expect("updated");
        assert_eq!(reports.take(), [(USER, Update)]);
        let insert = bound(&scene.world, "INSERT INTO notes VALUES (?, ?) RETURNING id", ["a".into(), "b".into()]);
        raw.query_one_raw(insert).await.expect("inserted").expect("a row");
        assert_eq!(reports.take(), [(NOTE, Insert)]);
        let delete = bound(&scene.world, "DELETE FROM orders WHERE customer_id = ? RETURNING id", [1_i64.into()]);
        assert_eq!(raw.query_all_raw(delete).await.expect("deleted").len(), 2);
        assert_eq!(reports.take(), [(ORDER, Delete)]);
        let delete = bound(&scene.world, "DELETE FROM users WHERE id = ? RETURNING id", [3_i64.into()]);
        let rows: Vec<_> = raw.stream_raw(delete).await.expect("deleted").try_collect().await.expect("deleted");
        assert_eq!((rows.len(), reports.take()), (1, vec![(USER, Delete)]));
    }

    async fn a_truncated_table_is_reported(world) {
        let (scene, raw, reports) = watched(world).await;
        if scene.world.database == Database::Sqlite {
            // No TRUNCATE.
            return;
        }
        raw.execute_raw(bound(&scene.world, "TRUNCATE TABLE notes", [])).await.expect("emptied");
        assert_eq!(reports.take(), [(NOTE, Truncate)]);
    }

    async fn each_entity_that_a_statement_writes_to_is_reported(world) {
        let (scene, raw, reports) = watched(world).await;
        let (sql, expected) = match scene.world.database {
            // One statement, one table.
            Database::Sqlite => return,
            Database::Postgres => (
                "WITH gone AS (DELETE FROM orders RETURNING id) UPDATE users SET name = ? WHERE id = 1",
                [(ORDER, Delete), (USER, Update)],
            ),
            Database::MariaDb => (
                "UPDATE users JOIN orders ON customer_id = users.id SET name = ?, status = 'sent'",
                [(ORDER, Update), (USER, Update)],
            ),
        };
        raw.execute_raw(bound(&scene.world, sql, ["Neo".into()])).await.expect("written");
        let mut seen = reports.take();
        seen.sort_by_key(|(entity, _)| *entity);
        assert_eq!(seen, expected);
        assert_eq!(scene.repo().stats().bypassed_writes, 2);
    }

    async fn a_write_of_another_kind_is_reported(world) {
        let (scene, raw, reports) = watched(world).await;
        let sql = match scene.world.database {
            Database::Sqlite => "UPDATE OR REPLACE users SET email = ?",
            Database::Postgres => "MERGE INTO users USING orders ON customer_id = users.id WHEN NOT MATCHED THEN DO NOTHING",
            Database::MariaDb => return,
        };
        let values = sql.contains('?').then(|| "ada@x".into());
        raw.execute_raw(bound(&scene.world, sql, values)).await.expect("written");
        assert_eq!(reports.take(), [(USER, Other)]);
    }

    async fn writes_in_transactions_are_reported_whatever_becomes_of_them(world) {
        let (_scene, raw, reports) = watched(world).await;
        let transaction = raw.begin().await.expect("begun");
        a_user("new@x", 7).insert(&transaction).await.expect("inserted");
        assert_eq!(reports.take(), [(USER, Insert)]);
        let savepoint = transaction.begin().await.expect("begun");
        Order::delete_by_id(1).exec(&savepoint).await.expect("deleted");
        savepoint.rollback().await.expect("rolled back");
        assert_eq!(reports.take(), [(ORDER, Delete)]);
        transaction.commit().await.expect("committed");
        assert_eq!(reports.take(), []);
        let transaction = raw.begin().await.expect("begun");
        Note::delete_by_id("todo").exec(&transaction).await.expect("deleted");
        transaction.rollback().await.expect("rolled back");
        assert_eq!(reports.take(), [(NOTE, Delete)]);
        let write = async |transaction: &sea_orm::DatabaseTransaction| {
            User::delete_by_id(3).exec(transaction).await.map(drop)
        };
        raw.transaction_async::<_, _, DbErr>(write).await.expect("committed");
        assert_eq!(reports.take(), [(USER, Delete)]);
    }

    async fn a_write_that_fails_is_reported(world) {
        let (_scene, raw, reports) = watched(world).await;
        a_user("ada@x", 7).insert(&raw).await.expect_err("there is one already");
        assert_eq!(reports.take(), [(USER, Insert)]);
    }

    async fn what_cannot_be_told_is_reported_as_such(world) {
        let (scene, raw, reports) = watched(world).await;
        // Whether there is such a procedure is not the question.
        drop(raw.execute_raw(riddle(&scene.world)).await);
        assert_eq!(reports.take(), [(None, Unknown)]);
        let column = sea_orm::sea_query::ColumnDef::new("nickname").string().to_owned();
        raw.execute(Table::alter().table("users").add_column(column)).await.expect("altered");
        assert_eq!(reports.take(), [(None, Schema)]);
    }

    async fn reads_are_not_reported(world) {
        let (scene, raw, reports) = watched(world).await;
        User::find().all(&raw).await.expect("read");
        User::find_by_id(1).one(&raw).await.expect("read");
        User::find().count(&raw).await.expect("counted");
        User::find().paginate(&raw, 2).fetch_page(1).await.expect("read");
        User::find().stream(&raw).await.expect("read").try_collect::<Vec<_>>().await.expect("read");
        let select = bound(&scene.world, "SELECT 'DELETE FROM users' FROM users WHERE id = ?", [1_i64.into()]);
        raw.query_one_raw(select).await.expect("read");
        // Nothing is set, and SeaORM reads.
        scene.user(1).await.into_active_model().update(&raw).await.expect("read");
        assert_eq!(reports.take(), []);
        assert_eq!(scene.repo().stats().bypassed_writes, 0);
    }

    async fn writes_to_tables_that_are_not_cached_are_not_reported(world) {
        let (scene, raw, reports) = watched(world).await;
        raw.execute_unprepared("CREATE TABLE audit (what VARCHAR(20))").await.expect("created");
        let insert = bound(&scene.world, "INSERT INTO audit VALUES (?)", ["x".into()]);
        raw.execute_raw(insert).await.expect("inserted");
        raw.execute_raw(bound(&scene.world, "DELETE FROM audit", [])).await.expect("deleted");
        assert_eq!(reports.take(), []);
    }

    /// SeaORM calls nobody back for these.
    async fn execute_unprepared_is_missed(world) {
        let (scene, raw, reports) = watched(world).await;
        raw.execute_unprepared("UPDATE users SET name = 'Neo' WHERE id = 1").await.expect("updated");
        let transaction = raw.begin().await.expect("begun");
        transaction.execute_unprepared("DELETE FROM notes").await.expect("deleted");
        transaction.commit().await.expect("committed");
        assert_eq!(reports.take(), []);
        assert_eq!(scene.repo().stats().bypassed_writes, 0);
    }
}
