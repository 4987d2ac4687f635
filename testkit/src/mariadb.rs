//! A private MariaDB.

use std::io::Read;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::account::Home;
use crate::database;
use crate::error::ServerError;
use crate::find::Program;
use crate::process::Process;
use crate::signal::Signal;
use crate::start;

const SERVER: Program = Program {
    names: &["mariadbd"],
    package: "mariadb-server",
};

const INSTALL: Program = Program {
    names: &["mariadb-install-db", "mysql_install_db"],
    package: "mariadb-server",
};

/// The user that Debian's package makes; only root needs it.
const USER: &str = "mysql";

/// How long the greeting may take once connected.
const GREETING: Duration = Duration::from_millis(500);

/// What makes it fast (its data need not survive anything) and roomy.
const SETTINGS: [&str; 9] = [
    "--bind-address=127.0.0.1",
    "--skip-name-resolve",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-flush-method=nosync",
    "--innodb-log-file-size=16M",
    "--innodb-buffer-pool-size=64M",
    "--performance-schema=OFF",
    "--max-connections=200",
    "--skip-log-bin",
];

/// A private MariaDB with a user `root` and no password. Dropping it stops it.
#[derive(Debug)]
pub struct MariaDb {
    process: Process,
    port: u16,
    // Declared last: the folder goes after the server.
    _home: Home,
}

impl MariaDb {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// It is not installed, or did not start.
    pub fn start() -> Result<Self, ServerError> {
        Self::start_with(&[])
    }

    /// Starts one with more command-line arguments, such as
    /// `&["--transaction-isolation=READ-COMMITTED"]`.
    ///
    /// # Errors
    ///
    /// As [`MariaDb::start`].
    pub fn start_with(extra: &[&str]) -> Result<Self, ServerError> {
        let program = Self::locate()?;
        let home = Home::of(USER)?;
        initialize(&home)?;
        let (process, port) = start::on_free_port(
            SERVER.name(),
            // A polite shutdown would save data nobody wants.
            |port| Process::spawn(&home, Signal::Kill, &words(&program, port, &home, extra)),
            |_, _| greets(&socket(&home)).unwrap_or(false),
        )?;
        let server = Self {
            process,
            port,
            _home: home,
        };
        server.create_database("test")?;
        Ok(server)
    }

    /// Whether it is installed.
    #[must_use]
    pub fn available() -> bool {
        Self::locate().is_ok() && INSTALL.locate().is_ok()
    }

    /// The path of its program.
    ///
    /// # Errors
    ///
    /// [`ServerError::NotFound`].
    pub fn locate() -> Result<PathBuf, ServerError> {
        SERVER.locate()
    }

    /// The URL of the database `test`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("mysql://root@127.0.0.1:{}/test", self.port)
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
    /// there already is thrown away.
    ///
    /// # Errors
    ///
    /// The name needs quoting, or the client `mariadb` failed.
    pub fn create_database(&self, name: &str) -> Result<String, ServerError> {
        database::create(&self.url(), name)
    }

    /// Removes a database. Many databases are many files: a test that made one
    /// does well to remove it.
    ///
    /// # Errors
    ///
    /// As [`MariaDb::create_database`].
    pub fn drop_database(&self, name: &str) -> Result<(), ServerError> {
        database::drop(&self.url(), name)
    }
}

fn initialize(home: &Home) -> Result<(), ServerError> {
    let words = [
        INSTALL.locate()?.display().to_string(),
        "--no-defaults".to_owned(),
        format!("--datadir={}", data(home).display()),
        // Servers that are made at the same time must not meet in the folder that all share.
        format!("--tmpdir={}", home.path().display()),
        "--auth-root-authentication-method=normal".to_owned(),
        "--skip-test-db".to_owned(),
        "--skip-name-resolve".to_owned(),
        "--innodb-log-file-size=16M".to_owned(),
        "--innodb-flush-log-at-trx-commit=0".to_owned(),
        "--innodb-flush-method=nosync".to_owned(),
    ];
    start::run(INSTALL.name(), home, &words).map(drop)
}

fn words(program: &Path, port: u16, home: &Home, extra: &[&str]) -> Vec<String> {
    let mut words = vec![
        program.display().to_string(),
        "--no-defaults".to_owned(),
        format!("--datadir={}", data(home).display()),
        format!("--tmpdir={}", home.path().display()),
        format!("--socket={}", socket(home).display()),
        format!("--pid-file={}", home.path().join("pid").display()),
        format!("--port={port}"),
    ];
    words.extend(SETTINGS.iter().chain(extra).map(|&word| word.to_owned()));
    words
}

fn data(home: &Home) -> PathBuf {
    home.path().join("data")
}

fn socket(home: &Home) -> PathBuf {
    home.path().join("socket")
}

/// Whether the server greets with a handshake of protocol 10.
///
/// Asked by the socket in our own folder, which no other server has. The server
/// opens it after its port, and ends if it cannot have the port.
fn greets(socket: &Path) -> std::io::Result<bool> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(GREETING))?;
    // Three bytes of length, one of sequence, then the packet.
    let mut head = [0; 5];
    stream.read_exact(&mut head)?;
    Ok(head.last() == Some(&10))
}
