//! A program of the test's own, to be killed and paused.

use std::path::Path;
use std::time::Duration;

use crate::account::Home;
use crate::clock;
use crate::error::ServerError;
use crate::process::Process;
use crate::signal::Signal;

/// How long the system may take to stop a process.
const STOP: Duration = Duration::from_secs(5);

/// A running program. It never outlives the process that started it, not even while it is paused; dropping it kills it.
#[derive(Debug)]
pub struct Subprocess {
    process: Process,
    // Declared last: the folder goes after the process.
    _home: Home,
}

impl Subprocess {
    /// Starts a program.
    ///
    /// # Errors
    ///
    /// The system refuses it.
    pub fn start(program: &Path, arguments: &[String]) -> Result<Self, ServerError> {
        let home = Home::new()?;
        let mut words = vec![program.display().to_string()];
        words.extend_from_slice(arguments);
        let process = Process::spawn(&home, Signal::Kill, &words)
            .map_err(ServerError::io("start a program"))?;
        Ok(Self {
            process,
            _home: home,
        })
    }

    /// Whether it has ended.
    pub fn has_exited(&mut self) -> bool {
        self.process.has_exited()
    }

    /// The last lines that it wrote.
    #[must_use]
    pub fn last_words(&self) -> String {
        self.process.last_words()
    }

    /// Stops it in whatever it does. Returns once it stands still.
    ///
    /// # Errors
    ///
    /// It has ended.
    pub fn pause(&self) -> Result<(), ServerError> {
        self.process
            .signal(Signal::Stop)
            .map_err(ServerError::io("pause a program"))?;
        clock::wait_until(STOP, || self.process.is_frozen() != Some(false));
        Ok(())
    }

    /// Lets it go on after [`Subprocess::pause`].
    ///
    /// # Errors
    ///
    /// It has ended.
    pub fn resume(&self) -> Result<(), ServerError> {
        self.process
            .signal(Signal::Continue)
            .map_err(ServerError::io("resume a program"))
    }
}
