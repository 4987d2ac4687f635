//! The steps of this world, told in words; and larger worlds, for who has the time.

use super::reader::At;
use super::right::READ;
use super::rules::Protocol;
use super::world::{PLACES, Task, World};
use super::{Action, SERVABLE};
use crate::protocol::cell::Cell;
use crate::protocol::tests::model::check::{self, Explain};

/// Ticks that the world lasts, if not as many as the test says.
const TICKS: &str = "CACHED_REPO_MODEL_TICKS";
/// How many readers of the row there are besides those of the test, each in a process of its own.
const READERS: &str = "CACHED_REPO_MODEL_READERS";

/// The number in a variable of the environment.
fn number(variable: &str) -> Option<usize> {
    let text = std::env::var(variable).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} is no number: {text:?}")))
}

/// Explores everything, in a world that the environment may have made larger.
pub(super) fn holds(mut protocol: Protocol) {
    if let Some(ticks) = number(TICKS) {
        protocol.times.horizon = ticks as u64;
    }
    let processes = protocol.programs.iter().map(|(process, _)| process + 1);
    let next = processes.max().unwrap_or(0);
    let readers = (0..number(READERS).unwrap_or(0)).map(|more| (next + more, vec![vec![READ]]));
    protocol.programs.extend(readers);
    check::holds(protocol);
}

impl Explain for Protocol {
    fn step(&self, world: &World, action: &Action) -> String {
        match *action {
            Action::Begin(thread, operation) => format!("thread {thread} begins {operation:?}"),
            Action::Step(thread) => match &world.threads[thread].task {
                Task::Read(reader) => match &reader.at {
                    At::Fly(flight) => format!("thread {thread} flies on: {:?}", flight.step),
                    at => format!("thread {thread} reads on: {at:?}"),
                },
                Task::Write(writer) => format!("thread {thread} writes on: {:?}", writer.stage),
                Task::Idle | Task::Killed => format!("thread {thread}"),
            },
            Action::Event(event) => format!("{event:?}"),
        }
    }

    fn difference(&self, before: &World, after: &World) -> Vec<String> {
        let mut lines = Vec::new();
        for place in PLACES {
            let cell = after.cell(place);
            if cell == before.cell(place) {
                continue;
            }
            let held = match cell {
                Cell::Missing => "nothing".to_owned(),
                other => format!("{other:?}"),
            };
            lines.push(format!("{place:?} holds {held}"));
        }
        if after.database != before.database {
            lines.push(format!("{:?}", after.database));
        }
        if after.told != before.told {
            lines.push(format!("told: {:?}", after.told));
        }
        if self.is_fresh(before) && !self.is_fresh(after) {
            lines.push(format!("no longer true: \"{SERVABLE}\""));
        }
        lines
    }
}
