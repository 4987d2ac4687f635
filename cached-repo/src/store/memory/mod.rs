//! The store inside this process: typed rows, no encoding, no server.
//!
//! # How the rules hold here
//! An invalidation draws the next number of one sequence and notes it in the *stripe* of each key or tag that it hits. A
//! reader's permit is the number at which it began: a fill whose key or tags lie in a stripe with a larger number is refused
//! (rules 1 and 4; stripes are shared, so now and then a fill is refused for a neighbour's sake). A tag's stamp lives in a
//! cell that the entries under it hold directly, so that a hit compares numbers and looks nothing up (rule 2), and an
//! invalidation changes the number, however many entries hold the cell (rule 3).
//!
//! The order of steps matters, and each place says why.

mod cells;
mod fence;
mod fencing;
mod fills;
mod scan;

use crate::age::{Age, Life};
use crate::key::{Key, Space};
use crate::port::{
    Capabilities, Fetched, Fill, FillOutcome, Found, Observed, Payload, Permit, Request, Scan,
    Steps, Store, StoreError,
};
use crate::stamp::Token;
use crate::time::{Clock, millis};
use async_trait::async_trait;
use fencing::{Fencing, Stamps};
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use std::sync::Arc;
use std::time::Duration;

/// What threads share, by the standard library; a test puts others in their place.
mod sync {
    pub(super) use std::sync::atomic::{AtomicU64, AtomicUsize};
    pub(super) use std::sync::{Mutex, MutexGuard};
}

/// Stripes of the fence.
const STRIPES: usize = 1024;

/// An entry. Cloned on each hit, so it is small and holds one counted pointer in the usual case.
#[derive(Clone, Debug)]
struct Slot {
    payload: Payload,
    /// Until when it is served without a second thought: for nearly all entries, their end.
    quiet_until: u64,
    stored_at: u64,
    /// What comes after that, if anything does.
    later: Option<Arc<Later>>,
    stamps: Stamps,
    weight: u64,
}

/// The rest of the life of an entry that is loaded anew before its end, or kept beyond it.
#[derive(Debug)]
struct Later {
    ends: u64,
    life: Life,
}

/// Weighs entries in bytes, each as so many at least: then the bound in bytes is one of entries, too.
#[derive(Clone, Debug)]
struct Weigh {
    least: u64,
}

impl Weighter<Key, Slot> for Weigh {
    fn weight(&self, _: &Key, slot: &Slot) -> u64 {
        slot.weight.max(self.least)
    }
}

/// How much a store in this process holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) entries: usize,
    pub(crate) bytes: u64,
}

/// A store in this process.
#[derive(Debug)]
pub(crate) struct MemoryStore {
    entries: Cache<Key, Slot, Weigh, foldhash::fast::RandomState>,
    fencing: Fencing,
    clock: Clock,
    /// Locks everything while notices do not arrive (rule 10).
    suspension: Token,
}

impl MemoryStore {
    /// A store for a schema of this many entities.
    pub(crate) fn new(entities: usize, bounds: Bounds, clock: Clock) -> Self {
        let capacity = if bounds.entries == 0 { 0 } else { bounds.bytes };
        let least = bounds.bytes / (bounds.entries as u64).max(1);
        Self {
            entries: Cache::with(
                bounds.entries,
                capacity,
                Weigh {
                    least: least.max(1),
                },
                foldhash::fast::RandomState::default(),
                quick_cache::sync::DefaultLifecycle::default(),
            ),
            fencing: Fencing::new(entities, STRIPES),
            clock,
            suspension: Token::unique(),
        }
    }

    /// The hit path: one probe, then comparisons. It waits for nothing and allocates nothing.
    #[inline]
    pub(crate) fn probe(&self, key: &Key) -> Option<Payload> {
        let slot = self.entries.get(key)?;
        let serves = self.is_current(key, &slot) && slot.quiet_until > self.clock.now();
        if serves { Some(slot.payload) } else { None }
    }

    /// The same, with its age, for one that is about to end, or is kept beyond that, as well.
    pub(crate) fn find(&self, key: &Key) -> Option<Fetched> {
        let slot = self.entries.get(key)?;
        let now = self.clock.now();
        let ends = slot
            .later
            .as_ref()
            .map_or(slot.quiet_until, |later| later.ends);
        let is_kept = self.is_current(key, &slot) && ends > now;
        is_kept.then(|| {
            let life = slot.later.as_ref().map(|later| later.life);
            let fresh = Duration::from_millis(slot.quiet_until.saturating_sub(slot.stored_at));
            Fetched {
                payload: slot.payload,
                further: 0,
                rest: Duration::ZERO,
                age: Age {
                    passed: Duration::from_millis(now.saturating_sub(slot.stored_at)),
                    life: life.map_or(fresh, |life| life.ttl),
                    cost: life.map_or(Duration::ZERO, |life| life.cost),
                },
                held: None,
            }
        })
    }

    #[inline]
    fn is_current(&self, key: &Key, slot: &Slot) -> bool {
        self.fencing.is_current(key.entity(), &slot.stamps)
    }

    /// Serves and takes nothing until it is resumed.
    pub(crate) fn suspend(&self) {
        self.lock_until(&[Key::epoch()], self.suspension, u64::MAX);
        self.entries.clear();
    }

    /// Ends a suspension; it begins empty.
    pub(crate) fn resume(&self) {
        self.release_from(&[Key::epoch()], self.suspension);
    }

    /// Locks these keys and tags for a writer.
    pub(crate) fn lock_for(&self, targets: &[Key], writer: Token, lifetime: Duration) {
        let deadline = self.clock.now().saturating_add(millis(lifetime));
        self.lock_until(targets, writer, deadline);
    }

    fn lock_until(&self, targets: &[Key], writer: Token, deadline: u64) {
        let remove = |key: &Key| drop(self.entries.remove(key));
        self.fencing.lock(targets, writer, deadline, remove);
    }

    /// Invalidates these keys and tags and takes the writer's locks away.
    pub(crate) fn release_from(&self, targets: &[Key], writer: Token) {
        let remove = |key: &Key| drop(self.entries.remove(key));
        self.fencing
            .release(targets, writer, self.clock.now(), remove);
    }

    /// Forgets everything.
    pub(crate) fn forget(&self) {
        self.invalidate(&[Key::epoch()]);
        self.entries.clear();
    }

    /// Milliseconds on the clock by which entries expire.
    pub(crate) fn now(&self) -> u64 {
        self.clock.now()
    }

    /// Number of entries, stale ones included.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Obtains permits; `None` where a writer holds a lock.
    pub(crate) fn permits(&self, requests: &[Request]) -> Vec<Option<Permit>> {
        self.reopen();
        let now = self.clock.now();
        let permit = |request: &Request| {
            let names = std::iter::once(&request.key).chain(&*request.tags);
            let began = self.fencing.begin(names, now)?;
            Some(Permit {
                lease: Token::unique(),
                replaces: false,
                began,
                stamps: Vec::new(),
            })
        };
        requests.iter().map(permit).collect()
    }

    /// Whether the entry carries the user's tags that the reader asks for: a call may name tags beyond the entity's.
    fn carries(&self, request: &Request) -> bool {
        let mut asked = request.tags.iter().filter(|tag| tag.space() == Space::User);
        let slot = self.entries.peek(&request.key);
        let held = slot.as_ref().map_or(&[][..], |slot| slot.stamps.tags());
        let cells = self.fencing.cells();
        asked.all(|tag| held.iter().any(|held| cells.is_of(held, tag)))
    }

    fn is_locked(&self, name: &Key) -> bool {
        self.fencing.fence().is_locked(name, self.clock.now())
    }

    fn invalidate(&self, targets: &[Key]) {
        let remove = |key: &Key| drop(self.entries.remove(key));
        self.fencing.invalidate(targets, false, remove);
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn read(&self, requests: &[Request]) -> Result<Vec<Found>, StoreError> {
        let answer = |request: &Request| match self.find(&request.key) {
            Some(fetched) if self.carries(request) => Found::Hit(fetched),
            _ if self.is_locked(&request.key) => Found::Locked,
            _ => Found::Miss(Observed::default()),
        };
        Ok(requests.iter().map(answer).collect())
    }

    async fn permit(
        &self,
        requests: Vec<(Request, Observed)>,
    ) -> Result<Vec<Option<Permit>>, StoreError> {
        let requests: Vec<Request> = requests.into_iter().map(|(request, _)| request).collect();
        Ok(self.permits(&requests))
    }

    async fn fill(&self, fills: Vec<Fill>) -> Result<Vec<FillOutcome>, StoreError> {
        Ok(fills.into_iter().map(|fill| self.land(fill)).collect())
    }

    async fn abandon(&self, _permits: Vec<(Key, Permit)>) {}

    fn share_permit(&self, permit: &Permit) -> Option<Permit> {
        Some(Permit {
            lease: permit.lease,
            replaces: false,
            began: permit.began,
            stamps: Vec::new(),
        })
    }

    async fn lock(
        &self,
        targets: &[Key],
        writer: Token,
        lifetime: Duration,
    ) -> Result<(), StoreError> {
        self.lock_for(targets, writer, lifetime);
        Ok(())
    }

    async fn release(&self, targets: &[Key], writer: Token) -> Result<(), StoreError> {
        self.release_from(targets, writer);
        Ok(())
    }

    fn scan(self: Arc<Self>, scan: Scan) -> Option<Steps> {
        Some(self.steps(&scan))
    }

    async fn invalidate_namespace(&self) -> Result<(), StoreError> {
        self.forget();
        Ok(())
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::IN_PROCESS
    }
}

#[cfg(test)]
mod tests;
