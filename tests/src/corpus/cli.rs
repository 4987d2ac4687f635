//! The program.

use super::options::{Options, USAGE};
use super::run::run;
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Wrong usage, or a statement that the database refuses: no verdict.
const UNFIT: u8 = 2;

/// Runs. The exit code is 0 if every answer was right, 1 if not, and 2 if there is no verdict.
#[must_use]
pub fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.iter().any(|word| word == "--help") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    verdict(&words).unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::from(UNFIT)
    })
}

fn verdict(words: &[String]) -> Result<ExitCode, String> {
    let options = Options::parse(words).map_err(|error| format!("{error}\n\n{USAGE}"))?;
    println!(
        "{:?} over {:?}, seed {}",
        options.database, options.store, options.seed
    );
    let runtime = Runtime::new().map_err(|error| error.to_string())?;
    let findings = runtime.block_on(run(&options, |line| println!("{line}")))?;
    println!("{}", findings.report());
    if options.json {
        println!("{}", findings.json());
    }
    Ok(match findings.is_clean() {
        true => ExitCode::SUCCESS,
        false => ExitCode::FAILURE,
    })
}
