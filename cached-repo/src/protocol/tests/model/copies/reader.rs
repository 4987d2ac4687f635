//! Readers: copies first, then the store, then the database.

use super::rules::{Operation, Protocol, Rule};
use super::world::{COPIED, Entry, Floors, Name, TAGS, Task, World};
use crate::protocol::cell::{Cell, Holder};
use crate::protocol::{is_current, is_settled};
use crate::stamp::Stamp;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reader {
    pub(super) floors: Floors,
    pub(super) at: At,
}

/// Where a reader is: before the step that is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum At {
    /// Look among the copies; what they hold is good enough.
    Probe,
    /// Ask the store; the ticket was drawn at this time.
    Ask {
        began: u64,
    },
    /// Copy what the store has served.
    Copy {
        began: u64,
        version: u8,
    },
    Permit {
        replaceable: bool,
    },
    /// Read the database, with the stamps that may be filled under.
    Load(Option<[Stamp; 2]>),
    Fill(Entry),
}

/// The key and all tags of the row.
const WHOLE: [Name; 3] = [Name::Row, Name::Epoch, Name::Table];

impl Reader {
    /// The stamps that it remembers.
    pub(super) fn stamps(&self) -> impl Iterator<Item = &Stamp> {
        let stamps = match &self.at {
            At::Load(Some(stamps)) => stamps.as_slice(),
            At::Fill(entry) => entry.stamps.as_slice(),
            _ => &[],
        };
        stamps.iter()
    }
}

impl Protocol {
    pub(super) fn begin_read(&self, world: &mut World, thread: usize, operation: Operation) {
        let process = self.process(thread);
        let mut reader = Reader {
            floors: world.floors(process),
            at: At::Probe,
        };
        if let (Operation::ReadAfter, Some(token)) = (operation, world.token) {
            reader.floors.token = token.version;
            let copies = &world.processes[process].copies;
            let asked = !self.lacks(Rule::TokenIsAsked);
            match token.number {
                // Nobody knows when the store will have heard of that write.
                None if asked => reader.at = At::Load(None),
                Some(number) if asked && (self.is_list || !copies.has_received(number)) => {
                    reader.at = self.draw(world, thread);
                }
                // The copies are looked at a little later than they were asked how far they have heard.
                _ => {}
            }
            world.threads[thread].task = Task::Read(reader);
        } else {
            // Who looks later than it begins is owed no more than who begins when it looks.
            self.read(world, thread, reader);
        }
    }

    /// One step of a reader.
    pub(super) fn read(&self, world: &mut World, thread: usize, mut reader: Reader) {
        let next = match reader.at {
            At::Probe => self.probe(world, thread, &reader),
            At::Ask { began } => Some(self.ask(world, thread, began)),
            At::Copy { began, version } => {
                let holder = world.holder(thread);
                self.copy(world, thread, holder, began, version);
                world.answer(reader.floors, version);
                None
            }
            At::Permit { replaceable } => Some(self.permit(world, thread, replaceable)),
            At::Load(stamps) => {
                let version = world.committed;
                world.answer(reader.floors, version);
                stamps.map(|stamps| At::Fill(Entry { version, stamps }))
            }
            At::Fill(entry) => {
                if world.call(self.process(thread)) {
                    let holder = world.holder(thread);
                    world.cell_mut(Name::Row).fill(holder, entry, u64::MAX);
                }
                None
            }
        };
        world.threads[thread].task = match next {
            Some(at) => {
                reader.at = at;
                Task::Read(reader)
            }
            None => Task::Idle,
        };
    }

    fn probe(&self, world: &mut World, thread: usize, reader: &Reader) -> Option<At> {
        let copies = &world.processes[self.process(thread)].copies;
        match copies.probe(Name::Row, world.now) {
            Some(version) => {
                world.answer(reader.floors, version);
                None
            }
            None => Some(self.draw(world, thread)),
        }
    }

    /// Draws the ticket for a copy.
    fn draw(&self, world: &mut World, thread: usize) -> At {
        let (holder, now) = (world.holder(thread), world.now);
        if !self.lacks(Rule::TicketBeforeAsk) {
            let copies = &mut world.processes[self.process(thread)].copies;
            copies.ticket(holder, &WHOLE, now);
        }
        At::Ask { began: now }
    }

    /// One MGET of the entry and its tags.
    fn ask(&self, world: &mut World, thread: usize, began: u64) -> At {
        let process = self.process(thread);
        let holder = world.holder(thread);
        let found = world.call(process).then(|| look(world)).flatten();
        let copies = &mut world.processes[process].copies;
        match found {
            Some(Found::Hit(version)) => At::Copy { began, version },
            Some(Found::Miss { replaceable }) => {
                copies.give_back(holder);
                At::Permit { replaceable }
            }
            None => {
                copies.give_back(holder);
                At::Load(None)
            }
        }
    }

    fn copy(&self, world: &mut World, thread: usize, holder: Holder, began: u64, version: u8) {
        let now = world.now;
        let since = if self.lacks(Rule::LifeSinceAsk) {
            now
        } else {
            began
        };
        let ends = since + self.times.bound;
        let copies = &mut world.processes[self.process(thread)].copies;
        if self.lacks(Rule::TicketBeforeAsk) {
            copies.ticket(holder, &WHOLE, now);
        }
        if ends > now {
            copies.copy(holder, Name::Row, &COPIED, version, ends, now);
        } else {
            copies.give_back(holder);
        }
    }

    /// Stamps and lease, if the epoch has settled. What a writer may do between them is explored in the world of entries.
    fn permit(&self, world: &mut World, thread: usize, replaceable: bool) -> At {
        if !world.call(self.process(thread)) {
            return At::Load(None);
        }
        let (now, generation) = (world.now, world.store.generation);
        for tag in TAGS {
            let server = (tag == Name::Epoch).then_some(generation);
            let fresh = world.fresh();
            world.cell_mut(tag).stamp(fresh, now, None, server);
        }
        let settled = matches!(world.cell(Name::Epoch), Cell::Stamp { created, .. }
            if is_settled(*created, now, self.times.settle));
        let (Some(epoch), Some(table)) = (world.mark(Name::Epoch), world.mark(Name::Table)) else {
            return At::Load(None);
        };
        let (holder, ends) = (world.holder(thread), now + self.times.lease);
        let leased = settled && world.cell_mut(Name::Row).lease(holder, replaceable, ends);
        At::Load(leased.then_some([epoch, table]))
    }
}

enum Found {
    Hit(u8),
    Miss { replaceable: bool },
}

/// What the store answers (rule 2); `None` if somebody holds a lock or a lease.
fn look(world: &World) -> Option<Found> {
    let locked = |tag: &Name| matches!(world.cell(*tag), Cell::Locks(_));
    if TAGS.iter().any(locked) {
        return None;
    }
    match world.cell(Name::Row) {
        Cell::Missing | Cell::Stamp { .. } => Some(Found::Miss { replaceable: false }),
        Cell::Lease { .. } | Cell::Locks(_) => None,
        Cell::Entry { entry, .. } => {
            let present = TAGS.map(|tag| world.mark(tag));
            Some(if is_current(&entry.stamps, &present) {
                Found::Hit(entry.version)
            } else {
                Found::Miss { replaceable: true }
            })
        }
    }
}
