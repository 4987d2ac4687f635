//! What happens to processes, to the store and to time.

use super::Action;
use super::rules::{Protocol, Rule};
use super::world::{Cells, PLACES, Place, Process, Task, World};
use super::writer::{Pending, Stage};
use crate::protocol::cell::{Cell, Server};

/// Something that no thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// Time goes on.
    Tick,
    /// A process is killed; its commits are on their way, or not.
    Kill { process: usize, commits: bool },
    /// The connection to the database breaks while a thread waits for its commit.
    LoseAnswer { thread: usize },
    /// A commit of which nobody will hear takes effect.
    CommitLate { thread: usize },
    /// It does not.
    Vanish { thread: usize },
    /// A writer locks its targets for longer.
    Renew { thread: usize },
    /// The store is started again, empty.
    Restart,
    /// The store forgets everything, and no connection breaks.
    Flush,
    /// A replica is up to date for the last time.
    Copy,
    /// The replica takes the store's place.
    Failover,
    /// The store needs room.
    Evict(Place),
    /// The network keeps the store from a process.
    Cut { process: usize },
    /// The network is whole again.
    Heal { process: usize },
    /// A process connects to the store.
    Connect { process: usize },
    /// A process that the store answers again pays what it owes, and closes its breaker.
    Recover { process: usize },
    /// The server's clock is set back.
    Jump,
    /// The server's clock is set forward.
    Leap,
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
        self.events_of_threads(world, &mut add);
        self.events_of_processes(world, &mut add);
        events_of_store(world, &mut add);
    }

    fn events_of_threads(&self, world: &World, add: &mut impl FnMut(Event, bool)) {
        for thread in 0..world.threads.len() {
            let committing = self.is_committing(world, thread);
            let pending = world.threads[thread].pending.is_some();
            let ends = world.now + self.times.lock;
            let process = &world.processes[self.process(thread)];
            let reached = !process.open && !process.cut && self.is_connected(world, process);
            let older =
                matches!(&world.threads[thread].task, Task::Write(writer) if writer.until < ends);
            let lost = world.faults.lost_answers > 0 && committing && !pending;
            add(Event::LoseAnswer { thread }, lost);
            add(Event::CommitLate { thread }, pending);
            add(Event::Vanish { thread }, pending);
            add(
                Event::Renew { thread },
                self.renew && committing && reached && older,
            );
        }
    }

    fn events_of_processes(&self, world: &World, add: &mut impl FnMut(Event, bool)) {
        let faults = world.faults;
        for (number, process) in world.processes.iter().enumerate() {
            let mut threads =
                (0..world.threads.len()).filter(|thread| self.process(*thread) == number);
            // To kill a reader is to let it stall.
            let writes = |thread: usize| matches!(world.threads[thread].task, Task::Write(_));
            let killed = faults.kills > 0 && threads.clone().any(writes);
            let committing = threads.any(|thread| self.is_committing(world, thread));
            let connected = self.is_connected(world, process);
            let process_alone = |commits| Event::Kill {
                process: number,
                commits,
            };
            add(process_alone(false), killed);
            add(process_alone(true), killed && committing);
            let cut = faults.cuts > 0 && !process.cut && process.alive;
            add(Event::Cut { process: number }, cut);
            add(Event::Heal { process: number }, process.cut);
            let can_connect = process.alive && !process.cut && !connected;
            add(Event::Connect { process: number }, can_connect);
            let recovers = process.alive && !process.cut && connected && process.open;
            add(Event::Recover { process: number }, recovers);
        }
    }

    fn is_connected(&self, world: &World, process: &Process) -> bool {
        process.connected == world.store.generation
    }

    fn is_committing(&self, world: &World, thread: usize) -> bool {
        matches!(&world.threads[thread].task, Task::Write(writer) if writer.stage == Stage::Commit)
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
            Event::Tick => {
                world.now += 1;
                self.pass(world);
            }
            Event::Jump => {
                world.faults.jumps -= 1;
                world.now -= 1;
            }
            Event::Leap => {
                world.faults.leaps -= 1;
                world.now += self.times.lock;
                self.pass(world);
            }
            Event::Kill { process, commits } => self.kill(world, process, commits),
            Event::LoseAnswer { thread } => {
                world.faults.lost_answers -= 1;
                self.send(world, thread);
                if let Task::Write(writer) = &mut world.threads[thread].task {
                    writer.stage = Stage::LockAgain;
                    writer.until = u64::MAX;
                }
            }
            Event::CommitLate { thread } => world.commit_late(thread),
            Event::Vanish { thread } => {
                world.threads[thread].pending = None;
                world.end_transaction(thread);
            }
            Event::Renew { thread } => {
                if let Task::Write(mut writer) = world.threads[thread].task.clone() {
                    writer.until = self.extend(world, thread, &writer);
                    world.threads[thread].task = Task::Write(writer);
                }
            }
            Event::Evict(place) => {
                let locks = matches!(world.cell(place), Cell::Locks(_));
                let left = if locks {
                    &mut world.faults.lock_evictions
                } else {
                    &mut world.faults.evictions
                };
                *left -= 1;
                *world.cell_mut(place) = Cell::Missing;
            }
            Event::Cut { process } => {
                world.faults.cuts -= 1;
                world.processes[process].cut = true;
            }
            Event::Heal { process } => world.processes[process].cut = false,
            Event::Connect { process } => self.connect(world, process),
            Event::Recover { process } => self.recover(world, process),
            Event::Restart | Event::Flush | Event::Copy | Event::Failover => replace(world, event),
        }
    }

    /// Forgets what has ended.
    fn pass(&self, world: &mut World) {
        expire(&mut world.store.cells, world.now);
        for thread in &mut world.threads {
            if thread.locked_until <= world.now {
                thread.locked_until = 0;
            }
        }
    }

    /// A thread's commit is on its way, and nobody waits for the answer.
    fn send(&self, world: &mut World, thread: usize) {
        if let Task::Write(writer) = &world.threads[thread].task {
            let pending = Pending {
                write: writer.write,
                until: writer.until,
            };
            world.threads[thread].pending.get_or_insert(pending);
        }
    }

    fn kill(&self, world: &mut World, process: usize, commits: bool) {
        world.faults.kills -= 1;
        world.processes[process] = Process {
            alive: false,
            connected: 0,
            cut: false,
            open: false,
            owes: None,
            unreleased: Vec::new(),
            tickets: 0,
        };
        for thread in 0..world.threads.len() {
            if self.process(thread) == process {
                if commits && self.is_committing(world, thread) {
                    self.send(world, thread);
                }
                world.threads[thread].task = Task::Killed;
                if world.threads[thread].pending.is_none() {
                    world.end_transaction(thread);
                }
            }
        }
    }

    /// The number of the server: two that take turns have two.
    pub(super) fn server(&self, world: &World) -> Server {
        let generation = world.store.generation;
        if self.fail_back {
            generation % 2
        } else {
            generation
        }
    }

    fn connect(&self, world: &mut World, process: usize) {
        world.processes[process].connected = world.store.generation;
        if !self.lacks(Rule::ServerOfEpoch) {
            let (fresh, now, server) = (world.fresh(), world.now, self.server(world));
            world.cell_mut(Place::Epoch).enrol(fresh, now, server);
        }
    }

    /// Rule 11. Whoever has paid releases the locks that it could not, before it closes its breaker.
    fn recover(&self, world: &mut World, process: usize) {
        if let Some(owed) = world.processes[process].owes.take() {
            if !self.lacks(Rule::Renounce) {
                let server = self.server(world);
                let now = if self.lacks(Rule::RenouncedIsYoung) {
                    *world.cell_mut(Place::Epoch) = Cell::Missing;
                    0
                } else {
                    world.now
                };
                let fresh = world.fresh();
                let epoch = world.cell_mut(Place::Epoch);
                epoch.invalidate_namespace(fresh, now, Some(server));
            }
            world.told.raise(owed);
            if !world.processes[process].unreleased.is_empty() {
                return;
            }
        }
        for (token, place) in std::mem::take(&mut world.processes[process].unreleased) {
            world.cell_mut(place).release(token);
        }
        world.processes[process].open = false;
    }
}

fn events_of_store(world: &World, add: &mut impl FnMut(Event, bool)) {
    let faults = world.faults;
    add(Event::Restart, faults.restarts > 0);
    add(Event::Flush, faults.flushes > 0);
    add(
        Event::Copy,
        faults.failovers > 0 && world.store.copy.is_none(),
    );
    add(
        Event::Failover,
        faults.failovers > 0 && world.store.copy.is_some(),
    );
    add(Event::Jump, faults.jumps > 0 && world.now > 0);
    add(Event::Leap, faults.leaps > 0);
    for place in PLACES {
        let left = match world.cell(place) {
            Cell::Missing => 0,
            Cell::Locks(_) => faults.lock_evictions,
            _ => faults.evictions,
        };
        add(Event::Evict(place), left > 0);
    }
}

/// What happens to the server as a whole.
fn replace(world: &mut World, event: Event) {
    let store = &mut world.store;
    match event {
        Event::Restart => {
            world.faults.restarts -= 1;
            store.cells = Cells::default();
            store.generation += 1;
        }
        Event::Flush => {
            world.faults.flushes -= 1;
            store.cells = Cells::default();
        }
        Event::Copy => store.copy = Some(Box::new(store.cells.clone())),
        _ => {
            world.faults.failovers -= 1;
            if let Some(copy) = store.copy.take() {
                store.cells = *copy;
            }
            store.generation += 1;
            expire(&mut store.cells, world.now);
        }
    }
}

fn expire(cells: &mut Cells, now: u64) {
    cells.iter_mut().for_each(|cell| cell.pass(now));
}
