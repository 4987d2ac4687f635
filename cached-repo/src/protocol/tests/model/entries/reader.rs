//! Readers: what they see in the store, and whose flight they take.

use super::flight::{Flight, Mark, Permit, Step, is_lasting, refresh, tags};
use super::rules::{Protocol, Rule};
use super::world::{Entry, Place, Task, World};
use crate::protocol::cell::Cell;
use crate::protocol::{FlightDecision, accept_flight, is_current};
use crate::stamp::Stamp;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reader {
    pub(super) what: Place,
    /// Whether it loads anew what it is served.
    pub(super) refreshes: bool,
    /// What writes had told when it began.
    pub(super) told: u8,
    /// What was committed when it began.
    pub(super) committed: u8,
    /// When it began, in flights.
    pub(super) began: u8,
    pub(super) at: At,
}

/// Where a reader is: before the step that is named.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum At {
    Look,
    /// Obtain the tags that only the entry names.
    Further(Entry),
    /// Join a flight, or lead one. `None`: nothing may be filled.
    Board(Option<Replaceable>),
    /// Wait for another thread of the process.
    Follow(usize),
    /// Take what another thread's flight brought.
    Landed {
        ticket: u8,
        filled: bool,
        version: u8,
    },
    Fly(Flight),
}

/// Whether the key holds an entry that may give way.
pub(super) type Replaceable = bool;

impl Reader {
    /// The stamps that it remembers.
    pub(super) fn stamps(&self) -> impl Iterator<Item = &Stamp> {
        let entry = match &self.at {
            At::Further(entry) => Some(entry.stamps.iter().map(|(_, stamp)| stamp)),
            _ => None,
        };
        let permit = match &self.at {
            At::Fly(flight) => flight.permit.as_ref(),
            _ => None,
        };
        let marks = permit.into_iter().flat_map(|permit| &permit.marks);
        let held = marks.filter_map(|(_, mark)| match mark {
            Mark::Stamped(stamp, _) => Some(stamp),
            Mark::Missing | Mark::Locked => None,
        });
        entry.into_iter().flatten().chain(held)
    }
}

impl Protocol {
    /// Whether the entry carries the present stamps of these tags (rule 2).
    pub(super) fn is_valid(
        &self,
        world: &World,
        entry: &Entry,
        among: impl Fn(Place) -> bool,
    ) -> bool {
        self.lacks(Rule::EqualOrMiss)
            || entry
                .stamps
                .iter()
                .filter(|(tag, _)| among(*tag))
                .all(|(tag, carried)| is_current(&[*carried], &[world.mark(*tag).stamp()]))
    }

    /// One step of a reader; `None` if it has to wait.
    pub(super) fn read(&self, world: &mut World, thread: usize, mut reader: Reader) -> Option<()> {
        let shared = self.shares(thread);
        let next = match reader.at.clone() {
            At::Look => self.look(world, thread, &reader),
            At::Further(entry) => {
                if !world.call(self.process(thread)) {
                    Some(At::Board(None))
                } else if self.is_valid(world, &entry, |_| true) {
                    served(world, &reader, entry)
                } else {
                    Some(At::Board(Some(true)))
                }
            }
            At::Board(observed) => Some(self.board(world, thread, &reader, observed)),
            At::Follow(_) => return None,
            At::Landed {
                ticket,
                filled,
                version,
            } => {
                let decision = accept_flight(reader.began.into(), ticket.into(), filled);
                if decision == FlightDecision::Accept || self.lacks(Rule::AcceptFlight) {
                    world.answer(&reader, version);
                    None
                } else {
                    Some(At::Look)
                }
            }
            At::Fly(flight) => self.fly(world, thread, &reader, flight).map(At::Fly),
        };
        // Where nobody shares flights, nobody can come in between.
        let next = match next {
            Some(At::Board(observed)) if !shared => {
                Some(self.board(world, thread, &reader, observed))
            }
            next => next,
        };
        world.threads[thread].task = match next {
            Some(at) => {
                reader.at = at;
                Task::Read(reader)
            }
            None => Task::Idle,
        };
        Some(())
    }

    /// One MGET of the entry and the tags that are known.
    fn look(&self, world: &mut World, thread: usize, reader: &Reader) -> Option<At> {
        if !world.call(self.process(thread)) {
            return Some(At::Board(None));
        }
        let own = tags(reader.what);
        if own.iter().any(|tag| world.mark(*tag) == Mark::Locked) {
            return Some(At::Board(None));
        }
        let entry = match world.cell(reader.what) {
            Cell::Missing | Cell::Stamp { .. } => return Some(At::Board(Some(false))),
            Cell::Lease { .. } | Cell::Locks(_) => return Some(At::Board(None)),
            Cell::Entry { entry, .. } => entry.clone(),
        };
        let complete = own
            .iter()
            .all(|own| entry.stamps.iter().any(|(tag, _)| tag == own));
        if !complete || !self.is_valid(world, &entry, |tag| own.contains(&tag)) {
            return Some(At::Board(Some(true)));
        }
        if entry.stamps.iter().any(|(tag, _)| !own.contains(tag)) {
            return Some(At::Further(entry));
        }
        served(world, reader, entry)
    }

    fn board(
        &self,
        world: &mut World,
        thread: usize,
        reader: &Reader,
        observed: Option<Replaceable>,
    ) -> At {
        let leads = |other: &usize| match &world.threads[*other].task {
            Task::Read(leader) => {
                leader.what == reader.what
                    && matches!(leader.at, At::Fly(_))
                    && self.process(*other) == self.process(thread)
            }
            _ => false,
        };
        if let Some(leader) = (0..world.threads.len()).find(leads) {
            return At::Follow(leader);
        }
        let process = &mut world.processes[self.process(thread)];
        let ticket = process.tickets;
        process.tickets += u8::from(self.shares(thread));
        let step = match observed {
            None => Step::Load { again: false },
            Some(false) if tags(reader.what).into_iter().all(is_lasting) => Step::Tags,
            Some(replaceable) => Step::MakeAll(replaceable),
        };
        At::Fly(Flight {
            ticket,
            sent: None,
            step,
            permit: observed.map(|_| Permit::default()),
            held: None,
            loaded: None,
        })
    }
}

/// Answers with an entry, and has it loaded anew if its time has come.
fn served(world: &mut World, reader: &Reader, entry: Entry) -> Option<At> {
    world.answer(reader, entry.version);
    reader.refreshes.then(|| At::Fly(refresh(entry)))
}
