//! What a reader has asked by, and how that was answered, for tests that ask.

use super::Engine;
use super::record::EntryKind;
use crate::recorder::{ReadKind, ReadOutcome, RecordedRead};
use crate::stats::Count;

impl Engine {
    /// Records how so many reads were answered.
    #[cold]
    pub(super) fn record_reads(&self, entity: u16, kind: EntryKind, count: Count, reads: u64) {
        let outcome = match count {
            Count::Hit | Count::StoreHit => ReadOutcome::Hit,
            Count::Miss => ReadOutcome::Miss,
            Count::Bypass => ReadOutcome::Bypass,
            // What else is counted of a read comes beside one of these.
            _ => return,
        };
        let read = RecordedRead {
            entity: self.schema.entity(entity).prefix(),
            kind: kind.into(),
            outcome,
        };
        self.recorders.record(read, reads);
    }
}

impl From<EntryKind> for ReadKind {
    fn from(kind: EntryKind) -> Self {
        match kind {
            EntryKind::Row => Self::Key,
            EntryKind::Lookup => Self::Unique,
            EntryKind::List => Self::Index,
            EntryKind::Query => Self::Query,
        }
    }
}
