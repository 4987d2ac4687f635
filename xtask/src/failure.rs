//! Why a command failed, and the exit code that tells so.

use std::fmt;
use std::io;
use std::process::{ExitCode, ExitStatus};

use testkit::ServerError;

/// What a shell reports for a program that ctrl-c ended.
const INTERRUPTED: u8 = 130;

/// A message for people and an exit code for scripts.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// Something could not be done.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 1,
        }
    }

    /// The command line is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            code: 2,
        }
    }

    /// Ctrl-C or SIGTERM came.
    pub(crate) fn interrupted() -> Self {
        Self {
            message: "interrupted".to_owned(),
            code: INTERRUPTED,
        }
    }

    /// A program ended with an error: its exit code becomes ours.
    pub(crate) fn of(program: &str, status: ExitStatus) -> Self {
        let code = status.code().and_then(|code| u8::try_from(code).ok());
        Self {
            message: format!("`{program}` failed: {status}"),
            code: code.filter(|&code| code != 0).unwrap_or(1),
        }
    }

    /// For `map_err`: an I/O error with what was being done.
    pub(crate) fn io(action: &str) -> impl FnOnce(io::Error) -> Self {
        move |error| Self::new(format!("could not {action}: {error}"))
    }

    /// The same failure, with the name of what failed before its message.
    pub(crate) fn within(self, name: &str) -> Self {
        Self {
            message: format!("{name}: {}", self.message),
            ..self
        }
    }

    /// The same failure, with what to do about it after its message.
    pub(crate) fn advise(self, advice: &str) -> Self {
        Self {
            message: format!("{}; {advice}", self.message),
            ..self
        }
    }

    /// The exit code of this process.
    pub(crate) fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }

    /// Whether ctrl-c or SIGTERM came.
    pub(crate) fn is_interrupt(&self) -> bool {
        self.code == INTERRUPTED
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Self::new(error.to_string())
    }
}
