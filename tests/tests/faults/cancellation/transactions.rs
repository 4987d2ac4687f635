//! Statements and savepoints of a transaction that are dropped halfway.

use super::*;
use cached_repo::CachedTransaction;
use sea_orm::{QuerySelect, Statement};

type Step = for<'a> fn(&'a CachedTransaction<Shop>, i64) -> BoxFuture<'a, ()>;

/// Names a future that works in a transaction; the number is another one each time, so that each statement is new to its connection.
macro_rules! steps {
    ($($name:ident($transaction:ident, $turn:ident) $body:block)*) => {
        &[$((stringify!($name), {
            fn begin<'a>($transaction: &'a CachedTransaction<Shop>, $turn: i64) -> BoxFuture<'a, ()> {
                async move { drop($body) }.boxed()
            }
            begin as Step
        })),*]
    };
}

const STEPS: &[(&str, Step)] = steps! {
    write(transaction, turn) {
        let update = Order::update_many().set(order::ActiveModel { total: Set(turn), ..Default::default() });
        update.filter(order::Column::Id.lt(turn * 10)).filter(order::Column::Id.ne(turn)).exec(transaction).await
    }
    raw(transaction, turn) {
        let sql = format!("UPDATE users SET name = 'name' WHERE id = 1 AND {turn} = {turn}");
        transaction.execute_raw(Statement::from_string(transaction.get_database_backend(), sql)).await
    }
    cached_read(transaction, turn) {
        Order::find().filter(order::Column::Id.lt(turn)).limit(turn as u64).cached().all(transaction).await
    }
    plain_read(transaction, turn) { Order::find().filter(order::Column::Id.is_in(0..turn)).all(transaction).await }
    savepoint(transaction, turn) {
        async {
            let savepoint = transaction.begin().await?;
            renamed(turn).update(&savepoint).await?;
            Order::find().filter(order::Column::Id.is_in(0..turn)).all(&savepoint).await?;
            savepoint.commit().await
        }.await
    }
    undone_savepoint(transaction, turn) {
        async {
            let savepoint = transaction.begin().await?;
            renamed(turn).update(&savepoint).await?;
            savepoint.rollback().await
        }.await
    }
};

/// sqlx loses the connection on MariaDB: it takes the answer to a dropped statement for the answer to the `ROLLBACK`, and waits.
async fn a_pool_of_one_is_not_exhausted(database: Database) {
    let world = World::new(database, Store::Redis).await;
    let mut address = world.address();
    address.max_connections(1).sqlx_logging(false);
    let pool = sea_orm::Database::connect(address)
        .await
        .expect("connected");
    let repo = world.over(pool, |builder| builder).await;
    for (name, step) in STEPS {
        for polls in 1.. {
            let transaction = repo.begin().await.expect("begun");
            let turn = polls as i64;
            let is_over = promptly(name, is_over_after(polls, step(&transaction, turn))).await;
            drop(transaction);
            promptly(name, Note::find().one(&repo)).await.expect(name);
            if is_over {
                break;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_statement_of_a_transaction_costs_no_connection() {
    for database in [Database::Postgres, Database::MariaDb, Database::Sqlite] {
        a_pool_of_one_is_not_exhausted(database).await;
    }
}

/// The transaction is committed as a whole, whatever has become of the savepoint.
async fn a_savepoint_that_is_dropped_breaks_nothing(database: Database) {
    let scene = Scene::cached(World::new(database, Store::Redis).await).await;
    let repo = scene.repo();
    for polls in 1.. {
        let name = format!("after {polls} polls");
        let transaction = repo.begin().await.expect("begun");
        let savepoint = transaction.begin().await.expect("begun");
        renamed(2 * polls)
            .update(&savepoint)
            .await
            .expect("written");
        let commit = async { drop(savepoint.commit().await) };
        let is_over = promptly("commit", is_over_after(polls as usize, commit.boxed())).await;
        set_note(&transaction, "todo", &name).await;
        transaction.commit().await.expect("committed");
        let note = Note::find_by_id("todo").one(&scene.world.raw).await;
        assert_eq!(note.expect("read").expect("there").body, name);
        scene.assert_fresh().await;
        if is_over {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dropped_commit_of_a_savepoint_breaks_no_transaction() {
    for database in [Database::Postgres, Database::MariaDb, Database::Sqlite] {
        a_savepoint_that_is_dropped_breaks_nothing(database).await;
    }
}
