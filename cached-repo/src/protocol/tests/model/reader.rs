//! Readers: the steps of `engine::read`, `engine::flight` and `store::redis`, each alone.

use super::rules::{Protocol, Rule};
use super::world::{Entry, Place, Task, World};
use crate::protocol::cell::Cell;
use crate::protocol::{FlightDecision, accept_flight, is_current, is_settled, precedes};
use crate::stamp::Stamp;

/// One read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reader {
    pub(super) what: Place,
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

/// A load and its fill.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flight {
    pub(super) ticket: u8,
    /// When its fill was sent, in flights.
    pub(super) sent: Option<u8>,
    pub(super) step: Step,
    /// The permit: the store's time before the load, and the stamps that were obtained before it.
    pub(super) permit: Option<Permit>,
    pub(super) loaded: Option<Loaded>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Step {
    /// Read the stamps of tags that are nearly always there.
    Tags,
    /// Obtain the stamps of all tags by scripts.
    MakeAll(Replaceable),
    Lease {
        script: bool,
        replaceable: Replaceable,
    },
    /// Make the stamps that were missing.
    MakeMissing,
    /// Give the lease back, and go on without.
    Decline,
    Load {
        again: bool,
    },
    /// Obtain the stamps of tags that the row names.
    StampRow {
        again: bool,
    },
    Abandon,
    Fill,
    /// Compare the stamps again.
    Check {
        stored: bool,
    },
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Permit {
    pub(super) began: u64,
    pub(super) marks: Vec<(Place, Mark)>,
}

/// What a tag's key holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    Missing,
    Stamped(Stamp, u64),
    Locked,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Loaded {
    version: u8,
    home: Option<usize>,
}

impl Mark {
    fn stamp(self) -> Option<Stamp> {
        match self {
            Self::Stamped(stamp, _) => Some(stamp),
            Self::Missing | Self::Locked => None,
        }
    }
}

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

/// The tags of an entry that are known beforehand.
pub(super) fn tags(what: Place) -> Vec<Place> {
    let mut tags = vec![Place::Epoch, Place::Table];
    if let Place::List(partition) = what {
        tags.extend([Place::Member(partition), Place::Edge(partition)]);
    }
    tags
}

/// Whether the tag is of the few that never end by themselves.
fn is_lasting(tag: Place) -> bool {
    matches!(tag, Place::Epoch | Place::Table)
}

impl World {
    pub(super) fn mark(&self, tag: Place) -> Mark {
        match self.cell(tag) {
            Cell::Stamp { stamp, created, .. } => Mark::Stamped(*stamp, *created),
            Cell::Locks { .. } => Mark::Locked,
            _ => Mark::Missing,
        }
    }

    /// The tag's mark after `STAMP`.
    fn make(&mut self, tag: Place) -> Mark {
        let (fresh, now) = (self.fresh(), self.now);
        self.cell_mut(tag).stamp(fresh, now, None);
        self.mark(tag)
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
                    world.answer(&reader, entry.version);
                    None
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
            Cell::Lease { .. } | Cell::Locks { .. } => return Some(At::Board(None)),
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
        world.answer(reader, entry.version);
        None
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
            loaded: None,
        })
    }

    /// One step of a flight; `None` if it has ended.
    fn fly(
        &self,
        world: &mut World,
        thread: usize,
        reader: &Reader,
        mut flight: Flight,
    ) -> Option<Flight> {
        let without_permit = Step::Load { again: false };
        match flight.step {
            Step::Load { again } => {
                let loaded = Loaded {
                    version: world.database.committed.of(reader.what),
                    home: world.database.home,
                };
                if !again {
                    // The reader returns here; what follows is a task of its own.
                    world.answer(reader, loaded.version);
                }
                flight.loaded = Some(loaded);
                if flight.permit.is_none() {
                    self.land(world, thread, &flight, false);
                    return None;
                }
                let named = reader.what == Place::Row && loaded.home.is_some();
                flight.step = if named {
                    Step::StampRow { again }
                } else {
                    Step::Fill
                };
            }
            _ if !world.call(self.process(thread)) => {
                if flight.loaded.is_some() {
                    self.land(world, thread, &flight, false);
                    return None;
                }
                flight.permit = None;
                flight.step = without_permit;
            }
            Step::Tags
            | Step::MakeAll(_)
            | Step::Lease { .. }
            | Step::MakeMissing
            | Step::Decline => self.permit(world, thread, reader, &mut flight),
            Step::StampRow { again } => self.stamp_row(world, &mut flight, again),
            Step::Abandon => {
                let token = world.token(thread);
                world.cell_mut(reader.what).abandon(token);
                self.land(world, thread, &flight, false);
                return None;
            }
            Step::Fill => {
                let process = &mut world.processes[self.process(thread)];
                flight.sent = Some(process.tickets);
                process.tickets += u8::from(self.shares(thread));
                let stored = self.fill(world, thread, reader, &mut flight);
                flight.step = Step::Check { stored };
                if !self.shares(thread) {
                    // Only followers ask whether the fill was good.
                    return None;
                }
            }
            Step::Check { stored } => {
                let marks = flight.permit.take().unwrap_or_default().marks;
                let present = |(tag, mark): &(Place, Mark)| {
                    let now = if is_lasting(*tag) {
                        world.mark(*tag)
                    } else {
                        world.make(*tag)
                    };
                    now.stamp() == mark.stamp()
                };
                // All of them are asked for, whatever the first one says.
                let changed = marks.iter().map(present).filter(|same| !same).count();
                self.land(world, thread, &flight, stored && changed == 0);
                return None;
            }
        }
        Some(flight)
    }

    /// The steps up to the permit.
    fn permit(&self, world: &mut World, thread: usize, reader: &Reader, flight: &mut Flight) {
        let token = world.token(thread);
        let Some(permit) = flight.permit.as_mut() else {
            return;
        };
        flight.step = match flight.step {
            Step::Tags => {
                let marks = tags(reader.what).into_iter();
                permit.marks = marks.map(|tag| (tag, world.mark(tag))).collect();
                Step::Lease {
                    script: false,
                    replaceable: false,
                }
            }
            Step::MakeAll(replaceable) => {
                let marks = tags(reader.what).into_iter();
                permit.marks = marks.map(|tag| (tag, world.make(tag))).collect();
                Step::Lease {
                    script: true,
                    replaceable,
                }
            }
            Step::Lease {
                script,
                replaceable,
            } => {
                let ends = world.now + self.times.lease;
                let cell = world.cell_mut(reader.what);
                let leased = if script {
                    cell.lease(token, replaceable, ends)
                } else {
                    cell.lease_missing(token, ends)
                };
                permit.began = world.now;
                let missing = permit.marks.iter().any(|(_, mark)| *mark == Mark::Missing);
                match (leased, missing) {
                    (false, _) => {
                        flight.permit = None;
                        Step::Load { again: false }
                    }
                    (true, true) => Step::MakeMissing,
                    (true, false) => self.judge(permit),
                }
            }
            Step::MakeMissing => {
                for (tag, mark) in &mut permit.marks {
                    if *mark == Mark::Missing {
                        *mark = world.make(*tag);
                    }
                }
                self.judge(permit)
            }
            _ => {
                world.cell_mut(reader.what).abandon(token);
                flight.permit = None;
                Step::Load { again: false }
            }
        };
    }

    /// Whether a permit with these marks is one (rule 11).
    fn judge(&self, permit: &Permit) -> Step {
        let settle = if self.lacks(Rule::Settle) {
            0
        } else {
            self.times.settle
        };
        let usable = permit.marks.iter().all(|(tag, mark)| match mark {
            Mark::Stamped(_, created) => {
                *tag != Place::Epoch || is_settled(*created, permit.began, settle)
            }
            Mark::Missing | Mark::Locked => false,
        });
        if usable {
            Step::Load { again: false }
        } else {
            Step::Decline
        }
    }

    /// The tag that the loaded row names (rule 1).
    fn stamp_row(&self, world: &mut World, flight: &mut Flight, again: bool) {
        let home = flight.loaded.and_then(|loaded| loaded.home);
        let (Some(permit), Some(home)) = (flight.permit.as_mut(), home) else {
            return;
        };
        let tag = Place::Edge(home);
        flight.step = match world.make(tag) {
            _ if permit.marks.iter().any(|(held, _)| *held == tag) => Step::Fill,
            Mark::Stamped(stamp, created) => {
                permit.marks.push((tag, Mark::Stamped(stamp, created)));
                if precedes(created, permit.began) || self.lacks(Rule::RowStampsBeforeLoad) {
                    Step::Fill
                } else if again {
                    Step::Abandon
                } else {
                    Step::Load { again: true }
                }
            }
            Mark::Missing | Mark::Locked => Step::Abandon,
        };
    }

    fn fill(&self, world: &mut World, thread: usize, reader: &Reader, flight: &mut Flight) -> bool {
        let (Some(permit), Some(loaded)) = (flight.permit.as_mut(), flight.loaded) else {
            return false;
        };
        if self.lacks(Rule::StampsBeforeLoad) {
            for (tag, mark) in &mut permit.marks {
                *mark = world.make(*tag);
            }
        }
        let stamped = permit
            .marks
            .iter()
            .filter_map(|(tag, mark)| Some((*tag, mark.stamp()?)));
        let entry = Entry {
            version: loaded.version,
            stamps: stamped.collect(),
        };
        let token = world.token(thread);
        let cell = world.cell_mut(reader.what);
        if self.lacks(Rule::Lease) {
            *cell = Cell::Missing;
            cell.lease_missing(token, u64::MAX);
        }
        cell.fill(token, entry, u64::MAX)
    }

    /// Ends a flight for those who follow it.
    fn land(&self, world: &mut World, thread: usize, flight: &Flight, filled: bool) {
        let version = flight.loaded.map_or(0, |loaded| loaded.version);
        for other in &mut world.threads {
            if let Task::Read(reader) = &mut other.task
                && reader.at == At::Follow(thread)
            {
                // A fill proves that nothing was invalidated until it was done: to those who began before.
                let before = flight.sent.is_some_and(|sent| reader.began <= sent);
                reader.at = At::Landed {
                    ticket: flight.ticket,
                    filled: filled && (before || self.lacks(Rule::FollowersBeforeFill)),
                    version,
                };
            }
        }
    }
}
