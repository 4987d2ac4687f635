//! Writers: rule 5, here and in the store, and the notice of it.

use super::ear::{Message, NoticeContent};
use super::rules::{Protocol, Rule};
use super::world::{Name, Task, Token, World};

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Writer {
    /// What it invalidates.
    pub(super) target: Name,
    pub(super) stage: Stage,
    /// When the first of its locks ends.
    pub(super) until: u64,
    /// Its commit, by number.
    pub(super) version: u8,
}

/// Where a writer is: before the step that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Stage {
    LockHere,
    Lock,
    Commit,
    Release,
    Notify,
    ReleaseHere,
    /// The same once more: nobody knows what became of the commit.
    LockHereAgain,
    LockAgain,
    Announce,
}

/// A commit on its way to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Pending {
    pub(super) target: Name,
    /// When the first of the locks ends that cover it.
    pub(super) until: u64,
    /// The processes that have carried out its notice, as bits.
    pub(super) carried: u8,
}

impl World {
    /// A commit takes effect in the database; so many have changed the row.
    fn commit(&mut self, target: Name) -> u8 {
        self.committed += u8::from(target != Name::Other);
        self.committed
    }

    /// A commit arrives at the database after all.
    pub(super) fn commit_late(&mut self, thread: usize) {
        let Some(pending) = self.threads[thread].pending.take() else {
            return;
        };
        let version = self.commit(pending.target);
        self.threads[thread].late = version;
        for (number, process) in self.processes.iter_mut().enumerate() {
            if pending.carried & 1 << number != 0 {
                process.carried = version;
            }
        }
    }

    /// `NOTIFY`: numbers a notice, and sends it to all who listen. `time` is where numbers begin.
    pub(super) fn notify(&mut self, process: usize, name: Name, content: NoticeContent, time: u64) {
        let number = self.store.sequence.notify(time);
        let sender = &mut self.processes[process];
        sender.announced = number.max(sender.announced);
        if let NoticeContent::Commits(version) = content {
            self.announced = version.max(self.announced);
        }
        let generation = self.store.generation;
        for listener in &mut self.processes {
            let notice = Message::Notice {
                number,
                sender: process,
                name,
                content,
            };
            listener.ear.send(notice, generation);
        }
    }
}

impl Protocol {
    pub(super) fn begin_write(&self, world: &mut World, thread: usize, target: Name) {
        let here = self.copies(self.process(thread)) && !self.lacks(Rule::LocalLock);
        world.threads[thread].task = Task::Write(Writer {
            target,
            stage: if here { Stage::LockHere } else { Stage::Lock },
            until: u64::MAX,
            version: 0,
        });
    }

    /// One step of a writer.
    pub(super) fn write(&self, world: &mut World, thread: usize, mut writer: Writer) {
        let process = self.process(thread);
        let target = writer.target;
        let next = match writer.stage {
            Stage::LockHere => {
                writer.until = self.lock_here(world, thread, target);
                Some(Stage::Lock)
            }
            Stage::Lock => self.lock(world, thread, &mut writer),
            Stage::Commit => {
                writer.version = world.commit(target);
                writer.until = u64::MAX;
                // Under a name that copies do not have, they end when the write does.
                if target != Name::Other {
                    world.processes[process].own = writer.version;
                }
                Some(if self.lacks(Rule::ReleaseBeforeNotice) {
                    Stage::Notify
                } else {
                    Stage::Release
                })
            }
            Stage::Release | Stage::Notify => self.deliver(world, thread, &writer),
            Stage::ReleaseHere => {
                self.release_here(world, thread, target);
                let process = &mut world.processes[process];
                process.own = writer.version.max(process.own);
                let owes = (process.owes || process.open) && !self.lacks(Rule::DebtInToken);
                world.token = Some(Token {
                    number: (!owes).then_some(process.announced),
                    version: process.own,
                });
                None
            }
            Stage::LockHereAgain => {
                self.lock_here(world, thread, target);
                Some(Stage::LockAgain)
            }
            Stage::LockAgain => self.lock_again(world, thread, target),
            Stage::Announce => {
                if world.call(process) {
                    let time = self.first_number(world);
                    world.notify(process, target, NoticeContent::Doubt(thread), time);
                }
                None
            }
        };
        world.threads[thread].task = match next {
            Some(stage) => {
                writer.stage = stage;
                Task::Write(writer)
            }
            None => Task::Idle,
        };
    }

    fn lock_here(&self, world: &mut World, thread: usize, target: Name) -> u64 {
        let (holder, until) = (world.holder(thread), world.now + self.times.lock);
        let copies = &mut world.processes[self.process(thread)].copies;
        copies.lock(&[target], holder, until);
        until
    }

    fn lock(&self, world: &mut World, thread: usize, writer: &mut Writer) -> Option<Stage> {
        if !world.call(self.process(thread)) {
            // The write is refused.
            self.release_here(world, thread, writer.target);
            return None;
        }
        let (holder, until) = (world.holder(thread), world.now + self.times.lock);
        world.cell_mut(writer.target).lock(holder, until);
        writer.until = until.min(writer.until);
        Some(Stage::Commit)
    }

    fn lock_again(&self, world: &mut World, thread: usize, target: Name) -> Option<Stage> {
        let process = self.process(thread);
        if !world.call(process) {
            world.processes[process].owes = true;
            return None;
        }
        let (holder, until) = (world.holder(thread), world.now + self.times.lock);
        world.cell_mut(target).lock(holder, until);
        if let Some(pending) = &mut world.threads[thread].pending {
            pending.until = until;
        }
        Some(Stage::Announce)
    }

    /// Two commands of one pipeline, of which others may see the first without the second.
    fn deliver(&self, world: &mut World, thread: usize, writer: &Writer) -> Option<Stage> {
        let process = self.process(thread);
        if !world.call(process) {
            world.processes[process].owes = true;
            return Some(Stage::ReleaseHere);
        }
        let late = self.lacks(Rule::ReleaseBeforeNotice);
        if writer.stage == Stage::Release {
            let holder = world.holder(thread);
            world.cell_mut(writer.target).release(holder);
            Some(if late {
                Stage::ReleaseHere
            } else {
                Stage::Notify
            })
        } else {
            let time = self.first_number(world);
            // Under another name it tells of nothing that was committed under this one.
            let content = match writer.target {
                Name::Other => NoticeContent::Commits(0),
                _ => NoticeContent::Commits(writer.version),
            };
            world.notify(process, writer.target, content, time);
            Some(if late {
                Stage::Release
            } else {
                Stage::ReleaseHere
            })
        }
    }

    /// Where numbers begin that are not there.
    pub(super) fn first_number(&self, world: &World) -> u64 {
        if self.lacks(Rule::NumbersGoOn) {
            1
        } else {
            world.store.micros()
        }
    }

    fn release_here(&self, world: &mut World, thread: usize, target: Name) {
        let (holder, now) = (world.holder(thread), world.now);
        let copies = &mut world.processes[self.process(thread)].copies;
        copies.release(&[target], Some(holder), now);
        if !self.lacks(Rule::OwnWriteTakesLists) {
            copies.release(&[Name::Local], None, now);
        }
    }
}
