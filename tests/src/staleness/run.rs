//! One run, from its servers to its verdict.

use super::clock::{nanos, now, sleep_until};
use super::crew::{Crew, Times};
use super::faults::{LONGEST, schedule};
use super::history::{Answer, History, Outcome, Read, Write};
use super::judge::{Rules, Verdict, judge};
use super::model::{Kind, Slot, State, Touch};
use super::options::Options;
use super::servers::Servers;
use super::tables;
use super::worker::everything;
use super::writer::GIVE_UP;
use sea_orm::DatabaseConnection;
use std::time::Duration;

/// Readers go on for this long after the last write: what is stale then stays so.
const AFTERGLOW: Duration = Duration::from_millis(700);

/// What a run has shown.
#[derive(Debug)]
pub struct Findings {
    /// When it began.
    pub start: u64,
    /// Everything that happened.
    pub history: History,
    /// What the judge says.
    pub verdict: Verdict,
}

/// Runs; `words` are what the options were read from.
///
/// # Errors
/// A server or a worker failed. That is no verdict.
pub async fn run(options: &Options, words: &[String]) -> Result<Findings, String> {
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let servers = tokio::task::block_in_place(|| Servers::start(options, folder.path()));
    let mut servers = servers.map_err(|error| error.to_string())?;
    let db = tables::connect(&servers.database)
        .await
        .map_err(|error| error.to_string())?;
    let mut history = History::default();
    history.writes.push(set_up(&db, options).await?);
    let times = times(options);
    let mut crew = Crew::start(options, words, &servers, folder.path(), times).await?;
    let total = Duration::from_nanos(times.stop_writing - times.start);
    for fault in schedule(&options.faults, total, options.processes, options.seed) {
        sleep_until(times.start + nanos(fault.at)).await;
        history.faults.push(crew.suffer(fault, &mut servers).await?);
    }
    crew.join(times.stop_reading + nanos(GIVE_UP * 2)).await?;
    for (notes, killed) in &crew.notes {
        let text = std::fs::read_to_string(notes).unwrap_or_default();
        let done = history.add(&text).map_err(|error| error.to_string())?;
        if !done && !killed {
            return Err(format!("a process ended too early:\n{}", crew.last_words()));
        }
    }
    let last = last(&db, options).await?;
    db.close().await.map_err(|error| error.to_string())?;
    let rules = Rules {
        rows: options.rows,
        level: options.level,
        hang: nanos(LONGEST + Duration::from_secs(5)),
    };
    let verdict = judge(&history, &last, rules);
    Ok(Findings {
        start: times.start,
        history,
        verdict,
    })
}

fn times(options: &Options) -> Times {
    let start = now();
    let stop_reading = start + nanos(Duration::from_secs(u64::from(options.seconds)));
    Times {
        start,
        stop_writing: stop_reading - nanos(AFTERGLOW),
        stop_reading,
    }
}

/// Makes the tables; all rows are written at once, as version 0.
async fn set_up(db: &DatabaseConnection, options: &Options) -> Result<Write, String> {
    let begin = now();
    let created = tables::create(db, options.rows, options.owners()).await;
    created.map_err(|error| error.to_string())?;
    let slots = (0..options.rows).flat_map(|index| Kind::ALL.map(|kind| Slot { kind, index }));
    let touch = |slot| Touch {
        slot,
        version: 0,
        state: State::first(slot),
        kept: true,
    };
    Ok(Write {
        begin,
        end: Some(now()),
        outcome: Outcome::Committed,
        touches: slots.map(touch).collect(),
        process: 0,
    })
}

/// What the database holds.
async fn last(db: &DatabaseConnection, options: &Options) -> Result<Vec<Read>, String> {
    let mut reads = Vec::new();
    for question in everything(options.rows) {
        let begin = now();
        let rows = tables::load(db, &question)
            .await
            .map_err(|error| error.to_string())?;
        reads.push(Read {
            begin,
            end: now(),
            question,
            answer: Answer::Rows(rows),
            hit: None,
            process: 0,
        });
    }
    Ok(reads)
}
