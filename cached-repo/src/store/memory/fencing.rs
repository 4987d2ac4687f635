//! Decides which fills are stored and which entries are served: the fence and the stamps, in the order that the rules need.

use super::cells::{Cells, Held, LOCKED};
use super::fence::Fence;
use crate::key::{Key, Space};
use crate::stamp::Token;
use std::sync::Arc;

/// The stamps that an entry was filled under.
#[derive(Clone, Debug)]
pub(super) struct Stamps {
    /// Of the entity's table, which lies at a fixed place.
    table: u64,
    /// Of the other tags, if there are any.
    tags: Option<Arc<[Held]>>,
}

impl Stamps {
    /// The tags besides the table.
    pub(super) fn tags(&self) -> &[Held] {
        self.tags.as_deref().unwrap_or_default()
    }
}

/// The fence and the stamps of a store.
#[derive(Debug)]
pub(super) struct Fencing {
    cells: Cells,
    fence: Fence,
}

impl Fencing {
    /// For so many entities. Names share that many stripes: now and then a fill is refused for a neighbour's sake.
    pub(super) fn new(entities: usize, stripes: usize) -> Self {
        Self {
            cells: Cells::new(entities),
            fence: Fence::new(stripes),
        }
    }

    /// The stamps of all tags.
    pub(super) fn cells(&self) -> &Cells {
        &self.cells
    }

    /// Invalidations and locks.
    pub(super) fn fence(&self) -> &Fence {
        &self.fence
    }

    /// Whether an entry of this entity may be served (rule 2).
    #[inline]
    pub(super) fn is_current(&self, entity: u16, stamps: &Stamps) -> bool {
        let mut tags = stamps.tags.iter().flat_map(|tags| tags.iter());
        stamps.table == self.cells.table(entity) && tags.all(Held::is_current)
    }

    /// Draws the number of a reader that is about to load; `None` if a writer has locked one of the names.
    pub(super) fn begin<'a>(
        &self,
        mut names: impl Iterator<Item = &'a Key>,
        now: u64,
    ) -> Option<u64> {
        // The number first, the locks second: a lock is entered before its number is drawn, so a reader that sees the
        // number sees the lock.
        let began = self.fence.now();
        (!names.any(|name| self.fence.is_locked(name, now))).then_some(began)
    }

    /// The stamps of an entry that was loaded after `began`; `None` if one of its tags was invalidated since, or is locked.
    pub(super) fn stamps(
        &self,
        entity: u16,
        tags: &[&Key],
        began: u64,
        now: u64,
    ) -> Option<Stamps> {
        // Stamps first, fence second: see `invalidate`.
        let table = self.cells.table(entity);
        let mut held: Vec<Held> = Vec::new();
        // The entry depends on its own table anyway, and in one process the namespace is its tables. A query may depend on the
        // tables of other entities, too.
        let own = Key::table(entity);
        for tag in tags {
            if tag.space() != Space::Epoch && **tag != own {
                held.push(self.cells.hold(tag)?);
            }
        }
        let fenced = tags.iter().any(|tag| {
            self.fence.unless_passed(tag, began, || ()).is_none() || self.fence.is_locked(tag, now)
        });
        (!fenced && table != LOCKED).then(|| Stamps {
            table,
            tags: (!held.is_empty()).then(|| Arc::from(held)),
        })
    }

    /// Inserts an entry under this key, unless the key was invalidated after `began` or is locked; whether it was inserted.
    pub(super) fn fill(&self, key: &Key, began: u64, now: u64, insert: impl FnOnce()) -> bool {
        let stored = self.fence.unless_passed(key, began, || {
            // A write whose outcome is unknown leaves its lock; the entry would outlive the doubt.
            let free = !self.fence.is_locked(key, now);
            if free {
                insert();
            }
            free
        });
        stored.unwrap_or(false)
    }

    /// Locks these names for a writer, and invalidates them.
    pub(super) fn lock(&self, names: &[Key], writer: Token, deadline: u64, remove: impl Fn(&Key)) {
        // Locks first, numbers second: see `begin`.
        self.fence.lock(names, writer, deadline);
        self.invalidate(names, true, remove);
    }

    /// Takes the writer's locks away, and invalidates the names that nobody holds any more.
    pub(super) fn release(&self, names: &[Key], writer: Token, now: u64, remove: impl Fn(&Key)) {
        // What another writer still holds was fenced off by that writer's lock and stays so.
        let open = self.fence.unlock(names, writer, now);
        self.invalidate(&open, false, remove);
    }

    /// Notes the invalidation of each name, then carries it out: entries are removed, tags get another stamp.
    pub(super) fn invalidate(&self, names: &[Key], locked: bool, remove: impl Fn(&Key)) {
        let number = self.fence.next();
        for name in names {
            if name.is_entry() {
                self.fence.pass(name, number, || remove(name));
            } else {
                // The stripe before the cell: a fill reads the cell, then the stripe. The other way round it could read the
                // new stamp and the old stripe, and store an older value under a stamp that is current.
                self.fence.pass(name, number, || {});
                let stamp = if locked { LOCKED } else { number };
                self.cells.change(name, stamp);
            }
        }
    }
}
