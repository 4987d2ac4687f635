//! The staleness checker, with rival caches as its subjects. `cargo run --release -p peers -- --subject amalgam`

mod with_amalgam;
mod with_cached;

use std::process::ExitCode;
use tests::staleness::{CachedRepoSubject, HandWritten, Subjects, main as run};
use with_amalgam::WithAmalgam;
use with_cached::WithCached;

fn main() -> ExitCode {
    run(Subjects(&[
        ("amalgam", WithAmalgam::build),
        ("amalgam-strict", WithAmalgam::build_strict),
        ("cached", WithCached::build),
        ("cached-repo", CachedRepoSubject::build),
        ("hand-written", HandWritten::build),
    ]))
}
