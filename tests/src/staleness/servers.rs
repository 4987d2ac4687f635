//! The servers of one run.

use super::options::{Database, Options};
use std::path::Path;
use testkit::shared::{self, SharedUrl};
use testkit::{Redis, ServerError};

/// A database of the run's own, and a Redis of its own, which may be harmed.
#[derive(Debug)]
pub(super) struct Servers {
    pub(super) redis: Option<Redis>,
    /// The database's address.
    pub(super) database: String,
    /// The server that the database is on, and its name there.
    server: Option<(SharedUrl, String)>,
}

impl Servers {
    pub(super) fn start(options: &Options, folder: &Path) -> Result<Self, ServerError> {
        let name = format!("staleness_{}_{}", std::process::id(), fastrand::u32(..));
        let server = match options.database {
            Database::Postgres => Some(shared::postgres()?),
            Database::MariaDb => Some(shared::mariadb()?),
            Database::Sqlite => None,
        };
        let database = match &server {
            Some(server) => server.create_database(&name)?,
            None => format!("sqlite://{}?mode=rwc", folder.join("rows.db").display()),
        };
        let redis = options.shared_store.then(Redis::start).transpose()?;
        Ok(Self {
            redis,
            database,
            server: server.map(|server| (server, name)),
        })
    }

    /// The port of the database's server; none if it is a file.
    pub(super) fn database_port(&self) -> Option<u16> {
        self.server.as_ref()?;
        split(&self.database)?.1.parse().ok()
    }

    /// The database's address by another port.
    pub(super) fn database_by(&self, port: u16) -> String {
        match split(&self.database) {
            Some((host, _, name)) => format!("{host}:{port}/{name}"),
            None => self.database.clone(),
        }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.server {
            // The server may be gone with the session that started it; then so is the database.
            let _ = server.drop_database(name);
        }
    }
}

/// What is before the port, the port, and the database's name.
fn split(url: &str) -> Option<(&str, &str, &str)> {
    let (server, name) = url.rsplit_once('/')?;
    let (host, port) = server.rsplit_once(':')?;
    Some((host, port, name))
}
