//! `cargo xtask example pgbench`.

use std::process::Command;

use testkit::{Postgres, Redis, find_program};

use crate::failure::Failure;
use crate::{run, servers};

/// How many times 100,000 accounts there are.
const SCALE: &str = "10";

const USAGE: &str = "usage: cargo xtask example pgbench [--scale N]";

/// Runs an example that needs servers.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["pgbench"] => pgbench(SCALE),
        ["pgbench", "--scale", scale] if scale.parse::<u32>().is_ok_and(|scale| scale > 0) => {
            pgbench(scale)
        }
        _ => Err(Failure::usage(USAGE)),
    }
}

fn pgbench(scale: &str) -> Result<(), Failure> {
    servers::install_missing()?;
    let program = find_program("pgbench").ok_or_else(|| {
        Failure::new("pgbench not found: `apt-get install postgresql-contrib` has it")
    })?;
    let postgres = Postgres::start()?;
    let redis = Redis::start()?;
    let url = postgres.create_database("pgbench")?;

    let mut tables = Command::new(program);
    tables.args(["--initialize", "--quiet", "--scale", scale, &url]);
    run::run(tables)?;

    let words = ["run", "--release", "-p", "examples", "--example", "pgbench"];
    let mut example = run::cargo(&words);
    example
        .env("DATABASE_URL", url)
        .env("CACHED_REPO_URL", redis.url());
    run::run(example)
}
