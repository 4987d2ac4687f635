//! Cached searches: texts that mean the same share an entry, and common ones are loaded beforehand.

mod frequent;
mod normal;

pub use normal::Normalized;

use super::{BlockAnswer, BlockReader, CachedBlock, CachedRepo, IntoTag};
use crate::engine::Options;
use crate::error::Error;
use crate::key::Key;
use crate::schema::CacheSchema;
use frequent::Frequent;
use futures_util::stream::{self, StreamExt};
use normal::Rules;
use sea_orm::DbErr;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Searches that are warmed at the same time unless it is told otherwise.
const CONCURRENCY: usize = 4;

/// A search by text, whose answers are cached: `Search::new("products", |db, text| async move { .. })`.
///
/// Each answer is a [cached block](CachedRepo::read_cached) with the normalized text as its parameter: it goes with every write to a
/// table that the block reads.
pub struct Search<F> {
    label: String,
    place: &'static Location<'static>,
    block: Arc<F>,
    rules: Rules,
    options: Option<Options>,
    common: Vec<Normalized>,
    frequent: Option<Mutex<Frequent>>,
    concurrency: usize,
}

impl<F> fmt::Debug for Search<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search")
            .field("label", &self.label)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}

/// What became of searches that were to be loaded.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Warmed {
    /// Those whose answers were found in the cache, or loaded.
    pub warmed: Vec<Normalized>,
    /// Those that failed, and why.
    pub failed: Vec<(Normalized, Error)>,
}

impl<F, Fut, T> Search<F>
where
    F: Fn(BlockReader, Normalized) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<T, DbErr>> + Send + 'static,
    T: BlockAnswer,
{
    /// A search. Label and block are those of [`read_cached`](CachedRepo::read_cached): the label belongs to one place in the
    /// program, and what the answer depends on besides the text must not change.
    #[track_caller]
    pub fn new(label: impl Into<String>, block: F) -> Self {
        Self {
            label: label.into(),
            place: Location::caller(),
            block: Arc::new(block),
            rules: Rules::default(),
            options: None,
            common: Vec::new(),
            frequent: None,
            concurrency: CONCURRENCY,
        }
    }

    /// The order of words does not matter: the block is given them in alphabetical order.
    #[must_use]
    pub fn any_order(mut self) -> Self {
        self.rules.any_order = true;
        self
    }

    /// Characters that a normalized text may have: 200, unless it is told otherwise.
    #[must_use]
    pub fn max_length(mut self, characters: usize) -> Self {
        self.rules.max_length = characters;
        self
    }

    /// A text without words is given to the block, too. Otherwise it is an error.
    #[must_use]
    pub fn allow_empty(mut self) -> Self {
        self.rules.allows_empty = true;
        self
    }

    /// How long answers may be served, those that are warmed included.
    #[must_use]
    pub fn ttl(mut self, ttl: Duration) -> Self {
        self.options.get_or_insert_default().ttl = Some(ttl);
        self
    }

    /// A tag for all answers, those that are warmed included. The schema declares it.
    #[must_use]
    pub fn tag(mut self, tag: impl IntoTag) -> Self {
        let tag = tag.into_tag();
        let options = self.options.get_or_insert_default();
        options.tags.push(Key::user(tag.as_ref()));
        self
    }

    /// Counts which texts are asked for most in this process, for [`warm_frequent`](Self::warm_frequent). It keeps so many texts
    /// at most, and counts roughly: a text that makes up more than one in so many of all searches is among them.
    #[must_use]
    pub fn count_frequent(mut self, texts: usize) -> Self {
        self.frequent = Some(Mutex::new(Frequent::new(texts)));
        self
    }

    /// How many searches are warmed at the same time: 4, unless it is told otherwise.
    #[must_use]
    pub fn concurrency(mut self, searches: usize) -> Self {
        self.concurrency = searches.max(1);
        self
    }

    /// Registers common searches for [`warm`](Self::warm). The rules about texts must stand before.
    ///
    /// # Errors
    /// As [`normalize`](Self::normalize), of the first text that is refused.
    pub fn common<I>(mut self, texts: I) -> Result<Self, Error>
    where
        I: IntoIterator<Item: AsRef<str>>,
    {
        for text in texts {
            let text = self.rules.normalize(text.as_ref())?;
            if !self.common.contains(&text) {
                self.common.push(text);
            }
        }
        Ok(self)
    }

    /// The text in the form that the block is given.
    ///
    /// # Errors
    /// [`ErrorKind::Search`](crate::ErrorKind::Search) if it is too long, or has no words. The error does not repeat it.
    pub fn normalize(&self, text: &str) -> Result<Normalized, Error> {
        self.rules.normalize(text)
    }

    /// What the search finds, once it is awaited; until then it takes all options of a read:
    /// `search.find(&repo, text)?.refresh().await?`.
    ///
    /// # Errors
    /// As [`normalize`](Self::normalize). Awaited, it has those of [`read_cached`](CachedRepo::read_cached).
    pub fn find<'r, S: CacheSchema>(
        &self,
        repo: &'r CachedRepo<S>,
        text: &str,
    ) -> Result<CachedBlock<'r, impl Fn(BlockReader) -> Fut + Send + Sync + use<S, F, Fut, T>>, Error>
    {
        let text = self.rules.normalize(text)?;
        if let Some(frequent) = &self.frequent {
            let mut frequent = frequent.lock().unwrap_or_else(PoisonError::into_inner);
            frequent.see(&text);
        }
        Ok(self.of(repo, text))
    }

    fn of<'r, S: CacheSchema>(
        &self,
        repo: &'r CachedRepo<S>,
        text: Normalized,
    ) -> CachedBlock<'r, impl Fn(BlockReader) -> Fut + Send + Sync + use<S, F, Fut, T>> {
        let block = Arc::clone(&self.block);
        let parameter = text.as_str().into();
        let block = move |db| block(db, text.clone());
        let mut read = repo.block_at(self.place, self.label.clone(), vec![parameter], block);
        read.set_options(self.options.clone());
        read
    }

    /// The texts that were asked for most in this process, the first most of all; none unless they are
    /// [counted](Self::count_frequent).
    #[must_use]
    pub fn most_frequent(&self, most: usize) -> Vec<Normalized> {
        let Some(frequent) = &self.frequent else {
            return Vec::new();
        };
        let frequent = frequent.lock().unwrap_or_else(PoisonError::into_inner);
        frequent.top(most)
    }

    /// Loads the answers of common searches that the cache does not have, a few at the same time.
    ///
    /// # Cancellation
    /// Loads that have begun go on; no more are begun.
    pub async fn warm<S: CacheSchema>(&self, repo: &CachedRepo<S>) -> Warmed {
        self.load(repo, self.common.clone()).await
    }

    /// The same, and of so many of those that were asked for most.
    ///
    /// # Cancellation
    /// As [`warm`](Self::warm).
    pub async fn warm_frequent<S: CacheSchema>(&self, repo: &CachedRepo<S>, most: usize) -> Warmed {
        let mut texts = self.common.clone();
        for text in self.most_frequent(most) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        self.load(repo, texts).await
    }

    async fn load<S: CacheSchema>(&self, repo: &CachedRepo<S>, texts: Vec<Normalized>) -> Warmed {
        let loads = texts.into_iter().map(|text| {
            let read = self.of(repo, text.clone());
            async move { (text, read.await.map(drop)) }
        });
        let mut loads = stream::iter(loads).buffer_unordered(self.concurrency);
        let mut report = Warmed::default();
        while let Some((text, loaded)) = loads.next().await {
            match loaded {
                Ok(()) => report.warmed.push(text),
                Err(error) => report.failed.push((text, error)),
            }
        }
        report
    }
}
