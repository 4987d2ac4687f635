//! Cached queries: what they answer, and which writes end them.

mod spellings;
mod varying;

use cached_repo::query::Cached;
use cached_repo::{CachedQuery, CachedRepo, ErrorKind, tag};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, JoinType, QueryFilter, QueryOrder,
    QuerySelect, RelationDef, Select, Set, TransactionTrait,
    sea_query::{Expr, Func, Query},
};
use std::time::Duration;
use tests::rows::{add_note, add_order, add_user, rename, set_total};
use tests::shop::{Note, Order, Shop, User, note, order, user};
use tests::{World, matrix};

/// Orders above a total, the largest first.
fn above(total: i64) -> Cached<Select<Order>> {
    Order::find()
        .filter(order::Column::Total.gt(total))
        .order_by_desc(order::Column::Total)
        .cached()
}

async fn totals(query: Cached<Select<Order>>, repo: &CachedRepo<Shop>) -> Vec<i64> {
    let rows = query.all(repo).await.expect("read");
    rows.iter().map(|order| order.total).collect()
}

/// Orders of customers of this name, by a subquery.
fn of_customers_named(name: &str) -> Cached<Select<Order>> {
    let customers = Query::select()
        .column(user::Column::Id)
        .from(User)
        .and_where(user::Column::Name.eq(name))
        .to_owned();
    Order::find()
        .filter(order::Column::CustomerId.in_subquery(customers))
        .cached()
}

fn customer() -> RelationDef {
    Order::belongs_to(User)
        .from(order::Column::CustomerId)
        .to(user::Column::Id)
        .into()
}

/// How often the query was answered by the cache, and how often by the database.
fn counts(world: &World, prefix: &str) -> (u64, u64) {
    let stats = world.stats(prefix);
    (stats.hits, stats.loads)
}

matrix! {
    async fn a_query_is_answered_by_the_cache_until_a_row_changes(world) {
        let repo = &world.repo;
        let small = add_order(repo, 1, 10).await;
        add_order(repo, 1, 30).await;
        assert_eq!(totals(above(20), repo).await, [30]);
        world.settle().await;
        let before = counts(&world, "order");
        assert_eq!(totals(above(20), repo).await, [30]);
        assert_eq!(counts(&world, "order"), (before.0 + 1, before.1));
        set_total(repo, small.id, 40).await;
        assert_eq!(totals(above(20), repo).await, [40, 30]);
        add_order(repo, 2, 50).await;
        assert_eq!(totals(above(20), repo).await, [50, 40, 30]);
        Order::delete_by_id(small.id).exec(repo).await.expect("deleted");
        assert_eq!(totals(above(20), repo).await, [50, 30]);
        repo.execute_unprepared("UPDATE orders SET total = total + 1").await.expect("written");
        assert_eq!(totals(above(20), repo).await, [51, 31]);
    }

    async fn parameters_and_texts_tell_queries_apart(world) {
        let repo = &world.repo;
        for total in [10, 20, 30] {
            add_order(repo, 1, total).await;
        }
        for _ in 0..2 {
            assert_eq!(totals(above(5), repo).await, [30, 20, 10]);
            assert_eq!(totals(above(15), repo).await, [30, 20]);
            let ascending = Order::find().order_by_asc(order::Column::Total).cached();
            assert_eq!(totals(ascending, repo).await, [10, 20, 30]);
            let first = above(5).one(repo).await.expect("read").expect("there");
            assert_eq!(first.total, 30);
            assert!(above(99).one(repo).await.expect("read").is_none());
            world.settle().await;
        }
        add_order(repo, 1, 100).await;
        assert!(above(99).one(repo).await.expect("read").is_some(), "no longer absent");
    }

    async fn tables_in_subqueries_and_joins_count(world) {
        let repo = &world.repo;
        let ada = add_user(repo, "ada@example.org").await;
        add_order(repo, ada.id, 10).await;
        let joined = || {
            Order::find()
                .join(JoinType::InnerJoin, customer())
                .filter(user::Column::Name.eq("Ada"))
                .cached()
        };
        for query in [of_customers_named("Ada"), joined()] {
            assert_eq!(totals(query, repo).await, [10]);
        }
        world.settle().await;
        rename(repo, &ada, "Bob").await;
        for query in [of_customers_named("Ada"), joined()] {
            assert_eq!(totals(query, repo).await, [0; 0]);
        }
        assert_eq!(totals(of_customers_named("Bob"), repo).await, [10]);
    }

    async fn a_write_to_another_table_leaves_the_query_alone(world) {
        let repo = &world.repo;
        add_order(repo, 1, 30).await;
        assert_eq!(totals(above(20), repo).await, [30]);
        world.settle().await;
        add_note(repo, "n", "").await;
        let before = counts(&world, "order");
        assert_eq!(totals(above(20), repo).await, [30]);
        assert_eq!(counts(&world, "order"), (before.0 + 1, before.1));
    }

    async fn a_transaction_asks_the_database_and_fills_nothing(world) {
        let repo = &world.repo;
        let order = add_order(repo, 1, 30).await;
        let transaction = repo.begin().await.expect("begun");
        set_total(&transaction, order.id, 40).await;
        let inside = above(20).all(&transaction).await.expect("read");
        assert_eq!(inside[0].total, 40);
        transaction.rollback().await.expect("rolled back");
        assert_eq!(totals(above(20), repo).await, [30]);
        world.settle().await;
        let transaction = repo.begin().await.expect("begun");
        set_total(&transaction, order.id, 40).await;
        transaction.commit().await.expect("committed");
        assert_eq!(totals(above(20), repo).await, [40]);
    }

    async fn what_other_processes_write_ends_a_query_here(world) {
        let repo = &world.repo;
        let order = add_order(repo, 1, 30).await;
        let there = match world.store.is_shared() {
            true => world.another().await,
            false => repo.clone(),
        };
        for total in 31..40 {
            let before = total - 1;
            assert_eq!(totals(above(20).strict(), repo).await, [before]);
            world.settle().await;
            set_total(&there, order.id, total).await;
        }
    }

    async fn options_mean_what_they_mean_for_rows(world) {
        let repo = &world.repo;
        let order = add_order(repo, 1, 30).await;
        assert_eq!(totals(above(20).cache_only(), repo).await, [0; 0]);
        assert_eq!(totals(above(20).tag(tag!(Shop, "report")), repo).await, [30]);
        world.settle().await;
        set_total(&world.raw, order.id, 40).await;
        assert_eq!(totals(above(20).tag(tag!(Shop, "report")), repo).await, [30], "past the repo");
        assert_eq!(totals(above(20).bypass(), repo).await, [40]);
        repo.invalidate_tag(tag!(Shop, "report")).await.expect("delivered");
        assert_eq!(totals(above(20).tag(tag!(Shop, "report")), repo).await, [40]);
        world.settle().await;
        set_total(&world.raw, order.id, 50).await;
        assert_eq!(totals(above(20).tag(tag!(Shop, "report")).refresh(), repo).await, [50]);
        world.settle().await;
        assert_eq!(totals(above(20).tag(tag!(Shop, "report")), repo).await, [50]);
        Order::invalidate(order.id, repo).await.expect("delivered");
        set_total(&world.raw, order.id, 60).await;
        assert_eq!(totals(above(20).tag(tag!(Shop, "report")), repo).await, [60]);
    }

    async fn a_query_is_built_behind_cached_as_before_it(world) {
        let repo = &world.repo;
        let order = add_order(repo, 1, 30).await;
        add_order(repo, 1, 40).await;
        add_order(repo, 2, 50).await;
        let of_one = order::Column::CustomerId.eq(1);
        let behind = Order::find().cached().filter(of_one.clone()).order_by_asc(order::Column::Id).limit(1);
        assert_eq!(totals(behind, repo).await, [30]);
        world.settle().await;
        set_total(&world.raw, order.id, 31).await;
        let before = Order::find().filter(of_one).order_by_asc(order::Column::Id).limit(1).cached();
        assert_eq!(totals(before, repo).await, [30], "the same entry, past the repo");
    }

    async fn a_query_that_varies_needs_a_lifetime_of_its_own(world) {
        let repo = &world.repo;
        add_order(repo, 1, 30).await;
        let random = || {
            let name = if world.database == tests::Database::MariaDb { "RAND" } else { "RANDOM" };
            Order::find().order_by_asc(Expr::expr(Func::cust(name))).cached()
        };
        let error = random().all(repo).await.expect_err("who would say when it changes?");
        assert_eq!(error.kind(), ErrorKind::Query);
        assert!(error.to_string().contains("ttl"), "{error}");
        let given = random().ttl(Duration::from_secs(1));
        assert_eq!(totals(given, repo).await, [30]);
    }

    async fn a_table_that_nobody_maps_is_refused(world) {
        let repo = &world.repo;
        let create = "CREATE TABLE strangers (id BIGINT)";
        world.raw.execute_unprepared(create).await.expect("created");
        let strange = Order::find()
            .filter(Expr::cust("EXISTS (SELECT 1 FROM strangers)"))
            .cached();
        let error = strange.all(repo).await.expect_err("who would say when it changes?");
        assert_eq!(error.kind(), ErrorKind::Query);
        assert!(error.to_string().contains("strangers"), "{error}");
        assert!(error.to_string().contains("cached_schema!"), "{error}");
    }

    async fn concurrent_readers_of_one_query_load_it_once(world) {
        let repo = &world.repo;
        add_order(repo, 1, 30).await;
        let before = world.stats("order").loads;
        let reads = (0..50).map(|_| totals(above(20), repo));
        for rows in futures_util::future::join_all(reads).await {
            assert_eq!(rows, [30]);
        }
        assert_eq!(world.stats("order").loads, before + 1);
    }
}

/// `FOR UPDATE` is for the database.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_that_locks_is_not_cached() {
    let world = World::new(tests::Database::Postgres, tests::Store::Memory).await;
    let repo = &world.repo;
    add_order(repo, 1, 30).await;
    for _ in 0..2 {
        let locking = Order::find().lock_exclusive().cached();
        assert_eq!(totals(locking, repo).await, [30]);
    }
    let stats = world.stats("order");
    assert_eq!((stats.hits, stats.bypasses), (0, 2));
    assert_eq!(
        ConnectionTrait::get_database_backend(repo),
        DbBackend::Postgres
    );
}

/// The tags of rows are tags of the queries that have found them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tag_of_a_row_ends_the_query() {
    let world = World::new(tests::Database::Sqlite, tests::Store::Redis).await;
    let repo = &world.repo;
    let ada = add_user(repo, "ada@example.org").await;
    let names = async || {
        let rows = User::find().cached().all(repo).await.expect("read");
        rows.iter()
            .map(|user| user.name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names().await, ["Ada"]);
    world.settle().await;
    rename(&world.raw, &ada, "Bob").await;
    assert_eq!(names().await, ["Ada"], "past the repo");
    repo.invalidate_tag(tag!(Shop, "tenant:{}", 7))
        .await
        .expect("delivered");
    assert_eq!(names().await, ["Bob"]);
}

/// What an insert of many brings.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_query_without_parameters_sees_every_kind_of_insert() {
    let world = World::new(tests::Database::Sqlite, tests::Store::Memory).await;
    let repo = &world.repo;
    let count = async || Note::find().cached().all(repo).await.expect("read").len();
    assert_eq!(count().await, 0);
    add_note(repo, "a", "").await;
    assert_eq!(count().await, 1);
    let many = ["b", "c"].map(|id| note::ActiveModel {
        id: Set(id.to_owned()),
        body: Set(String::new()),
    });
    Note::insert_many(many).exec(repo).await.expect("inserted");
    assert_eq!(count().await, 3);
    let copy = "INSERT INTO notes SELECT id || 'x', body FROM notes";
    repo.execute_unprepared(copy).await.expect("inserted");
    assert_eq!(count().await, 6);
}
