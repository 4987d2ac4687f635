//! The program, around the subjects that it knows.

use super::options::{Options, USAGE};
use super::report;
use super::run::run;
use super::subject::Subjects;
use super::worker::{COMMAND, Task, work};
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// Wrong usage, or a server that is missing: no verdict.
const UNFIT: u8 = 2;

/// Runs, or works for a run. The exit code is 0 if the promise was kept, 1 if not, and 2 if there is no verdict.
#[must_use]
pub fn main(subjects: Subjects) -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let done = match words.split_first() {
        Some((first, rest)) if first == COMMAND => worker(subjects, rest),
        Some((first, _)) if first == "--help" => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => parent(subjects, words),
    };
    done.unwrap_or_else(|message| {
        eprintln!("{message}");
        ExitCode::from(UNFIT)
    })
}

fn worker(subjects: Subjects, words: &[String]) -> Result<ExitCode, String> {
    let task = Task::parse(words)?;
    runtime()?
        .block_on(work(subjects, task))
        .map(|()| ExitCode::SUCCESS)
}

fn parent(subjects: Subjects, mut words: Vec<String>) -> Result<ExitCode, String> {
    let options = Options::parse(&words).map_err(|error| format!("{error}\n\n{USAGE}"))?;
    if subjects.find(&options.subject).is_none() {
        let (subject, known) = (&options.subject, subjects.names().join(", "));
        return Err(format!(
            "`--subject {subject}`: one of {known} is wanted\n\n{USAGE}"
        ));
    }
    // Workers draw from the same seed, even if it was drawn itself.
    words.extend(["--seed".to_owned(), options.seed.to_string()]);
    let findings = runtime()?.block_on(run(&options, &words))?;
    print!(
        "{}",
        report::tell(&options, &findings).map_err(|error| error.to_string())?
    );
    if options.json {
        println!("{}", report::json(&findings));
    }
    let clean = findings.verdict.is_clean();
    Ok(if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn runtime() -> Result<Runtime, String> {
    Runtime::new().map_err(|error| error.to_string())
}
