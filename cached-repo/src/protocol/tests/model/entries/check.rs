//! Runs the model, and tells what it found in a form that can be read.

use super::reader::At;
use super::right::READ;
use super::rules::Protocol;
use super::world::{PLACES, Task, World};
use super::{Action, SERVABLE};
use crate::protocol::cell::Cell;
use stateright::{Checker, Expectation, HasDiscoveries, Model, Path};
use std::fmt::Write;

/// Ticks that the world lasts, if not as many as the test says: a larger world, for who has the time.
const TICKS: &str = "CACHED_REPO_MODEL_TICKS";
/// How many readers of the row there are besides those of the test, each in a process of its own.
const READERS: &str = "CACHED_REPO_MODEL_READERS";

/// The number in a variable of the environment.
fn number(variable: &str) -> Option<usize> {
    let text = std::env::var(variable).ok()?;
    let number = text.parse();
    Some(number.unwrap_or_else(|_| panic!("{variable} is no number: {text:?}")))
}

/// Explores everything. Every property must hold, and what should happen sometimes must happen.
pub(super) fn holds(mut protocol: Protocol) {
    if let Some(ticks) = number(TICKS) {
        protocol.times.horizon = ticks as u64;
    }
    let processes = protocol.programs.iter().map(|(process, _)| process + 1);
    let next = processes.max().unwrap_or(0);
    let readers = (0..number(READERS).unwrap_or(0)).map(|more| (next + more, vec![vec![READ]]));
    protocol.programs.extend(readers);
    let names: Vec<_> = protocol
        .properties()
        .into_iter()
        .map(|property| (property.name, property.expectation))
        .collect();
    let checker = protocol
        .checker()
        .threads(2)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    println!(
        "{} states, {} steps deep",
        checker.unique_state_count(),
        checker.max_depth()
    );
    for (name, expectation) in names {
        let found = checker.discovery(name);
        match (expectation, found) {
            (Expectation::Sometimes, None) => panic!("the model is blind: never \"{name}\""),
            (Expectation::Always | Expectation::Eventually, Some(path)) => {
                panic!("not true: \"{name}\"\n{}", story(checker.model(), path));
            }
            _ => {}
        }
    }
}

/// Explores until the property is found to be broken.
pub(super) fn breaks(protocol: Protocol, property: &'static str) {
    let wanted = HasDiscoveries::AnyOf([property].into());
    let checker = protocol
        .checker()
        .threads(2)
        .finish_when(wanted)
        .spawn_bfs()
        .join();
    let states = checker.unique_state_count();
    match checker.discovery(property) {
        Some(path) => println!("{states} states\n{}", story(checker.model(), path)),
        None => panic!("the model does not notice: \"{property}\" holds in all {states} states"),
    }
}

/// A counterexample, step by step.
fn story(protocol: &Protocol, path: Path<World, Action>) -> String {
    let mut story = String::new();
    let mut before: Option<World> = None;
    let mut action: Option<Action> = None;
    for (world, next) in path.into_vec() {
        if let (Some(before), Some(action)) = (&before, action) {
            // Writing into a String does not fail.
            let _ = writeln!(story, "- {}", told(before, action));
            difference(&mut story, before, &world);
        }
        action = next;
        before = Some(world);
    }
    if let Some(world) = before {
        let stale = !protocol.is_fresh(&world);
        let _ = writeln!(story, "- then \"{SERVABLE}\" is {}", !stale);
    }
    story
}

fn told(world: &World, action: Action) -> String {
    match action {
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

/// What a step has changed in the store and the database.
fn difference(story: &mut String, before: &World, after: &World) {
    for place in PLACES {
        let cell = after.cell(place);
        if cell == before.cell(place) {
            continue;
        }
        let held = match cell {
            Cell::Missing => "nothing".to_owned(),
            other => format!("{other:?}"),
        };
        let _ = writeln!(story, "    {place:?} holds {held}");
    }
    if after.database != before.database {
        let _ = writeln!(story, "    {:?}", after.database);
    }
    if after.told != before.told {
        let _ = writeln!(story, "    told: {:?}", after.told);
    }
}
