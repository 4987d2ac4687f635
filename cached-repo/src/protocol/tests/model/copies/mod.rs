//! Copies in front of the shared store, and the notices that end them (rule 10).
//!
//! # What is modelled
//! One row; its entry in the store under two tags; processes that copy it, and write it. A notice is told by the server in order,
//! and arrives in each process in order, any time later. The copies are `protocol::copies`: what `engine::shadow` does with the store in the
//! process. The store is made of `Cell`s.
//!
//! # What is assumed
//! The same as of entries; what keeps them true is explored there, and permits are one step here.

mod ear;
mod explain;
mod faults;
mod reader;
mod right;
mod rules;
mod variants;
mod world;
mod writer;

use faults::Event;
use rules::{Operation, Protocol};
use stateright::{Model, Property};
use world::{Name, Task, World};

/// One step of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    /// A thread begins its next operation.
    Begin(usize, Operation),
    /// A thread goes on.
    Step(usize),
    Event(Event),
}

const OWN: &str = "a read gets what its own process has committed before it began";
const CARRIED: &str = "a read gets what notices have told its process of before it began";
const TOKEN: &str = "a read with a token gets the write that the token was taken from";
const BOUND: &str = "a read gets what was committed before a copy's longest life";
const ON_ITS_WAY: &str = "a copy that is out of date has its notice on its way";
const DEAF: &str = "who knows that no notices arrive copies nothing";
const CALM: &str = "while nothing fails, nothing is taken for missed";
const COPIED: &str = "a copy can be served";
const AGAIN: &str = "a copy can be served that was made after a write";

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
                    let possible = begins.filter(|operation| {
                        **operation != Operation::ReadAfter || world.token.is_some()
                    });
                    actions.extend(possible.map(|operation| Action::Begin(number, *operation)));
                }
                Task::Read(_) | Task::Write(_) => actions.push(Action::Step(number)),
                Task::Killed => {}
            }
        }
        self.events(world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Begin(thread, operation) => {
                next.threads[thread].begun += 1;
                match operation {
                    Operation::Write(name) => self.begin_write(&mut next, thread, name),
                    read => self.begin_read(&mut next, thread, read),
                }
            }
            Action::Step(thread) => match next.threads[thread].task.clone() {
                Task::Read(reader) => self.read(&mut next, thread, reader),
                Task::Write(writer) => self.write(&mut next, thread, writer),
                Task::Idle | Task::Killed => return None,
            },
            Action::Event(event) => self.happen(&mut next, event),
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always(OWN, |_, world: &World| !world.broken.own),
            Property::always(CARRIED, |_, world: &World| !world.broken.carried),
            Property::always(TOKEN, |_, world: &World| !world.broken.token),
            Property::always(BOUND, |_, world: &World| !world.broken.bound),
            Property::always(ON_ITS_WAY, |_, world| is_on_its_way(world)),
            Property::always(DEAF, |_, world| is_silent(world)),
            Property::sometimes(COPIED, |_, world| serves(world, 0)),
            Property::sometimes(AGAIN, |_, world| serves(world, 1)),
        ];
        let faults = self.faults;
        if faults.gaps + faults.restarts + faults.failovers + faults.evictions == 0 {
            properties.push(Property::always(CALM, |_, world: &World| !world.missed));
        }
        properties
    }
}

/// The versions that can be served from copies, with their processes.
fn copied(world: &World) -> impl Iterator<Item = (usize, u8)> {
    let numbered = world.processes.iter().enumerate();
    numbered.filter_map(|(number, process)| {
        let version = process.copies.probe(Name::Row, world.now)?;
        Some((number, version))
    })
}

fn serves(world: &World, commits: u8) -> bool {
    copied(world).any(|(_, version)| version >= commits)
}

fn is_on_its_way(world: &World) -> bool {
    copied(world).all(|(number, version)| {
        let ear = &world.processes[number].ear;
        version >= world.announced || ear.excuses(version, number, world.store.generation)
    })
}

fn is_silent(world: &World) -> bool {
    let mut processes = world.processes.iter();
    processes.all(|process| process.ear.is_armed || !process.copies.is_subscribed())
}
