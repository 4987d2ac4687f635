//! Fills.

use super::{Later, MemoryStore, Slot};
use crate::key::Key;
use crate::port::{Fill, FillOutcome, Refusal};
use crate::time::millis;
use std::sync::Arc;

impl MemoryStore {
    /// Stores a loaded value, unless something that it depends on was invalidated since its permit.
    pub(crate) fn land(&self, fill: Fill) -> FillOutcome {
        let began = fill.permit.began;
        let key = fill.request.key;
        let tags: Vec<&Key> = fill.request.tags.iter().chain(&fill.tags).collect();
        let (now, life) = (self.clock.now(), fill.life);
        let Some(stamps) = self.fencing.stamps(key.entity(), &tags, began, now) else {
            return FillOutcome::Refused(Refusal::Invalidated);
        };
        let later = (!life.aging.is_none()).then(|| {
            let ends = now.saturating_add(millis(life.kept()));
            Arc::new(Later { ends, life })
        });
        let slot = Slot {
            payload: fill.payload,
            quiet_until: now.saturating_add(millis(life.quiet())),
            stored_at: now.saturating_sub(millis(life.passed)),
            later,
            stamps,
            weight: fill.weight,
        };
        let insert = || self.entries.insert(key.clone(), slot);
        match self.fencing.fill(&key, began, now, insert) {
            true => FillOutcome::Stored,
            false => FillOutcome::Refused(Refusal::Invalidated),
        }
    }

    /// Gives tags whose locks ended without a release a stamp again.
    pub(super) fn reopen(&self) {
        let ended = self.fencing.fence().ended(self.clock.now());
        if !ended.is_empty() {
            self.invalidate(&ended);
        }
    }
}
