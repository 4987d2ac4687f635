//! What a run has done, and how that goes from one process to the other.

use crate::Failure;
use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

/// Counts of one run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) transactions: u64,
    /// Reads that the cache answered.
    pub(crate) hits: u64,
    /// Queries that the cache sent to the database.
    pub(crate) loads: u64,
    /// Accounts that were read.
    pub(crate) keys: BTreeSet<i32>,
    /// Microseconds of each read.
    times: Vec<u32>,
}

impl Tally {
    /// Counts a read.
    pub(crate) fn read(&mut self, aid: i32, time: Duration) {
        self.keys.insert(aid);
        self.times.push(u32::try_from(time.as_micros()).unwrap_or(u32::MAX));
    }

    /// Both together.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.transactions += other.transactions;
        self.hits += other.hits;
        self.loads += other.loads;
        self.keys.extend(other.keys);
        self.times.extend(other.times);
        self
    }

    pub(crate) fn reads(&self) -> usize {
        self.times.len()
    }

    pub(crate) fn hit_ratio(&self) -> f64 {
        self.hits as f64 / self.reads().max(1) as f64
    }

    /// A line for people.
    pub(crate) fn rates(&self, seconds: u64) -> String {
        let mut times = self.times.clone();
        times.sort_unstable();
        let at = |share: usize| times.get(times.len() * share / 100).copied().unwrap_or(0);
        format!(
            "{:>6} reads/s (p50 {} us, p99 {} us), {:>5} transactions/s",
            self.reads() as u64 / seconds,
            at(50),
            at(99),
            self.transactions / seconds
        )
    }

    /// Lines for the other process.
    pub(crate) fn to_lines(&self) -> String {
        let counts = [self.transactions, self.hits, self.loads];
        format!("{}\n{}\n{}\n", line(counts), line(&self.keys), line(&self.times))
    }

    /// The same, read back.
    pub(crate) fn from_lines(text: &str) -> Result<Self, Failure> {
        let lines: Vec<&str> = text.lines().collect();
        let [counts, keys, times] = lines.as_slice() else {
            return Err("a tally has three lines".into());
        };
        let counts: Vec<u64> = numbers(counts)?;
        let [transactions, hits, loads] = counts.as_slice() else {
            return Err("a tally begins with three counts".into());
        };
        Ok(Self {
            transactions: *transactions,
            hits: *hits,
            loads: *loads,
            keys: numbers(keys)?,
            times: numbers(times)?,
        })
    }
}

fn line(numbers: impl IntoIterator<Item = impl Display>) -> String {
    let words: Vec<String> = numbers.into_iter().map(|number| number.to_string()).collect();
    words.join(" ")
}

fn numbers<T: FromStr<Err: Into<Failure>>, C: FromIterator<T>>(line: &str) -> Result<C, Failure> {
    line.split_whitespace().map(|word| word.parse().map_err(Into::into)).collect()
}
