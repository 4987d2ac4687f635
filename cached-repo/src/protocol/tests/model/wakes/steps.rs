//! What readers and writers do, one round trip after the other, and what happens besides.

use super::Action;
use super::world::{Protocol, Rule, Task, World};
use crate::protocol::cell::{Cell, Holder};

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reader {
    pub(super) at: At,
    /// Whether it has waited for a lease that it found.
    waited: bool,
    /// Whether it has waited for one that was quicker than its own.
    elsewhere: bool,
    /// When it stops waiting.
    limit: u64,
    pub(super) is_listening: bool,
    pub(super) is_woken: bool,
    renewals: u8,
}

/// Where a reader is: before the step that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum At {
    Look,
    Permit,
    /// Listen for wakes. The end of the lease, if it was marked already, which is against the rules.
    Listen(Option<u64>),
    /// Mark the lease.
    Await,
    /// Wait to be woken, or until then.
    Park {
        ends: u64,
    },
    Load {
        leased: bool,
    },
    Fill,
    Abandon,
}

/// Where a writer is: before the step that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Lock {
    Lock,
    Release,
}

/// Something that no thread does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Event {
    /// Time goes on.
    Tick,
    /// A process that loads lengthens its lease.
    Renew(usize),
    Kill(usize),
    /// The key is evicted.
    Evict,
    /// A wake arrives.
    Wake(usize),
    /// The connection that brings wakes breaks.
    Lose(usize),
    /// The process notices it.
    Deafen(usize),
    /// It has another one.
    Connect(usize),
}

impl Reader {
    pub(super) fn new() -> Self {
        Self {
            at: At::Look,
            waited: false,
            elsewhere: false,
            limit: 0,
            is_listening: false,
            is_woken: false,
            renewals: 0,
        }
    }

    /// Whether it has something to do: who waits has not, until it is woken or time has passed.
    pub(super) fn goes_on(&self) -> bool {
        match self.at {
            At::Park { ends } => self.is_woken || ends == 0 || self.limit == 0,
            _ => true,
        }
    }
}

/// The token of a process.
fn holder(process: usize) -> Holder {
    process as Holder
}

impl Protocol {
    pub(super) fn step(&self, world: &mut World, process: usize) {
        let next = match world.processes[process].task.clone() {
            Task::Read(mut reader) => {
                let next = self.read(world, process, &mut reader);
                next.map(|at| {
                    reader.at = at;
                    Task::Read(reader)
                })
            }
            Task::Write(Lock::Lock) => {
                let until = self.times.lease;
                let tells = !self.lacks(Rule::LockTells);
                self.change(world, tells, |cell| cell.lock(holder(process), until));
                Some(Task::Write(Lock::Release))
            }
            Task::Write(Lock::Release) => {
                self.change(world, true, |cell| {
                    cell.release(holder(process));
                });
                None
            }
            other => Some(other),
        };
        world.processes[process].task = next.unwrap_or(Task::Done);
    }

    /// A script that may end a lease, and tells of it.
    fn change(&self, world: &mut World, tells: bool, script: impl FnOnce(&mut Cell<u8>)) {
        let awaited = world.cell.is_awaited();
        script(&mut world.cell);
        if awaited && !world.cell.is_awaited() && tells {
            world.wake();
        }
    }

    /// One step of a reader; `None` if it has ended.
    fn read(&self, world: &mut World, process: usize, reader: &mut Reader) -> Option<At> {
        match reader.at {
            At::Look => self.look(world, reader),
            At::Permit => {
                let ends = self.lease_ends();
                if world.cell.lease_missing(holder(process), ends) {
                    reader.renewals = self.times.renewals;
                    return Some(begin_load(world, true));
                }
                reader.elsewhere = true;
                Some(self.wait(reader))
            }
            At::Listen(marked) => {
                reader.is_listening = true;
                reader.is_woken = false;
                Some(marked.map_or(At::Await, |ends| At::Park { ends }))
            }
            At::Await => Some(self.mark(world, process, reader)),
            At::Park { .. } => {
                reader.is_listening = false;
                Some(if reader.limit == 0 {
                    At::Look
                } else {
                    self.first()
                })
            }
            At::Load { leased } => leased.then_some(At::Fill),
            At::Fill => {
                let tells = !self.lacks(Rule::FillTells);
                self.change(world, tells, |cell| {
                    cell.fill(holder(process), 0, u64::MAX);
                });
                None
            }
            At::Abandon => {
                let tells = !self.lacks(Rule::AbandonTells);
                self.change(world, tells, |cell| {
                    cell.abandon(holder(process));
                });
                None
            }
        }
    }

    /// `AWAIT`: from now on the holder tells when the lease ends.
    fn mark(&self, world: &mut World, process: usize, reader: &mut Reader) -> At {
        let known = if self.lacks(Rule::Mark) {
            world.cell.clone().await_end()
        } else {
            world.cell.await_end()
        };
        let Some(ends) = known else {
            reader.is_listening = false;
            return At::Look;
        };
        let deaf = !world.processes[process].is_hearing && !self.lacks(Rule::Poll);
        let ends = match (self.lacks(Rule::PauseEnds), deaf) {
            (true, _) => u64::MAX,
            (false, true) => ends.min(self.times.poll),
            (false, false) => ends,
        };
        if self.lacks(Rule::ListenBeforeMark) {
            At::Listen(Some(ends))
        } else {
            At::Park { ends }
        }
    }

    fn look(&self, world: &mut World, reader: &mut Reader) -> Option<At> {
        let waits = !reader.waited && !reader.elsewhere && !self.lacks(Rule::WaitForLease);
        match world.cell {
            Cell::Entry { .. } => {
                world.has_waited |= reader.waited || reader.elsewhere;
                None
            }
            Cell::Lease { .. } if waits => {
                reader.waited = true;
                Some(self.wait(reader))
            }
            Cell::Missing if !reader.elsewhere => Some(At::Permit),
            _ => Some(begin_load(world, false)),
        }
    }

    /// Begins to wait.
    fn wait(&self, reader: &mut Reader) -> At {
        reader.limit = self.times.wait;
        self.first()
    }

    /// What who waits does first.
    fn first(&self) -> At {
        if self.lacks(Rule::ListenBeforeMark) {
            At::Await
        } else {
            At::Listen(None)
        }
    }

    fn lease_ends(&self) -> u64 {
        if self.lacks(Rule::LeaseEnds) {
            u64::MAX
        } else {
            self.times.lease
        }
    }

    /// The load brings nothing.
    pub(super) fn fail(&self, world: &mut World, process: usize) {
        world.faults.failures -= 1;
        let task = &mut world.processes[process].task;
        if let Task::Read(reader) = task {
            match reader.at {
                At::Load { leased: true } => reader.at = At::Abandon,
                _ => *task = Task::Done,
            }
        }
    }

    /// The events that can happen.
    pub(super) fn events(&self, world: &World, actions: &mut Vec<Action>) {
        let faults = world.faults;
        let mut add = |event, possible: bool| {
            if possible {
                actions.push(Action::Event(event));
            }
        };
        let held = world.cell != Cell::Missing;
        add(Event::Tick, self.may_tick(world));
        add(Event::Evict, faults.evictions > 0 && held);
        for (number, process) in world.processes.iter().enumerate() {
            let alive = matches!(process.task, Task::Read(_) | Task::Write(_));
            let (connected, hearing) = (process.is_connected, process.is_hearing);
            add(Event::Renew(number), self.renews(world, number));
            add(Event::Kill(number), faults.kills > 0 && alive);
            add(Event::Wake(number), process.wakes > 0);
            add(Event::Lose(number), faults.losses > 0 && connected && alive);
            add(Event::Deafen(number), !connected && hearing && alive);
            add(Event::Connect(number), !connected && !hearing && alive);
        }
    }

    /// Whether a process lengthens its lease: it does in the last moment, and not for ever.
    fn renews(&self, world: &World, number: usize) -> bool {
        let Task::Read(reader) = &world.processes[number].task else {
            return false;
        };
        let own = matches!(world.cell, Cell::Lease { holder: own, ends, .. }
            if own == holder(number) && ends <= 1);
        own && reader.renewals > 0 && reader.at == (At::Load { leased: true })
    }

    /// Time waits for leases whose holders live and renew them.
    fn may_tick(&self, world: &World) -> bool {
        let mut processes = 0..world.processes.len();
        is_timed(world) && !processes.any(|number| self.renews(world, number))
    }

    pub(super) fn happen(&self, world: &mut World, event: Event) {
        match event {
            Event::Tick => tick(world),
            Event::Renew(number) => {
                let until = self.lease_ends();
                world.cell.renew(holder(number), until);
                if let Task::Read(reader) = &mut world.processes[number].task {
                    reader.renewals -= 1;
                }
            }
            Event::Kill(number) => {
                world.faults.kills -= 1;
                world.processes[number].task = Task::Killed;
            }
            Event::Evict => {
                world.faults.evictions -= 1;
                world.cell = Cell::Missing;
            }
            Event::Wake(number) => {
                world.processes[number].wakes -= 1;
                world.processes[number].woken();
            }
            Event::Lose(number) => {
                world.faults.losses -= 1;
                world.processes[number].is_connected = false;
            }
            Event::Deafen(number) => {
                let process = &mut world.processes[number];
                process.is_hearing = false;
                process.wakes = 0;
                if !self.lacks(Rule::LossWakes) {
                    process.woken();
                }
            }
            Event::Connect(number) => {
                let process = &mut world.processes[number];
                process.is_connected = true;
                process.is_hearing = true;
                process.woken();
            }
        }
    }
}

/// Whether something ends by itself.
fn is_timed(world: &World) -> bool {
    let ends = |end: u64| end > 0 && end < u64::MAX;
    let waits = |task: &Task| match task {
        Task::Read(reader) => match reader.at {
            At::Park { ends: pause } => ends(pause) || ends(reader.limit),
            _ => false,
        },
        _ => false,
    };
    let mut tasks = world.processes.iter().map(|process| &process.task);
    world.cell.ends().is_some_and(ends) || tasks.any(waits)
}

fn tick(world: &mut World) {
    let passed = |end: &mut u64| {
        if *end < u64::MAX {
            *end = end.saturating_sub(1);
        }
    };
    match &mut world.cell {
        Cell::Lease { ends, .. } => passed(ends),
        Cell::Locks(locks) => locks.deadlines_mut().for_each(passed),
        _ => {}
    }
    world.cell.pass(0);
    for process in &mut world.processes {
        if let Task::Read(reader) = &mut process.task {
            passed(&mut reader.limit);
            if let At::Park { ends } | At::Listen(Some(ends)) = &mut reader.at {
                passed(ends);
            }
        }
    }
}

fn begin_load(world: &mut World, leased: bool) -> At {
    world.loads = 2.min(world.loads + 1);
    At::Load { leased }
}
