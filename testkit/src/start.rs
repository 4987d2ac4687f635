//! The steps that all servers share: prepare, start on a free port, wait.

use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::account::Home;
use crate::clock;
use crate::error::ServerError;
use crate::port;
use crate::process::Process;

/// How long a server may take to answer: generous, for a loaded machine.
const READY: Duration = Duration::from_secs(60);

/// How often another port is tried after a clash.
const ATTEMPTS: usize = 8;

/// Runs a command to its end, as the user of `home`.
pub(crate) fn run(
    program: &'static str,
    home: &Home,
    words: &[String],
) -> Result<Output, ServerError> {
    let mut all = home.prefix();
    all.extend_from_slice(words);
    let Some((first, rest)) = all.split_first() else {
        return Err(ServerError::NotRunning { program });
    };
    let mut command = Command::new(first);
    command
        .args(rest)
        .current_dir(home.path())
        .env("LC_ALL", "C");
    finish(program, command)
}

/// Runs a command to its end; an error has what it wrote.
pub(crate) fn finish(program: &'static str, mut command: Command) -> Result<Output, ServerError> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(ServerError::io("run a server's tool"))?;
    if output.status.success() {
        return Ok(output);
    }
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    Err(ServerError::Failed {
        program,
        output: text.trim_end().to_owned(),
    })
}

/// Starts a server on a free port, on another one if that was taken meanwhile.
pub(crate) fn on_free_port(
    program: &'static str,
    launch: impl Fn(u16) -> std::io::Result<Process>,
    ready: impl Fn(&Process, u16) -> bool,
) -> Result<(Process, u16), ServerError> {
    for _ in 0..ATTEMPTS {
        let port = port::free()?;
        match on_port(program, port, &launch, &ready)? {
            Started::Ready(process) => return Ok((process, port)),
            Started::PortTaken => {}
        }
    }
    Err(ServerError::PortsTaken {
        program,
        attempts: ATTEMPTS,
    })
}

/// How a start on a given port ended.
pub(crate) enum Started {
    /// The server answers.
    Ready(Process),
    /// Somebody else has the port.
    PortTaken,
}

/// Starts a server on `port` and waits until it answers.
pub(crate) fn on_port(
    program: &'static str,
    port: u16,
    launch: impl Fn(u16) -> std::io::Result<Process>,
    ready: impl Fn(&Process, u16) -> bool,
) -> Result<Started, ServerError> {
    let mut process = launch(port).map_err(ServerError::io("start a server"))?;
    let mut exited = false;
    let done = clock::wait_until(READY, || {
        exited = process.has_exited();
        exited || ready(&process, port)
    });
    let output = process.last_words();
    match (done, exited) {
        (true, false) => Ok(Started::Ready(process)),
        (true, true) if output.contains("Address already in use") => Ok(Started::PortTaken),
        (true, true) => Err(ServerError::Failed { program, output }),
        (false, _) => Err(ServerError::Timeout {
            program,
            limit: READY,
            output,
        }),
    }
}
