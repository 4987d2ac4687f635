//! Entries of the shared store.
//!
//! # What is modelled
//! One row that may lie in either of two partitions; its entry, an entry for the rows of each partition, and one for a query
//! over all rows. A reader may find that an entry's time has come, and load it anew while it stays where it is. Each round trip of a reader or writer is a step, and each key that a writer locks or releases is one. The store is [`Cell`]s: what the scripts
//! do. Decisions are made by the functions of `protocol::serve` themselves. Time passes in ticks.
//!
//! # What is assumed
//! - The database is linearizable, and its clients lock rows that they read in order to write them.
//! - A commit reaches the database before the locks end that cover it: it is fast, or its writer renews them. Tests whose
//!   `slow_commits` is set do without.
//! - There is one server at a time, and the commands of one script or MGET are one step.

mod explain;
mod faults;
mod flight;
mod limits;
mod reader;
mod right;
mod rules;
mod variants;
mod world;
mod writer;

use crate::protocol::cell::Cell;
use faults::Event;
use flight::{Mark, tags};
use reader::{At, Reader};
use rules::{Operation, Promise, Protocol};
use stateright::{Model, Property};
use world::{ENTRIES, PLACES, Place, Task, Thread, World};

/// One step of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    /// A thread begins its next operation.
    Begin(usize, Operation),
    /// A thread goes on.
    Step(usize),
    Event(Event),
}

const TOLD: &str = "a read gets what was told before it began";
const COMMITTED: &str = "a read gets what was committed before it began";
const SERVABLE: &str = "nothing stale can be served";
const ENDS: &str = "leases and locks end";
const RENEWED: &str = "a lock ends when its writer has not renewed it, whatever others do";
const FINISHES: &str = "everybody finishes";
const STUCK: &str = "nobody waits for ever";
const HIT: &str = "an entry can be served";
const AGAIN: &str = "an entry can be served that was filled after a write";

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
                    let slots = &self.programs[number].1;
                    let begins = slots.get(thread.begun).into_iter().flatten();
                    let possible = begins.filter(|operation| match operation {
                        Operation::Read(_) | Operation::Refresh(_) => true,
                        Operation::Write(write) => write.is_possible(world),
                    });
                    actions.extend(possible.map(|operation| Action::Begin(number, *operation)));
                }
                Task::Read(reader) if matches!(reader.at, At::Follow(_)) => {}
                Task::Read(_) | Task::Write(_) => actions.push(Action::Step(number)),
                Task::Killed => {}
            }
        }
        self.events(world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Begin(thread, operation) => self.begin(&mut next, thread, operation),
            Action::Step(thread) => self.step(&mut next, thread)?,
            Action::Event(event) => self.happen(&mut next, event),
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always(TOLD, |_, world: &World| !world.below_told),
            Property::always(SERVABLE, Self::is_fresh),
            Property::always(ENDS, ends),
            Property::always(RENEWED, is_renewed),
            Property::always(STUCK, Self::is_moving),
            Property::eventually(FINISHES, |model: &Self, world| model.is_finished(world)),
            Property::sometimes(HIT, |model: &Self, world| model.serves(world, 0)),
            Property::sometimes(AGAIN, |model: &Self, world| model.serves(world, 1)),
        ];
        if self.promise == Promise::Committed {
            let committed = |_: &Self, world: &World| !world.below_committed;
            properties.push(Property::always(COMMITTED, committed));
        }
        properties
    }
}

impl Protocol {
    fn begin(&self, world: &mut World, thread: usize, operation: Operation) {
        world.threads[thread].begun += 1;
        match operation {
            Operation::Read(what) | Operation::Refresh(what) => {
                let reader = Reader {
                    what,
                    told: world.told.of(what),
                    committed: world.database.committed.of(what),
                    refreshes: matches!(operation, Operation::Refresh(_)),
                    began: world.processes[self.process(thread)].tickets,
                    at: At::Look,
                };
                world.threads[thread].task = Task::Read(reader);
                if !self.shares(thread) {
                    // Who looks later than it begins is owed no more than who begins when it looks.
                    self.step(world, thread);
                }
            }
            Operation::Write(write) => self.begin_write(world, thread, write),
        }
    }

    fn step(&self, world: &mut World, thread: usize) -> Option<()> {
        match world.threads[thread].task.clone() {
            Task::Read(reader) => self.read(world, thread, reader),
            Task::Write(writer) => {
                self.write(world, thread, writer);
                Some(())
            }
            Task::Idle | Task::Killed => None,
        }
    }

    /// What the entry's key would be answered with, if all its tags were asked for in one moment.
    fn servable(&self, world: &World, what: Place) -> Option<u8> {
        let Cell::Entry { entry, .. } = world.cell(what) else {
            return None;
        };
        let generation = world.store.generation;
        let reached = world.processes.iter().any(|process| {
            process.alive && !process.open && !process.cut && process.connected == generation
        });
        let own = tags(what);
        let complete = own
            .iter()
            .all(|own| entry.stamps.iter().any(|(tag, _)| tag == own));
        let locked = own.iter().any(|tag| world.mark(*tag) == Mark::Locked);
        let valid = reached && complete && !locked && self.is_valid(world, entry, |_| true);
        valid.then_some(entry.version)
    }

    fn is_fresh(&self, world: &World) -> bool {
        let promised = match self.promise {
            Promise::Committed => world.database.committed,
            Promise::Published => world.told,
        };
        ENTRIES.iter().all(|place| {
            self.servable(world, *place)
                .is_none_or(|version| version >= promised.of(*place))
        })
    }

    /// Whether there is an entry that has seen so many commits.
    fn serves(&self, world: &World, commits: u8) -> bool {
        ENTRIES.iter().any(|place| {
            self.servable(world, *place)
                .is_some_and(|version| version >= commits)
        })
    }

    fn is_finished(&self, world: &World) -> bool {
        world
            .threads
            .iter()
            .zip(&self.programs)
            .all(|(thread, (_, slots))| {
                let rest = slots.get(thread.begun).into_iter().flatten();
                let mut possible = rest.filter(|operation| match operation {
                    Operation::Read(_) | Operation::Refresh(_) => true,
                    Operation::Write(write) => write.is_possible(world),
                });
                let idle = thread.task == Task::Idle && possible.next().is_none();
                thread.pending.is_none() && (idle || thread.task == Task::Killed)
            })
    }

    /// Whether somebody can go on, or nobody has to.
    fn is_moving(&self, world: &World) -> bool {
        let goes_on = |thread: &Thread| match &thread.task {
            Task::Read(reader) => !matches!(reader.at, At::Follow(_)),
            Task::Write(_) => true,
            Task::Idle | Task::Killed => false,
        };
        if world.threads.iter().any(goes_on) || self.is_finished(world) {
            return true;
        }
        let mut actions = Vec::new();
        self.actions(world, &mut actions);
        !actions.is_empty()
    }
}

/// Whether every lease and lock has an end that is near.
fn ends(protocol: &Protocol, world: &World) -> bool {
    PLACES.iter().all(|place| {
        let cell = world.cell(*place);
        match cell {
            Cell::Lease { ends, .. } => *ends <= world.now + protocol.times.lease,
            Cell::Locks(locks) => locks.ends() <= Some(world.now + protocol.times.lock),
            _ => true,
        }
    })
}

/// Whether every lock ends when its own writer has said, and no later because others lock the same key.
fn is_renewed(_: &Protocol, world: &World) -> bool {
    PLACES.iter().all(|place| match world.cell(*place) {
        Cell::Locks(locks) => locks
            .iter()
            .all(|(token, ends)| ends <= world.holder(token).locked_until),
        _ => true,
    })
}
