//! Readers that share a load which began before a write that they must see. Found by the staleness checker.

use cached_repo::{CachedRepo, Checkpoint};
use futures_util::future::{Either, select};
use sea_orm::{ActiveModelTrait, IntoActiveModel, Set, TransactionTrait};
use std::pin::Pin;
use tests::eventually::{eventually, promptly};
use tests::matrix;
use tests::pause::Gate;
use tests::rows::{add_order, add_user, rename, set_total, total_of};
use tests::shop::{Note, Shop, User};
use tests::{Database, Store};

/// What a reader gets that begins after `write`, while a reader that began before it still holds what it has loaded.
async fn late<T, R, W>(
    world: &tests::World,
    read: impl Fn(CachedRepo<Shop>) -> R,
    write: impl FnOnce(CachedRepo<Shop>) -> W,
) -> T
where
    T: Send + 'static,
    R: Future<Output = T> + Send + 'static,
    W: Future<Output = ()>,
{
    let gate = Gate::at(Checkpoint::Loaded);
    let repo = world
        .another_with(|builder| builder.checkpoints(gate.clone()))
        .await;
    gate.close();
    let leader = tokio::spawn(read(repo.clone()));
    gate.arrival().await;
    gate.open();
    write(repo.clone()).await;
    let late = settled(&repo, Box::pin(read(repo.clone()))).await;
    gate.pass();
    promptly("the leader", leader).await.expect("no panic");
    match late {
        Either::Left(answer) => answer,
        Either::Right(reader) => promptly("the late reader", reader).await,
    }
}

/// Lets a reader go until it has its answer or waits for a leader: the store answers in order, so it has answered the reader
/// before it answers the read of another key.
async fn settled<T, R>(repo: &CachedRepo<Shop>, mut reader: Pin<Box<R>>) -> Either<T, Pin<Box<R>>>
where
    R: Future<Output = T>,
{
    for _ in 0..2 {
        let another = Box::pin(Note::find_cached("another".to_owned()).one(repo));
        match select(reader, another).await {
            Either::Left((answer, _)) => return Either::Left(answer),
            Either::Right((read, waiting)) => {
                read.expect("read");
                reader = waiting;
            }
        }
    }
    Either::Right(reader)
}

matrix! {
    /// The fill of a pointer is followed by that of its row. A write between the two invalidates what the leader has loaded,
    /// and the flight still says that its fill has succeeded.
    async fn a_lookup_takes_no_row_from_a_leader_that_still_fills_another_key(world) {
        if world.store == Store::Memory {
            // Both are filled at one moment.
            return;
        }
        let ada = add_user(&world.raw, "ada@example.org").await;
        let gate = Gate::at(Checkpoint::Loaded);
        let repo = world.another_with(|builder| builder.checkpoints(gate.clone())).await;
        // Cached, it is a read that needs no connection to the database.
        let cached = async || {
            Note::find_cached("another".to_owned()).one(&repo).await.expect("read");
            repo.stats().entity("note").expect("there").hits > 0
        };
        eventually("it is cached", cached).await;
        gate.close();
        let read = |repo: CachedRepo<Shop>| async move {
            let row = User::find_cached_by_email("ada@example.org").one(&repo).await;
            row.expect("read").map(|user| user.name.clone())
        };
        let leader = tokio::spawn(read(repo.clone()));
        gate.arrival().await;
        gate.open();
        // The pointer is filled, and then the row waits for a connection.
        let mut busy = Vec::new();
        for _ in 0..if world.database == Database::Sqlite { 4 } else { 8 } {
            busy.push(repo.begin().await.expect("begun"));
        }
        gate.pass();
        promptly("the leader", leader).await.expect("no panic");
        let filled = async || repo.stats().entity("user").expect("there").fills == 1;
        eventually("the pointer is filled", filled).await;
        let mut change = ada.into_active_model();
        change.name = Set("Ada King".to_owned());
        // The email is set as well, so that the pointer itself is invalidated.
        change.email = Set("ada@example.org".to_owned());
        change.update(&world.repo).await.expect("the user is updated");
        let late = settled(&repo, Box::pin(read(repo.clone()))).await;
        for transaction in busy {
            transaction.rollback().await.expect("rolled back");
        }
        let name = match late {
            Either::Left(answer) => answer,
            Either::Right(reader) => promptly("the late reader", reader).await,
        };
        assert_eq!(name.as_deref(), Some("Ada King"));
    }

    /// The pointer of a login that stays is not invalidated: that its fill succeeds says nothing about the row.
    async fn a_lookup_takes_no_row_that_was_loaded_before_a_write(world) {
        let ada = add_user(&world.raw, "ada@example.org").await;
        let name = |repo: CachedRepo<Shop>| async move {
            let row = User::find_cached_by_email("ada@example.org").one(&repo).await;
            row.expect("read").map(|user| user.name.clone())
        };
        let name = late(&world, name, |repo| async move { rename(&repo, &ada, "Ada King").await }).await;
        assert_eq!(name.as_deref(), Some("Ada King"));
    }

    /// A tag that only the row names, and that nobody has stamped yet, makes the leader load twice. What it stores is the
    /// second row; what it hands to others must not be the first.
    async fn a_reader_takes_no_row_whose_fill_had_to_load_again(world) {
        let ada = add_user(&world.raw, "ada@example.org").await;
        let order = add_order(&world.raw, ada.id, 1).await.id;
        let total = move |repo: CachedRepo<Shop>| async move { total_of(&repo, order).await };
        let raw = world.raw.clone();
        // The order changes by the user's change, as a trigger would do it; an edge says so.
        let write = |repo| async move {
            set_total(&raw, order, 2).await;
            rename(&repo, &ada, "Ada King").await;
        };
        assert_eq!(late(&world, total, write).await, Some(2));
    }
}
