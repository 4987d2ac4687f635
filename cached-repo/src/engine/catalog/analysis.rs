//! What the text of one query says.

use super::text_digest::TextDigest;
use crate::error::Error;
use crate::key::Key;
use crate::sql::Pinned;
use std::sync::Arc;
use std::time::Duration;

/// What is known of a query that is to be cached.
#[derive(Clone, Debug)]
pub(crate) struct QueryAnalysis {
    /// The entity whose entry it is: that of its rows, or the first that it reads.
    pub(crate) entity: u16,
    /// Tags of all tables that it reads as a whole, those of its rows' entity first.
    pub(super) tags: Arc<[Key]>,
    /// Entities whose tags are missing there: the values of the query say which of their rows it reads.
    pub(super) pinned: Arc<[(u16, Pinned)]>,
    /// Whether it selects rows of its entity as they are.
    pub(crate) plain: bool,
    /// Whether it locks rows: then the database must be asked.
    pub(crate) locks: bool,
    /// Stands for its text in keys.
    pub(crate) text: TextDigest,
    /// Why it needs a lifetime of its own, if it does.
    pub(super) requires_ttl: Option<Error>,
    /// Whether it may read a text that is bound to it as a moment.
    pub(super) reads_bound_times: bool,
    /// The generation of the definitions of views by which all of this was found.
    pub(crate) generation: u64,
}

impl QueryAnalysis {
    /// An analysis without dependencies.
    pub(super) fn new(entity: u16, text: TextDigest, generation: u64) -> Self {
        Self {
            entity,
            tags: Arc::default(),
            pinned: Arc::default(),
            plain: false,
            locks: false,
            text,
            requires_ttl: None,
            reads_bound_times: false,
            generation,
        }
    }
}

/// The analysis, unless the query needs a lifetime of its own and has none.
pub(super) fn with_required_ttl(
    analysis: Arc<QueryAnalysis>,
    ttl: Option<Duration>,
) -> Result<Arc<QueryAnalysis>, Error> {
    match &analysis.requires_ttl {
        Some(error) if ttl.is_none() => Err(error.clone()),
        _ => Ok(analysis),
    }
}
