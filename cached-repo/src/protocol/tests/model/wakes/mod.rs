//! Waiting for the load of another process: leases that are renewed, awaited and ended, and the wakes that tell of it.
//!
//! # What is modelled
//! The entry of one row, which is not there at first. Each reader runs in a process of its own; a writer may lock the row. What a
//! reader does is what `engine::read`, `engine::trip` and `store::remote::wakes` do: it looks, it waits once for the lease that it finds,
//! and once more for one that was quicker than its own. The key is a `Cell`. Whether what is loaded is new enough is explored in the
//! world of entries.

mod right;
mod steps;
mod variants;
mod world;

use crate::protocol::cell::Cell;
use crate::protocol::tests::model::check::Explain;
use stateright::{Model, Property};
use steps::{At, Event};
use world::{Protocol, Task, World};

/// One step of the world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Action {
    /// The thread of a process goes on.
    Step(usize),
    /// The load of a process fails.
    Fail(usize),
    Event(Event),
}

const FINISHES: &str = "everybody finishes";
const WOKEN: &str = "who waits for a lease that was ended is told";
const SHORT: &str = "nobody waits longer than the lease lasts that was seen";
const LOOKS: &str = "who cannot be told looks soon";
const ONE_LOAD: &str = "while nothing fails and no lease ends, one process loads";
const WAITED: &str = "somebody waits, and is served what another has loaded";

impl Model for Protocol {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::new(self)]
    }

    fn actions(&self, world: &World, actions: &mut Vec<Action>) {
        for (process, own) in world.processes.iter().enumerate() {
            match &own.task {
                Task::Read(reader) => {
                    if reader.goes_on() {
                        actions.push(Action::Step(process));
                    }
                    if world.faults.failures > 0 && matches!(reader.at, At::Load { .. }) {
                        actions.push(Action::Fail(process));
                    }
                }
                Task::Write(_) => actions.push(Action::Step(process)),
                Task::Done | Task::Killed => {}
            }
        }
        self.events(world, actions);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        let mut next = world.clone();
        match action {
            Action::Step(process) => self.step(&mut next, process),
            Action::Fail(process) => self.fail(&mut next, process),
            Action::Event(event) => self.happen(&mut next, event),
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut properties = vec![
            Property::always(SHORT, is_short),
            Property::always(LOOKS, looks_soon),
            Property::eventually(FINISHES, |_, world| is_finished(world)),
            Property::sometimes(WAITED, |_, world: &World| world.has_waited),
        ];
        if self.faults.evictions == 0 {
            properties.push(Property::always(WOKEN, |_, world| is_told(world)));
        }
        if self.faults == world::Faults::default() && self.times.lease == u64::MAX {
            properties.push(Property::always(ONE_LOAD, |_, world: &World| {
                world.loads <= 1
            }));
        }
        properties
    }
}

/// Processes that wait and have not been woken, and until when they do.
fn parked(world: &World) -> impl Iterator<Item = (&world::Process, u64)> {
    world.processes.iter().filter_map(|process| {
        let Task::Read(reader) = &process.task else {
            return None;
        };
        match reader.at {
            At::Park { ends } if !reader.is_woken => Some((process, ends)),
            _ => None,
        }
    })
}

fn is_told(world: &World) -> bool {
    parked(world).all(|(process, ends)| {
        let told = world.cell.is_awaited() || process.wakes > 0;
        told || !process.is_connected || ends == 0
    })
}

fn is_short(protocol: &Protocol, world: &World) -> bool {
    parked(world).all(|(_, ends)| ends <= protocol.times.lease)
}

fn looks_soon(protocol: &Protocol, world: &World) -> bool {
    let mut deaf = parked(world).filter(|(process, _)| !process.is_hearing);
    deaf.all(|(_, ends)| ends <= protocol.times.poll)
}

fn is_finished(world: &World) -> bool {
    let mut tasks = world.processes.iter().map(|process| &process.task);
    tasks.all(|task| matches!(task, Task::Done | Task::Killed))
}

impl Explain for Protocol {
    fn step(&self, world: &World, action: &Action) -> String {
        match action {
            Action::Step(process) => {
                let task = &world.processes[*process].task;
                format!("process {process} goes on: {task:?}")
            }
            Action::Fail(process) => format!("the load of process {process} fails"),
            Action::Event(event) => format!("{event:?}"),
        }
    }

    fn difference(&self, before: &World, after: &World) -> Vec<String> {
        let mut lines = Vec::new();
        if before.cell != after.cell {
            lines.push(match &after.cell {
                Cell::Missing => "the key holds nothing".to_owned(),
                held => format!("the key holds {held:?}"),
            });
        }
        for (number, process) in after.processes.iter().enumerate() {
            if before.processes[number] != *process {
                lines.push(format!("process {number}: {process:?}"));
            }
        }
        lines
    }
}
