//! Leases of lists while their rows are stored.

use super::of;
use cached_repo::{Checkpoint, RepoBuilder, config::Lists};
use std::time::Duration;
use tests::eventually::promptly;
use tests::faulty::command;
use tests::pause::Gate;
use tests::rows::add_order;
use tests::shop::{Order, Shop};
use tests::{Database, Store, World};
use tokio::time::Instant;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lists_of_a_batch_keep_their_leases_while_their_rows_are_loaded() {
    let world = World::new(Database::Sqlite, Store::Redis).await;
    for customer in [1, 2] {
        add_order(&world.repo, customer, 10).await;
    }
    let gate = Gate::at(Checkpoint::Loaded);
    let held = |builder: RepoBuilder<Shop>| builder.checkpoints(gate.clone());
    let repo = world.another_with(held).await;
    let leases = async || {
        let server = testkit::shared::redis().expect("Redis is there");
        let names = format!("{}:i:order:*", world.namespace());
        match command(server.url(), &["KEYS", &names]).await {
            redis::Value::Array(names) => names.len(),
            other => panic!("{other:?}"),
        }
    };
    gate.close();
    let reader = repo.clone();
    let reading = tokio::spawn(async move {
        let list = |customer| Order::find_cached_by_customer_id(customer).lists(Lists::Keys);
        reader.batch((list(1), list(2))).await
    });
    promptly("the lists are loaded", gate.arrival()).await;
    gate.pass();
    for _ in 0..2 {
        promptly("a row is loaded", gate.arrival()).await;
    }
    let begun = Instant::now();
    // A lease that nobody renews lives for a second.
    while begun.elapsed() < Duration::from_millis(2500) {
        assert_eq!(leases().await, 2, "{:?}", begun.elapsed());
    }
    gate.open();
    // The row of each list has a load of its own.
    for _ in 0..2 {
        gate.pass();
    }
    reading.await.expect("no panic").expect("read");
    repo.wait_idle().await;
    let loads = repo.stats().entity("order").expect("there").loads;
    for customer in [1, 2] {
        assert_eq!(of(&repo, customer).await.len(), 1);
    }
    let again = repo.stats().entity("order").expect("there").loads;
    assert_eq!(again, loads, "both lists were stored");
}
