//! `cargo xtask servers`.

use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::interrupt;
use crate::servers::Servers;

const PAUSE: Duration = Duration::from_millis(100);

/// Keeps private servers running until ctrl-c.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    if let Some(word) = arguments.first() {
        return Err(Failure::usage(format!(
            "`servers` takes no arguments: `{word}`"
        )));
    }
    let servers = Servers::start()?;
    println!("\n# in the shell where you run tests:");
    for (variable, url) in servers.variables() {
        println!("export {variable}={url}");
    }
    println!("# ctrl-c stops the servers");
    while !interrupt::came() {
        thread::sleep(PAUSE);
    }
    println!("stopping");
    Ok(())
}
