//! The steps of this world, told in words.

use super::Action;
use super::rules::Protocol;
use super::world::{NAMES, Task, World};
use crate::protocol::tests::model::check::Explain;

impl Explain for Protocol {
    fn step(&self, world: &World, action: &Action) -> String {
        match *action {
            Action::Begin(thread, operation) => format!("thread {thread} begins {operation:?}"),
            Action::Step(thread) => match &world.threads[thread].task {
                Task::Read(reader) => format!("thread {thread} reads on: {:?}", reader.at),
                Task::Write(writer) => format!("thread {thread} writes on: {:?}", writer.stage),
                Task::Idle | Task::Killed => format!("thread {thread}"),
            },
            Action::Event(event) => format!("{event:?}"),
        }
    }

    fn difference(&self, before: &World, after: &World) -> Vec<String> {
        let mut lines = Vec::new();
        for name in NAMES {
            if after.cell(name) != before.cell(name) {
                lines.push(format!("{name:?} holds {:?}", after.cell(name)));
            }
        }
        if after.committed != before.committed {
            lines.push(format!("committed: {}", after.committed));
        }
        if after.token != before.token {
            lines.push(format!("{:?}", after.token));
        }
        for (number, (old, new)) in before.processes.iter().zip(&after.processes).enumerate() {
            if old.copies != new.copies {
                lines.push(format!("process {number}: {:?}", new.copies));
            }
            if old.ear != new.ear {
                lines.push(format!("process {number}: {:?}", new.ear));
            }
        }
        if after.broken != before.broken {
            lines.push(format!("{:?}", after.broken));
        }
        lines
    }
}
