//! Cached queries at random, with and without pins: after every write each finds what the database finds.

use cached_repo::{CachedQuery, CachedRepo};
use fastrand::Rng;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait,
    IntoActiveModel, JoinType, QueryFilter, QueryOrder, QuerySelect, RelationDef, Select, Set,
    TransactionTrait,
    sea_query::{Expr, Query, SelectStatement},
};
use tests::matrix;
use tests::rows::{add_user, rename};
use tests::shop::{Order, Shop, User, order, user};

const CUSTOMERS: i64 = 4;
const STATES: [&str; 3] = ["open", "OPEN", "done"];
const QUERIES: usize = 24;
const WRITES: usize = 60;

fn state(random: &mut Rng) -> &'static str {
    STATES[random.usize(..STATES.len())]
}

fn someone(random: &mut Rng) -> i64 {
    random.i64(1..=CUSTOMERS)
}

fn relation() -> RelationDef {
    Order::belongs_to(User)
        .from(order::Column::CustomerId)
        .to(user::Column::Id)
        .into()
}

/// What one conjunct says.
fn condition(random: &mut Rng) -> Condition {
    let column = order::Column::CustomerId;
    let single = match random.u8(..12) {
        0 | 1 => column.eq(someone(random)),
        // With a text of its own: PostgreSQL's driver keeps a statement with the types that it was first given.
        2 => (column.eq(someone(random) as i32)).and(order::Column::Id.is_not_null()),
        3 | 4 => {
            let some: Vec<i64> = (0..random.usize(1..4)).map(|_| someone(random)).collect();
            column.is_in(some)
        }
        5 => order::Column::Status.eq(state(random)),
        6 => order::Column::Status.is_in([state(random), state(random)]),
        7 => order::Column::Total.gt(random.i64(..100)),
        8 => column
            .eq(someone(random))
            .or(order::Column::Total.lt(random.i64(..100))),
        9 => column.ne(someone(random)),
        10 => order::Column::Total.in_subquery(totals(random)),
        _ => Expr::exists(totals(random)),
    };
    Condition::all().add(single)
}

/// Totals of other orders, whose table may be pinned there or not.
fn totals(random: &mut Rng) -> SelectStatement {
    let mut query = Query::select()
        .column(order::Column::Total)
        .from(Order)
        .to_owned();
    if random.bool() {
        query.and_where(order::Column::CustomerId.eq(someone(random)));
    }
    if random.bool() {
        query.and_where(order::Column::Total.gt(random.i64(..100)));
    }
    query
}

fn query(random: &mut Rng) -> Select<order::Entity> {
    let mut query = Order::find().order_by_asc(order::Column::Id);
    match random.u8(..8) {
        0 => query = query.join(JoinType::InnerJoin, relation()),
        1 => query = query.join(JoinType::LeftJoin, relation()),
        _ => {}
    }
    for _ in 0..random.usize(..4) {
        query = query.filter(condition(random));
    }
    if random.u8(..4) == 0 {
        query = query.limit(random.u64(1..5));
    }
    query
}

/// An order that there is, if there is one.
async fn any(db: &impl ConnectionTrait, random: &mut Rng) -> Option<order::Model> {
    let mut all = Order::find().all(db).await.expect("read");
    (!all.is_empty()).then(|| all.swap_remove(random.usize(..all.len())))
}

fn made_up(random: &mut Rng) -> order::ActiveModel {
    order::ActiveModel {
        customer_id: Set(someone(random)),
        status: Set(state(random).to_owned()),
        total: Set(random.i64(..100)),
        ..Default::default()
    }
}

/// One write, and what it was.
async fn write(db: &impl ConnectionTrait, users: &[user::Model], random: &mut Rng) -> &'static str {
    let Some(one) = any(db, random).await else {
        made_up(random).insert(db).await.expect("inserted");
        return "the first insert";
    };
    match random.u8(..11) {
        0..3 => {
            made_up(random).insert(db).await.expect("inserted");
            "an insert"
        }
        3..6 => change(db, one, random).await,
        6 => {
            Order::delete_by_id(one.id).exec(db).await.expect("deleted");
            "a delete"
        }
        7..10 => write_many(db, one.id, random).await,
        _ => {
            let user = &users[random.usize(..users.len())];
            rename(db, user, state(random)).await;
            "a name"
        }
    }
}

/// A change to one order.
async fn change(db: &impl ConnectionTrait, one: order::Model, random: &mut Rng) -> &'static str {
    let mut changed = one.into_active_model();
    let what = match random.u8(..3) {
        0 => {
            changed.total = Set(random.i64(..100));
            "another total"
        }
        1 => {
            changed.customer_id = Set(someone(random));
            "another customer"
        }
        _ => {
            changed.status = Set(state(random).to_owned());
            "another state"
        }
    };
    changed.update(db).await.expect("updated");
    what
}

/// A write to some orders.
async fn write_many(db: &impl ConnectionTrait, id: i64, random: &mut Rng) -> &'static str {
    let (customer, total, next) = (someone(random), random.i64(..100), id + 1);
    let (sql, what) = match random.u8(..4) {
        0 => {
            let many = [made_up(random), made_up(random)];
            Order::insert_many(many).exec(db).await.expect("inserted");
            return "an insert of two";
        }
        1 => {
            let update = Order::update_many()
                .col_expr(order::Column::CustomerId, Expr::value(customer))
                .filter(order::Column::CustomerId.eq(someone(random)))
                .filter(order::Column::Total.gt(total));
            update.exec(db).await.expect("updated");
            return "an update of many";
        }
        2 => (
            format!(
                "UPDATE orders SET customer_id = {customer}, total = {total} WHERE id IN ({id}, {next})"
            ),
            "an update in SQL",
        ),
        _ => (
            format!(
                "INSERT INTO orders (customer_id, status, total) \
                 SELECT customer_id, status, {total} FROM orders WHERE id = {id}"
            ),
            "a copy in SQL",
        ),
    };
    db.execute_unprepared(&sql).await.expect("written");
    what
}

/// One write, or some in a transaction.
async fn step(repo: &CachedRepo<Shop>, users: &[user::Model], random: &mut Rng) -> String {
    if random.u8(..5) > 0 {
        return write(repo, users, random).await.to_owned();
    }
    let transaction = repo.begin().await.expect("begun");
    let mut done = vec!["a transaction of"];
    for _ in 0..random.usize(1..4) {
        done.push(write(&transaction, users, random).await);
    }
    if random.u8(..4) == 0 {
        transaction.rollback().await.expect("rolled back");
        done.push("rolled back");
    } else {
        transaction.commit().await.expect("committed");
    }
    done.join(", ")
}

matrix! {
    async fn after_every_write_each_query_finds_what_the_database_finds(world) {
        let given = std::env::var("NARROWING_SEED").ok();
        let seed = given.and_then(|seed| seed.parse().ok()).unwrap_or_else(|| fastrand::u64(..));
        println!("NARROWING_SEED={seed}");
        let random = &mut Rng::with_seed(seed);
        let repo = &world.repo;
        let mut users = Vec::new();
        for number in 0..2 {
            users.push(add_user(repo, &format!("user{number}@example.org")).await);
        }
        let queries: Vec<Select<order::Entity>> = (0..QUERIES).map(|_| query(random)).collect();
        let mut last = "nothing".to_owned();
        for _ in 0..WRITES {
            for query in &queries {
                let truth = query.clone().all(&world.raw).await.expect("read");
                let found = query.clone().cached().all(repo).await.expect("read");
                let found: Vec<_> = found.iter().map(|order| (**order).clone()).collect();
                assert_eq!(found, truth, "after {last}, seed {seed}: {query:?}");
            }
            world.settle().await;
            last = step(repo, &users, random).await;
        }
        let stats = world.stats("order");
        assert!(stats.hits > 0, "nothing was ever served: {stats:?}");
    }
}
