//! What is known of recent query texts.

use super::digest::TextDigest;
use quick_cache::Equivalent;
use quick_cache::sync::Cache;
use sea_orm::DbBackend;
use std::hash::{Hash, Hasher};

/// Texts that are kept.
const CAPACITY: usize = 1024;
/// Longer texts are kept by their digest alone, so that the memory of all of them is bounded.
const MAX_KEPT_TEXT: usize = 16 << 10;

/// What was found by the texts of recent queries, so that a hit does not look at its text again. A hit clones it.
pub(super) struct TextCache<T>(Cache<Text, Kept<T>>);

/// What was found by the definitions of views of one generation.
#[derive(Clone)]
struct Kept<T> {
    generation: u64,
    found: T,
}

impl<T: Clone> Default for TextCache<T> {
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
pub(super) enum Lookup<'a> {
    Short(Option<u16>, &'a str),
    Long(Option<u16>, TextDigest),
}

impl<'a> Lookup<'a> {
    pub(super) fn new(backend: DbBackend, entity: Option<u16>, sql: &'a str) -> Self {
        match sql.len() <= MAX_KEPT_TEXT {
            true => Self::Short(entity, sql),
            false => Self::Long(entity, TextDigest::of(backend, sql)),
        }
    }
}

impl Text {
    fn borrow(&self) -> Lookup<'_> {
        match self {
            Self::Short(entity, sql) => Lookup::Short(*entity, sql),
            Self::Long(entity, digest) => Lookup::Long(*entity, *digest),
        }
    }
}

impl From<Lookup<'_>> for Text {
    fn from(lookup: Lookup<'_>) -> Self {
        match lookup {
            Lookup::Short(entity, sql) => Self::Short(entity, sql.into()),
            Lookup::Long(entity, digest) => Self::Long(entity, digest),
        }
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.borrow().hash(state);
    }
}

impl Equivalent<Text> for Lookup<'_> {
    fn equivalent(&self, text: &Text) -> bool {
        *self == text.borrow()
    }
}

impl<T: Clone> TextCache<T> {
    /// What the definitions of views of this generation have shown, if the text was looked at since.
    pub(super) fn get(&self, lookup: Lookup<'_>, generation: u64) -> Option<T> {
        let kept = self.0.get(&lookup)?;
        (kept.generation == generation).then_some(kept.found)
    }

    /// Keeps what the definitions of views of this generation have shown.
    pub(super) fn insert(&self, lookup: Lookup<'_>, generation: u64, found: T) {
        self.0.insert(lookup.into(), Kept { generation, found });
    }
}
