//! Transactions in each of SeaORM's forms.

use sea_orm::{
    AccessMode, ActiveModelTrait, ConnectionTrait, DbErr, IsolationLevel, Set,
    SqliteTransactionMode, TransactionError, TransactionOptions, TransactionSession,
    TransactionTrait,
};
use tests::scene::a_user;
use tests::shop::{User, user};
use tests::{Database, Scene, World, matrix};

async fn rename(id: i64, name: &str, db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let user = user::ActiveModel {
        id: Set(id),
        name: Set(name.to_owned()),
        ..Default::default()
    };
    user.update(db).await.map(drop)
}

async fn name(id: i64, scene: &Scene) -> String {
    let user = User::find_cached(id).one(scene.repo()).await;
    user.expect("read").expect("there").name.clone()
}

fn enough() -> DbErr {
    DbErr::Custom("enough".into())
}

fn is_enough<T>(answer: Result<T, TransactionError<DbErr>>) -> bool {
    matches!(answer, Err(TransactionError::Transaction(DbErr::Custom(text))) if text == "enough")
}

/// Whether the database keeps a transaction from writing that was begun to read; SQLite knows no such thing.
fn keeps_from_writing(world: &World) -> bool {
    world.database != Database::Sqlite
}

matrix! {
    async fn an_async_closure_is_committed_if_it_succeeds(world) {
        let scene = Scene::cached(world).await;
        let found = scene.repo().transaction_async::<_, _, DbErr>(async |transaction| {
            rename(1, "Ada Lovelace", transaction).await?;
            Ok(User::find_cached(1).one(transaction).await?)
        });
        let found = found.await.expect("committed").expect("there");
        assert_eq!(found.name, "Ada Lovelace", "it sees what it wrote");
        assert_eq!(name(1, &scene).await, "Ada Lovelace");
        scene.assert_fresh().await;
    }

    async fn an_async_closure_is_rolled_back_if_it_fails(world) {
        let scene = Scene::cached(world).await;
        let answer = scene.repo().transaction_async(async |transaction| {
            rename(1, "Nobody", transaction).await?;
            Err::<(), _>(enough())
        });
        assert!(is_enough(answer.await));
        assert_eq!(scene.cold().await, [], "what did not happen invalidates nothing");
        scene.assert_fresh().await;
    }

    async fn a_boxed_closure_is_committed_or_rolled_back(world) {
        let scene = Scene::cached(world).await;
        scene.repo().transaction::<_, _, DbErr>(|transaction| {
            Box::pin(async move { rename(1, "Ada Lovelace", transaction).await })
        }).await.expect("committed");
        assert_eq!(name(1, &scene).await, "Ada Lovelace");
        let answer = scene.repo().transaction::<_, (), DbErr>(|transaction| {
            Box::pin(async move {
                rename(1, "Nobody", transaction).await?;
                Err(enough())
            })
        }).await;
        assert!(is_enough(answer));
        assert_eq!(name(1, &scene).await, "Ada Lovelace");
        scene.assert_fresh().await;
    }

    async fn closures_in_closures_are_savepoints(world) {
        let scene = Scene::cached(world).await;
        scene.repo().transaction_async::<_, _, DbErr>(async |outer| {
            rename(1, "Ada Lovelace", outer).await?;
            let failed = outer.transaction_async(async |inner| {
                rename(2, "Nobody", inner).await?;
                inner.transaction_async::<_, _, DbErr>(async |innermost| rename(3, "Nobody", innermost).await)
                    .await
                    .map_err(|_| DbErr::Custom("the innermost one is released".into()))?;
                Err::<(), _>(enough())
            });
            assert!(is_enough(failed.await));
            outer.transaction_with_config_async::<_, _, DbErr>(
                async |inner| rename(3, "Eve Adams", inner).await, None, None,
            ).await.map_err(|_| DbErr::Custom("the second one is released".into()))
        }).await.expect("committed");
        assert_eq!(name(1, &scene).await, "Ada Lovelace");
        assert_eq!(name(2, &scene).await, "Ada", "its savepoint was gone back to");
        assert_eq!(name(3, &scene).await, "Eve Adams");
        scene.assert_fresh().await;
    }

    async fn isolation_and_access_hold_for_async_closures(world) {
        let keeps = keeps_from_writing(&world);
        let scene = Scene::cached(world).await;
        let serializable = Some(IsolationLevel::Serializable);
        scene.repo().transaction_with_config_async::<_, _, DbErr>(
            async |transaction| rename(1, "Ada Lovelace", transaction).await,
            serializable, Some(AccessMode::ReadWrite),
        ).await.expect("committed");
        assert_eq!(name(1, &scene).await, "Ada Lovelace");
        let reads = scene.repo().transaction_with_config_async::<_, _, DbErr>(
            async |transaction| rename(2, "Bob Hope", transaction).await,
            None, Some(AccessMode::ReadOnly),
        ).await;
        assert_eq!(reads.is_err(), keeps, "{reads:?}");
        scene.assert_fresh().await;
    }

    async fn isolation_and_access_hold_for_boxed_closures(world) {
        let keeps = keeps_from_writing(&world);
        let scene = Scene::cached(world).await;
        let answer = scene.repo().transaction_with_config::<_, _, DbErr>(
            |transaction| Box::pin(async move { rename(1, "Ada Lovelace", transaction).await }),
            Some(IsolationLevel::RepeatableRead), Some(AccessMode::ReadOnly),
        ).await;
        assert_eq!(answer.is_err(), keeps, "{answer:?}");
        scene.assert_fresh().await;
    }

    async fn each_way_to_begin_is_invalidated_with_its_commit(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo();
        let options = TransactionOptions {
            isolation_level: Some(IsolationLevel::ReadCommitted),
            access_mode: Some(AccessMode::ReadWrite),
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        };
        let begun = [
            repo.begin().await,
            repo.begin_with_config(Some(IsolationLevel::RepeatableRead), None).await,
        ];
        // One after the other: SQLite has one writer.
        for (number, transaction) in (1..).zip(begun) {
            let transaction = transaction.expect("begun");
            rename(number, "Somebody", &transaction).await.expect("updated");
            transaction.commit().await.expect("committed");
        }
        let transaction = repo.begin_with_options(options).await.expect("begun");
        rename(3, "Somebody", &transaction).await.expect("updated");
        TransactionSession::commit(transaction).await.expect("committed");
        for id in 1..=3 {
            assert_eq!(name(id, &scene).await, "Somebody");
        }
        scene.assert_fresh().await;
    }

    async fn a_session_that_is_rolled_back_leaves_everything_as_it_was(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        let nested = transaction.begin_with_options(TransactionOptions::default()).await.expect("begun");
        a_user("new@x", 7).insert(&nested).await.expect("inserted");
        TransactionSession::commit(nested).await.expect("released");
        let nested = transaction.begin_with_config(None, None).await.expect("begun");
        rename(1, "Nobody", &nested).await.expect("updated");
        TransactionSession::rollback(nested).await.expect("gone back to");
        TransactionSession::rollback(transaction).await.expect("rolled back");
        assert_eq!(scene.cold().await, []);
        scene.assert_fresh().await;
    }

    async fn boxed_closures_in_a_transaction_are_savepoints(world) {
        let scene = Scene::cached(world).await;
        let transaction = scene.repo().begin().await.expect("begun");
        transaction.transaction::<_, _, DbErr>(|inner| {
            Box::pin(async move { rename(1, "Ada Lovelace", inner).await })
        }).await.expect("released");
        let answer = transaction.transaction_with_config::<_, (), DbErr>(
            |inner| Box::pin(async move {
                rename(2, "Nobody", inner).await?;
                Err(enough())
            }),
            None, None,
        ).await;
        assert!(is_enough(answer));
        transaction.commit().await.expect("committed");
        assert_eq!((name(1, &scene).await, name(2, &scene).await), ("Ada Lovelace".into(), "Ada".into()));
        scene.assert_fresh().await;
    }

    async fn an_async_closure_runs_on_a_task(world) {
        let scene = Scene::cached(world).await;
        let repo = scene.repo().clone();
        let names = vec!["Ada Lovelace".to_owned()];
        let work = tokio::spawn(async move {
            repo.transaction_async::<_, _, DbErr>(async move |transaction| {
                for name in &names {
                    rename(1, name, transaction).await?;
                }
                Ok(names.len())
            }).await
        });
        assert_eq!(work.await.expect("no panic").expect("committed"), 1);
        scene.assert_fresh().await;
    }
}
