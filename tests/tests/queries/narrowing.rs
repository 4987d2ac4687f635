//! Cached queries that pin an index: which writes end them, and which leave them alone.

mod values;

use cached_repo::CachedQuery;
use cached_repo::query::Cached;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationDef, Select, Set,
    TransactionTrait,
    sea_query::{Expr, Query},
};
use tests::blog::{Author, Post, blog, post};
use tests::rows::{add_order, add_user, rename, set_total};
use tests::shop::{Order, User, order, user};
use tests::{World, matrix};

/// Who has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum By {
    Cache,
    Database,
}
use By::{Cache, Database as Source};

/// Who answers the query, and the totals of the orders that it finds.
async fn asked(world: &World, query: Cached<Select<Order>>) -> (By, Vec<i64>) {
    let before = world.stats("order");
    let rows = query.all(&world.repo).await.expect("read");
    world.settle().await;
    let after = world.stats("order");
    let by = match (after.hits - before.hits, after.loads - before.loads) {
        (1, 0) => Cache,
        (0, 1) => Source,
        counts => panic!("{counts:?} hits and loads by one read"),
    };
    (by, rows.iter().map(|order| order.total).collect())
}

fn orders() -> Select<order::Entity> {
    Order::find().order_by_asc(order::Column::Id)
}

/// The orders of a customer.
fn of(customer: i64) -> Cached<Select<Order>> {
    orders()
        .filter(order::Column::CustomerId.eq(customer))
        .cached()
}

/// The orders of some customers.
fn of_any(customers: impl IntoIterator<Item = i64>) -> Cached<Select<Order>> {
    orders()
        .filter(order::Column::CustomerId.is_in(customers))
        .cached()
}

/// The orders in a state.
fn in_state(status: &str) -> Cached<Select<Order>> {
    orders().filter(order::Column::Status.eq(status)).cached()
}

async fn set_status(db: &impl ConnectionTrait, id: i64, status: &str) {
    let update = Order::update_many()
        .col_expr(order::Column::Status, Expr::value(status))
        .filter(order::Column::Id.eq(id));
    update.exec(db).await.expect("the order is updated");
}

async fn hand_over(db: &impl ConnectionTrait, order: &order::Model, customer: i64) {
    let mut change = order.clone().into_active_model();
    change.customer_id = Set(customer);
    change.update(db).await.expect("the order is updated");
}

fn customer() -> RelationDef {
    Order::belongs_to(User)
        .from(order::Column::CustomerId)
        .to(user::Column::Id)
        .into()
}

async fn raw(db: &impl ConnectionTrait, sql: &str) {
    db.execute_unprepared(sql).await.expect("written");
}

matrix! {
    async fn a_write_for_one_customer_leaves_the_queries_of_others_alone(world) {
        let repo = &world.repo;
        let mine = add_order(repo, 1, 10).await;
        add_order(repo, 2, 20).await;
        assert_eq!(asked(&world, of(1)).await, (Source, vec![10]));
        assert_eq!(asked(&world, of(2)).await, (Source, vec![20]));
        for (write, after) in [
            ("nothing", vec![10]),
            ("an insert", vec![10, 11]),
            ("an update", vec![12, 11]),
            ("an update in SQL", vec![13, 11]),
            ("an insert in SQL", vec![13, 11, 14]),
            ("a transaction", vec![15, 11, 14, 16]),
            ("a delete", vec![11, 14, 16]),
        ] {
            match write {
                "an insert" => { add_order(repo, 1, 11).await; }
                "an update" => set_total(repo, mine.id, 12).await,
                "an update in SQL" => raw(repo, &format!("UPDATE orders SET total = 13 WHERE id = {}", mine.id)).await,
                "an insert in SQL" => raw(repo, "INSERT INTO orders (id, customer_id, status, total) VALUES (1001, 1, 'open', 14)").await,
                "a transaction" => {
                    let transaction = repo.begin().await.expect("begun");
                    set_total(&transaction, mine.id, 15).await;
                    raw(&transaction, "INSERT INTO orders (id, customer_id, status, total) VALUES (1002, 1, 'open', 16)").await;
                    transaction.commit().await.expect("committed");
                }
                "a delete" => { Order::delete_by_id(mine.id).exec(repo).await.expect("deleted"); }
                _ => {}
            }
            let by = if write == "nothing" { Cache } else { Source };
            assert_eq!(asked(&world, of(1)).await, (by, after), "after {write}");
            assert_eq!(asked(&world, of(2)).await, (Cache, vec![20]), "after {write}");
        }
    }

    async fn an_order_that_passes_to_another_customer_ends_the_queries_of_both(world) {
        let repo = &world.repo;
        let mine = add_order(repo, 1, 10).await;
        for (customer, totals) in [(1, vec![10]), (2, vec![]), (3, vec![])] {
            assert_eq!(asked(&world, of(customer)).await, (Source, totals));
        }
        hand_over(repo, &mine, 2).await;
        for (customer, by, totals) in [(1, Source, vec![]), (2, Source, vec![10]), (3, Cache, vec![])] {
            assert_eq!(asked(&world, of(customer)).await, (by, totals), "of {customer}");
        }
        raw(repo, &format!("UPDATE orders SET customer_id = 3 WHERE id = {}", mine.id)).await;
        for (customer, by, totals) in [(1, Cache, vec![]), (2, Source, vec![]), (3, Source, vec![10])] {
            assert_eq!(asked(&world, of(customer)).await, (by, totals), "of {customer}");
        }
    }

    async fn a_write_whose_rows_are_not_known_ends_the_queries_of_all(world) {
        let repo = &world.repo;
        add_order(repo, 1, 10).await;
        add_order(repo, 2, 20).await;
        let of_one = || order::Column::CustomerId.eq(1);
        for (write, mine, theirs) in [
            ("nothing", vec![10], vec![20]),
            ("an update of many", vec![11], vec![20]),
            ("an update of many in SQL", vec![11], vec![21]),
            ("an invalidation", vec![11], vec![21]),
            ("a delete of many", vec![], vec![21]),
        ] {
            match write {
                "an update of many" => {
                    let update = Order::update_many().col_expr(order::Column::Total, Expr::value(11));
                    update.filter(of_one()).exec(repo).await.expect("updated");
                }
                "an update of many in SQL" => raw(repo, "UPDATE orders SET total = 21 WHERE total = 20").await,
                "an invalidation" => repo.invalidate_entity::<Order>().await.expect("delivered"),
                "a delete of many" => { Order::delete_many().filter(of_one()).exec(repo).await.expect("deleted"); }
                _ => {}
            }
            assert_eq!(asked(&world, of(1)).await, (Source, mine), "after {write}");
            assert_eq!(asked(&world, of(2)).await, (Source, theirs), "after {write}");
        }
    }

    async fn every_shape_of_query_is_narrowed(world) {
        let repo = &world.repo;
        let mine = add_order(repo, 1, 10).await;
        let theirs = add_order(repo, 2, 20).await;
        let theirs_alone = || orders().filter(order::Column::CustomerId.eq(2));
        let read = async || {
            let before = world.stats("order").loads;
            let count = theirs_alone().cached().count(repo).await.expect("read");
            let exists = theirs_alone().filter(order::Column::Total.gt(20)).cached().exists(repo).await.expect("read");
            let page = theirs_alone().cached().paginate(repo, 5).fetch_page_and_totals(0).await.expect("read");
            let block = repo.read_cached("orders of 2", [], |db| async move {
                let all = Order::find().filter(order::Column::CustomerId.eq(2)).count(&db).await?;
                let open = Order::find().filter(order::Column::CustomerId.eq(2)).filter(order::Column::Status.eq("new"));
                Ok((all, open.count(&db).await?))
            });
            let block = block.await.expect("read");
            world.settle().await;
            assert_eq!((page.items.len() as u64, page.number_of_items), (count, count));
            assert_eq!(*block, (count, 0));
            (world.stats("order").loads - before > 0, count, exists)
        };
        assert_eq!(read().await, (true, 1, false));
        assert_eq!(read().await, (false, 1, false));
        set_total(repo, mine.id, 11).await;
        assert_eq!(read().await, (false, 1, false), "none of it is of customer 2");
        set_total(repo, theirs.id, 21).await;
        assert_eq!(read().await, (true, 1, true));
        hand_over(repo, &mine, 2).await;
        assert_eq!(read().await, (true, 2, true));
    }

    async fn each_table_of_a_join_depends_on_what_it_pins_itself(world) {
        let repo = &world.repo;
        let ada = add_user(repo, "ada@example.org").await;
        let bob = add_user(repo, "bob@example.org").await;
        let mine = add_order(repo, ada.id, 10).await;
        let theirs = add_order(repo, bob.id, 20).await;
        for join in [JoinType::InnerJoin, JoinType::LeftJoin, JoinType::RightJoin] {
            let joined = || {
                let all = orders().join(join, customer());
                all.filter(order::Column::CustomerId.eq(ada.id))
            };
            let name = user::Column::Name;
            let narrow = || joined().filter(user::Column::TenantId.eq(7)).filter(name.ne("Eve")).cached();
            let wide = || joined().filter(name.ne("Eve")).cached();
            assert_eq!(asked(&world, narrow()).await, (Source, vec![10]));
            assert_eq!(asked(&world, wide()).await, (Source, vec![10]));
            set_total(repo, theirs.id, 20).await;
            assert_eq!(asked(&world, narrow()).await, (Cache, vec![10]), "another's order, {join:?}");
            assert_eq!(asked(&world, wide()).await, (Cache, vec![10]), "another's order, {join:?}");
            let stranger = user::ActiveModel {
                email: Set(format!("{join:?}")),
                tenant_id: Set(8),
                name: Set("Zoe".to_owned()),
                ..Default::default()
            };
            stranger.insert(repo).await.expect("inserted");
            assert_eq!(asked(&world, narrow()).await, (Cache, vec![10]), "another tenant's user, {join:?}");
            assert_eq!(asked(&world, wide()).await, (Source, vec![10]), "another tenant's user, {join:?}");
            rename(repo, &ada, "Eve").await;
            assert_eq!(asked(&world, narrow()).await, (Source, vec![]), "its user, {join:?}");
            rename(repo, &ada, "Ada").await;
            set_total(repo, mine.id, 10).await;
            assert_eq!(asked(&world, narrow()).await, (Source, vec![10]), "its order, {join:?}");
        }
    }

    async fn a_write_whose_rows_are_not_known_ends_what_other_entities_have_of_the_table(world) {
        let repo = blog(&world).await;
        raw(&repo, "INSERT INTO authors (id, handle) VALUES (7, 'ada')").await;
        raw(&repo, "INSERT INTO posts (id, author_id, year, slug) VALUES (1, 7, 2024, 'a')").await;
        let recent = async || {
            let authors = Author::find()
                .inner_join(Post)
                .filter(post::Column::AuthorId.eq(7_i64))
                .filter(post::Column::Year.gt(2000));
            let found = authors.cached().all(&repo).await.expect("read").len();
            repo.wait_idle().await;
            found
        };
        assert_eq!(recent().await, 1);
        assert_eq!(recent().await, 1);
        raw(&repo, "UPDATE posts SET year = year - 1000").await;
        assert_eq!(recent().await, 0);
    }

    async fn a_write_to_a_customer_ends_the_query_over_what_depends_on_it(world) {
        let repo = &world.repo;
        let ada = add_user(repo, "ada@example.org").await;
        let bob = add_user(repo, "bob@example.org").await;
        assert_eq!(asked(&world, of(ada.id)).await, (Source, vec![]));
        rename(repo, &bob, "Eve").await;
        assert_eq!(asked(&world, of(ada.id)).await, (Cache, vec![]));
        rename(repo, &ada, "Eve").await;
        assert_eq!(asked(&world, of(ada.id)).await, (Source, vec![]));
    }

    async fn a_second_mention_that_is_not_pinned_is_seen(world) {
        let repo = &world.repo;
        let mine = add_order(repo, 1, 10).await;
        add_order(repo, 2, 20).await;
        let largest = || {
            let largest = Query::select()
                .expr(order::Column::Total.max())
                .from(Order)
                .to_owned();
            orders()
                .filter(order::Column::CustomerId.eq(2))
                .filter(order::Column::Total.in_subquery(largest))
                .cached()
        };
        assert_eq!(asked(&world, largest()).await, (Source, vec![20]));
        set_total(repo, mine.id, 30).await;
        assert_eq!(asked(&world, largest()).await, (Source, vec![]), "now another's is larger");
    }

    async fn a_second_mention_is_pinned_by_itself(world) {
        let repo = &world.repo;
        let first = add_order(repo, 1, 10).await;
        let second = add_order(repo, 2, 10).await;
        let third = add_order(repo, 3, 10).await;
        let shared = || {
            let others = Query::select()
                .column(order::Column::Total)
                .from(Order)
                .and_where(order::Column::CustomerId.eq(2))
                .to_owned();
            orders()
                .filter(order::Column::CustomerId.eq(1))
                .filter(order::Column::Total.in_subquery(others))
                .cached()
        };
        assert_eq!(asked(&world, shared()).await, (Source, vec![10]));
        set_total(repo, third.id, 11).await;
        assert_eq!(asked(&world, shared()).await, (Cache, vec![10]));
        set_total(repo, second.id, 11).await;
        assert_eq!(asked(&world, shared()).await, (Source, vec![]));
        set_total(repo, first.id, 11).await;
        assert_eq!(asked(&world, shared()).await, (Source, vec![11]));
    }

    async fn what_another_process_writes_ends_the_query_that_it_concerns(world) {
        let repo = &world.repo;
        let there = match world.store.is_shared() {
            true => world.another().await,
            false => repo.clone(),
        };
        let mine = add_order(&there, 1, 10).await;
        add_order(&there, 2, 20).await;
        assert_eq!(asked(&world, of(1).strict()).await, (Source, vec![10]));
        assert_eq!(asked(&world, of(2).strict()).await, (Source, vec![20]));
        set_total(&there, mine.id, 11).await;
        assert_eq!(asked(&world, of(2).strict()).await, (Cache, vec![20]));
        assert_eq!(asked(&world, of(1).strict()).await, (Source, vec![11]));
        hand_over(&there, &mine, 2).await;
        assert_eq!(asked(&world, of(2).strict()).await, (Source, vec![11, 20]));
        assert_eq!(asked(&world, of(1).strict()).await, (Source, vec![]));
    }
}
