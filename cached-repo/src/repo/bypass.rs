//! Writes past the repo: a connection for those that are meant, reports of those that are not.

use super::statement_scope::is_in_scope;
use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::sql::{Analysis, WriteKind};
use sea_orm::metric::Info;
use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseConnectionType};
use std::fmt;
use std::sync::{Arc, Weak};

/// A write that [`report_bypasses`](crate::CachedRepo::report_bypasses) has seen: it was sent past the repo, to a table that the repo
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

/// Calls `report` for each write past the repo that SeaORM tells of, for as long as the engine lives.
pub(super) fn callback<F>(
    engine: &Arc<Engine>,
    report: F,
) -> impl Fn(&Info<'_>) + Send + Sync + 'static + use<F>
where
    F: Fn(&Bypass) + Send + Sync + 'static,
{
    let engine: Weak<Engine> = Arc::downgrade(engine);
    move |info: &Info<'_>| {
        if is_in_scope() {
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

/// Refuses a handle that would tell of no statement, or of statements to another database.
pub(super) fn check(handle: &DatabaseConnection, engine: &Engine) -> Result<(), Error> {
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

/// Logs a write past the repo.
pub(super) fn log(bypass: &Bypass) {
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
