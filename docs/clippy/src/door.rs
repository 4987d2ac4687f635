//! The one place that makes a connection, and gives it to the repo.

use crate::entities::App;
use cached_repo::{CachedRepo, Error};
use sea_orm::Database;

/// A repo that nobody can go past: the connection is not given away.
///
/// # Errors
/// The database's.
#[expect(clippy::disallowed_methods, reason = "the connection goes to the repo")]
pub async fn repo(url: &str) -> Result<CachedRepo<App>, Error> {
    let connection = Database::connect(url).await?;
    CachedRepo::builder(connection).build().await
}
