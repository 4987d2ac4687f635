//! The analyses of recent query texts.

use super::analysis::QueryAnalysis;
use super::text_digest::TextDigest;
use crate::error::Error;
use quick_cache::Equivalent;
use quick_cache::sync::Cache;
use sea_orm::DbBackend;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Texts that are kept.
const CAPACITY: usize = 1024;
/// Longer texts are kept by their digest alone, so that the memory of all of them is bounded.
const MAX_KEPT_TEXT: usize = 16 << 10;

/// An analysis, or why the query cannot be cached.
pub(super) type Analyzed = Result<Arc<QueryAnalysis>, Error>;

/// Keeps what the analysis of recent query texts has found, so that a hit does not parse its text again. A lookup clones it.
pub(super) struct AnalysisCache(Cache<Text, Cached>);

/// What was found by the definitions of views of one generation.
#[derive(Clone)]
struct Cached {
    generation: u64,
    analyzed: Analyzed,
}

impl Default for AnalysisCache {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

/// A query, and the entity of its rows, if they are of one.
#[derive(Clone, PartialEq, Eq)]
enum Text {
    Short(Option<u16>, Box<str>),
    Long(Option<u16>, TextDigest),
}

/// A borrowed [`Text`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum TextRef<'a> {
    Short(Option<u16>, &'a str),
    Long(Option<u16>, TextDigest),
}

impl<'a> TextRef<'a> {
    pub(super) fn new(backend: DbBackend, entity: Option<u16>, sql: &'a str) -> Self {
        match sql.len() <= MAX_KEPT_TEXT {
            true => Self::Short(entity, sql),
            false => Self::Long(entity, TextDigest::of(backend, sql)),
        }
    }
}

impl Text {
    fn borrow(&self) -> TextRef<'_> {
        match self {
            Self::Short(entity, sql) => TextRef::Short(*entity, sql),
            Self::Long(entity, digest) => TextRef::Long(*entity, *digest),
        }
    }
}

impl From<TextRef<'_>> for Text {
    fn from(text: TextRef<'_>) -> Self {
        match text {
            TextRef::Short(entity, sql) => Self::Short(entity, sql.into()),
            TextRef::Long(entity, digest) => Self::Long(entity, digest),
        }
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.borrow().hash(state);
    }
}

impl Equivalent<Text> for TextRef<'_> {
    fn equivalent(&self, text: &Text) -> bool {
        *self == text.borrow()
    }
}

impl AnalysisCache {
    /// What was found by the definitions of views of this generation, if the text was analyzed since they hold.
    pub(super) fn get(&self, text: TextRef<'_>, generation: u64) -> Option<Analyzed> {
        let cached = self.0.get(&text)?;
        (cached.generation == generation).then_some(cached.analyzed)
    }

    /// Keeps what was found by the definitions of views of this generation.
    pub(super) fn insert(&self, text: TextRef<'_>, generation: u64, analyzed: Analyzed) {
        let cached = Cached {
            generation,
            analyzed,
        };
        self.0.insert(text.into(), cached);
    }
}
