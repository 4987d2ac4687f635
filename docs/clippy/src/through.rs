//! What a program does through the repo, in each entity format: nothing of it is reported.

use crate::entities::{App, compact, compact_model, dense, expanded};
use cached_repo::{CachedRepo, CachedTransaction, Error};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ModelTrait, QueryFilter,
    Set, TransactionTrait,
};

/// Code that does not care what it writes through: the repo, or a transaction of it.
///
/// # Errors
/// The database's.
pub async fn forget_profiles(db: &impl ConnectionTrait, user: i64) -> Result<(), DbErr> {
    compact::Entity::delete_many()
        .filter(compact::Column::UserId.eq(user))
        .exec(db)
        .await?;
    Ok(())
}

/// Reads and writes of each format.
///
/// # Errors
/// The database's.
pub async fn everything(repo: &CachedRepo<App>) -> Result<(), Error> {
    let post = dense::post::ActiveModel::builder();
    let user = dense::user::ActiveModel::builder().set_email("ada@example.org");
    let user = user.add_post(post).save(repo).await?;
    let address = compact_model::ActiveModel {
        user_id: user.id,
        ..Default::default()
    };
    address.insert(repo).await?;
    let note = expanded::ActiveModel {
        title: Set("Today".to_owned()),
        ..Default::default()
    };
    let note = note.insert(repo).await?;
    note.delete(repo).await?;
    dense::user::Entity::load()
        .with(dense::post::Entity)
        .all(repo)
        .await?;
    let transaction = repo.begin().await?;
    forget_profiles(&transaction, 1).await?;
    transaction.commit().await?;
    let retried = async |transaction: &CachedTransaction<App>| -> Result<(), Error> {
        forget_profiles(transaction, 1).await?;
        Ok(())
    };
    repo.transaction_retry_async(retried).await?;
    repo.execute_unprepared("UPDATE users SET email = lower(email)")
        .await?;
    compact::Entity::find_cached(1).one(repo).await?;
    expanded::Entity::find_cached_by_title("Today")
        .one(repo)
        .await?;
    Ok(())
}
