//! What the database does by itself, compared with what the cache schema knows.
//!
//! A foreign key that cascades, or a trigger, changes rows of a table that no statement names. The cache invalidates them only
//! if the schema has an edge that says so. Here the database's catalog is read, and both are compared.
//!
//! `postgres`, `mysql` and `sqlite` read catalogs, all into the same `facts`; everything else is pure. `views` reads what stands behind
//! views, also for cached queries.
//!
//! # Not here
//! What a catalog does not show: statements that a trigger puts together as text, functions that it calls, and other programs.

mod compare;
mod facts;
mod fix;
mod grants;
mod graph;
mod mapped;
mod mysql;
mod outside;
mod postgres;
mod report;
mod rows;
mod say;
mod sqlite;
mod triggers;
mod views;

#[cfg(test)]
mod tests;

pub use report::{DatabaseReport, Finding, FindingKind};
pub(crate) use views::{Behind, Obstacle, Views};

use crate::config::DatabaseCheck;
use crate::error::{Error, ErrorKind};
use crate::port::Source;
use crate::schema::Schema;
use facts::{Catalog, Unreadable};
use graph::Graph;
use rows::Reader;
use sea_orm::DbBackend;
use std::time::Duration;

/// How long the check may keep a program from starting: a catalog may be locked.
const AT_START: Duration = Duration::from_secs(10);

/// Compares a schema with the database behind `source`.
///
/// # Errors
/// [`ErrorKind::Database`] if it cannot be asked.
pub(crate) async fn check(
    source: &dyn Source,
    backend: DbBackend,
    schema: &Schema,
) -> Result<DatabaseReport, Error> {
    let graph = Graph::of(schema);
    let schemas = schemas(&graph);
    let catalog = read(source, backend, &schemas).await?;
    let mut findings = compare::compare(&catalog, &graph);
    let views = Views::read(source, backend, &schemas).await?;
    findings.extend(mapped::findings(&catalog, &graph, &views));
    Ok(DatabaseReport::new(findings))
}

/// The database schemas that entities name.
fn schemas(graph: &Graph) -> Vec<String> {
    let mut schemas: Vec<String> = Vec::new();
    for entity in &graph.entities {
        let schema = entity.table.0.clone();
        schemas.extend(schema.filter(|schema| !schemas.contains(schema)));
    }
    schemas
}

async fn read(
    source: &dyn Source,
    backend: DbBackend,
    schemas: &[String],
) -> Result<Catalog, Error> {
    let schemas: Vec<&str> = schemas.iter().map(String::as_str).collect();
    let reader = Reader { source, backend };
    match backend {
        DbBackend::Postgres => postgres::read(&reader, &schemas).await,
        DbBackend::MySql => mysql::read(&reader, &schemas).await,
        DbBackend::Sqlite => sqlite::read(&reader, &schemas).await,
        _ => {
            let mut catalog = Catalog::new(backend);
            catalog.unreadable.push(Unreadable {
                what: "foreign keys and triggers",
                why: "this kind of database is not known".to_owned(),
                cure: "use PostgreSQL, MySQL, MariaDB or SQLite".to_owned(),
            });
            Ok(catalog)
        }
    }
}

/// Does with the differences what the configuration wants.
///
/// # Errors
/// [`ErrorKind::Configuration`] if there are warnings and they count as errors; then also what [`check`] says, and
/// [`ErrorKind::TimedOut`] if it takes too long.
pub(crate) async fn check_at_start(
    source: &dyn Source,
    backend: DbBackend,
    schema: &Schema,
    choice: DatabaseCheck,
) -> Result<(), Error> {
    if choice == DatabaseCheck::Off {
        return Ok(());
    }
    let checked = tokio::time::timeout(AT_START, check(source, backend, schema)).await;
    let checked = checked.unwrap_or_else(|_| {
        let message = "the database was not compared with the cache schema: its catalog did not answer in time; try again, or set \
                       `database_check = off`";
        Err(Error::new(ErrorKind::TimedOut, message))
    });
    match (checked, choice) {
        (Err(error), DatabaseCheck::Error) => Err(error),
        (Err(error), _) => {
            tracing::warn!(%error, "the database could not be compared with the cache schema");
            Ok(())
        }
        (Ok(report), choice) => act(&report, choice),
    }
}

fn act(report: &DatabaseReport, choice: DatabaseCheck) -> Result<(), Error> {
    if choice == DatabaseCheck::Error && !report.is_clean() {
        let list: Vec<String> = report.warnings().map(Finding::to_string).collect();
        return Err(Error::new(
            ErrorKind::Configuration,
            format!(
                "the database changes rows in ways that the cache schema does not know; until it does, set `database_check = warn`\n{}",
                list.join("\n")
            ),
        ));
    }
    for finding in &report.findings {
        let Finding {
            kind, message, fix, ..
        } = finding;
        if finding.is_warning() {
            tracing::warn!(?kind, %fix, "{message}");
        } else {
            tracing::info!(?kind, %fix, "{message}");
        }
    }
    Ok(())
}
