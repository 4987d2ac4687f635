//! Readers and writers at random: no read that begins after a write has returned sees anything older.

use async_trait::async_trait;
use cached_repo::{CachedRepo, Checkpoint, Checkpoints};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, ExprTrait, QueryFilter,
    SqliteTransactionMode, TransactionOptions, TransactionTrait, sea_query::Expr,
};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tests::eventually::eventually;
use tests::rows::{add_order, add_user, rename};
use tests::shop::{Order, Shop, User, order, user};
use tests::{Store, World, matrix};

const ROWS: usize = 4;
const READERS: usize = 4;
const TIME: Duration = Duration::from_millis(1500);

/// Now and then holds the engine for a moment, so that more orders of events come about.
struct Stumble(Mutex<fastrand::Rng>);

#[async_trait]
impl Checkpoints for Stumble {
    async fn reached(&self, _: Checkpoint) {
        let pause = {
            let mut random = self.0.lock().expect("no panic");
            (random.u8(..4) == 0).then(|| Duration::from_micros(random.u64(..3000)))
        };
        match pause {
            Some(pause) => tokio::time::sleep(pause).await,
            None => tokio::task::yield_now().await,
        }
    }
}

/// Versions only grow; `returned` is what the writes that have returned made of a row.
struct Arena {
    repos: Vec<CachedRepo<Shop>>,
    orders: Vec<i64>,
    users: Vec<user::Model>,
    /// Orders are incremented by the database, by several writers at once.
    orders_returned: Vec<AtomicI64>,
    /// Users are written whole, by one writer at a time.
    users_returned: Vec<tokio::sync::Mutex<i64>>,
    users_seen: Vec<AtomicI64>,
    over: AtomicBool,
    reads: AtomicU64,
    violations: Mutex<Vec<String>>,
}

const CUSTOMER: i64 = 77;

impl Arena {
    async fn new(world: &World, seed: u64) -> Arc<Self> {
        let mut repos = Vec::new();
        let processes = if world.store == Store::Redis { 2 } else { 1 };
        for process in 0..processes {
            let random = fastrand::Rng::with_seed(seed ^ process);
            let stumble = Arc::new(Stumble(Mutex::new(random)));
            repos.push(
                world
                    .another_with(|builder| builder.checkpoints(stumble))
                    .await,
            );
        }
        let (mut orders, mut users) = (Vec::new(), Vec::new());
        for row in 0..ROWS {
            orders.push(add_order(&world.raw, CUSTOMER, 0).await.id);
            let user = add_user(&world.raw, &format!("user{row}@example.org")).await;
            rename(&world.raw, &user, "0").await;
            users.push(user);
        }
        Arc::new(Self {
            repos,
            orders,
            users,
            orders_returned: (0..ROWS).map(|_| AtomicI64::new(0)).collect(),
            users_returned: (0..ROWS).map(|_| tokio::sync::Mutex::new(0)).collect(),
            users_seen: (0..ROWS).map(|_| AtomicI64::new(0)).collect(),
            over: AtomicBool::new(false),
            reads: AtomicU64::new(0),
            violations: Mutex::new(Vec::new()),
        })
    }

    fn check(&self, what: &str, row: usize, least: i64, read: Option<i64>) {
        self.reads.fetch_add(1, Ordering::Relaxed);
        if read.is_none_or(|version| version < least) {
            let violation = format!("{what} {row}: read {read:?} after {least} had returned");
            self.violations.lock().expect("no panic").push(violation);
        }
    }

    async fn read(&self, repo: &CachedRepo<Shop>, random: &mut fastrand::Rng) {
        let row = random.usize(..ROWS);
        let orders: Vec<i64> = self.orders_returned.iter().map(load).collect();
        let users: Vec<i64> = self.users_seen.iter().map(load).collect();
        let version = |user: &user::Model| user.name.parse::<i64>().expect("a version");
        match random.u8(..7) {
            0 => {
                let read = Order::find_cached(self.orders[row]).one(repo).await;
                let total = read.expect("read").map(|order| order.total);
                self.check("order", row, orders[row], total);
            }
            1 => {
                let read = Order::find_cached_many(self.orders.clone()).all(repo).await;
                for (at, order) in read.expect("read").iter().enumerate() {
                    let total = order.as_ref().map(|order| order.total);
                    self.check("order of many", at, orders[at], total);
                }
            }
            2 => {
                let read = Order::find_cached_by_customer_id(CUSTOMER).all(repo).await;
                let read = read.expect("read");
                for (at, id) in self.orders.iter().enumerate() {
                    let found = read.iter().find(|order| order.id == *id);
                    self.check(
                        "order of a customer",
                        at,
                        orders[at],
                        found.map(|o| o.total),
                    );
                }
            }
            3 | 4 => {
                let read = User::find_cached(self.users[row].id).one(repo).await;
                let found = read.expect("read").map(|user| version(&user));
                self.check("user", row, users[row], found);
            }
            5 => {
                let email = self.users[row].email.clone();
                let read = User::find_cached_by_email(email).one(repo).await;
                let found = read.expect("read").map(|user| version(&user));
                self.check("user by email", row, users[row], found);
            }
            _ => {
                let read = User::find_cached_by_tenant_id(7).all(repo).await;
                let read = read.expect("read");
                for (at, user) in self.users.iter().enumerate() {
                    let found = read.iter().find(|found| found.id == user.id);
                    self.check("user of a tenant", at, users[at], found.map(|u| version(u)));
                }
            }
        }
    }

    async fn increment(&self, db: &impl ConnectionTrait, row: usize) {
        Order::update_many()
            .col_expr(order::Column::Total, Expr::col(order::Column::Total).add(1))
            .filter(order::Column::Id.eq(self.orders[row]))
            .exec(db)
            .await
            .expect("the order is updated");
    }

    async fn write(&self, repo: &CachedRepo<Shop>, random: &mut fastrand::Rng) {
        let row = random.usize(..ROWS);
        match random.u8(..3) {
            0 => {
                self.increment(repo, row).await;
                self.orders_returned[row].fetch_add(1, Ordering::SeqCst);
            }
            1 => {
                let mut returned = self.users_returned[row].lock().await;
                let next = *returned + 1;
                rename(repo, &self.users[row], &next.to_string()).await;
                *returned = next;
                self.users_seen[row].store(next, Ordering::SeqCst);
            }
            _ => {
                // SQLite lets only one write, and refuses to let a reader become a writer.
                let sqlite = repo.get_database_backend() == DbBackend::Sqlite;
                let options = TransactionOptions {
                    sqlite_transaction_mode: sqlite.then_some(SqliteTransactionMode::Immediate),
                    ..Default::default()
                };
                let transaction = repo.begin_with_options(options).await.expect("begun");
                // In one order, or two transactions would block one another.
                let rows = [row.min(ROWS - 2), ROWS - 1];
                for row in rows {
                    self.increment(&transaction, row).await;
                }
                transaction.commit().await.expect("committed");
                for row in rows {
                    self.orders_returned[row].fetch_add(1, Ordering::SeqCst);
                }
            }
        }
    }
}

fn load(value: &AtomicI64) -> i64 {
    value.load(Ordering::SeqCst)
}

/// Whether both entities have had hits and fills.
fn is_in_play(repo: &CachedRepo<Shop>) -> bool {
    let stats = repo.stats();
    let entities = ["user", "order"].map(|prefix| stats.entity(prefix).expect("there"));
    (entities.iter()).all(|entity| entity.hits > 0 && entity.fills > 0)
}

matrix! {
    async fn no_read_is_older_than_a_write_that_had_returned(world) {
        let seed = fastrand::u64(..);
        println!("seed {seed}");
        let arena = Arena::new(&world, seed).await;
        let mut tasks = Vec::new();
        for task in 0..READERS + 2 * arena.repos.len() {
            let arena = Arc::clone(&arena);
            let mut random = fastrand::Rng::with_seed(seed.wrapping_add(task as u64));
            tasks.push(tokio::spawn(async move {
                let repo = arena.repos[task % arena.repos.len()].clone();
                while !arena.over.load(Ordering::SeqCst) {
                    if task < READERS {
                        arena.read(&repo, &mut random).await;
                        // A hit in the process waits for nothing, and nobody else would have a turn.
                        tokio::task::yield_now().await;
                    } else {
                        arena.write(&repo, &mut random).await;
                        tokio::time::sleep(Duration::from_micros(random.u64(..8000))).await;
                    }
                }
            }));
        }
        tokio::time::sleep(TIME).await;
        // On a machine that is busy with something else it takes longer until there was something to get wrong.
        eventually("the cache is in play", async || arena.repos.iter().all(is_in_play)).await;
        arena.over.store(true, Ordering::SeqCst);
        for task in tasks {
            task.await.expect("no task fails");
        }
        let violations = arena.violations.lock().expect("no panic");
        assert!(violations.is_empty(), "{} with the seed {seed}: {:?}", violations.len(), violations.first());
        let stats: Vec<_> = arena.repos.iter().map(CachedRepo::stats).collect();
        println!("{} reads, {stats:?}", arena.reads.load(Ordering::Relaxed));
    }
}
