//! Unique lookups: pointers to rows, which are checked to bear the value still (rule 7).
//!
//! # What is modelled
//! Two rows with a unique value each, the entries of the rows, and the pointers of two values. A write may take a value from a row and
//! give it to the other. Each look, each lease, each fill, and each key that is locked or released is a step. Time does not pass, and
//! tags are left out: they are explored in the world of entries.

mod library;
mod reader;
mod right;
mod variants;
mod world;
mod writer;

use crate::protocol::cell::Cell;
use crate::protocol::tests::model::check::Explain;
use stateright::{Model, Property};
use world::{ASKED, Entry, Operation, PLACES, Place, Protocol, Task, Value, World};

/// One step of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    /// A thread begins its next operation.
    Begin(usize, Operation),
    /// A thread goes on.
    Step(usize),
    /// A writer is killed; the database ends its transaction.
    Kill(usize),
    Evict(Place),
}

const FOUND: &str = "a lookup gets what could be found after it began";
const SERVABLE: &str = "nothing stale can be served";
const HIT: &str = "a lookup can be served from the store";
const AGAIN: &str = "a lookup can be served of a value that another row had";

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (number, thread) in world.threads.iter().enumerate() {
            match &thread.task {
                Task::Idle => {
                    let slots = self.programs[number].get(thread.begun);
                    let possible =
                        slots
                            .into_iter()
                            .flatten()
                            .filter(|operation| match operation {
                                Operation::Find(_) => true,
                                Operation::Write(write) => write.is_possible(world),
                            });
                    actions.extend(possible.map(|operation| Action::Begin(number, *operation)));
                }
                Task::Read(_) => actions.push(Action::Step(number)),
                Task::Write(_) => {
                    actions.push(Action::Step(number));
                    if world.faults.kills > 0 {
                        actions.push(Action::Kill(number));
                    }
                }
                Task::Killed => {}
            }
        }
        if world.faults.evictions > 0 {
            let evicted = PLACES.iter().zip(&world.cells);
            let evicted =
                evicted.filter(|(_, cell)| !matches!(cell, Cell::Missing | Cell::Locks(_)));
            actions.extend(evicted.map(|(place, _)| Action::Evict(*place)));
        }
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Begin(thread, operation) => {
                next.threads[thread].begun += 1;
                match operation {
                    Operation::Find(value) => self.begin_find(&mut next, thread, value),
                    Operation::Write(write) => self.begin_write(&mut next, thread, write),
                }
            }
            Action::Step(thread) => match next.threads[thread].task.clone() {
                Task::Read(reader) => self.read(&mut next, thread, reader),
                Task::Write(writer) => self.write(&mut next, thread, writer),
                Task::Idle | Task::Killed => return None,
            },
            Action::Kill(thread) => {
                next.faults.kills -= 1;
                next.threads[thread].task = Task::Killed;
                next.database.is_locked = false;
            }
            Action::Evict(place) => {
                next.faults.evictions -= 1;
                next.cells[place.index()?] = Cell::Missing;
            }
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always(FOUND, |_, world: &World| !world.is_broken),
            Property::always(SERVABLE, Self::is_fresh),
            Property::sometimes(HIT, |model: &Self, world| {
                ASKED
                    .iter()
                    .any(|value| model.served(world, *value).is_some())
            }),
            Property::sometimes(AGAIN, |model: &Self, world| {
                let served = ASKED
                    .iter()
                    .filter_map(|value| model.served(world, *value)?);
                let mut rows = served.map(|(_, row)| row);
                rows.any(|row| row.version > 0)
            }),
        ]
    }
}

impl Protocol {
    /// What a lookup would be answered with that asks for pointer and row in one moment.
    fn served(&self, world: &World, value: Value) -> Option<world::Found> {
        match world.entry(Place::Pointer(value))? {
            Entry::Absent => Some(None),
            Entry::Row(_) => None,
            Entry::Pointer(row) => match world.entry(Place::Row(row))? {
                Entry::Row(held) => self.checked(value, row, Some(held)).map(Some),
                Entry::Absent | Entry::Pointer(_) => None,
            },
        }
    }

    fn is_fresh(&self, world: &World) -> bool {
        let database = &world.database;
        ASKED.iter().all(|value| {
            self.served(world, *value)
                .is_none_or(|found| found == database.find(*value))
        })
    }
}

impl Explain for Protocol {
    fn step(&self, world: &World, action: &Action) -> String {
        match action {
            Action::Step(thread) => {
                format!("thread {thread} goes on: {:?}", world.threads[*thread].task)
            }
            other => format!("{other:?}"),
        }
    }

    fn difference(&self, before: &World, after: &World) -> Vec<String> {
        let mut lines = Vec::new();
        for (place, (old, new)) in PLACES.iter().zip(before.cells.iter().zip(&after.cells)) {
            if old != new {
                lines.push(format!("{place:?} holds {new:?}"));
            }
        }
        if before.database.rows != after.database.rows {
            lines.push(format!("{:?}", after.database.rows));
        }
        if self.is_fresh(before) && !self.is_fresh(after) {
            lines.push(format!("no longer true: \"{SERVABLE}\""));
        }
        lines
    }
}
