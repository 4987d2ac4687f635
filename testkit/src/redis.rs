//! A private Redis.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use crate::account::Home;
use crate::clock;
use crate::error::ServerError;
use crate::find::Program;
use crate::process::Process;
use crate::signal::Signal;
use crate::start::{self, Started};

const SERVER: Program = Program {
    names: &["redis-server", "valkey-server"],
    package: "redis-server",
};

/// How long one question to the server may take.
const ANSWER: Duration = Duration::from_millis(500);

/// How long the system may take to freeze a process.
const FREEZE: Duration = Duration::from_secs(5);

/// How long the server's own port may be taken by somebody else on a restart.
const PORT_BACK: Duration = Duration::from_secs(5);

/// A private Redis that saves nothing. Dropping it stops it.
#[derive(Debug)]
pub struct Redis {
    process: Option<Process>,
    port: u16,
    extra: Vec<String>,
    // Declared last: the folder goes after the server.
    home: Home,
}

impl Redis {
    /// Starts one.
    ///
    /// # Errors
    ///
    /// It is not installed, or did not start.
    pub fn start() -> Result<Self, ServerError> {
        Self::start_with(&[])
    }

    /// Starts one with more command-line arguments, such as
    /// `&["--maxmemory", "4mb"]`.
    ///
    /// # Errors
    ///
    /// As [`Redis::start`].
    pub fn start_with(extra: &[&str]) -> Result<Self, ServerError> {
        let program = Self::locate()?;
        let home = Home::new()?;
        let extra: Vec<String> = extra.iter().map(|&word| word.to_owned()).collect();
        let (process, port) = start::on_free_port(
            SERVER.name(),
            |port| Process::spawn(&home, Signal::Kill, &words(&program, port, &home, &extra)),
            |process, port| answers(port, process.pid()),
        )?;
        Ok(Self {
            process: Some(process),
            port,
            extra,
            home,
        })
    }

    /// Whether it is installed.
    #[must_use]
    pub fn available() -> bool {
        Self::locate().is_ok()
    }

    /// The path of its program.
    ///
    /// # Errors
    ///
    /// [`ServerError::NotFound`].
    pub fn locate() -> Result<PathBuf, ServerError> {
        SERVER.locate()
    }

    /// The URL to connect to; the same after a restart.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The port that it listens on; the same after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Its process id; none after [`Redis::kill`].
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Process::pid)
    }

    /// Kills it at once: connections break, everything in it is lost. Does
    /// nothing if it is dead already.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again, empty, on the same port. Kills it first if it runs.
    ///
    /// # Errors
    ///
    /// It did not start, or somebody else keeps its port.
    pub fn restart(&mut self) -> Result<(), ServerError> {
        self.kill();
        let program = Self::locate()?;
        let begin = clock::now();
        loop {
            let started = start::on_port(
                SERVER.name(),
                self.port,
                |port| {
                    let words = words(&program, port, &self.home, &self.extra);
                    Process::spawn(&self.home, Signal::Kill, &words)
                },
                |process, port| answers(port, process.pid()),
            )?;
            match started {
                Started::Ready(process) => {
                    self.process = Some(process);
                    return Ok(());
                }
                Started::PortTaken if begin.elapsed() < PORT_BACK => {}
                Started::PortTaken => {
                    return Err(ServerError::PortsTaken {
                        program: SERVER.name(),
                        attempts: 1,
                    });
                }
            }
        }
    }

    /// Freezes it: connections stay open and nothing answers, as with a host
    /// that hangs. Returns once it is frozen.
    ///
    /// # Errors
    ///
    /// It is not running.
    pub fn freeze(&self) -> Result<(), ServerError> {
        let process = self.running()?;
        process
            .signal(Signal::Stop)
            .map_err(ServerError::io("freeze Redis"))?;
        // A signal takes effect a little later; a test wants it to have.
        clock::wait_until(FREEZE, || process.is_frozen() != Some(false));
        Ok(())
    }

    /// Lets it go on after [`Redis::freeze`]; it answers what queued up.
    ///
    /// # Errors
    ///
    /// It is not running.
    pub fn thaw(&self) -> Result<(), ServerError> {
        self.running()?
            .signal(Signal::Continue)
            .map_err(ServerError::io("thaw Redis"))
    }

    fn running(&self) -> Result<&Process, ServerError> {
        self.process.as_ref().ok_or(ServerError::NotRunning {
            program: SERVER.name(),
        })
    }
}

fn words(program: &std::path::Path, port: u16, home: &Home, extra: &[String]) -> Vec<String> {
    let mut words = vec![program.display().to_string()];
    let port = port.to_string();
    let folder = home.path().display().to_string();
    let options = [
        ["--port", &port],
        ["--bind", "127.0.0.1"],
        ["--save", ""],
        ["--appendonly", "no"],
        ["--daemonize", "no"],
        ["--dir", &folder],
    ];
    words.extend(options.as_flattened().iter().map(|&word| word.to_owned()));
    words.extend_from_slice(extra);
    words
}

/// Whether the server with this process id answers on this port. One that asks
/// for a password does not tell its id.
fn answers(port: u16, pid: u32) -> bool {
    let ours = format!("process_id:{pid}\r");
    info(port).is_ok_and(|info| info.contains(&ours) || info.starts_with("-NOAUTH"))
}

/// The section `server` of INFO, or the error that the server gives instead.
fn info(port: u16) -> std::io::Result<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, ANSWER)?;
    stream.set_read_timeout(Some(ANSWER))?;
    stream.write_all(b"INFO server\r\nQUIT\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Ok(text)
}
