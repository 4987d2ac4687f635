//! Every public future, dropped after each number of polls: nothing hangs, no lock or lease outlives its time, and no write's
//! invalidation is lost.

mod transactions;

use cached_repo::invalidation::{InvalidationRule, RuleBuilder};
use cached_repo::{CachedQuery, CachedRepo, Consistency, RepoBuilder, WriteToken, tag};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, Set,
    TransactionTrait,
};
use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;
use tests::eventually::{eventually, promptly};
use tests::faulty::{Faulty, command};
use tests::rows::{add_user, name_of, rename, set_note};
use tests::scene::{READS, a_note, an_order, bound};
use tests::shop::{Note, Order, Shop, User, note, order, user};
use tests::{Database, Scene, Store, World};

/// Polls the future so often and then drops it; whether it had ended by then.
async fn is_over_after(polls: usize, mut future: BoxFuture<'_, ()>) -> bool {
    let mut left = polls;
    poll_fn(move |context| {
        left -= 1;
        match future.poll_unpin(context) {
            Poll::Ready(()) => Poll::Ready(true),
            Poll::Pending if left == 0 => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

type Operation = for<'a> fn(&'a CachedRepo<Shop>, i64) -> BoxFuture<'a, ()>;

/// Begins an operation; the number is another one each time.
macro_rules! operations {
    ($($name:ident($repo:ident, $turn:ident) $body:block)*) => {
        &[$((stringify!($name), {
            fn begin<'a>($repo: &'a CachedRepo<Shop>, $turn: i64) -> BoxFuture<'a, ()> {
                async move {
                    let _ = $turn;
                    // What it brings does not matter: it may be refused, if it meets a row that an earlier one has made.
                    let _ = $body;
                }
                .boxed()
            }
            begin as Operation
        })),*]
    };
}

fn renamed(turn: i64) -> user::ActiveModel {
    user::ActiveModel {
        id: Set(1 + turn % 2),
        name: Set(format!("name {turn}")),
        ..Default::default()
    }
}

const OPERATIONS: &[(&str, Operation)] = operations! {
    find(repo, _turn) { User::find_cached(1).one(repo).await }
    find_refresh(repo, _turn) { User::find_cached(1).refresh().one(repo).await }
    find_at_least(repo, _turn) { User::find_cached(1).at_least(&WriteToken::default()).one(repo).await }
    find_strict(repo, _turn) { User::find_cached(2).strict().one(repo).await }
    find_bypass(repo, _turn) { User::find_cached(2).bypass().one(repo).await }
    find_many(repo, turn) { User::find_cached_many([1, 2, 3, 40 + turn]).all(repo).await }
    find_many_refresh(repo, _turn) { User::find_cached_many([1, 2, 3]).refresh().all(repo).await }
    find_by_unique(repo, _turn) { User::find_cached_by_email("ada@x").refresh().one(repo).await }
    find_by_index(repo, _turn) { User::find_cached_by_tenant_id(7).refresh().all(repo).await }
    query(repo, turn) { Order::find().filter(order::Column::CustomerId.eq(turn % 3)).cached().all(repo).await }
    query_refresh(repo, _turn) { Order::find().cached().refresh().one(repo).await }
    prepared(repo, _turn) { Order::find().cached().prepare(repo).expect("it can be cached").all().await }
    value(repo, turn) { Order::find().into_tuple::<(i64, i64)>().cached().ttl(Duration::from_secs(1 + turn as u64)).all(repo).await }
    count(repo, _turn) { Order::find().cached().refresh().count(repo).await }
    exists(repo, _turn) { User::find().cached().refresh().exists(repo).await }
    page(repo, turn) { Order::find().cached().refresh().paginate(repo, 2).fetch_page(turn as u64 % 2).await }
    page_and_totals(repo, _turn) { Order::find().cached().refresh().paginate(repo, 2).fetch_page_and_totals(0).await }
    block(repo, turn) {
        repo.read_cached("both", [turn.into()], |db| async move {
            Ok((Order::find().count(&db).await?, User::find().count(&db).await?))
        }).await
    }
    batch(repo, turn) {
        let prepared = Order::find().cached().prepare(repo).expect("it can be cached");
        repo.batch((
            (User::find_cached(1), User::find_cached_by_email("bob@x"), Order::find_cached_by_customer_id(turn % 3)),
            User::find_cached_many([1, 2, 60 + turn]),
            (&prepared, Order::find().cached().counted(), Order::find().cached().ttl(Duration::from_secs(1 + turn as u64)).first()),
        )).await
    }
    batch_refresh(repo, _turn) {
        repo.batch((
            User::find_cached(1).refresh(),
            User::find_cached_by_email("ada@x").refresh(),
            Order::find_cached_by_customer_id(1).refresh(),
            User::find_cached(3).bypass(),
            Order::find().cached().refresh().any(),
        )).await
    }
    batch_in_transaction(repo, turn) {
        async {
            let transaction = repo.begin().await?;
            renamed(turn).update(&transaction).await?;
            let _ = transaction.batch((User::find_cached(1), Order::find().cached().counted())).await;
            transaction.commit().await
        }.await
    }
    insert(repo, turn) { Note::insert_cached(a_note(&format!("note {turn}")), repo).await }
    update(repo, turn) { User::update_cached(renamed(turn), repo).await }
    save(repo, turn) { User::save_cached(renamed(turn), repo).await }
    delete(repo, turn) { Note::delete_cached(format!("note {}", turn - 9), repo).await }
    invalidate(repo, _turn) { User::invalidate(1, repo).await }
    sea_orm_insert(repo, turn) { an_order(1 + turn % 3, "open").insert(repo).await }
    bulk(repo, turn) {
        let update = Order::update_many().set(order::ActiveModel { total: Set(turn), ..Default::default() });
        update.exec(repo).await
    }
    raw(repo, turn) {
        repo.execute_unprepared(&format!("UPDATE users SET tenant_id = {} WHERE id = 2", 7 + turn % 3)).await
    }
    transaction(repo, turn) {
        async {
            let transaction = repo.begin().await?;
            renamed(turn).update(&transaction).await?;
            let savepoint = transaction.begin().await?;
            set_note(&savepoint, "todo", &format!("body {turn}")).await;
            savepoint.commit().await?;
            let undone = transaction.begin().await?;
            set_note(&undone, "todo", "undone").await;
            undone.rollback().await?;
            transaction.commit().await
        }.await
    }
    rollback(repo, turn) {
        async {
            let transaction = repo.begin().await?;
            renamed(turn).update(&transaction).await?;
            transaction.rollback().await
        }.await
    }
    transaction_retry(repo, turn) {
        repo.transaction_retry_async(async move |transaction| {
            renamed(turn).update(transaction).await?;
            Ok(())
        }).await
    }
    invalidate_tag(repo, _turn) { repo.invalidate_tag(tag!(Shop, "tenant:{}", 7)).await }
    invalidate_entity(repo, _turn) { repo.invalidate_entity::<User>().await }
    invalidate_all(repo, _turn) { repo.invalidate_all().await }
    check_database(repo, _turn) { repo.check_database().await }
    wait_idle(repo, _turn) { repo.wait_idle().await }
    plain_read(repo, _turn) { note::Entity::find().all(repo).await }
};

const LOCK_TIME: Duration = Duration::from_millis(500);

fn soon(builder: RepoBuilder<Shop>) -> RepoBuilder<Shop> {
    builder.lock_time(LOCK_TIME).lease_time(LOCK_TIME)
}

/// Whether the server holds a lease or a lock.
async fn is_held(world: &World) -> bool {
    if !world.store.is_shared() {
        return false;
    }
    let server = testkit::shared::redis().expect("Redis is there");
    let pattern = format!("{}:*", world.namespace());
    let keys = command(server.url(), &["KEYS", &pattern]).await;
    let keys: Vec<String> = redis::from_redis_value(keys).expect("names");
    for key in keys.iter().filter(|key| !key.ends_with(":sequence")) {
        if let redis::Value::BulkString(value) = command(server.url(), &["GET", key]).await
            && matches!(value.first(), Some(0 | 2))
        {
            return true;
        }
    }
    false
}

async fn is_fresh(scene: &Scene) -> bool {
    for read in READS {
        let (seen, stored) = (
            read.answer(scene.repo()).await,
            read.truth(&scene.world.raw).await,
        );
        if seen != stored {
            println!("{read:?}: read {seen}, stored {stored}");
            return false;
        }
    }
    true
}

async fn everything_is_dropped_everywhere(database: Database, store: Store) {
    let scene = Scene::cached(World::with(database, store, soon).await).await;
    let mut turn = 0;
    for (name, operation) in OPERATIONS {
        let mut polls = 1;
        loop {
            turn += 1;
            let future = operation(scene.repo(), turn);
            if promptly(name, is_over_after(polls, future)).await {
                break;
            }
            polls += 1;
        }
        eventually("what was dropped lets go", async || {
            !is_held(&scene.world).await
        })
        .await;
        eventually("everything written is seen", async || {
            is_fresh(&scene).await
        })
        .await;
        // What was locked in the process, and dropped, lets go there as well: the next one meets copies again.
        scene.world.clock.advance(LOCK_TIME);
    }
    // Over a server there is something to wait for in most of them.
    assert!(
        !store.is_shared() || turn > 2 * OPERATIONS.len() as i64,
        "{turn}"
    );
    // Whatever went on by itself has ended long since.
    promptly("the last fill", scene.repo().wait_idle()).await;
    scene.assert_fresh().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_memory() {
    everything_is_dropped_everywhere(Database::Sqlite, Store::Memory).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_redis() {
    everything_is_dropped_everywhere(Database::Postgres, Store::Redis).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_redis_with_copies() {
    everything_is_dropped_everywhere(Database::Postgres, Store::Bounded).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_redis_and_mariadb() {
    everything_is_dropped_everywhere(Database::MariaDb, Store::Redis).await;
}

/// Whether a connection of the world's database is in a transaction, and does nothing.
async fn is_left_open(world: &World) -> bool {
    let sql = "SELECT 1 FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let rows = world.raw.query_all_raw(bound(world, sql, [])).await;
    !rows.expect("read").is_empty()
}

/// sqlx leaves it open: its connection goes back to the pool, and what is written over it is never committed.
async fn nothing_is_left_open(world: &World, pool: &CachedRepo<Shop>) {
    for polls in 1.. {
        let begin = async { drop(pool.begin().await.expect("begun")) };
        let is_over = promptly("begin", is_over_after(polls, begin.boxed())).await;
        // There is one connection: it is in the pool again.
        Note::find().one(pool).await.expect("read");
        eventually("no transaction is open", async || {
            !is_left_open(world).await
        })
        .await;
        if is_over {
            return;
        }
    }
}

/// Somebody else has changed the first user.
struct FirstUserChanged;

impl InvalidationRule<Shop> for FirstUserChanged {
    fn invalidates(&self, it: &mut RuleBuilder<'_, Shop>) {
        it.row::<User>(1);
    }
}

const BY_HAND: &[(&str, Operation)] = operations! {
    row(repo, _turn) { User::invalidate(1, repo).await }
    tag(repo, _turn) { repo.invalidate_tag(tag!(Shop, "tenant:{}", 7)).await }
    entity(repo, _turn) { repo.invalidate_entity::<User>().await }
    all(repo, _turn) { repo.invalidate_all().await }
    event(repo, _turn) { repo.emit(&FirstUserChanged).await }
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalidation_by_hand_that_is_dropped_is_delivered_all_the_same() {
    for consistency in [Consistency::Strict, Consistency::Bounded] {
        let faulty = Faulty::new().await;
        let raw = &faulty.world.raw;
        let user = add_user(raw, "ada@x").await;
        for (name, by_hand) in BY_HAND {
            assert!(name_of(faulty.repo(), user.id).await.is_some());
            faulty.repo().wait_idle().await;
            rename(raw, &user, name).await;
            // It has no connection yet, and gets none: nothing can be sent before the caller has gone.
            faulty.redis.freeze().expect("frozen");
            let caller = faulty
                .another_with(|builder| builder.consistency(consistency))
                .await;
            assert!(
                !is_over_after(1, by_hand(&caller, 0)).await,
                "{name} is over"
            );
            faulty.redis.thaw().expect("thawed");
            eventually("a dropped invalidation is delivered", async || {
                name_of(faulty.repo(), user.id).await.as_deref() == Some(*name)
            })
            .await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_begin_that_is_dropped_leaves_no_transaction_open() {
    let world = World::new(Database::Postgres, Store::Redis).await;
    let mut address = world.address();
    address.max_connections(1).sqlx_logging(false);
    let database = sea_orm::Database::connect(address)
        .await
        .expect("connected");
    let repo = world.over(database, |builder| builder).await;
    // The answer to a `BEGIN` that comes at once is not waited for.
    for _ in 0..20 {
        nothing_is_left_open(&world, &repo).await;
    }
}
