//! Signals to processes.

use std::io;
use std::process::{Command, Stdio};

/// The signals used here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// End at once; cannot be refused.
    Kill,
    /// PostgreSQL's immediate shutdown, which takes its children along.
    Quit,
    /// Freeze; cannot be refused.
    Stop,
    /// Go on after [`Signal::Stop`].
    Continue,
}

impl Signal {
    /// The name that `kill -s` takes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Kill => "KILL",
            Self::Quit => "QUIT",
            Self::Stop => "STOP",
            Self::Continue => "CONT",
        }
    }

    /// Sends it to the process `pid`.
    ///
    /// The standard library cannot send signals and unsafe code is forbidden
    /// here; the shell's own `kill` is everywhere, the program `kill` is not.
    pub(crate) fn send(self, pid: u32) -> io::Result<()> {
        let status = Command::new("sh")
            .args(["-c", r#"kill -s "$0" "$1""#, self.name(), &pid.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        if status.success() {
            return Ok(());
        }
        Err(io::Error::other(format!(
            "kill -s {} {pid} failed",
            self.name()
        )))
    }
}
