//! Analyses that are kept: a program sends few different texts, many times.

use std::{
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    sync::Arc,
};

use quick_cache::{Equivalent, sync::Cache};
use sea_orm::DbBackend;

use super::{analysis::Analysis, scan, script};

/// Texts that are kept unless the caller says otherwise.
const CAPACITY: usize = 1024;
/// Longer texts carry their values inline as a rule, and do not come back.
const MAX_KEPT_TEXT: usize = 16 << 10;

static READ: Analysis = Analysis::Read;

/// The analyses of recent texts.
pub(crate) struct Analyses {
    kept: Cache<Key, Arc<Analysis>>,
}

/// A shared analysis.
#[derive(Debug, Clone)]
pub(crate) struct Known(Holder);

#[derive(Debug, Clone)]
enum Holder {
    /// The common read: no count of references that all threads would fight for.
    Read,
    Shared(Arc<Analysis>),
}

impl Analyses {
    /// Keeps the analyses of about 1,024 texts.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self::with_capacity(CAPACITY)
    }

    /// Keeps the analyses of about `texts` texts.
    #[must_use]
    pub(crate) fn with_capacity(texts: usize) -> Self {
        Self {
            kept: Cache::new(texts),
        }
    }

    /// What the text does. The common read takes no lock and allocates nothing.
    #[must_use]
    pub(crate) fn get(&self, backend: DbBackend, sql: &str) -> Known {
        if scan::is_read(backend, sql) {
            return Known(Holder::Read);
        }
        if sql.len() > MAX_KEPT_TEXT {
            return Known(Holder::Shared(Arc::new(script::closely(backend, sql))));
        }
        if let Some(kept) = self.kept.get(&Lookup(backend, sql)) {
            return Known(Holder::Shared(kept));
        }
        // Two threads may both analyze a new text: cheaper than having one wait.
        let analysis = Arc::new(script::closely(backend, sql));
        let key = Key(backend, sql.into());
        self.kept.insert(key, Arc::clone(&analysis));
        Known(Holder::Shared(analysis))
    }

    /// How many texts are kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.kept.len()
    }
}

impl Default for Analyses {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Analyses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Texts may hold values, which are the user's.
        f.debug_struct("Analyses")
            .field("kept", &self.kept.len())
            .finish()
    }
}

impl Deref for Known {
    type Target = Analysis;

    fn deref(&self) -> &Analysis {
        match &self.0 {
            Holder::Read => &READ,
            Holder::Shared(analysis) => analysis,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key(DbBackend, Box<str>);

/// A key that borrows its text.
struct Lookup<'a>(DbBackend, &'a str);

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Lookup(self.0, &self.1).hash(state);
    }
}

impl Hash for Lookup<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The backend is compared but not hashed: few programs speak to two.
        self.1.hash(state);
    }
}

impl Equivalent<Key> for Lookup<'_> {
    fn equivalent(&self, key: &Key) -> bool {
        self.0 == key.0 && *self.1 == *key.1
    }
}
