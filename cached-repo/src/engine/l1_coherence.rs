//! Rule 10: copies in this process of what a shared store holds.
//!
//! A copy is made of an entry that the store has just served, and of nothing else. It goes with a local write, with a notice
//! from another process, with everything when notices stop arriving, and at its own bound. The permit for it is drawn before the
//! store is asked: a notice that comes between the store's answer and the copy wins.
//!
//! # Own writes
//! A list may hold a row that another process has moved away from it, with a notice that is still on its way. A write here knows
//! the row's present place, and not the list. So lists, pointers, counts and whatever else is not a row by its key carry one more
//! tag for each entity that they rest on, which no other process knows: a write of this process takes it with its targets
//! ([`end_dependents`](L1Coherence::end_dependents)). Rows carry such a tag if they depend on rows of other entities.

use super::tags::push_new;
use crate::key::{Key, NO_ENTITY, Space};
use crate::port::{Fill, Listener, Permit, Request};
use crate::schema::Schema;
use crate::stamp::Token;
use crate::store::MemoryStore;
use crate::time::millis;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// Copies of entries of the store, and how far they can be trusted.
#[derive(Debug)]
pub(crate) struct L1Coherence {
    memory: Arc<MemoryStore>,
    /// How long a copy may be served.
    bound: Duration,
    /// Number of the last notice that was carried out here.
    received: AtomicU64,
    is_subscribed: AtomicBool,
    /// How often everything was forgotten because notices were missed.
    flushes: AtomicU64,
}

/// Permission for one copy.
pub(super) struct CopyPermit {
    pub(super) permit: Permit,
    /// When the store was asked: the copy is as old as that.
    began: u64,
}

impl L1Coherence {
    /// Nothing is copied before notices arrive.
    pub(crate) fn new(memory: Arc<MemoryStore>, bound: Duration) -> Self {
        memory.suspend();
        Self {
            memory,
            bound,
            received: AtomicU64::new(0),
            is_subscribed: AtomicBool::new(false),
            flushes: AtomicU64::new(0),
        }
    }

    pub(crate) fn is_subscribed(&self) -> bool {
        self.is_subscribed.load(Ordering::Acquire)
    }

    pub(crate) fn flushes(&self) -> u64 {
        self.flushes.load(Ordering::Relaxed)
    }

    /// Whether all notices up to this number were carried out here.
    pub(super) fn has_received(&self, number: u64) -> bool {
        self.received.load(Ordering::Acquire) >= number
    }

    pub(super) fn copy_permit(&self, request: &Request) -> Option<CopyPermit> {
        let permit = self.memory.permits(std::slice::from_ref(request)).pop()?;
        Some(CopyPermit {
            permit: permit?,
            began: self.memory.now(),
        })
    }

    /// How long a copy may be served that is made now; `None` if its time is over before that.
    pub(super) fn life(&self, copy_permit: &CopyPermit, rest: Duration) -> Option<Duration> {
        let life = millis(self.bound.min(rest));
        let passed = self.memory.now().saturating_sub(copy_permit.began);
        let left = life.checked_sub(passed).filter(|left| *left > 0)?;
        Some(Duration::from_millis(left))
    }

    /// Keeps a copy. Refused, it is read from the store again.
    pub(super) fn keep(&self, copy: Fill) {
        let _ = self.memory.land(copy);
    }

    /// What a local write is about to invalidate is not served from here, nor copied.
    pub(super) fn lock(&self, targets: &[Key], writer: Token, lifetime: Duration) {
        self.memory.lock_for(targets, writer, lifetime);
    }

    pub(super) fn release(&self, targets: &[Key], writer: Token) {
        self.memory.release_from(targets, writer);
    }

    /// Ends the copies that may hold a row which a write of this process has invalidated under these names, or should hold one,
    /// whatever their own names are.
    ///
    /// Without a lock: a copy that is made before this is refused or ends by it, and one that is made later is made of what the
    /// store holds behind the write.
    pub(super) fn end_dependents(&self, targets: &[Key]) {
        self.memory
            .release_from(&local_targets(targets), Token::unique());
    }
}

/// The tags in this process that go with a write to these names.
fn local_targets(targets: &[Key]) -> Vec<Key> {
    let mut local = Vec::new();
    for target in targets.iter().filter(|key| key.entity() != NO_ENTITY) {
        let entity = target.entity();
        let dependents = (target.space() == Space::Edge).then(|| Key::local_dependents(entity));
        for tag in dependents.into_iter().chain([Key::local_lists(entity)]) {
            push_new(&mut local, tag);
        }
    }
    local
}

/// The tags in this process of a copy under this key with these tags.
pub(super) fn local_tags(schema: &Schema, key: &Key, tags: &[&[Key]]) -> Vec<Key> {
    let entity = key.entity();
    if key.space() == Space::Row {
        let depends = !schema.entity(entity).partitions.is_empty();
        return depends
            .then(|| Key::local_dependents(entity))
            .into_iter()
            .collect();
    }
    let mut local = vec![Key::local_lists(entity)];
    for tag in tags.iter().copied().flatten() {
        if tag.entity() != NO_ENTITY {
            push_new(&mut local, Key::local_lists(tag.entity()));
        }
    }
    local
}

impl Listener for L1Coherence {
    fn subscribed(&self, number: u64) {
        // Not the greater of the two: the numbers of a server that has forgotten begin anew.
        self.received.store(number, Ordering::Release);
        self.is_subscribed.store(true, Ordering::Release);
        self.memory.resume();
    }

    fn invalidated(&self, number: u64, keys: &[Key]) {
        self.memory.release_from(keys, Token::unique());
        self.received.store(number, Ordering::Release);
    }

    fn keys_changed(&self, keys: &[Key]) {
        self.memory.release_from(keys, Token::unique());
    }

    fn notices_lost(&self, number: u64) {
        // A namespace that was never told of anything begins with such a number.
        let is_loss = self.memory.len() > 0;
        self.flushes.fetch_add(is_loss.into(), Ordering::Relaxed);
        self.memory.forget();
        self.received.store(number, Ordering::Release);
    }

    fn unsubscribed(&self) {
        self.is_subscribed.store(false, Ordering::Release);
        self.flushes.fetch_add(1, Ordering::Relaxed);
        self.memory.suspend();
        self.received.store(0, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
