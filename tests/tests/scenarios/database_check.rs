//! The schema is compared with what the database does by itself.

#![expect(unreachable_pub, reason = "SeaORM wants models to be public")]

mod backends;
mod bare;
mod foreign_keys;
mod log;
mod start;
mod tied;
mod triggers;

use cached_repo::config::DatabaseCheck;
use cached_repo::database::{DatabaseReport, Finding, FindingKind};
use cached_repo::{CacheSchema, CachedRepo};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use tests::{Database, World};

/// Declares one test for each database. The check never touches the store: the one in the process will do.
macro_rules! databases {
    ($(async fn $name:ident($world:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            async fn scenario($world: tests::World) $body

            #[tokio::test]
            async fn sqlite() {
                scenario(tests::World::new(tests::Database::Sqlite, tests::Store::Memory).await).await;
            }

            #[tokio::test]
            async fn postgres() {
                scenario(tests::World::new(tests::Database::Postgres, tests::Store::Memory).await).await;
            }

            #[tokio::test]
            async fn mariadb() {
                scenario(tests::World::new(tests::Database::MariaDb, tests::Store::Memory).await).await;
            }
        }
    )*};
}
pub(crate) use databases;

/// Runs a statement in which names stand in `<..>`, past the repo.
async fn run(db: &DatabaseConnection, sql: &str) {
    let quote = match db.get_database_backend() {
        sea_orm::DbBackend::MySql => "`",
        _ => "\"",
    };
    let sql = sql.replace(['<', '>'], quote);
    db.execute_unprepared(&sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

/// A foreign key as a clause of a table.
fn foreign_key(name: &str, columns: &str, parent: &str, actions: &str) -> String {
    format!(", CONSTRAINT <{name}> FOREIGN KEY ({columns}) REFERENCES {parent} {actions}")
}

/// Makes the tables of the entities; each argument is added to the columns of one.
#[derive(Clone, Copy, Debug, Default)]
struct Tables<'a> {
    customers: &'a str,
    purchases: &'a str,
    lines: &'a str,
    parts: &'a str,
    nodes: &'a str,
}

impl Tables<'_> {
    async fn create(self, db: &DatabaseConnection) {
        let Self {
            customers,
            purchases,
            lines,
            parts,
            nodes,
        } = self;
        for table in [
            format!(
                "<Customers> (<id> BIGINT PRIMARY KEY, <code> BIGINT NOT NULL UNIQUE{customers})"
            ),
            format!(
                "<purchases> (<id> BIGINT PRIMARY KEY, <CustomerId> BIGINT, <total> BIGINT NOT NULL{purchases})"
            ),
            format!(
                "<purchase_lines> (<line_no> BIGINT, <purchase_id> BIGINT, PRIMARY KEY (<purchase_id>, <line_no>){lines})"
            ),
            format!(
                "<parts> (<id> BIGINT PRIMARY KEY, <line_no> BIGINT, <purchase_id> BIGINT{parts})"
            ),
            format!("<nodes> (<id> BIGINT PRIMARY KEY, <parent_id> BIGINT{nodes})"),
        ] {
            run(db, &format!("CREATE TABLE {table}")).await;
        }
    }
}

/// A repo that was built without a check.
async fn repo<S: CacheSchema>(world: &World) -> CachedRepo<S> {
    let builder = world.beside::<S>().await.database_check(DatabaseCheck::Off);
    builder.build().await.expect("the settings are right")
}

async fn check<S: CacheSchema>(world: &World) -> DatabaseReport {
    repo::<S>(world)
        .await
        .check_database()
        .await
        .expect("the database answers")
}

/// The only finding of this schema.
async fn only<S: CacheSchema>(world: &World) -> Finding {
    let report = check::<S>(world).await;
    let [finding] = report.findings.as_slice() else {
        panic!("one finding:\n{report}");
    };
    finding.clone()
}

/// What SQLite does not tell.
fn name<'a>(world: &World, name: &'a str) -> Option<&'a str> {
    (world.database != Database::Sqlite).then_some(name)
}

fn kinds(report: &DatabaseReport) -> Vec<FindingKind> {
    report.findings.iter().map(|finding| finding.kind).collect()
}
