//! How reads were answered: counted, and recorded for tests that ask.

use super::Engine;
use super::ask::{Ask, Options, What};
use crate::recorder::{ReadKind, ReadOutcome, RecordedRead};
use crate::stats::Count;

impl Engine {
    /// Counts how a read was answered.
    #[inline]
    pub(crate) fn count_read(&self, entity: u16, kind: ReadKind, count: Count) {
        self.count_reads(entity, kind, count, 1);
    }

    /// Counts how so many reads of one kind were answered.
    #[inline]
    pub(super) fn count_reads(&self, entity: u16, kind: ReadKind, count: Count, reads: u64) {
        self.counters.add_many(entity, count, reads);
        if self.recorders.is_active() {
            self.record_reads(entity, kind, count, reads);
        }
    }

    #[cold]
    fn record_reads(&self, entity: u16, kind: ReadKind, count: Count, reads: u64) {
        let outcome = match count {
            Count::Hit | Count::StoreHit => ReadOutcome::Hit,
            Count::Miss => ReadOutcome::Miss,
            Count::Bypass => ReadOutcome::Bypass,
            // What else is counted of a read comes beside one of these.
            _ => return,
        };
        let read = RecordedRead {
            entity: self.schema.entity(entity).prefix(),
            kind,
            outcome,
        };
        self.recorders.record(read, reads);
    }
}

impl Ask {
    /// The options for reading the row that this lookup leads to.
    pub(super) fn options_of_row(&self) -> Options {
        Options {
            asked: Some(self.options.asked.unwrap_or(self.what)),
            ..self.options.clone()
        }
    }

    /// What the reader has asked by.
    pub(super) fn kind(&self) -> ReadKind {
        match self.options.asked.unwrap_or(self.what) {
            What::Row => ReadKind::Key,
            What::Unique(_) => ReadKind::Unique,
            What::Index(_) => ReadKind::Index,
            What::Query => ReadKind::Query,
        }
    }
}
