//! Several processes that miss one key: one loads, the others wait to be told (rule 4).

use cached_repo::stats::EntityStats;
use cached_repo::{CachedRepo, Checkpoint, RepoBuilder};
use std::sync::Arc;
use std::time::Duration;
use tests::eventually::{eventually, promptly};
use tests::faulty::command;
use tests::pause::Gate;
use tests::rows::{add_note, note_of, set_note};
use tests::shop::{Note, Shop};
use tests::{Database, Store, World};
use tokio::time::Instant;

/// Processes over one server, the first of which is held at a gate while it loads.
struct Herd {
    world: World,
    gate: Arc<Gate>,
    first: CachedRepo<Shop>,
    others: Vec<CachedRepo<Shop>>,
}

impl Herd {
    async fn new(settings: fn(RepoBuilder<Shop>) -> RepoBuilder<Shop>) -> Self {
        let world = World::new(Database::Postgres, Store::Redis).await;
        add_note(&world.raw, "n", "there").await;
        let gate = Gate::at(Checkpoint::Loaded);
        let held = |builder: RepoBuilder<Shop>| settings(builder).checkpoints(gate.clone());
        let first = world.another_with(held).await;
        let mut others = Vec::new();
        for _ in 0..3 {
            others.push(world.another_with(settings).await);
        }
        gate.close();
        Self {
            world,
            gate,
            first,
            others,
        }
    }

    /// What lies under the note's key.
    async fn held(&self) -> Option<Vec<u8>> {
        let server = testkit::shared::redis().expect("Redis is there");
        let key = format!("{}:r:note:=n", self.world.namespace());
        match command(server.url(), &["GET", &key]).await {
            redis::Value::BulkString(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// Returns when somebody waits for the lease.
    async fn awaited(&self) {
        eventually("somebody waits", async || {
            self.held().await.is_some_and(|held| held.len() == 18)
        })
        .await;
    }

    fn stats(&self) -> Vec<EntityStats> {
        let all = std::iter::once(&self.first).chain(&self.others);
        let of = |repo: &CachedRepo<Shop>| repo.stats().entity("note").expect("there").clone();
        all.map(of).collect()
    }

    fn loads(&self) -> u64 {
        self.stats().iter().map(|stats| stats.loads).sum()
    }
}

fn patiently(builder: RepoBuilder<Shop>) -> RepoBuilder<Shop> {
    builder.wait_time(Duration::from_secs(30))
}

fn spawn(repo: &CachedRepo<Shop>) -> tokio::task::JoinHandle<Option<String>> {
    let repo = repo.clone();
    tokio::spawn(async move { note_of(&repo, "n").await })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_process_loads_and_the_others_are_told() {
    let herd = Herd::new(patiently).await;
    let mut readers = vec![spawn(&herd.first)];
    promptly("the way to the gate", herd.gate.arrival()).await;
    for other in &herd.others {
        readers.extend((0..5).map(|_| spawn(other)));
    }
    herd.awaited().await;
    herd.gate.pass();
    for reader in readers {
        let read = promptly("a reader that waits", reader).await;
        assert_eq!(read.expect("no panic").as_deref(), Some("there"));
    }
    assert_eq!(herd.loads(), 1, "{:?}", herd.stats());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_ends_the_wait() {
    let herd = Herd::new(patiently).await;
    let first = spawn(&herd.first);
    promptly("the way to the gate", herd.gate.arrival()).await;
    let waiting = spawn(&herd.others[0]);
    herd.awaited().await;
    set_note(&herd.others[1], "n", "new").await;
    let read = promptly("the reader that waited", waiting).await;
    // It began before the write, and the lock has ended its wait: it may have read before the commit.
    let read = read.expect("no panic").expect("a note");
    assert!(["there", "new"].contains(&read.as_str()), "{read}");
    assert_eq!(note_of(&herd.others[0], "n").await.as_deref(), Some("new"));
    herd.gate.pass();
    first.await.expect("no panic");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalidation_by_hand_ends_the_wait() {
    let herd = Herd::new(|builder| patiently(builder).lease_time(Duration::from_secs(60))).await;
    let first = spawn(&herd.first);
    promptly("the way to the gate", herd.gate.arrival()).await;
    let waiting = spawn(&herd.others[0]);
    herd.awaited().await;
    Note::invalidate("n".to_owned(), &herd.others[1])
        .await
        .expect("delivered");
    let read = promptly("the reader that waited", waiting).await;
    assert_eq!(read.expect("no panic").as_deref(), Some("there"));
    herd.gate.pass();
    first.await.expect("no panic");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_load_that_takes_long_keeps_its_lease() {
    let herd = Herd::new(patiently).await;
    let first = spawn(&herd.first);
    promptly("the way to the gate", herd.gate.arrival()).await;
    let lease = herd.held().await.expect("a lease");
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_millis(2500) {
        assert_eq!(
            herd.held().await.as_ref(),
            Some(&lease),
            "{:?}",
            begun.elapsed()
        );
    }
    herd.gate.pass();
    first.await.expect("no panic");
    herd.first.wait_idle().await;
    assert_eq!(herd.stats()[0].fills, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_lease_of_a_process_that_died_ends_soon() {
    let herd = Herd::new(|builder| {
        let long = Duration::from_secs(60);
        builder.wait_time(long).lease_time(long)
    })
    .await;
    let (first, gate) = (herd.first.clone(), herd.gate.clone());
    let death = move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.spawn(async move { note_of(&first, "n").await });
        runtime.block_on(promptly("the way to the gate", gate.arrival()));
        runtime.shutdown_background();
    };
    std::thread::spawn(death).join().expect("no panic");
    let begun = Instant::now();
    let read = promptly("a reader behind a dead one", note_of(&herd.others[0], "n")).await;
    assert_eq!(read.as_deref(), Some("there"));
    // It was neither the reader's patience nor the time of a lease that has ended.
    assert!(
        begun.elapsed() < Duration::from_secs(45),
        "{:?}",
        begun.elapsed()
    );
    herd.others[0].wait_idle().await;
    assert_eq!(herd.stats()[1].fills, 1, "and it has filled");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_will_not_wait_asks_the_database() {
    let herd = Herd::new(|builder| builder.wait_time(Duration::ZERO)).await;
    let first = spawn(&herd.first);
    promptly("the way to the gate", herd.gate.arrival()).await;
    let read = promptly("a reader", note_of(&herd.others[0], "n")).await;
    assert_eq!(read.as_deref(), Some("there"));
    assert_eq!(herd.loads(), 2);
    herd.gate.pass();
    first.await.expect("no panic");
}
