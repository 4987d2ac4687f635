//! Cached queries over views: they go with writes to the tables behind them.

mod limits;

use cached_repo::{CachedQuery, CachedRepo, Error, ErrorKind};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, EntityTrait, FromQueryResult, Set,
    Statement,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tests::matrix;
use tests::rows::{add_note, add_order, add_user, rename, set_total};
use tests::shop::{Order, Shop, User, dashboard};

/// Orders that are worth a line.
const BIG_ORDERS: &str =
    "CREATE VIEW big_orders AS SELECT id, customer_id, total FROM orders WHERE total > 20";
/// A view over a view and a table.
const SPENDERS: &str = "CREATE VIEW spenders AS SELECT u.name AS label, MAX(b.total) AS amount FROM users u \
    JOIN big_orders b ON b.customer_id = u.id GROUP BY u.name";
/// A union, and a common table expression.
const EVERYTHING: &str = "CREATE VIEW everything AS WITH named AS (SELECT name, id FROM users) \
    SELECT name AS label, id AS amount FROM named UNION ALL SELECT body, 1 FROM notes";

/// What the views of these tests show.
#[derive(Debug, FromQueryResult, Serialize, Deserialize)]
struct Shown {
    label: String,
    amount: i64,
}

async fn run(db: &impl ConnectionTrait, sql: &str) {
    let done = db.execute_unprepared(sql).await;
    done.unwrap_or_else(|error| panic!("{sql}: {error}"));
}

fn all_of(
    repo: &CachedRepo<Shop>,
    view: &str,
) -> sea_orm::SelectorRaw<sea_orm::SelectModel<Shown>> {
    let sql = format!("SELECT label, amount FROM {view} ORDER BY label, amount");
    Shown::find_by_statement(Statement::from_string(repo.get_database_backend(), sql))
}

fn pairs(shown: &[Shown]) -> Vec<(String, i64)> {
    let pair = |it: &Shown| (it.label.clone(), it.amount);
    shown.iter().map(pair).collect()
}

/// What the view shows, by a cached query.
async fn try_show(repo: &CachedRepo<Shop>, view: &str) -> Result<Vec<(String, i64)>, Error> {
    let shown = all_of(repo, view).cached().all(repo).await?;
    Ok(pairs(&shown))
}

async fn show(repo: &CachedRepo<Shop>, view: &str) -> Vec<(String, i64)> {
    try_show(repo, view).await.expect("read")
}

fn shown(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
    let owned = |(label, amount): &(&str, i64)| ((*label).to_owned(), *amount);
    pairs.iter().map(owned).collect()
}

/// Past the repo: what it finds when it looks.
async fn create_views(db: &DatabaseConnection) {
    for view in [BIG_ORDERS, SPENDERS, EVERYTHING] {
        run(db, view).await;
    }
}

matrix! {
    async fn a_write_to_any_table_behind_a_view_ends_the_query(world) {
        create_views(&world.raw).await;
        let repo = &world.repo;
        let ada = add_user(repo, "ada@example.org").await;
        let order = add_order(repo, ada.id, 30).await;
        assert_eq!(show(repo, "spenders").await, shown(&[("Ada", 30)]));
        world.settle().await;
        rename(repo, &ada, "Bob").await;
        assert_eq!(show(repo, "spenders").await, shown(&[("Bob", 30)]), "the view's own table");
        world.settle().await;
        set_total(repo, order.id, 40).await;
        assert_eq!(show(repo, "spenders").await, shown(&[("Bob", 40)]), "a table of the view behind it");
        world.settle().await;
        add_order(repo, ada.id, 50).await;
        assert_eq!(show(repo, "spenders").await, shown(&[("Bob", 50)]), "a new row");
        world.settle().await;
        Order::delete_many().exec(repo).await.expect("deleted");
        assert_eq!(show(repo, "spenders").await, []);
    }

    async fn all_sides_of_a_union_and_of_expressions_count(world) {
        create_views(&world.raw).await;
        let repo = &world.repo;
        let ada = add_user(repo, "ada@example.org").await;
        assert_eq!(show(repo, "everything").await, shown(&[("Ada", ada.id)]));
        world.settle().await;
        add_note(repo, "n", "Buy").await;
        assert_eq!(show(repo, "everything").await, shown(&[("Ada", ada.id), ("Buy", 1)]));
        world.settle().await;
        rename(repo, &ada, "Zoe").await;
        assert_eq!(show(repo, "everything").await, shown(&[("Buy", 1), ("Zoe", ada.id)]));
    }

    async fn a_query_over_a_view_is_answered_by_the_cache(world) {
        create_views(&world.raw).await;
        let repo = &world.repo;
        let ada = add_user(repo, "ada@example.org").await;
        add_order(repo, ada.id, 30).await;
        show(repo, "spenders").await;
        world.settle().await;
        let loads = || repo.stats().entities.iter().map(|entity| entity.loads).sum::<u64>();
        let before = loads();
        assert_eq!(show(repo, "spenders").await, shown(&[("Ada", 30)]));
        add_note(repo, "n", "Buy").await;
        assert_eq!(show(repo, "spenders").await, shown(&[("Ada", 30)]));
        assert_eq!(loads(), before, "no table behind it was written to");
    }

    async fn a_view_that_the_repo_defines_anew_is_seen(world) {
        for view in [BIG_ORDERS, SPENDERS] {
            run(&world.repo, view).await;
        }
        let repo = &world.repo;
        let ada = add_user(repo, "ada@example.org").await;
        add_order(repo, ada.id, 30).await;
        let prepared = all_of(repo, "spenders").cached().prepare(repo).expect("prepared");
        assert_eq!(pairs(&prepared.all().await.expect("read")), shown(&[("Ada", 30)]));
        assert_eq!(show(repo, "spenders").await, shown(&[("Ada", 30)]));
        world.settle().await;
        run(repo, "DROP VIEW spenders").await;
        run(repo, "CREATE VIEW spenders AS SELECT title AS label, user_id AS amount FROM dashboards").await;
        assert_eq!(show(repo, "spenders").await, []);
        assert_eq!(pairs(&prepared.all().await.expect("read")), []);
        world.settle().await;
        let board = dashboard::ActiveModel {
            user_id: Set(7),
            title: Set("Sales".to_owned()),
            ..Default::default()
        };
        board.insert(repo).await.expect("inserted");
        assert_eq!(show(repo, "spenders").await, shown(&[("Sales", 7)]));
        assert_eq!(pairs(&prepared.all().await.expect("read")), shown(&[("Sales", 7)]));
    }

    async fn a_view_that_is_made_after_it_was_refused_is_read(world) {
        let repo = &world.repo;
        let refused = try_show(repo, "everything").await.expect_err("not there");
        assert_eq!(refused.kind(), ErrorKind::Query);
        run(repo, EVERYTHING).await;
        add_note(repo, "n", "Buy").await;
        assert_eq!(show(repo, "everything").await, shown(&[("Buy", 1)]));
    }

    async fn a_query_that_is_prepared_over_a_view_goes_with_its_tables(world) {
        create_views(&world.raw).await;
        let repo = &world.another().await;
        let ada = add_user(repo, "ada@example.org").await;
        let order = add_order(repo, ada.id, 30).await;
        let prepared = all_of(repo, "spenders").cached().prepare(repo).expect("prepared");
        for total in [30, 40, 50] {
            set_total(repo, order.id, total).await;
            for _ in 0..2 {
                assert_eq!(pairs(&prepared.all().await.expect("read")), shown(&[("Ada", total)]));
                repo.wait_idle().await;
            }
        }
    }

    async fn a_block_over_a_view_goes_with_its_tables(world) {
        create_views(&world.raw).await;
        let repo = &world.repo;
        let ada = add_user(repo, "ada@example.org").await;
        let read = || {
            let repo = repo.clone();
            world.repo.read_cached("spenders", [], move |db| {
                let query = all_of(&repo, "spenders");
                async move {
                    User::find().all(&db).await?;
                    query.all(&db).await
                }
            })
        };
        assert_eq!(pairs(&read_block(read()).await), []);
        world.settle().await;
        add_order(repo, ada.id, 30).await;
        assert_eq!(pairs(&read_block(read()).await), shown(&[("Ada", 30)]));
    }

    async fn a_transaction_reads_a_view_that_it_has_made(world) {
        let repo = &world.repo;
        add_note(repo, "n", "Buy").await;
        let transaction = sea_orm::TransactionTrait::begin(repo).await.expect("begun");
        run(&transaction, EVERYTHING).await;
        let read = all_of(repo, "everything").cached().all(&transaction).await.expect("read");
        assert_eq!(pairs(&read), shown(&[("Buy", 1)]));
        transaction.commit().await.expect("committed");
        add_note(repo, "m", "Sell").await;
        assert_eq!(show(repo, "everything").await, shown(&[("Buy", 1), ("Sell", 1)]));
    }

    async fn a_view_that_answers_differently_each_time_needs_a_lifetime(world) {
        let repo = &world.repo;
        run(&world.raw, "CREATE VIEW passing AS SELECT name AS label, id AS amount FROM users WHERE CURRENT_TIMESTAMP > '2020-01-01'").await;
        run(&world.raw, "CREATE VIEW around AS SELECT label, amount FROM passing").await;
        for view in ["passing", "around"] {
            let refused = try_show(repo, view).await.expect_err("it changes by itself");
            assert_eq!(refused.kind(), ErrorKind::Query);
            let message = refused.to_string();
            assert!(message.contains(".ttl(..)") && message.contains("view: passing"), "{message}");
            let query = all_of(repo, view).cached().ttl(Duration::from_secs(60));
            query.all(repo).await.expect("with a lifetime of its own");
        }
        let ada = add_user(repo, "ada@example.org").await;
        let query = all_of(repo, "around").cached().ttl(Duration::from_secs(60));
        assert_eq!(pairs(&query.all(repo).await.expect("read")), shown(&[("Ada", ada.id)]));
    }

    async fn a_table_behind_a_view_that_no_entity_maps_is_named(world) {
        run(&world.raw, "CREATE TABLE strangers (label VARCHAR(20), amount BIGINT)").await;
        run(&world.raw, "CREATE VIEW odd AS SELECT label, amount FROM strangers UNION ALL SELECT name, id FROM users").await;
        run(&world.raw, "CREATE VIEW odder AS SELECT label, amount FROM odd").await;
        let refused = try_show(&world.repo, "odder").await.expect_err("nobody sees its writes");
        assert_eq!(refused.kind(), ErrorKind::Query);
        let message = refused.to_string();
        for part in ["table: strangers", "view: odd)", "`cached_schema!`"] {
            assert!(message.contains(part), "{message}");
        }
    }
}

async fn read_block<F>(block: F) -> std::sync::Arc<Vec<Shown>>
where
    F: IntoFuture<Output = Result<std::sync::Arc<Vec<Shown>>, Error>>,
{
    block.await.expect("read")
}
