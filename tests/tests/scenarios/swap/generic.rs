//! Functions that are generic over SeaORM's traits, as programs have them.

use cached_repo::{CachedTransaction, InSchema, Serves, Writes};
use futures_util::TryStreamExt;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, IntoActiveModel,
    PaginatorTrait, QueryFilter, Set, StreamTrait, TransactionSession, TransactionTrait,
};
use tests::scene::{a_user, an_order};
use tests::shop::{Order, Shop, User, order, user};
use tests::{Database, Scene, Store, World};

async fn scene() -> Scene {
    Scene::cached(World::new(Database::Sqlite, Store::Memory).await).await
}

/// Registers a customer with a first order, wherever the caller is.
async fn register<C>(db: &C, email: &str) -> Result<user::Model, DbErr>
where
    C: ConnectionTrait + TransactionTrait,
{
    let transaction = db.begin().await?;
    let user = a_user(email, 7).insert(&transaction).await?;
    an_order(user.id, "new").insert(&transaction).await?;
    transaction.commit().await?;
    Ok(user)
}

async fn pay(db: &impl ConnectionTrait, customer: i64) -> Result<u64, DbErr> {
    let paid = Order::update_many()
        .col_expr(order::Column::Status, "paid".into())
        .filter(order::Column::CustomerId.eq(customer))
        .exec(db)
        .await?;
    Ok(paid.rows_affected)
}

async fn total<C: StreamTrait + ConnectionTrait>(db: &C) -> Result<i64, DbErr> {
    let mut orders = Order::find().stream(db).await?;
    let mut total = 0;
    while let Some(order) = orders.try_next().await? {
        total += order.total;
    }
    Ok(total)
}

async fn rename_in_session<T>(session: T, id: i64, keep: bool) -> Result<(), DbErr>
where
    T: ConnectionTrait + TransactionSession,
{
    let user = user::ActiveModel {
        id: Set(id),
        name: Set("Somebody".to_owned()),
        ..Default::default()
    };
    user.update(&session).await?;
    match keep {
        true => session.commit().await,
        false => session.rollback().await,
    }
}

/// Reads through the cache where there is one.
async fn name_of(db: &impl Serves<User>, id: i64) -> Option<String> {
    let user = User::find_cached(id).one(db).await.expect("read");
    user.map(|user| user.name.clone())
}

/// Reads and writes one entity.
async fn shout<D: Writes<User>>(db: &D, id: i64) -> Result<(), DbErr> {
    let name = name_of(db, id).await.unwrap_or_default();
    let user = User::find_by_id(id)
        .one(db)
        .await?
        .ok_or(DbErr::RecordNotInserted)?;
    let mut change = user.into_active_model();
    change.name = Set(name.to_uppercase());
    change.update(db).await.map(drop)
}

/// Of any entity that the schema has.
async fn count_in<E>(transaction: &CachedTransaction<Shop>) -> u64
where
    E: InSchema<Shop>,
    E::Model: Send + Sync,
{
    E::find().count(transaction).await.expect("read")
}

#[tokio::test]
async fn a_function_over_a_connection_that_begins_transactions() {
    let scene = scene().await;
    let user = register(scene.repo(), "new@x").await.expect("registered");
    scene.assert_fresh().await;
    let transaction = scene.repo().begin().await.expect("begun");
    register(&transaction, "newer@x").await.expect("registered");
    transaction.commit().await.expect("committed");
    scene.assert_fresh().await;
    assert_eq!(pay(scene.repo(), user.id).await.expect("paid"), 1);
    scene.assert_fresh().await;
}

#[tokio::test]
async fn a_function_that_streams() {
    let scene = scene().await;
    assert_eq!(total(scene.repo()).await.expect("read"), 300);
    let transaction = scene.repo().begin().await.expect("begun");
    an_order(1, "new")
        .insert(&transaction)
        .await
        .expect("inserted");
    assert_eq!(total(&transaction).await.expect("read"), 400);
    transaction.rollback().await.expect("rolled back");
    assert_eq!(total(scene.repo()).await.expect("read"), 300);
    scene.assert_fresh().await;
}

#[tokio::test]
async fn a_function_that_ends_a_session() {
    let scene = scene().await;
    let session = scene.repo().begin().await.expect("begun");
    rename_in_session(session, 1, true)
        .await
        .expect("committed");
    assert_eq!(name_of(scene.repo(), 1).await.as_deref(), Some("Somebody"));
    let session = scene.repo().begin().await.expect("begun");
    rename_in_session(session, 2, false)
        .await
        .expect("rolled back");
    assert_eq!(name_of(scene.repo(), 2).await.as_deref(), Some("Ada"));
    scene.assert_fresh().await;
}

#[tokio::test]
async fn a_function_that_reads_through_the_cache_and_writes() {
    let scene = scene().await;
    shout(scene.repo(), 1).await.expect("written");
    assert_eq!(name_of(scene.repo(), 1).await.as_deref(), Some("ADA"));
    let transaction = scene.repo().begin().await.expect("begun");
    shout(&transaction, 2).await.expect("written");
    assert_eq!(name_of(&transaction, 2).await.as_deref(), Some("ADA"));
    assert_eq!(count_in::<User>(&transaction).await, 3);
    assert_eq!(count_in::<Order>(&transaction).await, 3);
    transaction.commit().await.expect("committed");
    scene.assert_fresh().await;
}
