//! Invalidation by pattern, for operators.

use super::CachedRepo;
use super::pattern::{Pattern, literal};
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::port::{Scan, Scanned, Steps};
use crate::schema::{CacheSchema, text};
use futures_util::stream::{self, BoxStream, StreamExt};
use std::fmt;
use std::time::Duration;

/// Names that one step looks at unless it is told otherwise.
const STEP: usize = 500;

/// Most that one step may look at: a server answers nobody else meanwhile.
const MAX_STEP: usize = 10_000;

/// How far an invalidation by pattern has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Steps done.
    pub steps: u64,
    /// About how many names were looked at. A server counts all of its names, those of others included.
    pub scanned: u64,
    /// Entries whose names match. One that comes and goes meanwhile may be counted twice.
    pub matched: u64,
    /// How many of them were invalidated; none in a dry run.
    pub invalidated: u64,
    /// Names that match, are no entries, and were left alone: stamps of tags, and entries of entities that the schema does not
    /// have.
    pub passed_over: u64,
    /// Whether all names were looked at.
    pub is_done: bool,
}

/// An invalidation by pattern: [`CachedRepo::invalidate_matching`].
#[must_use = "nothing is invalidated until `.run().await`, or step by step"]
pub struct Sweep<S> {
    repo: CachedRepo<S>,
    pattern: Pattern,
    size: usize,
    pause: Duration,
    is_dry: bool,
    /// From the first step on.
    steps: Option<Steps>,
    /// Found, and not invalidated yet.
    pending: Vec<Key>,
    progress: Progress,
}

impl<S> fmt::Debug for Sweep<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sweep")
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

impl<S: CacheSchema> Sweep<S> {
    pub(super) fn new(repo: CachedRepo<S>, pattern: Pattern) -> Self {
        Self {
            repo,
            pattern,
            size: STEP,
            pause: Duration::ZERO,
            is_dry: false,
            steps: None,
            pending: Vec::new(),
            progress: Progress::default(),
        }
    }

    /// About how many names one step looks at: 500, unless it is told otherwise, and 10,000 at most.
    pub fn step_size(mut self, names: usize) -> Self {
        self.size = names.clamp(1, MAX_STEP);
        self
    }

    /// How long to wait before each step but the first; not at all, unless it is told otherwise. With the size of a step it
    /// bounds the rate.
    pub fn pause(mut self, pause: Duration) -> Self {
        self.pause = pause;
        self
    }

    /// Counts, and invalidates nothing.
    pub fn dry_run(mut self) -> Self {
        self.is_dry = true;
        self
    }

    /// How far it has come.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// Does one step.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnavailable`] if the store did not answer. What was found and not invalidated is invalidated by the next
    /// step; if the store may have missed an invalidation, it is owed as well.
    ///
    /// # Cancellation
    /// Dropped in the middle, the step is done again by the next one. An invalidation that it has begun ends all the same.
    pub async fn step(&mut self) -> Result<Progress, Error> {
        if self.progress.steps > 0 && !self.progress.is_done {
            tokio::time::sleep(self.pause).await;
        }
        self.flush().await?;
        if self.progress.is_done {
            return Ok(self.progress);
        }
        let steps = match &mut self.steps {
            Some(steps) => steps,
            None => self
                .steps
                .insert(begin(&self.repo, &self.pattern, self.size, self.is_dry)?),
        };
        match steps.next().await {
            Some(Ok(scanned)) => self.look(scanned),
            None => self.progress.is_done = true,
            Some(Err(error)) => {
                let message = "the store did not answer; go on with the next step when it is there";
                return Err(Error::new(ErrorKind::StoreUnavailable, message).caused_by(error));
            }
        }
        self.flush().await?;
        Ok(self.progress)
    }

    /// Does all steps.
    ///
    /// # Errors
    /// As [`step`](Self::step), and goes no further.
    ///
    /// # Cancellation
    /// Dropped in the middle, it has invalidated a part.
    pub async fn run(mut self) -> Result<Progress, Error> {
        while !self.step().await?.is_done {}
        Ok(self.progress)
    }

    /// All steps as a stream of how far it has come. It ends when all is done, or behind the first error, and stops when it is
    /// dropped.
    #[must_use]
    pub fn into_stream(self) -> BoxStream<'static, Result<Progress, Error>> {
        let next = |sweep: Option<Self>| async move {
            let mut sweep = sweep?;
            let progress = sweep.step().await;
            let goes_on = progress.as_ref().is_ok_and(|progress| !progress.is_done);
            Some((progress, goes_on.then_some(sweep)))
        };
        stream::unfold(Some(self), next).boxed()
    }

    /// Picks what matches.
    fn look(&mut self, scanned: Scanned) {
        let schema = self.repo.engine().schema();
        let prefix = schema.namespace.len() + 1;
        let pattern = &self.pattern;
        let matches = |name: &str| name.get(prefix..).is_some_and(|name| pattern.matches(name));
        let mut keys = scanned.keys;
        keys.retain(|key| matches(&text(schema, key)));
        let others = scanned.others.iter().filter(|name| matches(name));
        self.progress.passed_over += others.count() as u64;
        self.progress.matched += keys.len() as u64;
        self.progress.scanned += scanned.looked;
        self.progress.steps += 1;
        if !self.is_dry {
            self.pending = keys;
        }
    }

    /// Invalidates what was found.
    async fn flush(&mut self) -> Result<(), Error> {
        if !self.pending.is_empty() {
            let invalidator = self.repo.engine().invalidator();
            invalidator.invalidate_entries(self.pending.clone()).await?;
            self.progress.invalidated += self.pending.len() as u64;
            self.pending.clear();
        }
        Ok(())
    }
}

fn begin<S: CacheSchema>(
    repo: &CachedRepo<S>,
    pattern: &Pattern,
    size: usize,
    is_dry: bool,
) -> Result<Steps, Error> {
    let engine = repo.engine();
    let namespace = literal(&engine.schema().namespace);
    let scan = Scan {
        count: size,
        glob: format!("{namespace}:{}", pattern.hint()),
        fences: !is_dry,
    };
    engine.invalidator().scan(scan).ok_or_else(|| {
        let message =
            "the store cannot list its names; invalidate by tag, entity or `invalidate_all`";
        Error::new(ErrorKind::Configuration, message)
    })
}
