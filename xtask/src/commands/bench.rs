//! `cargo xtask bench`.

mod compile;

use std::path;

use testkit::{Redis, shared};

use crate::failure::Failure;
use crate::{run, servers};

/// Runs the benchmarks; the arguments are theirs. `--compile` measures the
/// compiler instead.
pub(crate) fn run(arguments: &[String]) -> Result<(), Failure> {
    let arguments = with_absolute_file(arguments)?;
    if let Some((first, rest)) = arguments.split_first()
        && first == "--compile"
    {
        return compile::run(rest);
    }
    servers::install_missing()?;
    let redis = Redis::start()?;
    let mut command = run::cargo(&["run", "--release", "-p", "benches", "--"]);
    command.args(arguments).env(shared::REDIS, redis.url());
    run::run(command)
}

/// The benchmarks run in the workspace's folder, the user may be elsewhere.
fn with_absolute_file(arguments: &[String]) -> Result<Vec<String>, Failure> {
    let mut words = arguments.to_vec();
    if let Some(at) = words.iter().position(|word| word == "--json") {
        let file = words
            .get_mut(at + 1)
            .ok_or_else(|| Failure::usage("`--json` needs a file"))?;
        let absolute = path::absolute(&*file).map_err(Failure::io("find the JSON file"))?;
        *file = absolute.display().to_string();
    }
    Ok(words)
}
