//! What becomes of an entry as its lifetime ends: served and loaded anew, served because the database fails, or gone. In each
//! test rows are changed past the repo, so that nothing but time ends what is cached.

mod lifetimes;

use cached_repo::config::Lists;
use cached_repo::query::{AnsweredBy, FindOne};
use cached_repo::{CachedQuery, CachedRepo, Checkpoint, Receipt};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use std::sync::Arc;
use std::time::Duration;
use tests::eventually::promptly;
use tests::passing::pass;
use tests::pause::Gate;
use tests::rows::{add_note, add_order, set_note, set_total};
use tests::shop::{Note, Order, Shop, note, order};
use tests::{World, matrix};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The note "a", which lives for an hour, and may be served for ten minutes more while it is loaded anew.
fn revalidated() -> FindOne<Note> {
    Note::find_cached("a".to_owned())
        .ttl(HOUR)
        .stale_while_revalidate(10 * MINUTE)
}

/// The note "a", which lives for an hour, and may be served for a day more if the database fails.
fn on_error() -> FindOne<Note> {
    Note::find_cached("a".to_owned())
        .ttl(HOUR)
        .stale_if_error(24 * HOUR)
}

async fn body(read: FindOne<Note>, repo: &CachedRepo<Shop>) -> Option<String> {
    let row = promptly("a read", read.one(repo)).await.expect("read");
    row.map(|note| note.body.clone())
}

/// The note "a" is cached as "old"; the database holds "new".
async fn aside(world: &World, read: FindOne<Note>) {
    add_note(&world.repo, "a", "old").await;
    assert_eq!(body(read, &world.repo).await.as_deref(), Some("old"));
    world.settle().await;
    set_note(&world.raw, "a", "new").await;
}

/// Takes the table of notes away, past the repo, or brings it back.
async fn rename_table(world: &World, from: &str, to: &str) {
    let sql = format!("ALTER TABLE {from} RENAME TO {to}");
    world.raw.execute_unprepared(&sql).await.expect("renamed");
}

/// The same world, whose repo can be held.
async fn gated(mut world: World, checkpoint: Checkpoint) -> (World, Arc<Gate>) {
    let gate = Gate::at(checkpoint);
    let repo = world.another_with(|builder| builder.checkpoints(gate.clone()));
    world.repo = repo.await;
    (world, gate)
}

/// Another process over the same store; without a server, the same process.
async fn other(world: &World) -> CachedRepo<Shop> {
    match world.store.is_shared() {
        true => world.another().await,
        false => world.repo.clone(),
    }
}

async fn some(read: FindOne<Note>, world: &World) -> String {
    body(read, &world.repo).await.expect("there is the note")
}

matrix! {
    async fn an_entry_past_its_life_is_served_once_more_while_it_is_loaded_anew(world) {
        aside(&world, revalidated()).await;
        assert_eq!(some(revalidated(), &world).await, "old");
        pass(&world, HOUR + MINUTE).await;
        let receipt = Receipt::new();
        assert_eq!(some(revalidated().receipt(&receipt), &world).await, "old");
        assert!(receipt.is_stale());
        let age = receipt.age().expect("it is told");
        assert!((HOUR..HOUR + 2 * MINUTE).contains(&age), "{age:?}");
        world.settle().await;
        let stats = world.stats("note");
        assert_eq!((stats.stale_hits, stats.refreshes, stats.failed_refreshes), (1, 1, 0));
        let loads = stats.loads;
        let receipt = Receipt::new();
        assert_eq!(some(revalidated().receipt(&receipt), &world).await, "new");
        assert!(!receipt.is_stale());
        assert_eq!(world.stats("note").loads, loads, "the refresh was stored");
    }

    async fn beyond_the_span_an_entry_is_loaded_first(world) {
        aside(&world, revalidated()).await;
        pass(&world, HOUR + 11 * MINUTE).await;
        assert_eq!(some(revalidated(), &world).await, "new");
        assert_eq!(world.stats("note").stale_hits, 0);
    }

    async fn a_write_ends_an_entry_that_is_past_its_life(world) {
        aside(&world, revalidated()).await;
        pass(&world, HOUR + MINUTE).await;
        set_note(&world.repo, "a", "written").await;
        assert_eq!(some(revalidated(), &world).await, "written");
        assert_eq!(some(on_error(), &world).await, "written");
    }

    async fn a_refresh_that_loaded_before_a_write_stores_nothing_after_it(world) {
        let (world, gate) = gated(world, Checkpoint::Loaded).await;
        aside(&world, revalidated()).await;
        pass(&world, HOUR + MINUTE).await;
        gate.close();
        assert_eq!(some(revalidated(), &world).await, "old");
        gate.arrival().await;
        gate.open();
        let writer = other(&world).await;
        set_note(&writer, "a", "written").await;
        gate.pass();
        world.settle().await;
        for repo in [&world.repo, &writer] {
            assert_eq!(body(revalidated(), repo).await.as_deref(), Some("written"));
        }
    }

    async fn before_its_end_an_entry_is_refreshed_ahead(world) {
        let read = || Note::find_cached("a".to_owned()).ttl(HOUR).refresh_ahead(0.5);
        aside(&world, read()).await;
        pass(&world, 20 * MINUTE).await;
        assert_eq!(some(read(), &world).await, "old");
        world.settle().await;
        assert_eq!(world.stats("note").refreshes, 0, "it is not time yet");
        pass(&world, 20 * MINUTE).await;
        let receipt = Receipt::new();
        assert_eq!(some(read().receipt(&receipt), &world).await, "old");
        assert!(!receipt.is_stale());
        world.settle().await;
        assert_eq!(some(read(), &world).await, "new");
        let stats = world.stats("note");
        assert_eq!((stats.refreshes, stats.stale_hits, stats.misses), (1, 0, 1));
    }

    async fn an_entry_past_its_life_answers_if_the_database_fails(world) {
        aside(&world, on_error()).await;
        pass(&world, 2 * HOUR).await;
        rename_table(&world, "notes", "gone").await;
        let receipt = Receipt::new();
        assert_eq!(some(on_error().receipt(&receipt), &world).await, "old");
        assert!(receipt.is_stale());
        assert!(receipt.age().expect("it is told") >= 2 * HOUR - MINUTE);
        assert!(Note::find_cached("b".to_owned()).stale_if_error(HOUR).one(&world.repo).await.is_err());
        rename_table(&world, "gone", "notes").await;
        // The next attempt is put off for a moment.
        assert_eq!(some(on_error(), &world).await, "old");
        pass(&world, MINUTE).await;
        assert_eq!(some(on_error(), &world).await, "new");
        assert_eq!(world.stats("note").stale_on_error, 2);
    }

    async fn a_failing_database_is_asked_less_and_less(world) {
        aside(&world, on_error()).await;
        pass(&world, 2 * HOUR).await;
        rename_table(&world, "notes", "gone").await;
        let first = world.stats("note").loads;
        let mut asked = Vec::new();
        // Half a second between two reads, which is the first pause; each is twice as long as the one before.
        for _ in 0..16 {
            assert_eq!(some(on_error(), &world).await, "old");
            asked.push(world.stats("note").loads - first);
            world.clock.advance(Duration::from_millis(500));
        }
        assert_eq!(asked, [1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 5]);
    }

    async fn a_database_that_has_answered_again_is_asked_as_at_first(world) {
        aside(&world, on_error()).await;
        pass(&world, 2 * HOUR).await;
        rename_table(&world, "notes", "gone").await;
        for _ in 0..3 {
            assert_eq!(some(on_error(), &world).await, "old");
            world.settle().await;
            world.clock.advance(MINUTE);
        }
        rename_table(&world, "gone", "notes").await;
        assert_eq!(some(on_error(), &world).await, "new");
        world.settle().await;
        pass(&world, 2 * HOUR).await;
        rename_table(&world, "notes", "gone").await;
        let before = world.stats("note").loads;
        assert_eq!(some(on_error(), &world).await, "new");
        world.settle().await;
        world.clock.advance(Duration::from_millis(500));
        assert_eq!(some(on_error(), &world).await, "new");
        assert_eq!(world.stats("note").loads, before + 2, "the first pause is over");
    }

    async fn refreshes_that_fail_are_put_off(world) {
        aside(&world, revalidated()).await;
        pass(&world, HOUR + MINUTE).await;
        rename_table(&world, "notes", "gone").await;
        for _ in 0..3 {
            assert_eq!(some(revalidated(), &world).await, "old");
            world.settle().await;
        }
        let stats = world.stats("note");
        assert_eq!((stats.stale_hits, stats.refreshes, stats.failed_refreshes), (3, 1, 1));
        rename_table(&world, "gone", "notes").await;
        pass(&world, MINUTE).await;
        assert_eq!(some(revalidated(), &world).await, "old");
        world.settle().await;
        assert_eq!(some(revalidated(), &world).await, "new");
    }

    async fn many_readers_cost_one_refresh(world) {
        let (world, gate) = gated(world, Checkpoint::Loaded).await;
        let other = other(&world).await;
        aside(&world, revalidated()).await;
        pass(&world, HOUR + MINUTE).await;
        gate.close();
        assert_eq!(some(revalidated(), &world).await, "old");
        gate.arrival().await;
        for _ in 0..5 {
            assert_eq!(some(revalidated(), &world).await, "old");
            assert_eq!(body(revalidated(), &other).await.as_deref(), Some("old"));
        }
        if world.store.is_shared() {
            other.wait_idle().await;
            assert_eq!(other.stats().entity("note").expect("there").loads, 0);
        }
        gate.open();
        gate.pass();
        world.settle().await;
        assert_eq!(world.stats("note").refreshes, 1);
        assert_eq!(some(revalidated(), &world).await, "new");
    }

    async fn every_kind_of_read_is_served_past_its_life(world) {
        let repo = &world.repo;
        let order = add_order(repo, 1, 10).await;
        add_note(repo, "a", "old").await;
        let answers = async || {
            let span = 10 * MINUTE;
            let query = || Order::find().order_by_asc(order::Column::Id).cached().ttl(HOUR).stale_while_revalidate(span);
            let rows = query().all(repo).await.expect("read");
            let count = Order::find().filter(order::Column::Total.gt(15)).cached().ttl(HOUR).stale_while_revalidate(span);
            let index = Order::find_cached_by_customer_id(1).ttl(HOUR).stale_while_revalidate(span);
            let many = Order::find_cached_many([order.id, 77]).ttl(HOUR).stale_while_revalidate(span);
            let many = many.all(repo).await.expect("read");
            let totals = Order::find().select_only().column(order::Column::Total).into_tuple::<i64>().cached();
            let totals = totals.ttl(HOUR).stale_while_revalidate(span).all(repo).await.expect("read");
            let block = repo.read_cached("expiry", [], |db| async move {
                Ok(Order::find().all(&db).await?.len())
            });
            let block = block.ttl(HOUR).stale_while_revalidate(span).await.expect("read");
            (
                rows[0].total,
                count.count(repo).await.expect("read"),
                index.all(repo).await.expect("read").len(),
                many[0].as_ref().map(|order| order.total),
                totals[0],
                *block,
            )
        };
        let old = (10, 0, 1, Some(10), 10, 1);
        let new = (20, 2, 2, Some(20), 20, 2);
        assert_eq!(answers().await, old);
        world.settle().await;
        set_total(&world.raw, order.id, 20).await;
        add_order(&world.raw, 1, 30).await;
        assert_eq!(answers().await, old);
        pass(&world, HOUR + MINUTE).await;
        assert_eq!(answers().await, old, "served past their lives");
        world.settle().await;
        assert_eq!(answers().await, new, "and loaded anew");
        assert_eq!(world.stats("order").stale_hits, 6);
    }

    async fn a_list_of_keys_that_may_outlive_itself_is_stored_whole(world) {
        let order = add_order(&world.repo, 1, 10).await;
        let read = || Order::find_cached_by_customer_id(1).lists(Lists::Keys).ttl(HOUR).stale_while_revalidate(10 * MINUTE);
        let totals = async || {
            let rows = read().all(&world.repo).await.expect("read");
            world.settle().await;
            rows.iter().map(|order| order.total).collect::<Vec<_>>()
        };
        assert_eq!(totals().await, [10]);
        set_total(&world.raw, order.id, 20).await;
        let other = add_order(&world.raw, 1, 30).await;
        pass(&world, HOUR + MINUTE).await;
        assert_eq!(totals().await, [10], "of one moment");
        assert_eq!(totals().await, [20, 30]);
        set_total(&world.repo, other.id, 40).await;
        assert_eq!(totals().await, [20, 40]);
    }

    async fn many_rows_answer_if_the_database_fails(world) {
        let repo = &world.repo;
        for id in ["a", "b"] {
            add_note(repo, id, "old").await;
        }
        let read = |ids: &[&str]| {
            let ids = ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
            Note::find_cached_many(ids).ttl(HOUR).stale_if_error(24 * HOUR)
        };
        read(&["a", "b"]).all(repo).await.expect("read");
        world.settle().await;
        pass(&world, 2 * HOUR).await;
        rename_table(&world, "notes", "gone").await;
        let receipt = Receipt::new();
        let rows = read(&["b", "a"]).receipt(&receipt).all(repo).await.expect("answered by what was kept");
        let ids: Vec<_> = rows.iter().flatten().map(|note| note.id.as_str()).collect();
        assert_eq!(ids, ["b", "a"]);
        assert!(receipt.is_stale());
        assert!(read(&["c"]).all(repo).await.is_err(), "nothing was kept of this one");
        assert_eq!(world.stats("note").stale_on_error, 2);
    }

    async fn many_rows_past_their_lives_are_refreshed_by_one_query(world) {
        let repo = &world.repo;
        for id in ["a", "b", "c"] {
            add_note(repo, id, "old").await;
        }
        let bodies = async || {
            let read = Note::find_cached_many(["a", "b", "c"].map(str::to_owned));
            let read = read.ttl(HOUR).stale_while_revalidate(10 * MINUTE);
            let rows = read.all(repo).await.expect("read");
            rows.iter().flatten().map(|note| note.body.clone()).collect::<Vec<_>>()
        };
        assert_eq!(bodies().await, ["old"; 3]);
        world.settle().await;
        for id in ["a", "b", "c"] {
            set_note(&world.raw, id, "new").await;
        }
        pass(&world, HOUR + MINUTE).await;
        assert_eq!(bodies().await, ["old"; 3]);
        world.settle().await;
        let stats = world.stats("note");
        assert_eq!((stats.loads, stats.refreshes, stats.stale_hits), (2, 3, 3), "{stats:?}");
        assert_eq!(bodies().await, ["new"; 3]);
    }

    async fn absence_is_not_served_past_its_life(world) {
        assert_eq!(body(revalidated(), &world.repo).await, None);
        world.settle().await;
        add_note(&world.raw, "a", "new").await;
        assert_eq!(body(revalidated(), &world.repo).await, None);
        pass(&world, MINUTE).await;
        assert_eq!(some(revalidated(), &world).await, "new");
    }

    async fn the_cache_alone_loads_nothing_anew(world) {
        aside(&world, revalidated()).await;
        pass(&world, HOUR + MINUTE).await;
        assert_eq!(some(revalidated().cache_only(), &world).await, "old");
        world.settle().await;
        assert_eq!(world.stats("note").refreshes, 0);
        pass(&world, 10 * MINUTE).await;
        assert_eq!(body(revalidated().cache_only(), &world.repo).await, None);
    }

    async fn a_receipt_tells_where_an_answer_came_from(world) {
        add_note(&world.repo, "a", "old").await;
        let answered = async || {
            let receipt = Receipt::new();
            let read = Note::find_cached("a".to_owned()).ttl(HOUR).receipt(&receipt);
            body(read, &world.repo).await;
            world.settle().await;
            assert!(!receipt.is_stale());
            (receipt.answered_by(), receipt.age())
        };
        assert_eq!(answered().await, (Some(AnsweredBy::Database), Some(Duration::ZERO)));
        pass(&world, 20 * MINUTE).await;
        let (from, age) = answered().await;
        let expected = if world.store.is_shared() { AnsweredBy::Store } else { AnsweredBy::Memory };
        assert_eq!(from, Some(expected));
        let age = age.expect("it is told");
        // A lifetime is cut at random by up to a tenth, and is counted from where it began.
        assert!((20 * MINUTE..27 * MINUTE).contains(&age), "{age:?}");
        let queried = Receipt::new();
        let query = Note::find().filter(note::Column::Id.eq("a")).cached().receipt(&queried);
        query.all(&world.repo).await.expect("read");
        assert_eq!(queried.answered_by(), Some(AnsweredBy::Database));
        let bypassed = Receipt::new();
        body(Note::find_cached("a".to_owned()).bypass().receipt(&bypassed), &world.repo).await;
        assert_eq!(bypassed.answered_by(), Some(AnsweredBy::Database));
    }
}
