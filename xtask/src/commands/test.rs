//! `cargo xtask test`.

use crate::failure::Failure;
use crate::run;
use crate::servers::Servers;
use crate::tools::NEXTEST;

/// Runs all tests, or those that nextest's arguments choose.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    unit_and_integration(arguments)?;
    if arguments.is_empty() {
        return doc();
    }
    println!("documentation tests are left out, since arguments choose other tests");
    Ok(())
}

/// Tests that servers are needed for, and all others but documentation's.
pub(crate) fn unit_and_integration(arguments: &[String]) -> Result<(), Failure> {
    let servers = Servers::start()?;
    let words: &[&str] = match NEXTEST.ensure() {
        Ok(()) => &["nextest", "run"],
        Err(failure) if failure.is_interrupt() => return Err(failure),
        Err(failure) => {
            println!("{failure}; going on with `cargo test`, where a test that hangs is not ended");
            &["test", "--lib", "--bins", "--tests"]
        }
    };
    let mut command = run::cargo(words);
    command.args(arguments);
    servers.tell(&mut command);
    run::run(command)
}

/// The tests in documentation, which nextest does not run.
pub(crate) fn doc() -> Result<(), Failure> {
    run::run(run::cargo(&["test", "--doc"]))
}
