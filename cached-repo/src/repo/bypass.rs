//! Writes past the repo: a connection for those that are meant, reports of those that are not.

use super::CachedRepo;
use super::ours::is_ours;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::schema::CacheSchema;
use crate::sql::{Analysis, WriteKind};
use sea_orm::metric::Info;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseConnectionType};
use std::fmt;
use std::sync::{Arc, Weak};

/// A write that [`report_bypasses`](CachedRepo::report_bypasses) has seen: it was sent past the repo, to a table that the repo
/// caches. It names no row and holds no value.
///
/// A statement that writes to several entities makes one for each.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Bypass {
    /// Path of the SeaORM `Entity` type, for example `shop::user::Entity`; `None` if the statement does not tell.
    pub entity: Option<&'static str>,
    /// The entity's table.
    pub table: Option<String>,
    /// What was done to its rows.
    pub kind: BypassKind,
}

/// What a write past the repo does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BypassKind {
    /// Adds rows; an upsert counts as one.
    Insert,
    /// Changes rows.
    Update,
    /// Removes rows.
    Delete,
    /// Removes all rows.
    Truncate,
    /// Adds, changes or removes rows in another way: `MERGE`, `UPDATE OR REPLACE`, `COPY .. FROM`.
    Other,
    /// Changes the database's tables, whichever they are: `CREATE`, `ALTER`, `DROP`.
    Schema,
    /// Cannot be understood, and may write to any table: `CALL`, `DO`, a damaged text.
    Unknown,
}

impl<S: CacheSchema> CachedRepo<S> {
    /// The connection underneath, for what has to go **past** the repo: code that wants SeaORM's own type (migrations,
    /// RBAC, a pool of sqlx), and writes that are not to be invalidated one by one (bulk loads).
    ///
    /// The cache sees nothing of a write through it. Until the entries expire, readers are served what was there before,
    /// unless the program invalidates by hand, after the commit: [`invalidate_entity`](Self::invalidate_entity) for rows of an
    /// entity, [`invalidate_all`](Self::invalidate_all) for a migration.
    ///
    /// Reads do not need it: SeaORM's own reads through the repo go to the database.
    #[must_use]
    pub fn bypassing_connection(&self) -> &DatabaseConnection {
        &self.shared.database
    }

    /// Logs a warning for each write past the repo: each statement that is sent through this handle and writes to a table of
    /// the schema. It counts them in [`Stats::bypassed_writes`](crate::stats::Stats::bypassed_writes). It is for finding them while a
    /// program is developed: it invalidates nothing.
    ///
    /// Give it the handle that the rest of the program uses, before it is cloned:
    ///
    /// ```
    /// # use cached_repo::{CacheSchema, CachedRepo, Error};
    /// # use sea_orm::Database;
    /// # async fn start<App: CacheSchema>() -> Result<(), Error> {
    /// let mut database = Database::connect("sqlite::memory:").await?;
    /// let repo = CachedRepo::<App>::builder(database.clone()).build().await?;
    /// repo.report_bypasses(&mut database)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Seen are statements through this handle, through clones made of it from now on, and in transactions begun on these;
    /// whether they succeed or not, are committed or rolled back. Not seen is `execute_unprepared`, of which SeaORM tells
    /// nobody, nor what goes through handles that were cloned earlier, or through a proxy of SeaORM. What runs through a repo
    /// is never reported, even if that repo was built from this handle later. Once the repo is gone, nothing is reported.
    ///
    /// SeaORM keeps one callback for each handle: this replaces an earlier one. See [`bypass_callback`](Self::bypass_callback).
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`] if the handle has no place for a callback (a mock, or not connected), or speaks to another
    /// kind of database than the repo.
    pub fn report_bypasses(&self, handle: &mut DatabaseConnection) -> Result<(), Error> {
        self.report_bypasses_to(handle, log)
    }

    /// [`report_bypasses`](Self::report_bypasses) to a function of one's own instead of the log, for example one that fails a
    /// test.
    ///
    /// The function is called on the way of the statement, after the database has answered: a backtrace taken in it leads to
    /// the line that wrote. It may panic: the panic is the writer's.
    ///
    /// # Errors
    /// As [`report_bypasses`](Self::report_bypasses).
    pub fn report_bypasses_to<F>(
        &self,
        handle: &mut DatabaseConnection,
        report: F,
    ) -> Result<(), Error>
    where
        F: Fn(&Bypass) + Send + Sync + 'static,
    {
        check(handle, self.engine())?;
        handle.set_metric_callback(self.bypass_callback(report));
        Ok(())
    }

    /// What [`report_bypasses_to`](Self::report_bypasses_to) sets as callback, for programs that have a callback already: call
    /// it from that one.
    pub fn bypass_callback<F>(
        &self,
        report: F,
    ) -> impl Fn(&Info<'_>) + Send + Sync + 'static + use<S, F>
    where
        F: Fn(&Bypass) + Send + Sync + 'static,
    {
        let engine: Weak<Engine> = Arc::downgrade(self.engine());
        move |info: &Info<'_>| {
            if is_ours() {
                return;
            }
            if let Some(engine) = engine.upgrade() {
                for bypass in bypasses(&engine, &info.statement.sql) {
                    engine.writer().count_bypassed();
                    report(&bypass);
                }
            }
        }
    }
}

/// Refuses a handle that would tell of no statement, or of statements to another database.
fn check(handle: &DatabaseConnection, engine: &Engine) -> Result<(), Error> {
    if matches!(handle.inner, DatabaseConnectionType::Disconnected) || handle.is_mock_connection() {
        return Err(Error::new(
            ErrorKind::Configuration,
            "the handle tells of no statement: it is a mock, or not connected; give the one that the program writes through",
        ));
    }
    let theirs = handle.get_database_backend();
    if theirs != engine.backend() {
        return Err(Error::new(
            ErrorKind::Configuration,
            "the handle leads to another kind of database than the repo; give one that leads to the repo's own",
        )
        .with("handle", format!("{theirs:?}"))
        .with("repo", format!("{:?}", engine.backend())));
    }
    Ok(())
}

/// The writes of a statement to entities of the schema.
fn bypasses(engine: &Engine, sql: &str) -> Vec<Bypass> {
    match &*engine.writer().analyze(sql) {
        Analysis::Read | Analysis::Transaction(_) => Vec::new(),
        Analysis::Schema => vec![Bypass::somewhere(BypassKind::Schema)],
        Analysis::Unknown => vec![Bypass::somewhere(BypassKind::Unknown)],
        Analysis::Writes(writes) => {
            let bypasses = writes.iter().flat_map(|write| {
                let entities = engine.mapping().entities_of(&write.table);
                entities.map(|entity| Bypass::of(engine, entity, &write.kind))
            });
            bypasses.collect()
        }
    }
}

fn log(bypass: &Bypass) {
    tracing::warn!(
        entity = bypass.entity,
        table = bypass.table,
        kind = %bypass.kind,
        "{bypass}"
    );
}

impl Bypass {
    fn of(engine: &Engine, entity: u16, kind: &WriteKind) -> Self {
        let entity = engine.schema().entity(entity);
        Self {
            entity: Some(entity.meta.ident.path),
            table: Some(entity.table.1.clone()),
            kind: match kind {
                WriteKind::Insert { .. } => BypassKind::Insert,
                WriteKind::Update { .. } => BypassKind::Update,
                WriteKind::Delete { .. } => BypassKind::Delete,
                WriteKind::Truncate => BypassKind::Truncate,
                WriteKind::Other => BypassKind::Other,
            },
        }
    }

    /// A write of which nobody knows where it went.
    fn somewhere(kind: BypassKind) -> Self {
        Self {
            entity: None,
            table: None,
            kind,
        }
    }
}

impl fmt::Display for Bypass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a write past the repo: {}", self.kind)?;
        match (&self.table, self.entity) {
            (Some(table), Some(entity)) => write!(
                f,
                " of `{table}` (entity `{entity}`); run it through the repo, or call `invalidate` or `invalidate_entity` \
                 after its commit"
            ),
            _ => {
                f.write_str("; run it through the repo, or call `invalidate_all` after its commit")
            }
        }
    }
}

impl fmt::Display for BypassKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Truncate => "truncate",
            Self::Other => "change",
            Self::Schema => "change of the database's tables",
            Self::Unknown => "statement that cannot be understood, which may write to any table",
        })
    }
}
