//! Writes past the repo, and what is told of them.

/// As `matrix!`, but over one store: it has no part in this.
macro_rules! databases {
    ($($(#[$doc:meta])* async fn $name:ident($world:ident) $body:block)*) => {$(
        $(#[$doc])*
        async fn $name($world: World) $body

        mod $name {
            tests::matrix!(@one $name, sqlite, Sqlite, Memory);
            tests::matrix!(@one $name, postgres, Postgres, Memory);
            tests::matrix!(@one $name, mariadb, MariaDb, Memory);
        }
    )*};
}

mod handles;
mod passthrough;
mod statements;

use cached_repo::invalidation::{Bypass, BypassKind};
use cached_repo::{CacheSchema, CachedRepo};
use sea_orm::DatabaseConnection;
use std::sync::{Arc, Mutex};

/// An entity of the shop or the blog, as reports name it.
const USER: Option<&str> = Some("tests::shop::user::Entity");
const ORDER: Option<&str> = Some("tests::shop::order::Entity");
const NOTE: Option<&str> = Some("tests::shop::note::Entity");
const AUTHOR: Option<&str> = Some("tests::blog::author::Entity");
const POST: Option<&str> = Some("tests::blog::post::Entity");
const COMMENT: Option<&str> = Some("tests::blog::comment::Entity");

/// What was reported of a handle.
#[derive(Clone, Default)]
struct Reports(Arc<Mutex<Vec<Bypass>>>);

impl Reports {
    /// Watches the handle.
    fn of<S: CacheSchema>(repo: &CachedRepo<S>, handle: &mut DatabaseConnection) -> Self {
        let reports = Self::default();
        let report = reports.clone();
        repo.report_bypasses_to(handle, move |bypass| report.note(bypass))
            .expect("the handle tells of statements");
        reports
    }

    fn note(&self, bypass: &Bypass) {
        self.0.lock().expect("nobody panics").push(bypass.clone());
    }

    /// What has been reported since the last time.
    fn take(&self) -> Vec<(Option<&'static str>, BypassKind)> {
        let reports = std::mem::take(&mut *self.0.lock().expect("nobody panics"));
        reports
            .iter()
            .map(|bypass| (bypass.entity, bypass.kind))
            .collect()
    }
}
