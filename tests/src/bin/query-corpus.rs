//! Compares cached queries with the database's answers, behind random writes. `cargo run --release -p tests --bin query-corpus -- --help`

use std::process::ExitCode;

fn main() -> ExitCode {
    tests::corpus::main()
}
