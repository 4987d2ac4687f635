//! Looks for stale reads: real processes, real servers, real faults. `cargo run --release -p tests --bin staleness -- --help`

use std::process::ExitCode;
use tests::staleness::{CachedRepoSubject, HandWritten, Subjects, main as run};

fn main() -> ExitCode {
    run(Subjects(&[
        ("cached-repo", CachedRepoSubject::build),
        ("hand-written", HandWritten::build),
    ]))
}
