//! `cargo xtask ci`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::{instructions, test};
use crate::failure::Failure;
use crate::report::{self, Outcome, Step};
use crate::run;
use crate::tools::DENY;

/// Cheap steps first; the order also lets later steps find what earlier ones
/// compiled.
const STEPS: [Step; 8] = [
    Step {
        name: "format",
        action: format,
    },
    Step {
        name: "clippy",
        action: clippy,
    },
    Step {
        name: "docs",
        action: docs,
    },
    Step {
        name: "tests",
        action: tests,
    },
    Step {
        name: "doctests",
        action: doctests,
    },
    Step {
        name: "examples",
        action: examples,
    },
    Step {
        name: "instructions",
        action: instructions::step,
    },
    Step {
        name: "deny",
        action: deny,
    },
];

/// How long fetching the advisory database may take.
const FETCH: Duration = Duration::from_secs(120);

/// The line of an example's header that says how to run it.
const RUN_WITH: &str = "//! Run with:";

/// Runs all steps.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    if let Some(word) = arguments.first() {
        return Err(Failure::usage(format!("`ci` takes no arguments: `{word}`")));
    }
    report::run(&STEPS)
}

fn format() -> Result<Outcome, Failure> {
    pass(run::cargo(&["fmt", "--all", "--check"]))
}

/// The whole workspace: this is where `benches` and `peers` are checked, with the features
/// that everything else has, so that nothing is compiled twice for it.
fn clippy() -> Result<Outcome, Failure> {
    let words = ["clippy", "--locked", "--workspace", "--all-targets"];
    let mut command = run::cargo(&words);
    command.args(["--", "-D", "warnings"]);
    pass(command)
}

fn docs() -> Result<Outcome, Failure> {
    let mut command = run::cargo(&["doc", "--no-deps"]);
    command.env("RUSTDOCFLAGS", "-D warnings");
    pass(command)
}

fn tests() -> Result<Outcome, Failure> {
    test::unit_and_integration(&[]).map(|()| Outcome::Passed)
}

fn doctests() -> Result<Outcome, Failure> {
    test::doc().map(|()| Outcome::Passed)
}

fn pass(command: Command) -> Result<Outcome, Failure> {
    run::run(command).map(|()| Outcome::Passed)
}

/// Runs each example that `cargo run` alone can run; the others say which
/// command starts their servers.
fn examples() -> Result<Outcome, Failure> {
    let files = example_files(&run::root().join("examples/examples"))?;
    for file in files {
        let line = how_to_run(&file)?;
        let words: Vec<_> = line.split_whitespace().collect();
        match words.split_first() {
            Some((&"cargo", rest)) if rest.first() == Some(&"run") => run::run(run::cargo(rest))?,
            _ => println!("not run here, it needs servers: {line}"),
        }
    }
    Ok(Outcome::Passed)
}

fn example_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder).map_err(Failure::io("list the examples"))?;
    let mut files: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|end| end == "rs"))
        .collect();
    files.sort();
    Ok(files)
}

/// What the header of an example says after "Run with:".
fn how_to_run(file: &Path) -> Result<String, Failure> {
    let text = fs::read_to_string(file).map_err(Failure::io("read an example"))?;
    text.lines()
        .take_while(|line| line.starts_with("//!"))
        .find_map(|line| line.strip_prefix(RUN_WITH))
        .map(|rest| rest.trim().trim_matches('`').to_owned())
        .ok_or_else(|| {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            Failure::new(format!(
                "example {name} does not say how to run it: its header needs a line `{RUN_WITH} cargo run --example NAME`"
            ))
        })
}

/// Without a network there is no list of known weaknesses; everything else can
/// be checked all the same.
fn deny() -> Result<Outcome, Failure> {
    const CHECK: [&str; 3] = ["deny", "check", "--hide-inclusion-graph"];
    DENY.ensure()?;
    match run::run_within(run::cargo(&["deny", "fetch", "db"]), FETCH) {
        Ok(()) => pass(run::cargo(&CHECK)),
        Err(failure) if failure.is_interrupt() => Err(failure),
        Err(_) => {
            let mut command = run::cargo(&CHECK);
            command.args(["bans", "licenses", "sources"]);
            run::run(command)?;
            Ok(Outcome::Partly(
                "ok, but known weaknesses NOT CHECKED: the advisory database could not be fetched",
            ))
        }
    }
}
