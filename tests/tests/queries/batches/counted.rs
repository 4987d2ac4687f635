//! What batches cost over Redis: round trips, and whom they wait for.

use cached_repo::{CachedQuery, Checkpoint};
use sea_orm::EntityTrait;
use tests::eventually::promptly;
use tests::faulty::Faulty;
use tests::pause::Gate;
use tests::rows::{add_note, add_order, add_user, set_note};
use tests::shop::{Note, Order, User};
use tests::traffic::Traffic;
use tests::{Database, Store, World};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_warm_batch_is_one_round_trip() {
    let faulty = Faulty::new().await;
    let repo = faulty.repo();
    let raw = &faulty.world.raw;
    add_note(raw, "n", "there").await;
    add_order(raw, 1, 5).await;
    let prepared = Order::find()
        .cached()
        .prepare(repo)
        .expect("it can be cached");
    let read = async || {
        repo.batch((
            Note::find_cached("n".to_owned()),
            Order::find_cached_by_customer_id(1),
            &prepared,
            Order::find().cached().counted(),
            Order::find().cached().page(0, 20),
            Note::find_cached_many(["n", "m", "o"].map(str::to_owned)),
        ))
        .await
        .expect("read")
    };
    read().await;
    repo.wait_idle().await;
    let mut traffic = Traffic::on(&faulty).await;
    let (_, counted) = traffic.of(read()).await;
    assert_eq!(counted.looks(), Some(1), "{counted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tags_of_rows_and_rows_behind_pointers_take_one_round_trip_more_each() {
    let faulty = Faulty::new().await;
    let repo = faulty.repo();
    let users = [
        add_user(&faulty.world.raw, "a@x").await,
        add_user(&faulty.world.raw, "b@x").await,
    ];
    let rows = async || {
        repo.batch(
            users
                .iter()
                .map(|user| User::find_cached(user.id))
                .collect::<Vec<_>>(),
        )
        .await
        .expect("read")
    };
    let lookups = async || {
        repo.batch((
            User::find_cached_by_email("a@x"),
            User::find_cached_by_email("b@x"),
        ))
        .await
        .expect("read")
    };
    rows().await;
    lookups().await;
    repo.wait_idle().await;
    let mut traffic = Traffic::on(&faulty).await;
    let (_, counted) = traffic.of(rows()).await;
    assert_eq!(counted.looks(), Some(2), "{counted:?}");
    let (_, counted) = traffic.of(lookups()).await;
    assert_eq!(counted.looks(), Some(3), "{counted:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cold_batch_looks_once_and_leases_and_stores_in_a_pipeline_each() {
    let faulty = Faulty::new().await;
    let repo = faulty.repo();
    for number in 0..20 {
        add_note(&faulty.world.raw, &format!("n{number}"), "there").await;
    }
    // The stamps of the table are there.
    Note::find_cached("none".to_owned())
        .one(repo)
        .await
        .expect("read");
    repo.wait_idle().await;
    let mut traffic = Traffic::on(&faulty).await;
    let read = async {
        let notes: Vec<_> = (0..20)
            .map(|number| Note::find_cached(format!("n{number}")))
            .collect();
        let notes = repo.batch(notes).await.expect("read");
        repo.wait_idle().await;
        notes
    };
    let before = faulty.world.stats("note").loads;
    let (notes, counted) = traffic.of(read).await;
    assert_eq!(notes.iter().flatten().count(), 20);
    assert_eq!(faulty.world.stats("note").loads - before, 1);
    let beats = counted.of("publish");
    assert_eq!(counted.round_trips - beats, 3, "{counted:?}");
    // To look, and for the stamps before the load; each script sets one entry.
    assert_eq!(
        (counted.of("mget"), counted.of("time")),
        (2, 1),
        "{counted:?}"
    );
    assert_eq!(
        (counted.of("set"), counted.of("evalsha") - beats),
        (40, 20),
        "{counted:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_of_a_batch_waits_for_another_process() {
    let world = World::new(Database::Sqlite, Store::Redis).await;
    let gate = Gate::at(Checkpoint::Loaded);
    let first = world
        .another_with(|builder| builder.checkpoints(gate.clone()))
        .await;
    add_note(&world.raw, "n", "there").await;
    set_note(&world.raw, "n", "here").await;
    gate.close();
    let leader = tokio::spawn(async move {
        let note = first.batch((Note::find_cached("n".to_owned()),)).await;
        first.wait_idle().await;
        note
    });
    promptly("the load", gate.arrival()).await;
    let repo = world.repo.clone();
    let waiting = tokio::spawn(async move {
        repo.batch((Note::find_cached("n".to_owned()), Order::find_cached(1)))
            .await
    });
    gate.open();
    gate.pass();
    let (led,) = promptly("the leader", leader)
        .await
        .expect("no panic")
        .expect("read");
    let (waited, order) = promptly("the batch", waiting)
        .await
        .expect("no panic")
        .expect("read");
    assert_eq!(waited, led);
    assert_eq!(
        (waited.expect("there").body.as_str(), order),
        ("here", None)
    );
}
