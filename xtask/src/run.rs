//! Running programs so that none outlives an interrupt.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use testkit::clock;

use crate::failure::Failure;
use crate::interrupt;

/// How often a running program is looked at.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a program has to end after an interrupt; nextest gives its tests 10
/// seconds of that.
const GRACE: Duration = Duration::from_secs(20);

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map(Path::to_path_buf).unwrap_or(package)
}

/// `cargo` with these words, to be run in the workspace's folder.
pub(crate) fn cargo(words: &[&str]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(words).current_dir(root());
    command
}

/// Whether a program runs and succeeds; what it writes is thrown away.
pub(crate) fn succeeds(mut command: Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Runs a program to its end and shows its command line.
///
/// It gets a process group of its own: an interrupt is passed on to the group,
/// whether it came from a terminal or from `kill`.
pub(crate) fn run(command: Command) -> Result<(), Failure> {
    run_within(command, Duration::MAX)
}

/// As [`run`], but ends the program after `limit`.
pub(crate) fn run_within(mut command: Command, limit: Duration) -> Result<(), Failure> {
    let line = command_line(&command);
    println!("$ {line}");
    let mut child = command
        .process_group(0)
        .stdin(Stdio::null())
        .spawn()
        .map_err(Failure::io(&format!("run `{line}`")))?;
    let start = clock::now();
    loop {
        if let Some(status) = ended(&mut child)? {
            return judge(&line, status);
        }
        if interrupt::came() {
            end_group(&mut child);
            return Err(Failure::interrupted());
        }
        if start.elapsed() >= limit {
            end_group(&mut child);
            return Err(Failure::new(format!("`{line}` took more than {limit:?}")));
        }
        thread::sleep(PAUSE);
    }
}

fn judge(line: &str, status: ExitStatus) -> Result<(), Failure> {
    if status.success() {
        return Ok(());
    }
    // The signal may have reached the program first.
    if interrupt::came() {
        return Err(Failure::interrupted());
    }
    Err(Failure::of(line, status))
}

fn ended(child: &mut Child) -> Result<Option<ExitStatus>, Failure> {
    child
        .try_wait()
        .map_err(Failure::io("wait for a program's end"))
}

fn end_group(child: &mut Child) {
    signal_group(child.id(), "INT");
    if !clock::wait_until(GRACE, || !matches!(child.try_wait(), Ok(None))) {
        signal_group(child.id(), "KILL");
        let _ = child.wait();
    }
}

/// The standard library cannot signal a group; every shell can.
fn signal_group(leader: u32, signal: &str) {
    let mut kill = Command::new("sh");
    kill.args(["-c", r#"kill -s "$0" -- "-$1""#, signal])
        .arg(leader.to_string());
    succeeds(kill);
}

/// A command as one would type it.
fn command_line(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    let words: Vec<_> = std::iter::once(name)
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect();
    words.join(" ")
}
