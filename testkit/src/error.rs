//! What can go wrong with a server, and what to do about it.

use std::fmt;
use std::io;
use std::time::Duration;

/// Why a server could not be started, steered or stopped.
///
/// Every message says what to do next, or shows the server's own words.
#[derive(Debug)]
#[non_exhaustive]
pub enum ServerError {
    /// A program is not installed.
    NotFound {
        /// The program that was looked for.
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// The server, or a tool that prepares it, ended with an error.
    Failed {
        /// The program that failed.
        program: &'static str,
        /// The last lines that it wrote.
        output: String,
    },
    /// The server did not answer in time.
    Timeout {
        /// The program that was waited for.
        program: &'static str,
        /// How long it was waited for.
        limit: Duration,
        /// The last lines that it wrote.
        output: String,
    },
    /// Every port that was tried was taken by somebody else.
    PortsTaken {
        /// The program that needed a port.
        program: &'static str,
        /// How many ports were tried.
        attempts: usize,
    },
    /// The server is not running, for example because it was killed.
    NotRunning {
        /// The program that should run.
        program: &'static str,
    },
    /// A database name that would need quoting, in SQL or in a URL.
    BadName(String),
    /// A URL of none of the kinds that have databases.
    BadUrl(String),
    /// The operating system refused something.
    Io {
        /// What was being done.
        action: &'static str,
        /// Why it was refused.
        source: io::Error,
    },
}

impl ServerError {
    /// For `map_err`: an I/O error with what was being done.
    pub(crate) fn io(action: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, source }
    }
}

impl fmt::Display for ServerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound { program, package } => write!(
                f,
                "{program} not found: run `cargo xtask test`, which installs it, or `apt-get install {package}`"
            ),
            Self::Failed { program, output } => {
                write!(f, "{program} failed; its last words:\n{output}")
            }
            Self::Timeout {
                program,
                limit,
                output,
            } => write!(
                f,
                "{program} did not answer within {limit:?}; its last words:\n{output}"
            ),
            Self::PortsTaken { program, attempts } => {
                write!(
                    f,
                    "{program}: all of {attempts} ports tried were taken; try again"
                )
            }
            Self::NotRunning { program } => {
                write!(f, "{program} is not running: call `restart` first")
            }
            Self::BadName(name) => write!(
                f,
                "`{name}` is no name for a test database: use 1 to 63 of a-z, 0-9 and _"
            ),
            Self::BadUrl(url) => write!(
                f,
                "`{url}` has no databases to create: expected postgres://… or mysql://…"
            ),
            Self::Io { action, source } => write!(f, "could not {action}: {source}"),
        }
    }
}

impl std::error::Error for ServerError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
