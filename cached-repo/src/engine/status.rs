//! Statistics, write tokens and the level of consistency.

use super::Engine;
use crate::config::Consistency;
use crate::stats::Stats;
use crate::store::Guarded;
use crate::write_token::WriteToken;

impl Engine {
    /// What was counted so far.
    pub(crate) fn stats(&self) -> Stats {
        let prefix = |entity: usize| self.schema.entities[entity].meta.ident.prefix;
        let mut stats = self.observer.counters.sum(prefix);
        let memory = self.reader.l1().memory();
        stats.entries = memory.map_or(0, |memory| memory.len() as u64);
        stats.invalidations = self.bus.stats();
        if let Some(guard) = &self.guard {
            stats.store.breaker_open = guard.is_open();
            stats.store.outages = guard.opened();
            stats.store.namespace_resets = guard.namespace_resets();
        }
        if let Some(coherence) = &self.coherence {
            stats.store.l1_subscribed = coherence.is_subscribed();
            stats.store.l1_flushes = coherence.flushes();
        }
        stats.transactions = self.writer.retries().read();
        stats
    }

    /// Covers every write in this process that has returned before this call.
    pub(crate) fn token(&self) -> WriteToken {
        // The breaker, too: it closes only after what was owed has been made good, and published.
        let undelivered = |guard: &Guarded| guard.has_undelivered() || guard.is_open();
        if self.guard.as_ref().is_some_and(undelivered) {
            return WriteToken::UNDELIVERED;
        }
        WriteToken::up_to(self.store.last_published())
    }

    /// What entities promise that say nothing themselves.
    pub(crate) fn consistency(&self) -> Consistency {
        if self.capabilities().shared {
            self.settings.consistency
        } else {
            Consistency::InProcess
        }
    }
}
