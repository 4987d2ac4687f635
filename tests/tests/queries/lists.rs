//! Lists that are stored as primary keys over the row cache.

mod leases;
mod races;
mod sharing;

use cached_repo::config::Lists;
use cached_repo::{CachedQuery, CachedRepo, tag};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
    RelationDef, Set,
    sea_query::{Expr, UnionType},
};
use sea_orm::{QueryTrait, Select};
use std::sync::Arc;
use std::time::Duration;
use tests::faulty::command;
use tests::rows::{add_order, add_user, set_total, total_of};
use tests::shop::{Line, Note, Order, Shop, User, line, note, order};
use tests::{Database, Store, World, matrix};

type Rows = Vec<Arc<order::Model>>;

/// The orders of a customer, by index, as keys.
async fn of(repo: &CachedRepo<Shop>, customer: i64) -> Rows {
    let read = Order::find_cached_by_customer_id(customer).lists(Lists::Keys);
    read.all(repo).await.expect("read")
}

/// Orders above a total, the largest first, by query, as keys.
async fn above(repo: &CachedRepo<Shop>, total: i64) -> Rows {
    let query = larger(total).cached().lists(Lists::Keys);
    query.all(repo).await.expect("read")
}

fn larger(total: i64) -> Select<Order> {
    Order::find()
        .filter(order::Column::Total.gt(total))
        .order_by_desc(order::Column::Total)
}

fn totals(rows: &[Arc<order::Model>]) -> Vec<i64> {
    rows.iter().map(|row| row.total).collect()
}

/// Orders of customer 1 with these totals.
async fn orders(world: &World, totals: &[i64]) -> Vec<i64> {
    let mut ids = Vec::new();
    for total in totals {
        ids.push(add_order(&world.repo, 1, *total).await.id);
    }
    ids
}

/// Whether the cache alone has the row.
async fn has_row(repo: &CachedRepo<Shop>, id: i64) -> bool {
    let row = Order::find_cached(id).cache_only().one(repo).await;
    row.expect("read").is_some()
}

/// How often the database was asked for orders.
fn loads(world: &World) -> u64 {
    world.stats("order").loads
}

/// Takes one row out of the cache, as eviction does; who has read lists has them still.
async fn evict(world: &World, repo: &CachedRepo<Shop>, id: i64) {
    if world.store.is_shared() {
        let server = testkit::shared::redis().expect("a server");
        let key = format!("{}:r:order:{id}", world.namespace());
        let gone = command(server.url(), &["DEL", &key]).await;
        assert_eq!(gone, redis::Value::Int(1), "it was there");
    } else {
        let short = Duration::from_secs(1);
        let read = Order::find_cached(id).ttl(short).refresh();
        read.one(repo).await.expect("read");
        world.clock.advance(2 * short);
    }
    repo.wait_idle().await;
}

matrix! {
    async fn a_list_of_keys_answers_as_the_database_and_in_its_order(world) {
        let repo = &world.repo;
        orders(&world, &[30, 10, 20]).await;
        for _ in 0..3 {
            assert_eq!(totals(&of(repo, 1).await), [30, 10, 20]);
            assert_eq!(totals(&above(repo, 15).await), [30, 20]);
            assert_eq!(of(repo, 9).await.len(), 0);
            world.settle().await;
        }
        let before = loads(&world);
        assert_eq!(totals(&of(repo, 1).await), [30, 10, 20]);
        assert_eq!(totals(&above(repo, 15).await), [30, 20]);
        assert_eq!(loads(&world), before, "both are answered by the cache");
    }

    async fn the_rows_of_a_list_answer_reads_by_key(world) {
        let ids = orders(&world, &[10, 20]).await;
        of(&world.repo, 1).await;
        world.settle().await;
        let before = loads(&world);
        assert_eq!(total_of(&world.repo, ids[1]).await, Some(20));
        assert_eq!(loads(&world), before);
        assert!(has_row(&world.repo, ids[0]).await);
    }

    async fn a_whole_list_stores_no_rows(world) {
        let ids = orders(&world, &[10, 20]).await;
        let whole = Order::find_cached_by_customer_id(1).lists(Lists::Whole);
        whole.all(&world.repo).await.expect("read");
        world.settle().await;
        assert!(!has_row(&world.repo, ids[0]).await);
    }

    async fn either_form_answers_a_read_that_would_store_the_other(world) {
        let repo = &world.repo;
        orders(&world, &[10, 20]).await;
        of(repo, 1).await;
        world.settle().await;
        let before = loads(&world);
        let whole = Order::find_cached_by_customer_id(1).lists(Lists::Whole);
        assert_eq!(totals(&whole.all(repo).await.expect("read")), [10, 20]);
        let prepared = larger(5).cached().lists(Lists::Whole).prepare(repo).expect("a query");
        assert_eq!(totals(&prepared.all().await.expect("read")), [20, 10]);
        world.settle().await;
        assert_eq!(totals(&above(repo, 5).await), [20, 10]);
        assert_eq!(loads(&world), before + 1, "the query's first read");
    }

    async fn rows_that_change_come_or_go_are_seen_by_the_next_read(world) {
        let repo = &world.repo;
        let ids = orders(&world, &[10, 20, 30]).await;
        let check = async |expected: &[i64], falling: &[i64]| {
            for _ in 0..2 {
                assert_eq!(totals(&of(repo, 1).await), expected);
                assert_eq!(totals(&above(repo, 0).await), falling);
                world.settle().await;
            }
        };
        check(&[10, 20, 30], &[30, 20, 10]).await;
        set_total(repo, ids[0], 40).await;
        check(&[40, 20, 30], &[40, 30, 20]).await;
        add_order(repo, 1, 50).await;
        check(&[40, 20, 30, 50], &[50, 40, 30, 20]).await;
        Order::delete_by_id(ids[1]).exec(repo).await.expect("deleted");
        check(&[40, 30, 50], &[50, 40, 30]).await;
        let moved = order::ActiveModel {
            id: Set(ids[2]),
            customer_id: Set(2),
            ..Default::default()
        };
        Order::update(moved).exec(repo).await.expect("moved");
        check(&[40, 50], &[50, 40, 30]).await;
        repo.execute_unprepared("UPDATE orders SET total = total + 1").await.expect("written");
        check(&[41, 51], &[51, 41, 31]).await;
    }

    async fn a_row_that_was_evicted_is_loaded_alone(world) {
        let repo = &world.repo;
        let ids = orders(&world, &[10, 20, 30]).await;
        of(repo, 1).await;
        world.settle().await;
        assert_eq!(totals(&of(repo, 1).await), [10, 20, 30]);
        evict(&world, &world.repo, ids[1]).await;
        let before = world.stats("order");
        assert_eq!(totals(&of(repo, 1).await), [10, 20, 30]);
        world.settle().await;
        let after = world.stats("order");
        if world.store != Store::Bounded {
            // A copy of the list is whole.
            assert_eq!(after.loads, before.loads + 1, "one query by key");
            assert!(has_row(repo, ids[1]).await);
        }
        assert_eq!((after.hits, after.misses), (before.hits + 1, before.misses), "the list counts, once");
    }

    async fn a_row_that_went_behind_the_back_of_the_cache_is_not_shown(world) {
        let ids = orders(&world, &[10, 20, 30]).await;
        of(&world.repo, 1).await;
        world.settle().await;
        evict(&world, &world.repo, ids[1]).await;
        Order::delete_by_id(ids[1]).exec(&world.raw).await.expect("deleted");
        assert_eq!(totals(&of(&world.repo, 1).await), [10, 30]);
    }

    async fn the_cache_alone_has_no_list_of_which_it_lacks_a_row(world) {
        let repo = &world.repo;
        let ids = orders(&world, &[10, 20]).await;
        of(repo, 1).await;
        world.settle().await;
        let alone = async || {
            let read = Order::find_cached_by_customer_id(1).strict().cache_only();
            totals(&read.all(repo).await.expect("read"))
        };
        assert_eq!(alone().await, [10, 20]);
        evict(&world, &world.repo, ids[0]).await;
        let before = loads(&world);
        assert_eq!(alone().await, [0; 0]);
        assert_eq!(loads(&world), before);
    }

    async fn keys_of_several_columns_and_of_text_lead_to_their_rows(world) {
        let repo = &world.repo;
        for (order_id, line_no) in [(1, 2), (1, 1), (2, 1)] {
            let line = line::ActiveModel {
                order_id: Set(order_id),
                line_no: Set(line_no),
                product: Set("pen".to_owned()),
            };
            Line::insert(line).exec_without_returning(repo).await.expect("inserted");
        }
        for id in ["a", "b,~"] {
            tests::rows::add_note(repo, id, "body").await;
        }
        for _ in 0..3 {
            let lines = Line::find().order_by_desc(line::Column::LineNo).order_by_asc(line::Column::OrderId);
            let lines = lines.cached().lists(Lists::Keys).all(repo).await.expect("read");
            let keys: Vec<_> = lines.iter().map(|line| (line.order_id, line.line_no)).collect();
            assert_eq!(keys, [(1, 2), (1, 1), (2, 1)]);
            let notes = Note::find().order_by_desc(note::Column::Id).cached().lists(Lists::Keys);
            let notes = notes.all(repo).await.expect("read");
            assert_eq!(notes.iter().map(|note| &*note.id).collect::<Vec<_>>(), ["b,~", "a"]);
            world.settle().await;
        }
        let stored = Note::find_cached("a".to_owned()).cache_only().one(repo).await.expect("read");
        // Text is compared loosely there, so that a key may stand for several spellings.
        assert_eq!(stored.is_some(), world.database != Database::MariaDb);
    }

    async fn a_query_that_selects_something_else_is_stored_whole(world) {
        let repo = &world.repo;
        let user = add_user(repo, "ada@x").await;
        let ids = orders(&world, &[10]).await;
        let keys = async |query: Select<Order>| {
            let query = query.cached().lists(Lists::Keys);
            let rows = query.all(repo).await.expect("read");
            world.settle().await;
            totals(&rows)
        };
        let other = Order::find()
            .select_only()
            .columns([order::Column::Id, order::Column::CustomerId, order::Column::Status])
            .expr_as(Expr::value(7_i64), "total");
        for _ in 0..2 {
            assert_eq!(keys(other.clone()).await, [7]);
        }
        let mut united = Order::find();
        QueryTrait::query(&mut united).union(UnionType::All, Order::find().into_query());
        assert_eq!(keys(united).await, [10, 10]);
        assert!(!has_row(repo, ids[0]).await, "nothing that was made up is taken for a row");
        let customer: RelationDef = Order::belongs_to(User)
            .from(order::Column::CustomerId)
            .to(tests::shop::user::Column::Id)
            .into();
        let joined = Order::find().join(JoinType::InnerJoin, customer);
        assert_eq!(keys(joined).await.len(), usize::from(user.id == 1));
        assert!(has_row(repo, ids[0]).await, "a join only chooses");
    }

    async fn a_read_with_a_lifetime_or_a_tag_of_its_own_is_stored_whole_unless_it_says_keys(world) {
        let repo = &world.repo;
        let ids = orders(&world, &[10]).await;
        let by_tag = || larger(0).cached().tag(tag!(Shop, "mine"));
        by_tag().all(repo).await.expect("read");
        world.settle().await;
        assert!(!has_row(repo, ids[0]).await);
        set_total(&world.raw, ids[0], 11).await;
        repo.invalidate_tag(tag!(Shop, "mine")).await.expect("invalidated");
        assert_eq!(totals(&by_tag().lists(Lists::Keys).all(repo).await.expect("read")), [11]);
        world.settle().await;
        assert!(has_row(repo, ids[0]).await);
    }

    async fn a_refresh_shows_what_the_database_holds_whatever_rows_are_cached(world) {
        let repo = &world.repo;
        let ids = orders(&world, &[10]).await;
        of(repo, 1).await;
        world.settle().await;
        set_total(&world.raw, ids[0], 11).await;
        let refreshed = Order::find_cached_by_customer_id(1).lists(Lists::Keys).refresh();
        assert_eq!(totals(&refreshed.all(repo).await.expect("read")), [11]);
        world.settle().await;
        assert_eq!(totals(&of(repo, 1).await), [11]);
    }
}
