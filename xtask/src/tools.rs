//! Cargo's additional tools: found, or installed from crates.io.

use crate::failure::Failure;
use crate::run;

/// A tool run as `cargo NAME`, and why the project wants it.
pub(crate) struct Tool {
    /// The word after `cargo`.
    pub(crate) name: &'static str,
    /// The crate that has it.
    pub(crate) package: &'static str,
    /// Shown before it is installed.
    pub(crate) why: &'static str,
}

/// The test runner.
pub(crate) const NEXTEST: Tool = Tool {
    name: "nextest",
    package: "cargo-nextest",
    why: "it runs each test in a process of its own, and ends one that hangs",
};

/// The check of dependencies.
pub(crate) const DENY: Tool = Tool {
    name: "deny",
    package: "cargo-deny",
    why: "it checks licenses, sources and known weaknesses of the dependencies",
};

impl Tool {
    /// Whether it is installed.
    fn is_there(&self) -> bool {
        run::succeeds(run::cargo(&[self.name, "--version"]))
    }

    /// Installs it unless it is there: several minutes, once.
    ///
    /// # Errors
    ///
    /// Cargo's own, which it has shown.
    pub(crate) fn ensure(&self) -> Result<(), Failure> {
        if self.is_there() {
            return Ok(());
        }
        println!(
            "{} is missing and gets installed: {}",
            self.package, self.why
        );
        run::run(run::cargo(&["install", "--locked", self.package]))
    }
}
