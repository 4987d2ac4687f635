//! One run: writes, and behind each of them queries.

use super::case::Case;
use super::draw::Draw;
use super::findings::{Findings, Loads};
use super::market::Market;
use super::options::Options;
use super::place::Place;
use super::queries;
use super::source::{Failure, Source};
use super::{fill, step};
use cached_repo::CachedRepo;
use fastrand::Rng;
use sea_orm::DatabaseConnection;
use std::collections::HashMap;

/// Queries of one step that take their turn, that come back with the same parameters, and that chance picks.
const TURNS: [usize; 3] = [5, 6, 1];

/// Parameters of a query come from so many seeds, so that the same come back.
const SEEDS: u64 = 12;

/// What a query found when the cache took it last.
struct Known {
    case: usize,
    seed: u64,
    rows: Vec<String>,
}

/// A run under way.
struct Run {
    cases: Vec<Case>,
    raw: DatabaseConnection,
    here: CachedRepo<Market>,
    known: HashMap<(usize, String), Known>,
    /// The last write, to be told with what is wrong.
    written: String,
    findings: Findings,
}

/// Runs.
///
/// # Errors
/// A server is not there, or the database refuses what it should not: that is no verdict.
pub async fn run(options: &Options, mut tell: impl FnMut(&str)) -> Result<Findings, String> {
    let place = Place::new(options).await?;
    fill::fill(&place.raw, options.seed)
        .await
        .map_err(|error| error.to_string())?;
    let here = place.repo().await?;
    let there = match options.store.is_shared() {
        true => place.repo().await?,
        false => here.clone(),
    };
    let cases: Vec<Case> = queries::all().collect();
    let cases: Vec<Case> = cases
        .into_iter()
        .filter(|case| case.runs_on(options.database))
        .collect();
    let mut run = Run {
        findings: Findings::new(&cases),
        cases,
        raw: place.raw.clone(),
        here,
        known: HashMap::new(),
        written: "nothing".to_owned(),
    };
    let mut rng = Rng::with_seed(options.seed);
    for number in 0..options.steps {
        let draw = &mut Draw::new(rng.u64(..));
        let written = match (options.past, rng.u8(..4)) {
            (true, _) => step::write(&run.raw, draw).await,
            (false, 0) => step::write(&there, draw).await,
            (false, _) => step::write(&run.here, draw).await,
        };
        let written = written.map_err(|error| error.to_string())?;
        run.findings.refused_writes += u32::from(written.refused);
        run.written = written.text;
        for (case, seed) in run.chosen(&mut rng, number) {
            run.check(case, seed, &format!("seed {} step {number}", options.seed))
                .await?;
        }
        run.findings.steps = number + 1;
        if (number + 1) % 100 == 0 {
            tell(&run.findings.progress());
        }
    }
    Ok(run.findings)
}

impl Run {
    /// Which queries are asked in this step, and from which seeds their parameters come.
    fn chosen(&self, rng: &mut Rng, step: u32) -> Vec<(usize, u64)> {
        let [turns, again, chance] = TURNS;
        let first = usize::try_from(step).unwrap_or_default() * turns;
        let turns = first..first + turns;
        let mut chosen: Vec<_> = turns
            .map(|turn| (turn % self.cases.len(), rng.u64(..SEEDS)))
            .collect();
        let mut known: Vec<_> = self
            .known
            .values()
            .map(|known| (known.case, known.seed))
            .collect();
        // A hash map has no order of its own that would be the same next time.
        known.sort_unstable();
        for _ in 0..again {
            chosen.extend(rng.choice(&known));
        }
        for _ in 0..chance {
            chosen.push((rng.usize(..self.cases.len()), rng.u64(..SEEDS)));
        }
        chosen
    }

    /// Asks the database once and the cache twice, and compares.
    async fn check(&mut self, index: usize, seed: u64, place: &str) -> Result<(), String> {
        let case = self.cases[index];
        let mut draw = Draw::new(seed);
        let direct = case.ask(Source::Direct(&self.raw), &mut draw).await;
        let direct = direct.map_err(|failure| format!("{}: {failure:?}", case.name))?;
        let said = draw.said();
        let mut loads = Loads::of(&self.here);
        let mut answered = [false; 2];
        for answered in &mut answered {
            let cached = case
                .ask(Source::Cached(&self.here), &mut Draw::new(seed))
                .await;
            self.here.wait_idle().await;
            let after = Loads::of(&self.here);
            *answered = after.hit_since(loads);
            loads = after;
            let context = format!("{place}: `{}` ({said}), after {}", case.name, self.written);
            match cached {
                Ok(rows) if case.same(&rows, &direct) => {}
                Ok(rows) => {
                    let what = format!("{context}\n  cached: {rows:?}\n  direct: {direct:?}");
                    self.findings.wrong(&what);
                }
                Err(Failure::Refused(error)) => {
                    self.findings.refused(&format!("{context}\n  {error}"));
                    return Ok(());
                }
                Err(Failure::Failed(error)) => return Err(format!("{context}: {error}")),
            }
        }
        self.note(index, seed, said, direct, answered);
        Ok(())
    }

    /// Counts, and remembers what the cache holds now.
    fn note(
        &mut self,
        index: usize,
        seed: u64,
        said: String,
        rows: Vec<String>,
        answered: [bool; 2],
    ) {
        let case = self.cases[index];
        let known = self.known.remove(&(index, said.clone()));
        let unchanged = known.map(|known| case.same(&known.rows, &rows));
        self.findings.read(&case, answered, unchanged);
        self.findings.empty += u64::from(rows.is_empty());
        if answered[1] {
            let known = Known {
                case: index,
                seed,
                rows,
            };
            self.known.insert((index, said), known);
        }
    }
}
