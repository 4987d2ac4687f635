//! A tiny shell process that ends a server when its owner is gone.
//!
//! # Why
//!
//! `Drop` does not run when a test is killed (a runner's timeout), nor for
//! statics. Linux' parent-death signal is no way out: it fires when the *thread*
//! that started the child ends, and a change of user clears it.
//!
//! # How
//!
//! The watchdog reads its standard input, a pipe whose only other end the owner
//! holds. The kernel closes that end when the owner ends in whatever way, at
//! once, without polling. The watchdog then signals the server, kills it if it
//! lingers, and removes its folder. It runs in a process group of its own and
//! ignores hang-ups, so that what ends the owner does not end the watchdog.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::signal::Signal;

/// `$1` process id, `$2` signal, `$3` folder.
///
/// In a container whose first process reaps nobody, a dead server stays a
/// zombie, which `kill` takes for alive; where there is no /proc, the wait ends
/// by count.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
read -r word
[ "$word" = over ] && exit 0
kill -s "$2" "$1"
lives() {
    kill -s 0 "$1" && case $(cat "/proc/$1/stat") in *') Z '*) return 1 ;; esac
}
n=0
while lives "$1" && [ "$n" -lt 50 ]; do sleep 0.1; n=$((n + 1)); done
lives "$1" && kill -s KILL "$1"
rm -rf -- "$3"
"#;

/// Watches over one server process. Dropping it calls the watchdog off.
#[derive(Debug)]
pub(crate) struct Watchdog {
    shell: Child,
}

impl Watchdog {
    /// From now on, `pid` gets `signal` when this process ends.
    pub(crate) fn set(pid: u32, signal: Signal, folder: &Path) -> io::Result<Self> {
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "watchdog", &pid.to_string(), signal.name()])
            .arg(folder)
            .current_dir("/")
            .process_group(0)
            .stdin(Stdio::piped())
            // An inherited stdout would make a test runner wait for it.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self { shell })
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        if let Some(mut lifeline) = self.shell.stdin.take() {
            // Without this word, closing the pipe would kill whatever process
            // has the server's id by then.
            if lifeline.write_all(b"over\n").is_err() {
                let _ = self.shell.kill();
            }
        }
        let _ = self.shell.wait();
    }
}
