//! The stamps of tags, in cells that entries hold directly.

use super::sync::{AtomicU64, Mutex, MutexGuard};
use crate::key::{Key, Space};
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// Stamp of a locked tag: no entry carries it.
pub(super) const LOCKED: u64 = 0;

/// Stamp of a tag that was never invalidated.
const FIRST: u64 = 1;

const SHARDS: usize = 64;

/// A tag's present stamp.
#[derive(Debug)]
pub(super) struct Cell(AtomicU64);

/// A tag of an entry: its cell and the stamp that the entry was filled under.
#[derive(Clone, Debug)]
pub(super) struct Held {
    cell: Arc<Cell>,
    stamp: u64,
}

impl Held {
    #[inline]
    pub(super) fn is_current(&self) -> bool {
        self.cell.0.load(Ordering::Acquire) == self.stamp
    }
}

/// All tags.
#[derive(Debug)]
pub(super) struct Cells {
    /// One for each entity: every entry of it depends on this one, so it needs no looking up.
    tables: Box<[Arc<Cell>]>,
    shards: Box<[Mutex<Shard>]>,
    hasher: foldhash::fast::RandomState,
}

#[derive(Debug, Default)]
struct Shard {
    cells: HashMap<Key, Arc<Cell>, foldhash::fast::RandomState>,
    /// Size at which cells that no entry holds are swept out.
    sweep_at: usize,
}

impl Cells {
    pub(super) fn new(entities: usize) -> Self {
        let cell = || Arc::new(Cell(AtomicU64::new(FIRST)));
        Self {
            tables: (0..entities).map(|_| cell()).collect(),
            shards: (0..SHARDS).map(|_| Mutex::default()).collect(),
            hasher: foldhash::fast::RandomState::default(),
        }
    }

    /// The stamp of an entity's table.
    #[inline]
    pub(super) fn table(&self, entity: u16) -> u64 {
        self.tables
            .get(usize::from(entity))
            .map_or(LOCKED, |cell| cell.0.load(Ordering::Acquire))
    }

    /// The tag as an entry that is filled now would hold it; `None` while a writer holds it.
    pub(super) fn hold(&self, tag: &Key) -> Option<Held> {
        let cell = match tag.space() {
            Space::Table => Arc::clone(self.tables.get(usize::from(tag.entity()))?),
            _ => {
                let mut shard = self.shard(tag);
                shard.sweep();
                let new = || Arc::new(Cell(AtomicU64::new(FIRST)));
                Arc::clone(shard.cells.entry(tag.clone()).or_insert_with(new))
            }
        };
        let stamp = cell.0.load(Ordering::Acquire);
        (stamp != LOCKED).then_some(Held { cell, stamp })
    }

    /// Whether the held tag is this one.
    pub(super) fn is_of(&self, held: &Held, tag: &Key) -> bool {
        self.shard(tag)
            .cells
            .get(tag)
            .is_some_and(|cell| Arc::ptr_eq(cell, &held.cell))
    }

    /// Gives a tag another stamp. A tag that no entry holds needs none: the fence refuses fills that began before.
    pub(super) fn change(&self, tag: &Key, stamp: u64) {
        match tag.space() {
            Space::Table => {
                if let Some(cell) = self.tables.get(usize::from(tag.entity())) {
                    cell.0.store(stamp, Ordering::Release);
                }
            }
            // In one process the namespace is its tables.
            Space::Epoch => {
                for cell in &self.tables {
                    cell.0.store(stamp, Ordering::Release);
                }
            }
            _ => {
                if let Some(cell) = self.shard(tag).cells.get(tag) {
                    cell.0.store(stamp, Ordering::Release);
                }
            }
        }
    }

    /// How many tags are known.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        let size = |shard: &Mutex<Shard>| shard.lock().map_or(0, |shard| shard.cells.len());
        self.shards.iter().map(size).sum()
    }

    fn shard(&self, tag: &Key) -> MutexGuard<'_, Shard> {
        let at = self.hasher.hash_one(tag) as usize % SHARDS;
        // A panic while the lock was held cannot leave a shard half changed: each change is one step.
        self.shards[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shard {
    /// Forgets cells that nothing holds: their next holder starts afresh, and the fence still knows of their past.
    fn sweep(&mut self) {
        if self.cells.len() < self.sweep_at.max(64) {
            return;
        }
        self.cells.retain(|_, cell| Arc::strong_count(cell) > 1);
        self.sweep_at = self.cells.len() * 2;
    }
}
