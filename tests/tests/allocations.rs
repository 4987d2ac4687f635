//! A row in this process's memory is handed out as it is: nothing is allocated for it, and nothing decoded.

use allocation_counter::{AllocationInfo, measure};
use cached_repo::CachedQuery;
use futures_util::FutureExt;
use sea_orm::{DbBackend, FromQueryResult, JsonValue, Statement};
use tests::pair::{Pair, stats};
use tests::rows::{add_note, add_order, note_of, total_of};
use tests::shop::{Note, Order};
use tests::{Database, Store, World};

/// What it costs to poll a read once, which must be enough.
fn cost<T>(read: impl Future<Output = T>) -> (T, AllocationInfo) {
    let mut answer = None;
    let info = measure(|| answer = read.now_or_never());
    (answer.expect("it waits for nothing"), info)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_copy_of_what_the_server_holds_costs_no_allocation() {
    let pair = Pair::new().await;
    pair.copied_note().await;
    let before = stats(&pair.here).memory_hits;
    let read = Note::find_cached("n".to_owned()).one(&pair.here);
    let (row, info) = cost(read);
    assert_eq!(row.expect("read").expect("there").body, "old");
    assert_eq!(stats(&pair.here).memory_hits, before + 1);
    // The key was a text of the caller's.
    assert_eq!((info.count_total, info.count_current), (0, -1), "{info:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_in_the_process_costs_no_allocation() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    let order = add_order(&world.repo, 7, 10).await;
    add_note(&world.repo, "n", "body").await;
    total_of(&world.repo, order.id).await;
    note_of(&world.repo, "n").await;
    note_of(&world.repo, "absent").await;
    let (row, info) = cost(Order::find_cached(order.id).one(&world.repo));
    assert_eq!(row.expect("read").expect("there").total, 10);
    assert_eq!(info.count_total, 0, "{info:?}");
    for (id, body) in [("n", Some("body")), ("absent", None)] {
        let (row, info) = cost(Note::find_cached(id.to_owned()).one(&world.repo));
        let row = row.expect("read");
        assert_eq!(row.as_ref().map(|row| row.body.as_str()), body);
        assert_eq!(info.count_total, 0, "{info:?}");
    }
}

/// What a hit costs of a query whose text has about so many bytes.
async fn cost_of_a_hit(world: &World, bytes: usize) -> u64 {
    let sql = format!("SELECT * FROM notes WHERE id <> '{}'", "-".repeat(bytes));
    let query = || {
        let statement = Statement::from_string(DbBackend::Sqlite, &sql);
        JsonValue::find_by_statement(statement).cached()
    };
    query().all(&world.repo).await.expect("read");
    world.repo.wait_idle().await;
    let hit = query();
    let (rows, info) = cost(hit.all(&world.repo));
    assert_eq!(rows.expect("read").len(), 1);
    info.count_total
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hit_of_a_long_text_costs_no_more_than_that_of_a_short_one() {
    let world = World::new(Database::Sqlite, Store::Memory).await;
    add_note(&world.repo, "n", "body").await;
    let short = cost_of_a_hit(&world, 1_000).await;
    for bytes in [10_000, 20_000, 200_000] {
        assert_eq!(cost_of_a_hit(&world, bytes).await, short, "{bytes} bytes");
    }
}
