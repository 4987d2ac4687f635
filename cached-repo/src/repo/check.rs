//! The check of the schema against the database.

use super::CachedRepo;
use crate::config::DatabaseCheck;
use crate::database::{self, DatabaseReport};
use crate::error::Error;
use crate::schema::CacheSchema;

impl<S: CacheSchema> CachedRepo<S> {
    /// Compares the schema with the foreign keys and triggers of the database: what these change and the schema does not know
    /// is served old until it expires, and so are rows of entities that map views. It takes five or six queries to the database's catalog.
    ///
    /// Building a repo does the same and logs what it finds, unless `database_check` says otherwise.
    ///
    /// # Errors
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if the database cannot be asked. What it refuses to tell is a
    /// finding.
    ///
    /// # Cancellation
    /// Nothing is left behind.
    pub async fn check_database(&self) -> Result<DatabaseReport, Error> {
        let engine = self.engine();
        database::check(&*self.shared.source, engine.backend(), engine.schema()).await
    }

    /// Compares the schema with the database when the repo is built.
    pub(crate) async fn check_at_start(&self, choice: DatabaseCheck) -> Result<(), Error> {
        let engine = self.engine();
        database::check_at_start(
            &*self.shared.source,
            engine.backend(),
            engine.schema(),
            choice,
        )
        .await
    }

    /// Reads what stands behind the views of the database.
    pub(crate) async fn load_views(&self) {
        self.engine()
            .catalog()
            .load_views_at_start(&*self.shared.source)
            .await;
    }
}
