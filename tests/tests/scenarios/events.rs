//! Rules of events: what they invalidate, and when.

use cached_repo::invalidation::{InvalidationRule, RuleBuilder};
use cached_repo::stats::CauseKind;
use cached_repo::{CachedQuery, CachedRepo, Checkpoint, ErrorKind, tag};
use futures_util::StreamExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, TransactionTrait};
use tests::eventually::promptly;
use tests::faulty::Faulty;
use tests::pause::Gate;
use tests::rows::{
    add_note, add_order, add_user, name_of, note_of, rename, set_note, set_total, total_of,
    totals_of,
};
use tests::shop::{Dashboard, Note, Order, Shop, User, order};
use tests::{Database, Store, World, matrix};

/// Another service has changed a note, and whatever is shown of it.
struct NoteChanged {
    id: &'static str,
}

impl InvalidationRule<Shop> for NoteChanged {
    fn invalidates(&self, it: &mut RuleBuilder<'_, Shop>) {
        it.row::<Note>(self.id.to_owned());
    }
}

/// Orders of a customer have changed.
struct OrdersChanged {
    customer: i64,
}

impl InvalidationRule<Shop> for OrdersChanged {
    fn invalidates(&self, it: &mut RuleBuilder<'_, Shop>) {
        it.partition(Order::find_cached_by_customer_id(self.customer));
    }
}

/// An order was added or has gone.
struct OrderPlaced {
    customer: i64,
}

impl InvalidationRule<Shop> for OrderPlaced {
    fn invalidates(&self, it: &mut RuleBuilder<'_, Shop>) {
        it.index(Order::find_cached_by_customer_id(self.customer));
    }
}

/// An address is in use now.
struct AddressTaken(&'static str);

impl InvalidationRule<Shop> for AddressTaken {
    fn invalidates(&self, it: &mut RuleBuilder<'_, Shop>) {
        it.unique(User::find_cached_by_email(self.0));
    }
}

/// A tenant has moved: its tag, notes, and a row.
struct TenantMoved;

impl InvalidationRule<Shop> for TenantMoved {
    fn invalidates(&self, it: &mut RuleBuilder<'_, Shop>) {
        it.tag(tag!(Shop, "tenant:{}", 7))
            .entity::<Note>()
            .row::<Dashboard>(1);
    }
}

/// Says nothing.
struct Nothing;

impl InvalidationRule<Shop> for Nothing {
    fn invalidates(&self, _: &mut RuleBuilder<'_, Shop>) {}
}

async fn loads(world: &World, prefix: &str) -> u64 {
    world.settle().await;
    world.stats(prefix).loads
}

/// Reads until all of it is cached: under a new tag the first fill may have to read twice.
async fn cached(world: &World, prefix: &str, read: impl AsyncFn()) {
    for _ in 0..10 {
        let before = loads(world, prefix).await;
        read().await;
        if loads(world, prefix).await == before {
            return;
        }
    }
    panic!("{prefix} is never cached");
}

async fn totals_by_query(repo: &CachedRepo<Shop>, customer: i64) -> Vec<i64> {
    let query = Order::find().filter(order::Column::CustomerId.eq(customer));
    let found = query.cached().all(repo).await.expect("read");
    found.iter().map(|order| order.total).collect()
}

matrix! {
    async fn an_event_makes_a_write_past_the_repo_seen(world) {
        let repo = &world.repo;
        add_note(repo, "n", "old").await;
        add_note(repo, "other", "old").await;
        cached(&world, "note", async || {
            note_of(repo, "n").await;
            note_of(repo, "other").await;
        })
        .await;
        set_note(&world.raw, "n", "new").await;
        assert_eq!(note_of(repo, "n").await.as_deref(), Some("old"), "cached");
        repo.emit(&NoteChanged { id: "n" }).await.expect("delivered");
        assert_eq!(note_of(repo, "n").await.as_deref(), Some("new"));
        let before = loads(&world, "note").await;
        note_of(repo, "other").await;
        let more = loads(&world, "note").await - before;
        // MariaDB compares text keys loosely, so that all of them go.
        assert_eq!(more, u64::from(world.database == Database::MariaDb), "nothing else went");
    }

    async fn an_event_in_a_transaction_takes_effect_with_its_commit(world) {
        let repo = &world.repo;
        add_note(repo, "n", "old").await;
        cached(&world, "note", async || drop(note_of(repo, "n").await)).await;
        set_note(&world.raw, "n", "new").await;
        let undone = repo.begin().await.expect("begun");
        undone.emit(&NoteChanged { id: "n" }).await.expect("noted");
        undone.rollback().await.expect("rolled back");
        assert_eq!(note_of(repo, "n").await.as_deref(), Some("old"), "rolled back");
        let outer = repo.begin().await.expect("begun");
        let inner = outer.begin().await.expect("begun");
        inner.emit(&NoteChanged { id: "n" }).await.expect("noted");
        inner.commit().await.expect("handed on");
        assert_eq!(note_of(repo, "n").await.as_deref(), Some("old"), "only the outermost counts");
        outer.commit().await.expect("committed");
        assert_eq!(note_of(repo, "n").await.as_deref(), Some("new"));
    }

    async fn a_partition_takes_its_rows_under_whatever_they_are_cached(world) {
        let repo = &world.repo;
        let mine = add_order(repo, 7, 10).await;
        let other = add_order(repo, 8, 20).await;
        let read = async |customer, id| {
            totals_of(repo, customer).await;
            total_of(repo, id).await;
            totals_by_query(repo, customer).await;
        };
        cached(&world, "order", async || {
            read(7, mine.id).await;
            read(8, other.id).await;
        })
        .await;
        set_total(&world.raw, mine.id, 11).await;
        repo.emit(&OrdersChanged { customer: 7 }).await.expect("delivered");
        assert_eq!(totals_of(repo, 7).await, [11]);
        assert_eq!(total_of(repo, mine.id).await, Some(11));
        assert_eq!(totals_by_query(repo, 7).await, [11]);
        let before = loads(&world, "order").await;
        read(8, other.id).await;
        assert_eq!(loads(&world, "order").await, before, "other partitions stay");
    }

    async fn an_index_and_a_unique_value_go_by_their_types(world) {
        let repo = &world.repo;
        let kept = add_order(repo, 7, 10).await;
        let email = |address: &'static str| async move {
            let user = User::find_cached_by_email(address).one(repo).await;
            user.expect("read").map(|user| user.name.clone())
        };
        cached(&world, "order", async || {
            totals_of(repo, 7).await;
            total_of(repo, kept.id).await;
        })
        .await;
        assert_eq!(email("ada@example.org").await, None);
        world.settle().await;
        add_order(&world.raw, 7, 20).await;
        add_user(&world.raw, "ada@example.org").await;
        assert_eq!(totals_of(repo, 7).await, [10], "cached");
        assert_eq!(email("ada@example.org").await, None, "cached");
        repo.emit(&OrderPlaced { customer: 7 }).await.expect("delivered");
        repo.emit(&AddressTaken("ada@example.org")).await.expect("delivered");
        assert_eq!(totals_of(repo, 7).await, [10, 20]);
        assert_eq!(email("ada@example.org").await.as_deref(), Some("Ada"));
        let before = loads(&world, "order").await;
        total_of(repo, kept.id).await;
        assert_eq!(loads(&world, "order").await, before, "the row under its key stays");
    }

    async fn all_of_one_event_is_one_invalidation(world) {
        let repo = &world.repo;
        let ada = add_user(repo, "ada@example.org").await;
        add_note(repo, "n", "old").await;
        cached(&world, "user", async || drop(name_of(repo, ada.id).await)).await;
        cached(&world, "note", async || drop(note_of(repo, "n").await)).await;
        rename(&world.raw, &ada, "Ada Lovelace").await;
        set_note(&world.raw, "n", "new").await;
        let mut stream = repo.subscribe();
        repo.emit(&Nothing).await.expect("nothing to deliver");
        repo.emit(&TenantMoved).await.expect("delivered");
        assert_eq!(name_of(repo, ada.id).await.as_deref(), Some("Ada Lovelace"));
        assert_eq!(note_of(repo, "n").await.as_deref(), Some("new"));
        loop {
            let Some(Ok(told)) = promptly("the stream", stream.next()).await else {
                panic!("nothing is told");
            };
            if told.is_caused_by(CauseKind::NoticesMissed) {
                continue;
            }
            let cause = told.causes().next().expect("a cause");
            assert_eq!(cause.kind, CauseKind::Event, "{told:?}");
            assert!(cause.event.is_some_and(|event| event.ends_with("TenantMoved")));
            assert_eq!(told.tags().collect::<Vec<_>>(), ["tenant:7"]);
            assert_eq!((told.fan_out().rows, told.fan_out().tables), (1, 1));
            break;
        }
        assert_eq!(repo.stats().invalidations.cause(CauseKind::Event).invalidations, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_event_names_is_locked_before_the_commit_of_its_transaction() {
    let gate = Gate::at(Checkpoint::Locked);
    let world = World::with(Database::Sqlite, Store::Redis, |builder| {
        builder.checkpoints(gate.clone())
    })
    .await;
    let repo = world.repo.clone();
    add_note(&repo, "n", "old").await;
    assert_eq!(note_of(&repo, "n").await.as_deref(), Some("old"));
    world.settle().await;
    gate.close();
    let transaction = repo.begin().await.expect("begun");
    let noted = transaction.emit(&NoteChanged { id: "n" }).await;
    noted.expect("noted");
    let commit = tokio::spawn(transaction.commit());
    promptly("the lock", gate.arrival()).await;
    let before = world.stats("note").bypasses;
    note_of(&repo, "n").await;
    assert_eq!(
        world.stats("note").bypasses,
        before + 1,
        "under a lock nothing is served"
    );
    gate.open();
    gate.pass();
    commit.await.expect("no panic").expect("committed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_the_store_does_not_take_is_owed() {
    let mut faulty = Faulty::new().await;
    faulty.redis.kill();
    let error = faulty.repo().emit(&NoteChanged { id: "n" }).await;
    let error = error.expect_err("the store is away");
    assert_eq!(error.kind(), ErrorKind::StoreUnavailable);
}
