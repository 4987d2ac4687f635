//! Steps that are run in turn, and the table of how long each took.

use std::time::Duration;

use testkit::clock;

use crate::failure::Failure;

/// How a step ended that did not fail.
pub(crate) enum Outcome {
    /// Everything was checked and is well.
    Passed,
    /// Something could not be checked here; the words say what.
    Partly(&'static str),
}

/// A named part of a command.
pub(crate) struct Step {
    /// Shown before it runs and in the table.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) action: fn() -> Result<Outcome, Failure>,
}

/// Runs the steps until one fails; shows a table of durations in any case.
pub(crate) fn run(steps: &[Step]) -> Result<(), Failure> {
    let mut done = Vec::new();
    let outcome = steps.iter().try_for_each(|step| {
        println!("\n==== {} ====", step.name);
        let start = clock::now();
        let outcome = (step.action)();
        done.push((step.name, start.elapsed(), verdict(&outcome)));
        outcome
            .map(drop)
            .map_err(|failure| failure.within(step.name))
    });
    show(steps, &done);
    outcome
}

fn verdict(outcome: &Result<Outcome, Failure>) -> &'static str {
    match outcome {
        Ok(Outcome::Passed) => "ok",
        Ok(Outcome::Partly(words)) => words,
        Err(failure) if failure.is_interrupt() => "interrupted",
        Err(_) => "FAILED",
    }
}

fn show(steps: &[Step], done: &[(&str, Duration, &str)]) {
    println!("\n{:<12} {:>8}", "step", "seconds");
    for (name, took, verdict) in done {
        println!("{name:<12} {:>8.1}  {verdict}", took.as_secs_f64());
    }
    for step in steps.iter().skip(done.len()) {
        println!("{:<12} {:>8}  not run", step.name, "-");
    }
    let total: Duration = done.iter().map(|(_, took, _)| *took).sum();
    println!("{:<12} {:>8.1}\n", "total", total.as_secs_f64());
}
