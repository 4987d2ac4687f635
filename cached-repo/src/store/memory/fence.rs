//! Fences off fills that began before an invalidation, and keeps the locks of writers.

use super::sync::{AtomicU64, AtomicUsize, Mutex, MutexGuard};
use crate::key::Key;
use crate::protocol::LockList;
use crate::stamp::Token;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

/// The sequence of invalidations, and when each stripe of names was last hit.
#[derive(Debug)]
pub(super) struct Fence {
    sequence: AtomicU64,
    stripes: Box<[Mutex<u64>]>,
    hasher: foldhash::fast::RandomState,
    locks: Mutex<HashMap<Key, LockList>>,
    /// How many names are locked: readers look at the locks only if some are.
    locked: AtomicUsize,
}

impl Fence {
    pub(super) fn new(stripes: usize) -> Self {
        Self {
            // Stamps are numbers of this sequence; 0 and 1 have meanings of their own.
            sequence: AtomicU64::new(2),
            stripes: (0..stripes).map(|_| Mutex::new(0)).collect(),
            hasher: foldhash::fast::RandomState::default(),
            locks: Mutex::default(),
            locked: AtomicUsize::new(0),
        }
    }

    /// The number at which a reader begins.
    pub(super) fn now(&self) -> u64 {
        self.sequence.load(Ordering::SeqCst)
    }

    /// The number of a new invalidation.
    pub(super) fn next(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::SeqCst) + 1
    }

    /// Notes an invalidation and acts while no fill of the same stripe can.
    pub(super) fn pass(&self, name: &Key, number: u64, act: impl FnOnce()) {
        let mut last = self.stripe(name);
        *last = number.max(*last);
        act();
    }

    /// Notes an invalidation of all names: no fill is stored that began before.
    pub(super) fn pass_all(&self) {
        let number = self.next();
        for stripe in &self.stripes {
            let mut last = stripe.lock().unwrap_or_else(PoisonError::into_inner);
            *last = number.max(*last);
        }
    }

    /// Acts, unless the name was invalidated after `began`; no invalidation of it can come in between.
    pub(super) fn unless_passed<T>(
        &self,
        name: &Key,
        began: u64,
        act: impl FnOnce() -> T,
    ) -> Option<T> {
        let last = self.stripe(name);
        (*last <= began).then(act)
    }

    fn stripe(&self, name: &Key) -> MutexGuard<'_, u64> {
        let at = self.hasher.hash_one(name) as usize % self.stripes.len();
        self.stripes[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lock(&self, names: &[Key], writer: Token, deadline: u64) {
        let mut locks = self.locks();
        for name in names {
            locks.entry(name.clone()).or_default().add(writer, deadline);
        }
        self.locked.store(locks.len(), Ordering::SeqCst);
    }

    /// Takes a writer's locks away and returns the names that nobody holds any more.
    pub(super) fn unlock(&self, names: &[Key], writer: Token, now: u64) -> Vec<Key> {
        let mut locks = self.locks();
        let mut open = Vec::with_capacity(names.len());
        for name in names {
            let held = locks.get_mut(name).is_some_and(|list| {
                list.remove(writer);
                list.holds(now)
            });
            if !held {
                locks.remove(name);
                open.push(name.clone());
            }
        }
        self.locked.store(locks.len(), Ordering::SeqCst);
        open
    }

    /// Whether a living lock is on the name.
    pub(super) fn is_locked(&self, name: &Key, now: u64) -> bool {
        self.locked.load(Ordering::SeqCst) != 0
            && self
                .locks()
                .get_mut(name)
                .is_some_and(|list| list.holds(now))
    }

    /// Names whose locks have all ended without a release.
    pub(super) fn ended(&self, now: u64) -> Vec<Key> {
        if self.locked.load(Ordering::SeqCst) == 0 {
            return Vec::new();
        }
        let mut locks = self.locks();
        let ended: Vec<Key> = locks
            .iter_mut()
            .filter_map(|(name, list)| (!list.holds(now)).then(|| name.clone()))
            .collect();
        for name in &ended {
            locks.remove(name);
        }
        self.locked.store(locks.len(), Ordering::SeqCst);
        ended
    }

    fn locks(&self) -> MutexGuard<'_, HashMap<Key, LockList>> {
        self.locks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
