//! What a run has shown.

use super::case::Case;
use super::market::Market;
use cached_repo::CachedRepo;
use std::collections::BTreeSet;

/// Differences that are told in full.
const TOLD: usize = 20;

/// How often a repo was answered by the store, and how often it had to ask the database.
#[derive(Clone, Copy, Debug)]
pub(super) struct Loads {
    hits: u64,
    loads: u64,
}

impl Loads {
    pub(super) fn of(repo: &CachedRepo<Market>) -> Self {
        let stats = repo.stats();
        Self {
            hits: stats.entities.iter().map(|stats| stats.hits).sum(),
            loads: stats.entities.iter().map(|stats| stats.loads).sum(),
        }
    }

    /// Whether what was read since then was answered without a load.
    pub(super) fn hit_since(self, before: Self) -> bool {
        self.hits > before.hits && self.loads == before.loads
    }
}

/// Loads of queries that were cached before, by whether their result had changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reloads {
    /// It had not: nobody needed to forget the query.
    pub needless: u64,
    /// It had.
    pub needed: u64,
}

impl Reloads {
    /// Share of needless ones; zero if there were none at all.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "a ratio for people")]
    pub fn ratio(self) -> f64 {
        self.needless as f64 / (self.needless + self.needed).max(1) as f64
    }
}

/// What a run has shown.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    /// Queries that the database has.
    pub queries: usize,
    /// Those of them that name values of an indexed column.
    pub pinned: usize,
    /// Steps that were taken.
    pub steps: u32,
    /// Writes that the database has refused, as chance will have it.
    pub refused_writes: u32,
    /// Answers without any row.
    pub empty: u64,
    /// Comparisons of an answer of the cache with one of the database.
    pub checked: u64,
    /// Answers of the cache without a load.
    pub hits: u64,
    /// Answers of the cache that differ from the database's.
    pub wrong: u64,
    /// Reads that the repo refused.
    pub refused: u64,
    /// Of all queries.
    pub reloads: Reloads,
    /// Of queries that name values of an indexed column.
    pub pinned_reloads: Reloads,
    /// Queries that were not asked.
    pub never_asked: BTreeSet<&'static str>,
    /// Queries that the cache has never answered without a load.
    pub never_hit: BTreeSet<&'static str>,
    /// What was wrong or refused, the first in full.
    pub told: Vec<String>,
}

impl Findings {
    pub(super) fn new(cases: &[Case]) -> Self {
        let names: BTreeSet<_> = cases.iter().map(|case| case.name).collect();
        Self {
            queries: cases.len(),
            pinned: cases.iter().filter(|case| case.pinned).count(),
            never_asked: names.clone(),
            never_hit: names,
            ..Self::default()
        }
    }

    pub(super) fn wrong(&mut self, what: &str) {
        self.wrong += 1;
        self.tell(format!("wrong: {what}"));
    }

    pub(super) fn refused(&mut self, what: &str) {
        self.refused += 1;
        self.tell(format!("refused: {what}"));
    }

    fn tell(&mut self, what: String) {
        if self.told.len() < TOLD {
            self.told.push(what);
        }
    }

    /// A query was read twice; `unchanged` says whether its result was what the cache had held before, if it held any.
    pub(super) fn read(&mut self, case: &Case, answered: [bool; 2], unchanged: Option<bool>) {
        let hits = answered.iter().filter(|hit| **hit).count() as u64;
        self.checked += 2;
        self.hits += hits;
        self.never_asked.remove(case.name);
        if hits > 0 {
            self.never_hit.remove(case.name);
        }
        let (false, Some(unchanged)) = (answered[0], unchanged) else {
            return;
        };
        let count = |reloads: &mut Reloads| match unchanged {
            true => reloads.needless += 1,
            false => reloads.needed += 1,
        };
        count(&mut self.reloads);
        if case.pinned {
            count(&mut self.pinned_reloads);
        }
    }

    /// Whether every answer was right.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.wrong == 0 && self.refused == 0
    }

    /// How far it is, in a line.
    #[must_use]
    pub fn progress(&self) -> String {
        let Self {
            steps,
            checked,
            hits,
            wrong,
            ..
        } = self;
        format!("{steps} steps: {checked} answers compared, {hits} hits, {wrong} wrong")
    }

    /// The report for people.
    #[must_use]
    pub fn report(&self) -> String {
        let mut lines = self.told.clone();
        let list = |names: &BTreeSet<&str>| names.iter().copied().collect::<Vec<_>>().join("; ");
        if !self.never_asked.is_empty() {
            lines.push(format!("never asked: {}", list(&self.never_asked)));
        }
        if !self.never_hit.is_empty() {
            lines.push(format!(
                "never answered without a load: {}",
                list(&self.never_hit)
            ));
        }
        let share = |reloads: Reloads| {
            let Reloads { needless, needed } = reloads;
            format!(
                "{needless} of {} loads ({:.3})",
                needless + needed,
                reloads.ratio()
            )
        };
        lines.push(format!("needless after writes: {}", share(self.reloads)));
        lines.push(format!(
            "needless of queries that name values of an index: {}",
            share(self.pinned_reloads)
        ));
        lines.push(format!(
            "{} writes refused by the database, {} of {} reads without any row",
            self.refused_writes,
            self.empty,
            self.checked / 2
        ));
        lines.push(format!(
            "{} queries, {} of which name values of an index; {} refused",
            self.queries, self.pinned, self.refused
        ));
        lines.push(self.progress());
        lines.join("\n")
    }

    /// The report for programs.
    #[must_use]
    pub fn json(&self) -> String {
        format!(
            "{{\"queries\":{},\"steps\":{},\"checked\":{},\"hits\":{},\"wrong\":{},\"needless_invalidation_ratio\":{:.4},\
             \"refused\":{},\"pinned\":{},\"pinned_needless_invalidation_ratio\":{:.4}}}",
            self.queries,
            self.steps,
            self.checked,
            self.hits,
            self.wrong,
            self.reloads.ratio(),
            self.refused,
            self.pinned,
            self.pinned_reloads.ratio(),
        )
    }
}
