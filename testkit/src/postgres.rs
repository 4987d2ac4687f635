//! A private PostgreSQL.

use std::fs;
use std::path::{Path, PathBuf};

use crate::account::Home;
use crate::database;
use crate::error::ServerError;
use crate::find::Program;
use crate::process::Process;
use crate::signal::Signal;
use crate::start;

const SERVER: Program = Program {
    names: &["postgres"],
    package: "postgresql",
};

const INITDB: Program = Program {
    names: &["initdb"],
    package: "postgresql",
};

/// The user that Debian's package makes; only root needs it.
const USER: &str = "postgres";

/// What makes it fast (its data need not survive anything) and roomy.
const SETTINGS: [&str; 7] = [
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",
    "shared_buffers=64MB",
    "max_connections=200",
];

/// A private PostgreSQL with a superuser `postgres` and no password. Dropping
/// it stops it.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    port: u16,
    // Declared last: the folder goes after the server.
    _home: Home,
}

impl Postgres {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// It is not installed, or did not start.
    pub fn start() -> Result<Self, ServerError> {
        Self::start_with(&[])
    }

    /// Starts one with more settings, such as `&["wal_level=logical"]`.
    ///
    /// # Errors
    ///
    /// As [`Postgres::start`].
    pub fn start_with(settings: &[&str]) -> Result<Self, ServerError> {
        let program = Self::locate()?;
        let home = Home::of(USER)?;
        initialize(&home, &program)?;
        let (process, port) = start::on_free_port(
            SERVER.name(),
            // Immediate shutdown: the fast one would save data nobody wants.
            |port| Process::spawn(&home, Signal::Quit, &words(&program, port, &home, settings)),
            |process, port| is_ready(&home, process.pid(), port),
        )?;
        Ok(Self {
            process,
            port,
            _home: home,
        })
    }

    /// Whether it is installed.
    #[must_use]
    pub fn available() -> bool {
        Self::locate().is_ok() && INITDB.locate().is_ok()
    }

    /// The path of its program.
    ///
    /// # Errors
    ///
    /// [`ServerError::NotFound`].
    pub fn locate() -> Result<PathBuf, ServerError> {
        SERVER.locate()
    }

    /// The URL of the database `postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The port that it listens on.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Makes an empty database and returns its URL. One of that name that is
    /// there already is thrown away, with the connections to it.
    ///
    /// # Errors
    ///
    /// The name needs quoting, or `psql` failed.
    pub fn create_database(&self, name: &str) -> Result<String, ServerError> {
        database::create(&self.url(), name)
    }

    /// Removes a database, with the connections to it. Many databases are many
    /// files: a test that made one does well to remove it.
    ///
    /// # Errors
    ///
    /// As [`Postgres::create_database`].
    pub fn drop_database(&self, name: &str) -> Result<(), ServerError> {
        database::drop(&self.url(), name)
    }
}

fn initialize(home: &Home, server: &Path) -> Result<(), ServerError> {
    let program = initdb_of(server)?.display().to_string();
    let data = data(home).display().to_string();
    let words = [
        [&program, "--no-sync"],
        ["-D", &data],
        ["-U", "postgres"],
        ["-A", "trust"],
        ["-E", "UTF8"],
    ];
    let mut words: Vec<_> = words
        .as_flattened()
        .iter()
        .map(|&word| word.to_owned())
        .collect();
    words.push("--locale=C".to_owned());
    start::run(INITDB.name(), home, &words).map(drop)
}

/// The one beside the server: another version's would make data that the server
/// cannot read. `PATH` often has links, which lie elsewhere.
fn initdb_of(server: &Path) -> Result<PathBuf, ServerError> {
    let beside = server
        .canonicalize()
        .map(|server| server.with_file_name("initdb"));
    match beside {
        Ok(beside) if beside.exists() => Ok(beside),
        _ => INITDB.locate(),
    }
}

fn words(program: &Path, port: u16, home: &Home, settings: &[&str]) -> Vec<String> {
    let mut words = vec![
        program.display().to_string(),
        "-D".to_owned(),
        data(home).display().to_string(),
        "-p".to_owned(),
        port.to_string(),
        "-c".to_owned(),
        format!("unix_socket_directories={}", home.path().display()),
    ];
    for &setting in SETTINGS.iter().chain(settings) {
        words.extend(["-c".to_owned(), setting.to_owned()]);
    }
    words
}

fn data(home: &Home) -> PathBuf {
    home.path().join("data")
}

/// The server writes how far it is into a file of its own folder: line 1 its
/// process id, line 4 its port, line 8 its state.
fn is_ready(home: &Home, pid: u32, port: u16) -> bool {
    let text = fs::read_to_string(data(home).join("postmaster.pid")).unwrap_or_default();
    let lines: Vec<_> = text.lines().map(str::trim).collect();
    let is = |index: usize, wanted: &str| lines.get(index).is_some_and(|&line| line == wanted);
    is(0, &pid.to_string()) && is(3, &port.to_string()) && is(7, "ready")
}
