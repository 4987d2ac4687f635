//! Fills.

use super::cells::Held;
use super::{Later, MemoryStore, Slot};
use crate::key::{Key, Space};
use crate::port::{Fill, FillOutcome, Refusal};
use crate::time::millis;
use std::sync::Arc;

impl MemoryStore {
    /// Stores a loaded value, unless something that it depends on was invalidated since its permit.
    pub(crate) fn land(&self, fill: Fill) -> FillOutcome {
        let began = fill.permit.began;
        // Stamps first, fences second: see `MemoryStore::invalidate`.
        let table = self.cells.table(fill.request.key.entity());
        let mut held: Vec<Held> = Vec::new();
        let tags: Vec<&Key> = fill.request.tags.iter().chain(&fill.tags).collect();
        // The entry depends on its own table anyway, and in one process the namespace is its tables. A query may depend on the
        // tables of other entities, too.
        let own = Key::table(fill.request.key.entity());
        for tag in &tags {
            if tag.space() == Space::Epoch || **tag == own {
                continue;
            }
            match self.cells.hold(tag) {
                Some(tag) => held.push(tag),
                None => return FillOutcome::Refused(Refusal::Invalidated),
            }
        }
        let fenced = tags.iter().any(|tag| {
            self.fence.unless_passed(tag, began, || ()).is_none()
                || self.fence.is_locked(tag, self.clock.now())
        });
        if fenced || table == super::cells::LOCKED {
            return FillOutcome::Refused(Refusal::Invalidated);
        }
        let (now, life) = (self.clock.now(), fill.life);
        let later = (!life.aging.is_none()).then(|| {
            let ends = now.saturating_add(millis(life.kept()));
            Arc::new(Later { ends, life })
        });
        let slot = Slot {
            payload: fill.payload,
            quiet_until: now.saturating_add(millis(life.quiet())),
            stored_at: now.saturating_sub(millis(life.passed)),
            later,
            table,
            tags: (!held.is_empty()).then(|| Arc::from(held)),
            weight: fill.weight,
        };
        let key = fill.request.key;
        let stored = self.fence.unless_passed(&key, began, || {
            // A write whose outcome is unknown leaves its lock; the entry would outlive the doubt.
            let free = !self.fence.is_locked(&key, self.clock.now());
            if free {
                self.entries.insert(key.clone(), slot);
            }
            free
        });
        match stored {
            Some(true) => FillOutcome::Stored,
            _ => FillOutcome::Refused(Refusal::Invalidated),
        }
    }

    /// Gives tags whose locks ended without a release a stamp again.
    pub(super) fn reopen(&self) {
        let ended = self.fence.ended(self.clock.now());
        if !ended.is_empty() {
            self.invalidate(&ended, false);
        }
    }
}
