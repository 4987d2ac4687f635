//! Stand-ins for the write functions that generated code calls.

use crate::__private::KeyOf;
use crate::error::{Error, ErrorKind};
use crate::schema::CachedEntity;
use sea_orm::IntoActiveModel;
use std::sync::Arc;

/// What can write `E` and invalidate what depends on it: a repo, or a transaction of one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot write `{E}` through the cache",
    label = "not a repo or transaction of a schema that contains `{E}`",
    note = "pass the `CachedRepo` (or its transaction) instead of a database connection"
)]
pub trait Writes<E>: Send + Sync {}

/// Inserts a row.
pub async fn insert<E, A, R>(repo: &R, model: A) -> Result<Arc<E::Model>, Error>
where
    E: CachedEntity,
    A: IntoActiveModel<E::ActiveModel>,
    R: Writes<E>,
{
    let _ = (repo, model);
    Err(Error::new(ErrorKind::Internal, "stub"))
}

/// Updates a row.
pub async fn update<E, A, R>(repo: &R, model: A) -> Result<Arc<E::Model>, Error>
where
    E: CachedEntity,
    A: IntoActiveModel<E::ActiveModel>,
    R: Writes<E>,
{
    let _ = (repo, model);
    Err(Error::new(ErrorKind::Internal, "stub"))
}

/// Inserts or updates a row.
pub async fn save<E, A, R>(repo: &R, model: A) -> Result<Arc<E::Model>, Error>
where
    E: CachedEntity,
    A: IntoActiveModel<E::ActiveModel>,
    R: Writes<E>,
{
    let _ = (repo, model);
    Err(Error::new(ErrorKind::Internal, "stub"))
}

/// Deletes a row.
pub async fn delete<E, R>(repo: &R, key: KeyOf<E>) -> Result<bool, Error>
where
    E: CachedEntity,
    R: Writes<E>,
{
    let _ = (repo, key);
    Err(Error::new(ErrorKind::Internal, "stub"))
}

/// Invalidates a row.
pub async fn invalidate<E, R>(repo: &R, key: KeyOf<E>) -> Result<(), Error>
where
    E: CachedEntity,
    R: Writes<E>,
{
    let _ = (repo, key);
    Err(Error::new(ErrorKind::Internal, "stub"))
}
