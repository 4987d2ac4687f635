//! Reads, among them refreshes: what the cache has goes, with what readers are about to put there, and the read goes on as any
//! other.
//!
//! So whatever answers it was loaded after it began: a lease that was taken before is void (rule 4), and a copy is dropped (rule
//! 10). A refresh that only replaced the entry would leave the place to a slower load that began before.

use super::plan::Placed;
use super::reader::Reader;
use super::row_reads::Reads;
use crate::config::Lists;
use crate::engine::SharedSource;
use crate::engine::ask::{Answer, Ask, Mode, What};
use crate::error::{Error, ErrorKind};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use std::sync::Arc;

impl Reads for Reader {
    fn answer_each<'a>(
        self: Arc<Self>,
        asks: Vec<Ask>,
        source: &'a SharedSource,
    ) -> BoxFuture<'a, Vec<Result<Answer, Error>>> {
        async move { self.get_each(asks, source).await }.boxed()
    }
}

impl Reader {
    /// Answers one read.
    ///
    /// # Errors
    /// As the read has.
    ///
    /// # Cancellation
    /// As [`get_each`](Self::get_each).
    pub(crate) async fn get(
        self: &Arc<Self>,
        ask: Ask,
        source: &SharedSource,
    ) -> Result<Answer, Error> {
        let mut answers = self.get_each(vec![ask], source).await;
        let unanswered = || Err(Error::new(ErrorKind::Internal, "a read was not answered"));
        answers.pop().unwrap_or_else(unanswered)
    }

    /// Answers each of these reads as it would be answered alone, in order. All are brought to their end, whatever becomes of the
    /// others.
    ///
    /// # Cancellation
    /// Dropping the future leaves loads that have begun to tasks of their own, as far as there is room for them.
    pub(crate) async fn get_each(
        self: &Arc<Self>,
        asks: Vec<Ask>,
        source: &SharedSource,
    ) -> Vec<Result<Answer, Error>> {
        let refreshes = |ask: &Ask| ask.options().mode == Mode::Refresh;
        if asks.iter().any(refreshes) {
            return Box::pin(self.refresh_each(asks, source)).await;
        }
        self.find_each(asks, source).await
    }

    /// Answers each of these reads, of which some are refreshes.
    async fn refresh_each(
        self: &Arc<Self>,
        mut asks: Vec<Ask>,
        source: &SharedSource,
    ) -> Vec<Result<Answer, Error>> {
        if let Err(error) = self.runtime.check() {
            return vec![Err(error); asks.len()];
        }
        let lookups = self.discard_each(&mut asks).await;
        let lookups: Vec<Placed<Ask>> = lookups
            .into_iter()
            .map(|at| (at, asks[at].clone()))
            .collect();
        let mut answers = self.find_each(asks, source).await;
        if !lookups.is_empty() {
            self.refresh_targets(lookups, &mut answers, source).await;
        }
        answers
    }

    /// Discards the entries of what is to be refreshed, which is then read as anything else; the places of unique lookups among it.
    async fn discard_each(&self, asks: &mut [Ask]) -> Vec<usize> {
        let (mut keys, mut lookups) = (Vec::new(), Vec::new());
        for (at, ask) in asks.iter_mut().enumerate() {
            if ask.options().mode != Mode::Refresh {
                continue;
            }
            // One without a key says so when it is read.
            if let Ok(key) = ask.key(&self.entities) {
                keys.push(key);
                let options = ask.options_mut();
                options.mode = Mode::Through;
                // Its rows may have been stored before: as keys it would lead to them.
                options.lists = Some(Lists::Whole);
                if matches!(ask.what, What::Unique(_)) {
                    lookups.push(at);
                }
            }
        }
        for keys in keys.chunks(self.chunk) {
            self.invalidator.discard(keys).await;
        }
        lookups
    }

    /// Refreshes the rows of unique lookups: which rows they are is known, what is in them has entries of its own.
    async fn refresh_targets(
        self: &Arc<Self>,
        lookups: Vec<Placed<Ask>>,
        answers: &mut [Result<Answer, Error>],
        source: &SharedSource,
    ) {
        let row_of = |(at, ask): &Placed<Ask>| {
            let row = answers[*at].as_ref().ok()?.first()?;
            let entity = self.entities.entity(ask.entity);
            let values = (entity.rows.values)(&**row);
            let key = entity.key.iter().map(|at| values[*at].clone()).collect();
            let mut row = ask.row_behind(key);
            row.options_mut().mode = Mode::Refresh;
            Some(row)
        };
        let (lookups, mut rows): (Vec<Placed<Ask>>, Vec<Ask>) = lookups
            .into_iter()
            .filter_map(|lookup| row_of(&lookup).map(|row| (lookup, row)))
            .unzip();
        self.discard_each(&mut rows).await;
        let found = self.find_each(rows, source).await;
        for ((at, ask), found) in lookups.into_iter().zip(found) {
            answers[at] = match found {
                Ok(rows) if !ask.is_answered_by(&self.entities, rows.first()) => {
                    self.with.bypass.get(&ask, &**source).await
                }
                answer => answer,
            };
        }
    }
}
