//! Scans over the names in a store.

use super::store::StoreError;
use crate::key::Key;
use futures_util::stream::BoxStream;

/// A scan over the names of a namespace.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    /// About how many names one step looks at.
    pub(crate) count: usize,
    /// A glob that names of interest match, the namespace included.
    pub(crate) glob: String,
    /// Whether loads that have begun before the scan must not be stored after it has passed their place.
    pub(crate) fences: bool,
}

/// What one step has seen.
#[derive(Debug)]
pub(crate) struct Scanned {
    /// About how many names it has looked at.
    pub(crate) looked: u64,
    /// Entries, or places where an entry may soon be. Some may be seen twice.
    pub(crate) keys: Vec<Key>,
    /// Other names that match: tags, and what belongs to entities that this program does not have.
    pub(crate) others: Vec<String>,
}

/// The steps of a scan; one that has failed is tried again by the next.
pub(crate) type Steps = BoxStream<'static, Result<Scanned, StoreError>>;
