//! One server process: owned, watched over, stopped by its id.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::account::Home;
use crate::clock;
use crate::signal::Signal;
use crate::watchdog::Watchdog;

/// How long a server has to go after the polite signal.
const FAREWELL: Duration = Duration::from_secs(10);

/// Lines of its log shown when a server fails.
const LAST_WORDS: usize = 12;

/// Waits for a line, then becomes the command.
///
/// The line comes once the watchdog is set. A parent that dies before leaves an
/// empty pipe, and no server is ever started: there is no moment in which one
/// runs unwatched.
const GATE: &str = r#"read -r go && exec "$@" </dev/null"#;

/// A running server process. Dropping it stops it.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
    stop: Signal,
    log: PathBuf,
    // Declared last: it is called off once the server is gone.
    _watchdog: Watchdog,
}

impl Process {
    /// Starts `words` in `home`; `stop` is the signal that ends it.
    pub(crate) fn spawn(home: &Home, stop: Signal, words: &[String]) -> io::Result<Self> {
        let log = home.path().join("server.log");
        let output = File::create(&log)?;
        let mut child = Command::new("sh")
            .args(["-c", GATE, "gate"])
            .args(home.prefix())
            .args(words)
            .current_dir(home.path())
            .env("LC_ALL", "C")
            // Ctrl-C in a terminal reaches the owner, which then stops servers.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(output.try_clone()?)
            .stderr(output)
            .spawn()?;
        let watchdog = Watchdog::set(child.id(), stop, home.path())?;
        if let Some(mut gate) = child.stdin.take() {
            gate.write_all(b"go\n")?;
        }
        Ok(Self {
            child,
            stop,
            log,
            _watchdog: watchdog,
        })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it ended by itself.
    pub(crate) fn has_exited(&mut self) -> bool {
        !matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) -> io::Result<()> {
        signal.send(self.pid())
    }

    /// Whether the system shows it as stopped, where the system tells.
    pub(crate) fn is_frozen(&self) -> Option<bool> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.pid())).ok()?;
        // `pid (name) state …`, and a name may have spaces and parentheses.
        let state = stat.rsplit_once(") ")?.1.chars().next()?;
        Some(state == 'T')
    }

    /// The last lines that it wrote.
    pub(crate) fn last_words(&self) -> String {
        last_lines(&self.log)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.has_exited() {
            return;
        }
        let polite = self.stop != Signal::Kill && self.signal(self.stop).is_ok();
        if polite && clock::wait_until(FAREWELL, || self.has_exited()) {
            return;
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn last_lines(log: &Path) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().collect();
    let skip = lines.len().saturating_sub(LAST_WORDS);
    lines.get(skip..).unwrap_or_default().join("\n")
}
