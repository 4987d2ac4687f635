//! The private servers of a command.

use std::process::Command;
use std::thread;

use testkit::{MariaDb, Postgres, Redis, ServerError, find_program, shared};

use crate::apt;
use crate::failure::Failure;

/// One server of each kind. Dropping it stops them.
pub(crate) struct Servers {
    postgres: Postgres,
    mariadb: MariaDb,
    redis: Redis,
}

impl Servers {
    /// Installs what is missing and starts all, at the same time: the databases
    /// take a second or more.
    pub(crate) fn start() -> Result<Self, Failure> {
        install_missing()?;
        let servers = thread::scope(|scope| {
            let postgres = scope.spawn(Postgres::start);
            let mariadb = scope.spawn(MariaDb::start);
            let redis = Redis::start()?;
            Ok::<_, ServerError>(Self {
                postgres: join(postgres)?,
                mariadb: join(mariadb)?,
                redis,
            })
        })?;
        for (variable, url) in servers.variables() {
            println!("{variable}={url}");
        }
        Ok(servers)
    }

    /// The environment variables that tell tests where the servers are.
    pub(crate) fn variables(&self) -> [(&'static str, String); 3] {
        [
            (shared::POSTGRES, self.postgres.url()),
            (shared::MARIADB, self.mariadb.url()),
            (shared::REDIS, self.redis.url()),
        ]
    }

    /// Tells a command where the servers are.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.envs(self.variables());
    }
}

fn join<S>(thread: thread::ScopedJoinHandle<'_, Result<S, ServerError>>) -> Result<S, ServerError> {
    thread
        .join()
        .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Installs the servers that are not there, and their clients.
pub(crate) fn install_missing() -> Result<(), Failure> {
    let there = |program| find_program(program).is_some();
    let parts = [
        ("redis-server", Redis::available()),
        ("postgresql", Postgres::available() && there("psql")),
        ("mariadb-server", MariaDb::available() && there("mariadb")),
    ];
    let missing: Vec<_> = parts
        .iter()
        .filter_map(|&(package, there)| (!there).then_some(package))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    apt::install(&missing)
}
