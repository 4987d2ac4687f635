//! One run of a subject under callgrind.

use std::fs;
use std::path::Path;

use testkit::{Redis, find_program, shared};

use crate::failure::Failure;
use crate::run;

/// The function of `benches` that is counted, with all that it calls: its name, mangled or not.
const COUNTED: &str = "*benches*count*counted*";

/// Whether valgrind is installed.
pub(super) fn is_there() -> bool {
    find_program("valgrind").is_some()
}

/// Builds what is counted, so that the runs can be quiet.
pub(super) fn build() -> Result<(), Failure> {
    run::run(run::cargo(&[
        "build",
        "--locked",
        "--release",
        "-p",
        "benches",
    ]))
}

/// Operations of one subject of a measure.
pub(super) struct Count<'a> {
    pub(super) measure: &'a str,
    pub(super) subject: &'a str,
    pub(super) operations: u64,
}

impl Count<'_> {
    /// Instructions of one operation.
    pub(super) fn run(&self, redis: &Redis) -> Result<u64, Failure> {
        let file = run::root().join("target/callgrind.out");
        let operations = self.operations.to_string();
        let mut command = run::cargo(&["run", "--quiet", "--locked", "--release", "-p", "benches"]);
        command
            .args(["--config", &runner(&file), "--"])
            .args(["count", self.measure, self.subject, &operations])
            .env(shared::REDIS, redis.url());
        run::run(command)?;
        let text = fs::read_to_string(&file).map_err(Failure::io("read callgrind's counts"))?;
        let total = total(&text).filter(|&total| total > 0).ok_or_else(|| {
            Failure::new(format!(
                "callgrind has counted nothing: is there still a function like `{COUNTED}` in `benches`?"
            ))
        })?;
        Ok(total / self.operations)
    }
}

/// Cargo's setting that runs a program under callgrind.
fn runner(file: &Path) -> String {
    let words = [
        "valgrind",
        "--quiet",
        "--tool=callgrind",
        "--collect-atstart=no",
        &format!("--toggle-collect={COUNTED}"),
        &format!("--callgrind-out-file={}", file.display()),
    ];
    let list = serde_json::Value::from(words.to_vec());
    format!("target.'cfg(all())'.runner={list}")
}

/// The sum at the end of callgrind's file.
fn total(text: &str) -> Option<u64> {
    let mut lines = text.lines();
    let sum = lines.find_map(|line| line.strip_prefix("totals:"))?;
    sum.trim().parse().ok()
}
