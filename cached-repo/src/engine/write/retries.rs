//! Counts of retried transactions.

use crate::stats::TransactionStats;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts how transactions end that are retried.
#[derive(Debug, Default)]
pub(crate) struct RetryCounters {
    committed: AtomicU64,
    retried: AtomicU64,
    failed: AtomicU64,
}

impl RetryCounters {
    /// Counts a transaction that has ended.
    pub(crate) fn ended(&self, is_committed: bool) {
        let counter = match is_committed {
            true => &self.committed,
            false => &self.failed,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts an attempt that is repeated.
    pub(crate) fn retried(&self) {
        self.retried.fetch_add(1, Ordering::Relaxed);
    }

    pub(in crate::engine) fn read(&self) -> TransactionStats {
        TransactionStats {
            committed: self.committed.load(Ordering::Relaxed),
            retried: self.retried.load(Ordering::Relaxed),
            failed: self.failed.load(Ordering::Relaxed),
        }
    }
}
