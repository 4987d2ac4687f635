//! Tells what a run has shown.

use super::history::{Fault, Outcome, Write};
use super::judge::{Level, Violation, Wrong};
use super::model::{Kind, Question, Slot, Touch};
use super::options::{Database, Options};
use super::run::Findings;
use std::fmt::{self, Write as _};

/// Violations that are told in full.
const TOLD: usize = 20;

/// Writes that are told before and after what was seen.
const AROUND: usize = 4;

/// Faults that ended this many nanoseconds before a read are told with it.
const NEAR: u64 = 3_000_000_000;

/// The report for people.
///
/// # Errors
/// None: text takes everything.
pub fn tell(options: &Options, findings: &Findings) -> Result<String, fmt::Error> {
    let mut text = String::new();
    headline(&mut text, options)?;
    faults(&mut text, findings)?;
    reads(&mut text, findings)?;
    hits(&mut text, findings)?;
    writes(&mut text, findings)?;
    ages(&mut text, findings)?;
    violations(&mut text, findings)?;
    Ok(text)
}

fn headline(text: &mut String, options: &Options) -> fmt::Result {
    let database = match options.database {
        Database::Postgres => "PostgreSQL",
        Database::MariaDb => "MariaDB",
        Database::Sqlite => "SQLite",
    };
    let store = if options.shared_store {
        "Redis"
    } else {
        "memory"
    };
    let level = match options.level {
        Level::Strict => "strict".to_owned(),
        Level::Bounded(bound) => format!("bounded by {}", Milliseconds(bound)),
    };
    let Options {
        subject,
        processes,
        readers,
        writers,
        rows,
        seconds,
        seed,
        ..
    } = options;
    writeln!(
        text,
        "{subject}, {level}, over {database} and {store}, {seconds} s, seed {seed}"
    )?;
    writeln!(
        text,
        "{processes} processes, each with {readers} readers and {writers} writers; {rows} rows of each kind"
    )
}

fn faults(text: &mut String, findings: &Findings) -> fmt::Result {
    writeln!(text, "\nfaults: {}", findings.history.faults.len())?;
    for fault in &findings.history.faults {
        writeln!(text, "  {}", At(findings.start).fault(fault))?;
    }
    Ok(())
}

fn reads(text: &mut String, findings: &Findings) -> fmt::Result {
    let dry = "longest without hit";
    writeln!(
        text,
        "\n{:<24}{:>10}{:>10}{dry:>24}",
        "read", "judged", "stale"
    )?;
    let verdict = &findings.verdict;
    let tallies = verdict.tallies.iter().zip(verdict.without_hit.kinds);
    for (name, (tally, dry)) in Question::KINDS.iter().zip(tallies) {
        let (judged, stale, dry) = (tally.judged, tally.stale, Milliseconds(dry).to_string());
        writeln!(text, "{name:<24}{judged:>10}{stale:>10}{dry:>24}")?;
    }
    let (judged, stale) = (verdict.judged(), verdict.stale());
    let dry = Milliseconds(verdict.without_hit.all).to_string();
    writeln!(text, "{:<24}{judged:>10}{stale:>10}{dry:>24}", "all")
}

fn hits(text: &mut String, findings: &Findings) -> fmt::Result {
    writeln!(text, "\n{:<24}{:>10}{:>10}", "entity", "hits", "others")?;
    for hits in &findings.history.hits {
        writeln!(
            text,
            "{:<24}{:>10}{:>10}",
            hits.entity, hits.hits, hits.others
        )?;
    }
    Ok(())
}

fn writes(text: &mut String, findings: &Findings) -> fmt::Result {
    let verdict = &findings.verdict;
    let (writes, refused, unknown) = (verdict.writes, verdict.refused, verdict.unknown);
    writeln!(
        text,
        "\nwrites: {writes} have returned, {refused} were refused, {unknown} are unknown"
    )?;
    let mut failures = std::collections::BTreeMap::new();
    for failure in &findings.history.failures {
        *failures.entry(failure).or_insert(0) += 1;
    }
    for (failure, count) in failures {
        writeln!(text, "  {count} times: {failure}")?;
    }
    Ok(())
}

fn ages(text: &mut String, findings: &Findings) -> fmt::Result {
    let verdict = &findings.verdict;
    let (half, most, max) = (
        percentile(&verdict.ages, 50),
        percentile(&verdict.ages, 99),
        percentile(&verdict.ages, 100),
    );
    writeln!(
        text,
        "staleness of stale reads: p50 {}, p99 {}, longest {}",
        Milliseconds(half),
        Milliseconds(most),
        Milliseconds(max)
    )?;
    writeln!(
        text,
        "reads that did not see a write of their own process: {}",
        verdict.own
    )?;
    let (dirty, torn, lost, hangs) = (verdict.dirty, verdict.torn, verdict.lost, verdict.hangs);
    writeln!(
        text,
        "dirty reads: {dirty}; torn reads: {torn}; lost writes: {lost}; hangs: {hangs}"
    )?;
    writeln!(text, "errors of readers: {}", verdict.reader_errors())?;
    for (error, count) in &verdict.errors {
        writeln!(text, "  {count} times: {error}")?;
    }
    Ok(())
}

fn violations(text: &mut String, findings: &Findings) -> fmt::Result {
    let all = &findings.verdict.violations;
    if all.is_empty() {
        return writeln!(text, "\nno violation");
    }
    writeln!(
        text,
        "\nviolations: {}; the first {}:",
        all.len(),
        all.len().min(TOLD)
    )?;
    for violation in all.iter().take(TOLD) {
        told(text, violation, findings)?;
    }
    Ok(())
}

/// A violation, with the writes of its slot and the faults around it.
fn told(text: &mut String, violation: &Violation, findings: &Findings) -> fmt::Result {
    let at = At(findings.start);
    let what = match violation.wrong {
        Wrong::Stale(age) => format!("stale by {}", Milliseconds(age)),
        Wrong::Own(age) => format!(
            "stale by {}, behind a write of its own process",
            Milliseconds(age)
        ),
        Wrong::Dirty(why) => format!("dirty: {why}"),
        Wrong::Torn => "torn".to_owned(),
        Wrong::Lost => "lost write".to_owned(),
        Wrong::Hung => "hang".to_owned(),
    };
    let question = violation
        .question
        .map_or_else(|| "write".to_owned(), |question| question.to_string());
    let seen = violation.seen.map_or_else(
        || "no row".to_owned(),
        |version| format!("version {version}"),
    );
    let slot = violation
        .slot
        .map_or_else(String::new, |slot| format!(" of {slot}"));
    let (begin, end) = (at.of(violation.begin), at.of(violation.end));
    writeln!(
        text,
        "\n  {begin} .. {end}  {question}: {seen}{slot}: {what}"
    )?;
    if let Some(slot) = violation.slot {
        for (write, touch) in around(slot, violation, findings) {
            let end = write
                .end
                .map_or_else(|| "never".to_owned(), |end| at.of(end));
            let outcome = outcome(write.outcome);
            writeln!(
                text,
                "    {} .. {end}  {}: {outcome}",
                at.of(write.begin),
                made(touch)
            )?;
        }
    }
    let near = |fault: &&Fault| fault.begin < violation.end && fault.end + NEAR > violation.begin;
    for fault in findings.history.faults.iter().filter(near) {
        writeln!(text, "    {}", at.fault(fault))?;
    }
    Ok(())
}

/// What a write makes of a slot.
fn made(touch: &Touch) -> String {
    let Touch { version, state, .. } = touch;
    match (touch.slot.kind, state.here) {
        (Kind::Account, true) => {
            let (login, team) = (state.login, state.team);
            format!("write of version {version}, login {login}, team {team}")
        }
        (Kind::Parcel, _) => format!("write of version {version}, shelf {}", state.team),
        (Kind::Account, false) => format!("delete as version {version}"),
        _ => format!("write of version {version}"),
    }
}

/// Writes of a slot around the version that was seen, or around the read if none was.
fn around<'a>(
    slot: Slot,
    violation: &Violation,
    findings: &'a Findings,
) -> Vec<(&'a Write, &'a Touch)> {
    let mut writes: Vec<_> = findings
        .history
        .writes
        .iter()
        .flat_map(|write| write.touches.iter().map(move |touch| (write, touch)))
        .filter(|(_, touch)| touch.slot == slot)
        .collect();
    writes.sort_by_key(|(_, touch)| touch.version);
    let at = match violation.seen {
        Some(seen) => writes.partition_point(|(_, touch)| touch.version < seen),
        None => writes.partition_point(|(write, _)| write.begin < violation.begin),
    };
    let from = at.saturating_sub(AROUND);
    writes.into_iter().skip(from).take(2 * AROUND).collect()
}

fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Committed => "returned",
        Outcome::RolledBack => "rolled back",
        Outcome::Refused => "refused",
        Outcome::Unknown => "unknown",
        Outcome::Hung => "hung",
    }
}

/// The line for programs.
#[must_use]
pub fn json(findings: &Findings) -> String {
    let verdict = &findings.verdict;
    let hits: u64 = findings.history.hits.iter().map(|hits| hits.hits).sum();
    let others: u64 = findings.history.hits.iter().map(|hits| hits.others).sum();
    let max = percentile(&verdict.ages, 100);
    let numbers = [
        ("judged", verdict.judged()),
        ("hits", hits),
        ("misses", others),
        ("writes", verdict.writes),
        ("refused_writes", verdict.refused),
        ("unknown_writes", verdict.unknown),
        ("stale", verdict.stale()),
        ("max_staleness_ms", max.div_ceil(1_000_000)),
        ("own_writes_unseen", verdict.own),
        (
            "longest_without_hit_ms",
            verdict.without_hit.longest().div_ceil(1_000_000),
        ),
        ("lost_writes", verdict.lost),
        ("dirty_reads", verdict.dirty),
        ("torn_reads", verdict.torn),
        ("hangs", verdict.hangs),
        ("reader_errors", verdict.reader_errors()),
        ("faults", findings.history.faults.len() as u64),
    ];
    let fields: Vec<_> = numbers
        .iter()
        .map(|(name, number)| format!("\"{name}\":{number}"))
        .collect();
    format!("{{{}}}", fields.join(","))
}

/// The value below which so many of a hundred are; zero of none.
fn percentile(sorted: &[u64], hundredths: usize) -> u64 {
    let rank = (sorted.len() * hundredths).div_ceil(100);
    sorted
        .get(rank.saturating_sub(1))
        .copied()
        .unwrap_or_default()
}

/// Nanoseconds, for people.
struct Milliseconds(u64);

impl fmt::Display for Milliseconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03} ms", self.0 / 1_000_000, self.0 / 1_000 % 1_000)
    }
}

/// Moments, counted from this one.
#[derive(Clone, Copy)]
struct At(u64);

impl At {
    fn of(self, moment: u64) -> String {
        let micros = moment.saturating_sub(self.0) / 1_000;
        format!("{:>3}.{:06} s", micros / 1_000_000, micros % 1_000_000)
    }

    fn fault(self, fault: &Fault) -> String {
        format!(
            "{} .. {}  {}",
            self.of(fault.begin),
            self.of(fault.end),
            fault.what
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_values_that_occurred() {
        let ages: Vec<u64> = (1..=200).collect();
        assert_eq!(
            [50, 99, 100].map(|rank| percentile(&ages, rank)),
            [100, 198, 200]
        );
        assert_eq!(percentile(&[], 50), 0);
        assert_eq!(percentile(&[7], 50), 7);
    }
}
