//! `cargo xtask instructions`: what a cached read costs, in instructions.
//!
//! # Method
//!
//! Callgrind counts the instructions that the reading thread executes, from the first counted read to the last one:
//! neither the preparation, nor Redis, nor the database's thread. Unlike a time, the count is nearly the same on a busy
//! machine. What remains is chance (the seeds of hash tables, the moments at which an answer of Redis arrives), so the
//! least of several runs is compared with the bound. Bounds are those of x86-64.

mod bounds;
mod callgrind;

use testkit::Redis;

use self::bounds::Bound;
use self::callgrind::Count;
use crate::failure::Failure;
use crate::report::Outcome;
use crate::{apt, servers};

/// What is compared with the bound. The other subject is the floor.
const SUBJECT: &str = "cached-repo";

/// Runs of the subject, of which the least counts. They differ by some thousandths.
const RUNS: usize = 2;

/// Counts all measures.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    if let Some(word) = arguments.first() {
        return Err(Failure::usage(format!(
            "`instructions` takes no arguments: `{word}`"
        )));
    }
    if let Outcome::Partly(words) = step()? {
        println!("{words}");
    }
    Ok(())
}

/// Counts all measures, where their bounds hold.
///
/// # Errors
///
/// The measures that exceed their bounds.
pub(crate) fn step() -> Result<Outcome, Failure> {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        return Ok(Outcome::Partly(
            "NOT COUNTED: the bounds are those of Linux on x86-64",
        ));
    }
    if !callgrind::is_there() {
        apt::install(&["valgrind"])?;
    }
    callgrind::build()?;
    servers::install_missing()?;
    let redis = Redis::start()?;
    let (mut rows, mut exceeded) = (Vec::new(), Vec::new());
    for bound in bounds::read()? {
        let floor = count(&redis, &bound, &bound.floor)?;
        let ours = least(&redis, &bound)?;
        rows.push(row(&bound, floor, ours));
        if ours > bound.instructions {
            exceeded.push(bound.exceeded_by(ours));
        }
    }
    println!("\n| measure | floor | instructions | ours | bound | ratio |");
    println!("|---|---|---:|---:|---:|---:|\n{}", rows.join("\n"));
    if exceeded.is_empty() {
        return Ok(Outcome::Passed);
    }
    Err(Failure::new(exceeded.join("; ")))
}

fn least(redis: &Redis, bound: &Bound) -> Result<u64, Failure> {
    let counts: Result<Vec<_>, _> = (0..RUNS).map(|_| count(redis, bound, SUBJECT)).collect();
    Ok(counts?.into_iter().min().unwrap_or_default())
}

fn count(redis: &Redis, bound: &Bound, subject: &str) -> Result<u64, Failure> {
    let count = Count {
        measure: &bound.measure,
        subject,
        operations: bound.operations,
    };
    count.run(redis)
}

fn row(bound: &Bound, floor: u64, ours: u64) -> String {
    let ratio = ours as f64 / floor as f64;
    format!(
        "| {} | {} | {floor} | {ours} | {} | {ratio:.2} |",
        bound.measure, bound.floor, bound.instructions
    )
}
