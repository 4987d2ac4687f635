//! What happens to processes, to the store, to the network and to time.

use super::Action;
use super::ear::{At, Ear, Message, NoticeContent};
use super::rules::{Protocol, Rule};
use super::world::{Cells, Name, Task, World};
use super::writer::{Pending, Stage};
use crate::protocol::cell::{Cell, Sequence};
use crate::protocol::copies::Copies;

/// Something that no thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// Time goes on.
    Tick,
    /// A process is killed.
    Kill { process: usize },
    /// The connection to the database breaks while a thread waits for its commit.
    LoseAnswer { thread: usize },
    /// A commit of which nobody will hear takes effect.
    CommitLate { thread: usize },
    /// It does not.
    Vanish { thread: usize },
    /// The store is started again, empty.
    Restart,
    /// A replica takes its place. What it holds is of no use, but it has the number of an earlier notice.
    Failover,
    /// The store forgets the number of the last notice.
    EvictNumber,
    /// A process goes on to listen.
    Arm { process: usize },
    /// Something arrives that the server has sent.
    Hear { process: usize },
    /// The connection of a process that listens breaks.
    Lose { process: usize },
    /// The process notices it.
    Deafen { process: usize },
    /// Something that was sent does not arrive.
    Drop { process: usize },
    /// A process sends a beat.
    Beat { process: usize },
    /// The network keeps the store from a process.
    Cut { process: usize },
    /// The network is whole again.
    Heal { process: usize },
    /// A process connects to the store.
    Connect { process: usize },
    /// A process that the store answers again pays what it owes, and closes its breaker.
    Recover { process: usize },
}

impl Protocol {
    /// The events that can happen.
    pub(super) fn events(&self, world: &World, actions: &mut Vec<Action>) {
        let mut add = |event, possible: bool| {
            if possible {
                actions.push(Action::Event(event));
            }
        };
        add(Event::Tick, self.may_tick(world));
        add(Event::Restart, world.faults.restarts > 0);
        add(Event::Failover, world.faults.failovers > 0);
        add(Event::EvictNumber, world.faults.evictions > 0);
        for thread in 0..world.threads.len() {
            let pending = world.threads[thread].pending.is_some();
            let committing = matches!(&world.threads[thread].task,
                Task::Write(writer) if writer.stage == Stage::Commit);
            let lost = world.faults.lost_answers > 0 && committing && !pending;
            add(Event::LoseAnswer { thread }, lost);
            add(Event::CommitLate { thread }, pending);
            add(Event::Vanish { thread }, pending);
        }
        for process in 0..world.processes.len() {
            self.events_of_ear(world, process, &mut add);
            self.events_of_process(world, process, &mut add);
        }
    }

    fn events_of_ear(&self, world: &World, process: usize, add: &mut impl FnMut(Event, bool)) {
        let (faults, own) = (world.faults, &world.processes[process]);
        let ear = &own.ear;
        let connected = ear.leads_to == Some(world.store.generation);
        let begun = !matches!(ear.at, At::Subscribe(_));
        let reaches = !own.open && !own.cut && own.connected == world.store.generation;
        let beats = faults.beats > 0 && ear.at == At::Listen && reaches;
        add(Event::Arm { process }, self.can_arm(world, process));
        add(Event::Hear { process }, ear.has_news());
        add(Event::Lose { process }, faults.losses > 0 && connected);
        let noticed = matches!(ear.at, At::Tell(_)) && !ear.is_armed;
        add(Event::Deafen { process }, begun && !connected && !noticed);
        add(
            Event::Drop { process },
            faults.gaps > 0 && !ear.queue.is_empty() && ear.is_armed,
        );
        add(Event::Beat { process }, beats && own.alive);
    }

    fn events_of_process(&self, world: &World, process: usize, add: &mut impl FnMut(Event, bool)) {
        let (faults, own) = (world.faults, &world.processes[process]);
        // To kill a reader is to let it stall.
        let writes = |thread: usize| matches!(world.threads[thread].task, Task::Write(_));
        let mut threads =
            (0..world.threads.len()).filter(|thread| self.process(*thread) == process);
        add(
            Event::Kill { process },
            faults.kills > 0 && threads.any(writes),
        );
        let connected = own.connected == world.store.generation;
        add(
            Event::Cut { process },
            faults.cuts > 0 && !own.cut && own.alive,
        );
        add(Event::Heal { process }, own.cut);
        add(
            Event::Connect { process },
            own.alive && !own.cut && !connected,
        );
        let recovers = own.alive && !own.cut && connected && own.open;
        add(Event::Recover { process }, recovers);
    }

    /// Time waits for commits whose locks would end: they are fast enough, or renew their locks.
    fn may_tick(&self, world: &World) -> bool {
        let start = self.times.settle.max(1);
        let waits = world.threads.iter().any(|thread| {
            let writer = match &thread.task {
                Task::Write(writer) => writer.until,
                _ => u64::MAX,
            };
            let pending = thread.pending.map_or(u64::MAX, |pending| pending.until);
            writer.min(pending) <= world.now + 1
        });
        world.now < start + self.times.horizon && (self.slow_commits || !waits)
    }

    pub(super) fn happen(&self, world: &mut World, event: Event) {
        match event {
            Event::Tick => tick(world),
            Event::Kill { process } => self.kill(world, process),
            Event::LoseAnswer { thread } => self.lose_answer(world, thread),
            Event::CommitLate { thread } => world.commit_late(thread),
            Event::Vanish { thread } => world.threads[thread].pending = None,
            Event::Restart | Event::Failover | Event::EvictNumber => forget(world, event),
            Event::Arm { process } => self.arm(world, process),
            Event::Hear { process } => self.hear(world, process),
            Event::Lose { process } => {
                world.faults.losses -= 1;
                world.processes[process].ear.leads_to = None;
            }
            Event::Deafen { process } => self.deafen(world, process),
            Event::Drop { process } => {
                world.faults.gaps -= 1;
                let ear = &mut world.processes[process].ear;
                ear.queue.remove(0);
                ear.has_gap = true;
            }
            Event::Beat { process } => {
                world.faults.beats -= 1;
                let beat = Message::Beat {
                    number: world.store.sequence.last(),
                    announced: world.announced,
                };
                let generation = world.store.generation;
                world.processes[process].ear.send(beat, generation);
            }
            Event::Cut { process } => {
                world.faults.cuts -= 1;
                let process = &mut world.processes[process];
                process.cut = true;
                process.ear.leads_to = None;
            }
            Event::Heal { process } => world.processes[process].cut = false,
            Event::Connect { process } => self.connect(world, process),
            Event::Recover { process } => self.recover(world, process),
        }
    }

    /// A thread's commit is on its way, and nobody waits for the answer.
    fn lose_answer(&self, world: &mut World, thread: usize) {
        world.faults.lost_answers -= 1;
        let here = self.copies(self.process(thread));
        let thread = &mut world.threads[thread];
        if let Task::Write(writer) = &mut thread.task {
            thread.pending = Some(Pending {
                target: writer.target,
                until: writer.until,
                carried: 0,
            });
            writer.until = u64::MAX;
            writer.stage = match (here, self.lacks(Rule::LockInDoubt)) {
                (_, true) => Stage::Announce,
                (true, false) => Stage::LockHereAgain,
                (false, false) => Stage::LockAgain,
            };
        }
    }

    /// Rule 11, in two round trips: whoever sees an epoch of this server finds numbers that it has not given before.
    fn connect(&self, world: &mut World, number: usize) {
        let (fresh, now, generation) = (world.fresh(), world.now, world.store.generation);
        let own = |server: Option<u8>| server == Some(generation);
        let is_known =
            matches!(world.cell(Name::Epoch), Cell::Stamp { server, .. } if own(*server));
        let process = &mut world.processes[number];
        if process.greeted != generation {
            process.greeted = generation;
            if !is_known && !self.lacks(Rule::NumbersGoOn) {
                let time = world.store.micros();
                world.store.sequence.raise(time);
            }
            return;
        }
        process.connected = generation;
        world.cell_mut(Name::Epoch).enrol(fresh, now, generation);
    }

    /// Rule 11, and a notice of it.
    fn recover(&self, world: &mut World, number: usize) {
        if std::mem::take(&mut world.processes[number].owes) {
            let (fresh, now, generation) = (world.fresh(), world.now, world.store.generation);
            let epoch = world.cell_mut(Name::Epoch);
            epoch.invalidate_namespace(fresh, now, Some(generation));
            let content = NoticeContent::Commits(world.processes[number].own);
            let time = self.first_number(world);
            world.notify(number, Name::Epoch, content, time);
        }
        world.processes[number].open = false;
    }

    fn kill(&self, world: &mut World, number: usize) {
        world.faults.kills -= 1;
        let process = &mut world.processes[number];
        process.alive = false;
        process.copies = Copies::new();
        process.ear = Ear::new(None);
        for thread in 0..world.threads.len() {
            if self.process(thread) == number {
                world.threads[thread].task = Task::Killed;
            }
        }
    }
}

/// What the server loses.
fn forget(world: &mut World, event: Event) {
    let store = &mut world.store;
    store.era += 1;
    store.sequence = Sequence::default();
    match event {
        Event::Restart => world.faults.restarts -= 1,
        Event::Failover => {
            world.faults.failovers -= 1;
            store.lag();
        }
        _ => {
            world.faults.evictions -= 1;
            return;
        }
    }
    store.cells = Cells::default();
    store.generation += 1;
}

fn tick(world: &mut World) {
    world.now += 1;
    world.history.remove(0);
    world.history.push(world.committed);
    let now = world.now;
    world.store.cells.iter_mut().for_each(|cell| cell.pass(now));
    for process in &mut world.processes {
        process.copies.pass(now);
    }
}
