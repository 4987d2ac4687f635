//! The project's own commands: `cargo xtask help` lists them.
//!
//! `commands` has one file per command; the other modules are what they share.

mod apt;
mod commands;
mod failure;
mod interrupt;
mod report;
mod run;
mod servers;
mod tools;

use std::env;
use std::process::ExitCode;

use failure::Failure;

/// What a command does with the words that follow its name.
type Action = fn(&[String]) -> Result<(), Failure>;

/// Name, arguments, what it does.
const COMMANDS: [(&str, &str, &str, Action); 7] = [
    (
        "test",
        "[nextest arguments]",
        "run the tests with private PostgreSQL, MariaDB and Redis (installed if missing)",
        commands::test::run,
    ),
    (
        "ci",
        "",
        "everything that must hold before a merge",
        commands::ci::run,
    ),
    (
        "bench",
        "[--json FILE]",
        "run the benchmarks with a private Redis",
        commands::bench::run,
    ),
    (
        "instructions",
        "",
        "count the instructions of cached reads, and compare them with their bounds",
        commands::instructions::run,
    ),
    (
        "example",
        "pgbench [--scale N]",
        "run the example that works on pgbench's tables",
        commands::example::run,
    ),
    (
        "servers",
        "",
        "start private servers, show where they are, wait for ctrl-c",
        commands::servers::run,
    ),
    ("help", "", "this list", help),
];

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let (name, rest) = words
        .split_first()
        .map_or(("help", words.as_slice()), |(name, rest)| {
            (name.as_str(), rest)
        });
    match dispatch(name, rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            failure.code()
        }
    }
}

fn dispatch(name: &str, rest: &[String]) -> Result<(), Failure> {
    let name = match name {
        "-h" | "--help" => "help",
        name => name,
    };
    let Some((.., action)) = COMMANDS.iter().find(|(known, ..)| *known == name) else {
        return Err(Failure::usage(format!(
            "no command `{name}`: `cargo xtask help` lists them"
        )));
    };
    interrupt::listen()?;
    action(rest)
}

fn help(_: &[String]) -> Result<(), Failure> {
    println!("cargo xtask COMMAND\n");
    for (name, arguments, does, _) in COMMANDS {
        println!("  {:<28}  {does}", format!("{name} {arguments}"));
    }
    Ok(())
}
