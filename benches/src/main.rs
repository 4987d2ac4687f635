//! Head-to-head benchmarks: what a read costs beside the least that it could cost.
//!
//! Run with `cargo xtask bench`, or `cargo run --release -p benches -- [--json FILE]`.
//!
//! # Method
//! One process, one task on a runtime of one thread, so that the numbers are the cost of the code and not of threads that
//! wake each other. (The database's driver has a thread of its own; all subjects pay for it alike.) A measure has several
//! subjects, and each round gives every subject one slice of time, in an order that rotates: whatever else the machine does
//! meets all of them. A slice is cut into batches and its result is the median batch; reported is the least slice of all
//! rounds, because what disturbs a run only ever makes it slower. The floor is the least that could answer the question.
//!
//! Rows have about 330 bytes when encoded. The database is SQLite in memory through SeaORM. What is written by hand
//! encodes rows with `postcard`: compact, binary, without names, as the codec of `cached-repo` is.
//!
//! `benches count MEASURE SUBJECT OPERATIONS` runs one subject alone, for `cargo xtask instructions`.

mod count;
mod gathered;
mod harness;
mod leaves;
mod measures;
mod report;
mod user;
mod world;

use std::path::PathBuf;

/// What any step may fail with.
type Failure = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    if let Some((first, rest)) = arguments.split_first()
        && first == "count"
    {
        return count::run(&runtime, rest);
    }
    let options = Options::parse(&arguments)?;
    let results = runtime.block_on(measures::all(&options))?;
    report::print(&results);
    if let Some(file) = &options.json {
        std::fs::write(file, report::json(&results))?;
    }
    Ok(())
}

/// What the command line asks for.
#[derive(Debug)]
struct Options {
    json: Option<PathBuf>,
    /// Measures whose name holds this.
    only: String,
    /// Subjects whose name holds this: for profilers.
    subject: String,
    rounds: usize,
}

impl Options {
    fn parse(arguments: &[String]) -> Result<Self, Failure> {
        let mut options = Self {
            json: None,
            only: String::new(),
            subject: String::new(),
            rounds: 15,
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            let value = words
                .next()
                .ok_or_else(|| format!("`{word}` needs a value"))?;
            match word.as_str() {
                "--json" => options.json = Some(value.into()),
                "--only" => options.only.clone_from(value),
                "--subject" => options.subject.clone_from(value),
                "--rounds" => options.rounds = value.parse()?,
                _ => {
                    return Err(
                        "usage: benches [--json FILE] [--only MEASURE] [--subject NAME] [--rounds N]"
                            .into(),
                    );
                }
            }
        }
        Ok(options)
    }
}
