//! Repos that keep no cache: what they send is what SeaORM sends, so that a program's tests with mocked connections go on to work.

use cached_repo::query::BlockReader;
use cached_repo::{CachedQuery, CachedRepo};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseBackend, DatabaseConnection, DbErr, EntityTrait,
    MockDatabase, QueryFilter, QueryOrder, Set, Transaction, TransactionTrait, Unchanged,
};
use tests::World;
use tests::rows::{add_user, name_of, rename};
use tests::shop::{Shop, User, user};

const BACKENDS: [DatabaseBackend; 3] = [
    DatabaseBackend::Sqlite,
    DatabaseBackend::Postgres,
    DatabaseBackend::MySql,
];

fn ada() -> user::Model {
    user::Model {
        id: 1,
        email: "ada@x".to_owned(),
        tenant_id: 7,
        name: "Ada".to_owned(),
    }
}

/// A connection that answers so often with a user.
fn mocked(backend: DatabaseBackend, answers: usize) -> DatabaseConnection {
    let exec = sea_orm::MockExecResult {
        last_insert_id: 1,
        rows_affected: 1,
    };
    MockDatabase::new(backend)
        .append_query_results(vec![vec![ada()]; answers])
        .append_exec_results(vec![exec; answers])
        .into_connection()
}

async fn repo_over(database: &DatabaseConnection) -> CachedRepo<Shop> {
    let builder = CachedRepo::builder(database.clone());
    builder.build().await.expect("the settings are right")
}

fn renamed() -> user::ActiveModel {
    user::ActiveModel {
        id: Unchanged(1),
        name: Set("Eve".to_owned()),
        ..Default::default()
    }
}

fn log(database: DatabaseConnection) -> Vec<Transaction> {
    database.into_transaction_log()
}

#[tokio::test]
async fn an_update_through_a_repo_over_a_mock_sends_what_seaorm_sends() {
    for backend in BACKENDS {
        let (plain, mock) = (mocked(backend, 1), mocked(backend, 1));
        let repo = repo_over(&mock).await;
        renamed().update(&plain).await.expect("updated");
        renamed().update(&repo).await.expect("updated");
        assert_eq!(log(mock), log(plain), "{backend:?}");
    }
}

/// What SeaORM sends over one connection, and what the same work sends through a repo over another.
async fn same<P, R>(backend: DatabaseBackend, answers: usize, plain: P, through: R)
where
    P: AsyncFnOnce(&DatabaseConnection),
    R: AsyncFnOnce(&CachedRepo<Shop>),
{
    let (ours, theirs) = (mocked(backend, answers), mocked(backend, answers));
    plain(&theirs).await;
    let repo = CachedRepo::passthrough(ours.clone()).expect("the schema is right");
    assert!(repo.is_passthrough());
    through(&repo).await;
    assert_eq!(log(ours), log(theirs), "{backend:?}");
    let stats = repo.stats();
    let users = stats
        .entities
        .iter()
        .map(|entity| entity.hits + entity.fills);
    assert_eq!(
        (users.sum::<u64>(), stats.entries),
        (0, 0),
        "nothing is cached"
    );
}

#[tokio::test]
async fn reads_send_what_seaorm_sends_each_time() {
    for backend in BACKENDS {
        let plain = async |db: &DatabaseConnection| {
            for _ in 0..2 {
                User::find_by_id(1).one(db).await.expect("read");
                let by_email = User::find().filter(user::Column::Email.eq("ada@x"));
                by_email.one(db).await.expect("read");
                let of_tenant = User::find().filter(user::Column::TenantId.eq(7_i64));
                of_tenant.all(db).await.expect("read");
                let many = User::find().filter(user::Column::Id.is_in([1_i64, 2]));
                many.all(db).await.expect("read");
                User::find()
                    .order_by_asc(user::Column::Name)
                    .all(db)
                    .await
                    .expect("read");
                User::find().one(db).await.expect("read");
            }
        };
        let through = async |repo: &CachedRepo<Shop>| {
            for _ in 0..2 {
                assert_eq!(
                    User::find_cached(1)
                        .one(repo)
                        .await
                        .expect("read")
                        .as_deref(),
                    Some(&ada())
                );
                User::find_cached_by_email("ada@x")
                    .one(repo)
                    .await
                    .expect("read");
                User::find_cached_by_tenant_id(7)
                    .all(repo)
                    .await
                    .expect("read");
                let many = User::find_cached_many([1_i64, 2])
                    .all(repo)
                    .await
                    .expect("read");
                assert_eq!(many.iter().flatten().count(), 1);
                User::find()
                    .order_by_asc(user::Column::Name)
                    .cached()
                    .all(repo)
                    .await
                    .expect("read");
                User::find().cached().one(repo).await.expect("read");
            }
        };
        same(backend, 12, plain, through).await;
    }
}

#[tokio::test]
async fn writes_and_transactions_send_what_seaorm_sends() {
    for backend in BACKENDS {
        let plain = async |db: &DatabaseConnection| {
            let transaction = db.begin().await.expect("begun");
            renamed().update(&transaction).await.expect("updated");
            User::find_by_id(1).one(&transaction).await.expect("read");
            transaction.commit().await.expect("committed");
            User::delete_by_id(1).exec(db).await.expect("deleted");
            User::update_many()
                .col_expr(user::Column::Name, Expr::value("x"))
                .exec(db)
                .await
                .expect("updated");
        };
        let through = async |repo: &CachedRepo<Shop>| {
            let transaction = repo.begin().await.expect("begun");
            renamed().update(&transaction).await.expect("updated");
            User::find_cached(1).one(&transaction).await.expect("read");
            transaction.commit().await.expect("committed");
            User::delete_by_id(1).exec(repo).await.expect("deleted");
            User::update_many()
                .col_expr(user::Column::Name, Expr::value("x"))
                .exec(repo)
                .await
                .expect("updated");
            User::invalidate(1_i64, repo)
                .await
                .expect("there is nothing to do");
            repo.invalidate_all().await.expect("there is nothing to do");
        };
        same(backend, 6, plain, through).await;
    }
}

#[tokio::test]
async fn batches_and_blocks_send_one_statement_after_the_other() {
    for backend in BACKENDS {
        let plain = async |db: &DatabaseConnection| {
            User::find_by_id(1).one(db).await.expect("read");
            User::find_by_id(2).one(db).await.expect("read");
            User::find()
                .filter(user::Column::TenantId.eq(7_i64))
                .all(db)
                .await
                .expect("read");
            for _ in 0..2 {
                User::find().all(db).await.expect("read");
                User::find_by_id(3).one(db).await.expect("read");
            }
        };
        let through = async |repo: &CachedRepo<Shop>| {
            let reads = (
                User::find_cached(1),
                User::find_cached(2),
                User::find_cached_by_tenant_id(7),
            );
            repo.batch(reads).await.expect("read");
            for _ in 0..2 {
                let block = async move |db: BlockReader| {
                    let all = User::find().all(&db).await?;
                    let third = User::find_by_id(3).one(&db).await?;
                    Ok::<_, DbErr>(all.len() + usize::from(third.is_some()))
                };
                let read = repo.read_cached("all", [], block);
                assert_eq!(*read.await.expect("read"), 2);
            }
        };
        same(backend, 7, plain, through).await;
    }
}

#[tokio::test]
async fn a_query_that_no_cache_would_take_is_passed_through() {
    let mock = mocked(DatabaseBackend::Postgres, 1);
    let repo = repo_over(&mock).await;
    let found = User::find()
        .filter(Expr::cust("random() < 1 AND elsewhere()"))
        .cached();
    assert_eq!(found.all(&repo).await.expect("read").len(), 1);
    assert_eq!(log(mock).len(), 1, "the catalog is not asked");
}

databases! {
    async fn a_write_past_a_repo_that_passes_everything_through_is_seen(world) {
        let repo = CachedRepo::<Shop>::passthrough(world.raw.clone()).expect("the schema is right");
        let user = add_user(&repo, "ada@x").await;
        assert_eq!(name_of(&repo, user.id).await, Some(user.name.clone()));
        rename(&world.raw, &user, "Eve").await;
        assert_eq!(name_of(&repo, user.id).await.as_deref(), Some("Eve"));
    }
}
