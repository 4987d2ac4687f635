//! Transactions that are tried again.

use cached_repo::transaction::RetryPolicy;
use cached_repo::{CachedTransaction, Checkpoint, Error, ErrorKind};
use sea_orm::{ActiveModelTrait, ConnectionTrait, DbErr, EntityTrait, Set, TransactionTrait};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use tests::scene::{a_user, bound};
use tests::shop::{Shop, User, user};
use tests::{Database, Read, Scene, matrix};
use tokio::sync::{Barrier, Mutex};

async fn rename(id: i64, name: &str, db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let user = user::ActiveModel {
        id: Set(id),
        name: Set(name.to_owned()),
        ..Default::default()
    };
    user.update_without_returning(db).await.map(|_| ())
}

/// Two writers that meet after their first step, each of which keeps the other from its second.
async fn collide<F, G>(scene: &Scene, first: F, second: G)
where
    F: AsyncFn(&CachedTransaction<Shop>, &str) -> Result<(), DbErr>,
    G: AsyncFn(&CachedTransaction<Shop>, &str) -> Result<(), DbErr>,
{
    let both = Barrier::new(2);
    let one = run(scene, &both, "one", &first, &second);
    let other = run(scene, &both, "other", &second, &first);
    let (one, other) = tokio::join!(one, other);
    one.expect("committed");
    other.expect("committed");
    let stats = scene.repo().stats().transactions;
    assert_eq!((stats.committed, stats.failed), (2, 0), "{stats:?}");
    assert!(stats.retried >= 1, "they have met: {stats:?}");
}

async fn run<F, G>(
    scene: &Scene,
    both: &Barrier,
    name: &str,
    first: &F,
    second: &G,
) -> Result<(), Error>
where
    F: AsyncFn(&CachedTransaction<Shop>, &str) -> Result<(), DbErr>,
    G: AsyncFn(&CachedTransaction<Shop>, &str) -> Result<(), DbErr>,
{
    let met = AtomicBool::new(false);
    let work = async |transaction: &CachedTransaction<Shop>| {
        first(transaction, name).await?;
        if !met.swap(true, Ordering::SeqCst) {
            both.wait().await;
        }
        second(transaction, name).await?;
        Ok(())
    };
    scene.repo().transaction_retry_async(work).await
}

/// What may run on another thread.
fn sent<T: Send>(future: T) -> T {
    future
}

/// A statement that the database refuses for the time being, while `users` 1 is written by somebody else.
async fn be_refused(scene: &Scene, transaction: &CachedTransaction<Shop>) -> Result<(), Error> {
    match scene.world.database {
        // Who has read may not wait.
        Database::Sqlite => {
            User::find_by_id(1).one(transaction).await?;
            rename(2, "Nobody", transaction).await?;
        }
        Database::Postgres => {
            let sql = "DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$";
            transaction.execute_unprepared(sql).await?;
        }
        Database::MariaDb => {
            let sql = "SELECT id FROM users WHERE id = ? FOR UPDATE NOWAIT";
            transaction
                .query_one_raw(bound(&scene.world, sql, [1_i64.into()]))
                .await?;
        }
    }
    Ok(())
}

matrix! {
    async fn two_writers_in_a_deadlock_both_commit(world) {
        if world.database == Database::Sqlite {
            // One writer at a time.
            return;
        }
        let scene = Scene::cached(world).await;
        let first = async |transaction: &CachedTransaction<Shop>, name: &str| rename(1, name, transaction).await;
        let second = async |transaction: &CachedTransaction<Shop>, name: &str| rename(2, name, transaction).await;
        collide(&scene, first, second).await;
        let (ada, bob) = (scene.user(1).await, scene.user(2).await);
        assert_eq!(ada.name, bob.name, "the last one wrote both");
        scene.assert_fresh().await;
    }

    async fn two_writers_that_cannot_be_put_in_order_both_commit(world) {
        if world.database != Database::Postgres {
            return;
        }
        let scene = Scene::cached(world).await;
        let both = Barrier::new(2);
        // Each reads everybody and writes one: together that is no order of the two.
        let skew = async |id: i64| {
            let met = AtomicBool::new(false);
            let work = async |transaction: &CachedTransaction<Shop>| {
                transaction.execute_unprepared("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE").await?;
                let users = User::find().all(transaction).await?;
                if !met.swap(true, Ordering::SeqCst) {
                    both.wait().await;
                }
                let sum: i64 = users.iter().map(|user| user.tenant_id).sum();
                let user = user::ActiveModel { id: Set(id), tenant_id: Set(sum), ..Default::default() };
                user.update_without_returning(transaction).await?;
                Ok(())
            };
            scene.repo().transaction_retry_async(work).await
        };
        let (one, other) = tokio::join!(skew(1), skew(2));
        one.expect("committed");
        other.expect("committed");
        let stats = scene.repo().stats().transactions;
        assert_eq!((stats.committed, stats.failed), (2, 0), "{stats:?}");
        assert!(stats.retried >= 1, "{stats:?}");
        let tenants = (scene.user(1).await.tenant_id, scene.user(2).await.tenant_id);
        assert!(tenants == (22, 37) || tenants == (37, 22), "one after the other: {tenants:?}");
        scene.assert_fresh().await;
    }

    async fn two_writers_of_a_busy_file_both_commit(world) {
        if world.database != Database::Sqlite {
            return;
        }
        let scene = Scene::cached(world).await;
        let read = async |transaction: &CachedTransaction<Shop>, _: &str| {
            User::find_by_id(1).one(transaction).await.map(|_| ())
        };
        let both = Barrier::new(2);
        let write = async |transaction: &CachedTransaction<Shop>, name: &str| rename(1, name, transaction).await;
        let (one, other) = tokio::join!(
            run(&scene, &both, "one", &read, &write),
            run(&scene, &both, "other", &read, &write),
        );
        one.expect("committed");
        other.expect("committed");
        let stats = scene.repo().stats().transactions;
        assert_eq!((stats.committed, stats.failed), (2, 0), "{stats:?}");
        assert!(stats.retried >= 1, "{stats:?}");
        scene.assert_fresh().await;
    }

    async fn a_transaction_that_meets_nobody_is_run_once(world) {
        let scene = Scene::cached(world).await;
        let runs = AtomicU32::new(0);
        let work = async |transaction: &CachedTransaction<Shop>| {
            runs.fetch_add(1, Ordering::SeqCst);
            Ok(a_user("new@x", 9).insert(transaction).await?)
        };
        assert_eq!(scene.repo().transaction_retry_async(work).await.expect("committed").id, 4);
        let stats = scene.repo().stats().transactions;
        assert_eq!((runs.into_inner(), stats.committed, stats.retried, stats.failed), (1, 1, 0, 0));
        scene.assert_fresh().await;
    }

    async fn a_transaction_that_is_always_refused_ends_with_the_databases_error(world) {
        let scene = Scene::cached(world).await;
        let holder = scene.world.raw.begin().await.expect("begun");
        rename(1, "Somebody", &holder).await.expect("updated");
        let runs = AtomicU32::new(0);
        let work = async |transaction: &CachedTransaction<Shop>| {
            runs.fetch_add(1, Ordering::SeqCst);
            be_refused(&scene, transaction).await
        };
        let pauses = Duration::from_millis(1);
        let policy = RetryPolicy::default().attempts(3).pauses(pauses, pauses);
        let error = scene.repo().transaction_retry_with_async(policy, work).await.expect_err("refused");
        holder.rollback().await.expect("rolled back");
        assert_eq!(error.kind(), ErrorKind::RetriesExhausted, "{error}");
        assert!(matches!(error.database(), Some(DbErr::Exec(_) | DbErr::Query(_))), "{error}");
        let stats = scene.repo().stats().transactions;
        assert_eq!((runs.into_inner(), stats.committed, stats.retried, stats.failed), (3, 0, 2, 1));
        scene.assert_fresh().await;
    }

    async fn a_closure_in_the_form_of_seaorms_own_is_tried_again(world) {
        let scene = Arc::new(Scene::cached(world).await);
        let holder = scene.world.raw.begin().await.expect("begun");
        rename(1, "Somebody", &holder).await.expect("updated");
        let held = Arc::new((AtomicU32::new(0), Mutex::new(Some(holder))));
        let (seen, refusing) = (Arc::clone(&scene), Arc::clone(&held));
        let pauses = Duration::from_millis(1);
        let policy = RetryPolicy::default().pauses(pauses, pauses);
        let inserted = scene.repo().transaction_retry_with(policy, move |transaction| {
            let (scene, held) = (Arc::clone(&seen), Arc::clone(&refusing));
            Box::pin(async move {
                if held.0.fetch_add(1, Ordering::SeqCst) == 0 {
                    let refused = be_refused(&scene, transaction).await;
                    held.1.lock().await.take().expect("held").rollback().await?;
                    refused?;
                }
                Ok(a_user("new@x", 9).insert(transaction).await?)
            })
        });
        assert_eq!(sent(inserted).await.expect("committed").id, 4);
        let stats = scene.repo().stats().transactions;
        assert_eq!((held.0.load(Ordering::SeqCst), stats.committed, stats.retried, stats.failed), (2, 1, 1, 0));
        let deleted = scene.repo().transaction_retry(|transaction| Box::pin(async move {
            User::delete_cached(4, transaction).await
        }));
        assert!(deleted.await.expect("committed"));
        scene.assert_fresh().await;
    }

    async fn one_attempt_is_made_at_least(world) {
        let scene = Scene::cached(world).await;
        let work = async |transaction: &CachedTransaction<Shop>| Ok(rename(1, "Somebody", transaction).await?);
        let policy = RetryPolicy::default().attempts(0);
        scene.repo().transaction_retry_with_async(policy, work).await.expect("committed");
        scene.assert_fresh().await;
    }

    async fn a_transaction_whose_time_is_over_is_rolled_back(world) {
        let scene = Scene::cached(world).await;
        let work = async |transaction: &CachedTransaction<Shop>| {
            rename(1, "Somebody", transaction).await?;
            std::future::pending::<Result<(), Error>>().await
        };
        let policy = RetryPolicy::default().limit(Duration::from_millis(300));
        let error = scene.repo().transaction_retry_with_async(policy, work).await.expect_err("it never ends");
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{error}");
        assert_eq!(scene.cold().await, []);
        let stats = scene.repo().stats().transactions;
        assert_eq!((stats.committed, stats.retried, stats.failed), (0, 0, 1));
        // Nobody holds the row.
        rename(1, "Ada Lovelace", scene.repo()).await.expect("updated");
        scene.assert_fresh().await;
    }

    async fn a_transaction_whose_time_is_over_in_its_commit_may_have_happened(world) {
        let (scene, gate) = Scene::gated(world, Checkpoint::Locked).await;
        gate.close();
        let work = async |transaction: &CachedTransaction<Shop>| Ok(rename(1, "Somebody", transaction).await?);
        let policy = RetryPolicy::default().limit(Duration::from_secs(3));
        let retried = scene.repo().transaction_retry_with_async(policy, work);
        let error = retried.await.expect_err("the commit is held");
        assert_eq!(error.kind(), ErrorKind::OutcomeUnknown, "{error}");
        assert!(error.to_string().contains("may have taken effect"), "{error}");
        gate.arrival().await;
        gate.open();
        gate.pass();
        tests::eventually::eventually("the commit takes effect", async || {
            scene.user(1).await.name == "Somebody"
        }).await;
    }

    async fn an_error_of_the_program_is_not_tried_again(world) {
        let scene = Scene::cached(world).await;
        let runs = AtomicU32::new(0);
        let work = async |transaction: &CachedTransaction<Shop>| {
            runs.fetch_add(1, Ordering::SeqCst);
            rename(1, "Somebody", transaction).await?;
            Err::<(), _>(Error::application(std::io::Error::other("no")))
        };
        let error = scene.repo().transaction_retry_async(work).await.expect_err("it says so");
        assert_eq!(error.kind(), ErrorKind::Application, "{error}");
        assert!(std::error::Error::source(&error).is_some_and(|source| source.to_string() == "no"));
        let stats = scene.repo().stats().transactions;
        assert_eq!((runs.into_inner(), stats.committed, stats.retried, stats.failed), (1, 0, 0, 1));
        assert_eq!(scene.cold().await, []);
        scene.assert_fresh().await;
    }

    async fn a_row_that_is_refused_for_good_is_not_tried_again(world) {
        let scene = Scene::cached(world).await;
        let runs = AtomicU32::new(0);
        let work = async |transaction: &CachedTransaction<Shop>| {
            runs.fetch_add(1, Ordering::SeqCst);
            a_user("ada@x", 9).insert(transaction).await?;
            Ok(())
        };
        let error = scene.repo().transaction_retry_async(work).await.expect_err("the email is taken");
        assert_eq!((error.kind(), runs.into_inner()), (ErrorKind::Database, 1), "{error}");
        assert!(error.database().is_some());
        assert_eq!(scene.cold().await, []);
    }

    async fn an_attempt_that_was_rolled_back_leaves_nothing_in_the_cache(world) {
        let scene = Scene::cached(world).await;
        let holder = scene.world.raw.begin().await.expect("begun");
        rename(1, "Somebody", &holder).await.expect("updated");
        let first = AtomicBool::new(true);
        let holder = tokio::sync::Mutex::new(Some(holder));
        let work = async |transaction: &CachedTransaction<Shop>| {
            if first.swap(false, Ordering::SeqCst) {
                let answer = be_refused(&scene, transaction).await;
                let holder = holder.lock().await.take().expect("taken once");
                holder.rollback().await?;
                return answer;
            }
            Ok(rename(3, "Eve", transaction).await?)
        };
        scene.repo().transaction_retry_async(work).await.expect("committed");
        let stats = scene.repo().stats().transactions;
        assert_eq!((stats.committed, stats.retried, stats.failed), (1, 1, 0));
        assert!(!Read::User(3).is_cached(scene.repo()).await);
        // What has PostgreSQL refuse is SQL that cannot be read.
        let precise = scene.world.database != Database::Postgres;
        assert_eq!(Read::User(2).is_cached(scene.repo()).await, precise, "the first attempt wrote nothing");
        scene.assert_fresh().await;
    }
}
