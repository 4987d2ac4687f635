//! What a writer does next. Each writer owns its slots: nobody else writes them while it lives.

use super::model::{Kind, LOGINS, Slot, State, TEAMS, Touch};
use fastrand::Rng;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;

/// How a write is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// One statement, by an active model.
    Model,
    /// One statement, which names a key.
    Statement,
    /// One statement, as text.
    Raw,
    /// One statement for all counters of the writer, which names no key.
    Bulk,
    /// Several slots at once.
    Transaction,
    /// Several slots at once, and more in a savepoint.
    Savepoint,
    /// Several slots, all in vain.
    Rollback,
}

/// A touch, with what it replaces.
#[derive(Clone, Copy, Debug)]
pub struct Change {
    /// What is written.
    pub touch: Touch,
    /// The state before.
    pub before: State,
}

/// One write.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How.
    pub way: Way,
    /// Which writer: bulk updates go by it.
    pub owner: u32,
    /// If it is to wait between its commit and what makes others see it: for this.
    pub lingers: Option<Arc<Linger>>,
    /// What. Those of a savepoint that is rolled back are not kept; they come last.
    pub changes: Vec<Change>,
}

impl Plan {
    /// What it writes.
    #[must_use]
    pub fn touches(&self) -> Vec<Touch> {
        self.changes.iter().map(|change| change.touch).collect()
    }
}

/// A wait that somebody else ends.
#[derive(Debug, Default)]
pub struct Linger(Notify);

impl Linger {
    /// Longest wait: a writer that stood still for longer could lose its locks.
    pub const LIMIT: Duration = Duration::from_millis(400);

    /// Ends the wait.
    pub fn end(&self) {
        self.0.notify_one();
    }

    /// Returns when the wait is over.
    pub async fn over(&self) {
        // Whether it was ended or has reached the limit: it is over.
        let _ = tokio::time::timeout(Self::LIMIT, self.0.notified()).await;
    }
}

/// What a writer knows of its slots.
#[derive(Debug)]
pub struct Book {
    owner: u32,
    /// Grows with each write, and from one process to its replacement.
    version: i64,
    slots: Vec<(Slot, State)>,
}

/// Versions that one process of a writer may use.
const GENERATION: i64 = 10_000_000;

impl Book {
    /// The slots of writer `owner` of `owners`, as they are after the set-up.
    #[must_use]
    pub fn new(owner: u32, owners: u32, rows: u32, generation: u32) -> Self {
        let indexes = (0..rows).filter(|index| index % owners == owner);
        let slots = indexes.flat_map(|index| Kind::ALL.map(|kind| Slot { kind, index }));
        let slots = slots.filter(|slot| slot.kind.is_owned());
        Self {
            owner,
            version: i64::from(generation) * GENERATION,
            slots: slots.map(|slot| (slot, State::first(slot))).collect(),
        }
    }

    /// Accounts, whose state somebody else may know better.
    pub fn accounts(&mut self) -> impl Iterator<Item = (u32, &mut State)> {
        let accounts = self
            .slots
            .iter_mut()
            .filter(|(slot, _)| slot.kind == Kind::Account);
        accounts.map(|(slot, state)| (slot.index, state))
    }

    /// The next write.
    pub fn plan(&mut self, random: &mut Rng) -> Plan {
        let way = match random.u8(..20) {
            0..4 => Way::Model,
            4..8 => Way::Statement,
            8..11 => Way::Raw,
            11 => Way::Bulk,
            12..16 => Way::Transaction,
            16..18 => Way::Savepoint,
            _ => Way::Rollback,
        };
        self.version += 1;
        let mut changes = match way {
            Way::Bulk => self.counters(),
            Way::Model | Way::Statement | Way::Raw => self.some(1, random),
            Way::Transaction | Way::Savepoint | Way::Rollback => {
                self.some(random.usize(2..5), random)
            }
        };
        match way {
            Way::Rollback => changes
                .iter_mut()
                .for_each(|change| change.touch.kept = false),
            Way::Savepoint if random.bool() && changes.len() > 1 => self.undo_last(&mut changes),
            _ => {}
        }
        Plan {
            way,
            owner: self.owner,
            lingers: None,
            changes,
        }
    }

    /// Notes what a write has made of the slots.
    pub fn commit(&mut self, plan: &Plan) {
        for change in plan.changes.iter().filter(|change| change.touch.kept) {
            let own = self
                .slots
                .iter_mut()
                .find(|(slot, _)| *slot == change.touch.slot);
            if let Some((_, state)) = own {
                *state = change.touch.state;
            }
        }
    }

    fn counters(&self) -> Vec<Change> {
        let counters = self
            .slots
            .iter()
            .filter(|(slot, _)| slot.kind == Kind::Counter);
        counters
            .map(|&(slot, state)| self.change(slot, state, state))
            .collect()
    }

    fn some(&self, number: usize, random: &mut Rng) -> Vec<Change> {
        let mut slots = self.slots.clone();
        random.shuffle(&mut slots);
        // A trunk takes all branches and leaves out of the cache: as often as others, it would leave none to be read.
        slots.retain(|(slot, _)| slot.kind != Kind::Trunk || random.u8(..4) == 0);
        slots.truncate(number);
        let change = |(slot, state)| self.change(slot, state, next(slot, state, random));
        slots.into_iter().map(change).collect()
    }

    fn change(&self, slot: Slot, before: State, state: State) -> Change {
        let touch = Touch {
            slot,
            version: self.version,
            state,
            kept: true,
        };
        Change { touch, before }
    }

    /// The last change goes into a savepoint that is rolled back. Its version is its own: it must never be seen.
    fn undo_last(&mut self, changes: &mut [Change]) {
        self.version += 1;
        if let Some(last) = changes.last_mut() {
            last.touch.version = self.version;
            last.touch.kept = false;
        }
    }
}

/// What becomes of a slot.
fn next(slot: Slot, state: State, random: &mut Rng) -> State {
    if slot.kind != Kind::Account {
        return state;
    }
    match (state.here, random.u8(..6)) {
        (false, _) => State {
            here: true,
            login: random.u8(..LOGINS),
            team: random.u8(..TEAMS),
        },
        (true, 0) => State {
            here: false,
            ..state
        },
        (true, 1) => State {
            login: (state.login + 1) % LOGINS,
            ..state
        },
        (true, 2) => State {
            team: (state.team + 1) % TEAMS,
            ..state
        },
        (true, _) => state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_belong_to_one_writer_each() {
        let books: Vec<_> = (0..5).map(|owner| Book::new(owner, 5, 24, 0)).collect();
        let mut slots: Vec<_> = books
            .iter()
            .flat_map(|book| &book.slots)
            .map(|(slot, _)| *slot)
            .collect();
        slots.sort_unstable();
        slots.dedup();
        let owned = Kind::ALL.into_iter().filter(|kind| kind.is_owned());
        assert_eq!(slots.len(), 24 * owned.count());
    }

    #[test]
    fn versions_grow_and_a_replacement_begins_above() {
        let mut random = Rng::with_seed(1);
        let mut book = Book::new(0, 2, 8, 0);
        let mut last = 0;
        for _ in 0..1000 {
            let plan = book.plan(&mut random);
            let newest = plan.changes.iter().map(|change| change.touch.version).max();
            let oldest = plan.changes.iter().map(|change| change.touch.version).min();
            assert!(oldest > Some(last), "{plan:?}");
            last = newest.expect("a plan changes something");
            book.commit(&plan);
        }
        let replacement = Book::new(0, 2, 8, 1).plan(&mut random);
        assert!(replacement.changes[0].touch.version > last);
    }
}
