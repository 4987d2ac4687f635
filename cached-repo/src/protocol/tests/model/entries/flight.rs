//! Flights: permit, load and fill.

use super::reader::{At, Reader, Replaceable};
use super::rules::{Protocol, Rule};
use super::world::{Entry, Place, Task, World};
use crate::protocol::cell::{Cell, Server};
use crate::protocol::{is_settled, precedes};
use crate::stamp::Stamp;

/// A load and its fill.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Flight {
    pub(super) ticket: u8,
    /// When its fill was sent, in flights.
    pub(super) sent: Option<u8>,
    pub(super) step: Step,
    /// The permit: the store's time before the load, and the stamps that were obtained before it.
    pub(super) permit: Option<Permit>,
    /// The entry that stays where it is until the fill replaces it.
    pub(super) held: Option<Entry>,
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
    /// What came of the first load: that is what the flight brings its readers.
    first: u8,
    /// Whether this is a second load.
    again: bool,
}

/// The flight that loads an entry anew. Nobody follows it here.
pub(super) fn refresh(entry: Entry) -> Flight {
    Flight {
        ticket: 0,
        sent: None,
        step: Step::MakeAll(true),
        permit: Some(Permit::default()),
        held: Some(entry),
        loaded: None,
    }
}

impl Mark {
    pub(super) fn stamp(self) -> Option<Stamp> {
        match self {
            Self::Stamped(stamp, _) => Some(stamp),
            Self::Missing | Self::Locked => None,
        }
    }
}

/// The tags of an entry that are known beforehand.
pub(super) fn tags(what: Place) -> Vec<Place> {
    let mut tags = vec![Place::Epoch, Place::Table];
    if let Place::List(partition) = what {
        tags.extend([Place::Member(partition), Place::Edge(partition)]);
    }
    if what == Place::Query {
        tags.push(Place::Rows);
    }
    tags
}

/// Whether the tag is of the few that never end by themselves.
pub(super) fn is_lasting(tag: Place) -> bool {
    matches!(tag, Place::Epoch | Place::Table | Place::Rows)
}

impl World {
    pub(super) fn mark(&self, tag: Place) -> Mark {
        match self.cell(tag) {
            Cell::Stamp { stamp, created, .. } => Mark::Stamped(*stamp, *created),
            Cell::Locks(_) => Mark::Locked,
            _ => Mark::Missing,
        }
    }

    /// The tag's mark after `STAMP`; an epoch bears the mark of its server.
    fn make(&mut self, tag: Place, server: Server) -> Mark {
        let (fresh, now) = (self.fresh(), self.now);
        let server = (tag == Place::Epoch).then_some(server);
        self.cell_mut(tag).stamp(fresh, now, None, server);
        self.mark(tag)
    }
}

impl Protocol {
    /// One step of a flight; `None` if it has ended.
    pub(super) fn fly(
        &self,
        world: &mut World,
        thread: usize,
        reader: &Reader,
        mut flight: Flight,
    ) -> Option<Flight> {
        match flight.step {
            Step::Load { again } => {
                load(world, reader, &mut flight, again);
                if flight.permit.is_none() {
                    self.land(world, thread, &flight, false);
                    return None;
                }
            }
            _ if !world.call(self.process(thread)) => {
                if flight.loaded.is_some() {
                    self.land(world, thread, &flight, false);
                    return None;
                }
                flight.permit = None;
                flight.step = Step::Load { again: false };
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
                let unchanged = check(world, &mut flight, self.server(world));
                self.land(world, thread, &flight, stored && unchanged);
                return None;
            }
        }
        Some(flight)
    }

    /// The steps up to the permit.
    fn permit(&self, world: &mut World, thread: usize, reader: &Reader, flight: &mut Flight) {
        let (token, server) = (world.token(thread), self.server(world));
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
                permit.marks = marks.map(|tag| (tag, world.make(tag, server))).collect();
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
                let leased = if flight.held.is_some() {
                    true
                } else if script {
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
                        *mark = world.make(*tag, server);
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
        flight.step = match world.make(tag, self.server(world)) {
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
            let server = self.server(world);
            for (tag, mark) in &mut permit.marks {
                *mark = world.make(*tag, server);
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
        if let Some(held) = flight.held.take() {
            if self.lacks(Rule::HeldEntry) {
                *cell = Cell::Missing;
                cell.lease_missing(token, u64::MAX);
                return cell.fill(token, entry, u64::MAX);
            }
            return cell.replace(&held, entry, u64::MAX);
        }
        if self.lacks(Rule::Lease) {
            *cell = Cell::Missing;
            cell.lease_missing(token, u64::MAX);
        }
        cell.fill(token, entry, u64::MAX)
    }

    /// Ends a flight for those who follow it.
    fn land(&self, world: &mut World, thread: usize, flight: &Flight, filled: bool) {
        // Followers get what was loaded first; a fill proves that what it stored is good.
        let (first, is_first) = flight
            .loaded
            .map_or((0, false), |loaded| (loaded.first, !loaded.again));
        let proves = is_first || self.lacks(Rule::FollowersOfFilledLoad);
        for other in &mut world.threads {
            if let Task::Read(reader) = &mut other.task
                && reader.at == At::Follow(thread)
            {
                // A fill proves that nothing was invalidated until it was done: to those who began before.
                let before = flight.sent.is_some_and(|sent| reader.began <= sent);
                reader.at = At::Landed {
                    ticket: flight.ticket,
                    filled: filled && proves && (before || self.lacks(Rule::FollowersBeforeFill)),
                    version: first,
                };
            }
        }
    }
}

fn load(world: &mut World, reader: &Reader, flight: &mut Flight, again: bool) {
    let version = world.database.committed.of(reader.what);
    let first = flight.loaded.map_or(version, |loaded| loaded.first);
    if !again {
        // The reader returns here; what follows is a task of its own.
        world.answer(reader, version);
    }
    let home = world.database.home;
    flight.loaded = Some(Loaded {
        version,
        home,
        first,
        again,
    });
    flight.step = if reader.what == Place::Row && home.is_some() {
        Step::StampRow { again }
    } else {
        Step::Fill
    };
}

/// Whether the tags have the stamps that were filled; all are asked for, whatever the first one says.
fn check(world: &mut World, flight: &mut Flight, server: Server) -> bool {
    let marks = flight.permit.take().unwrap_or_default().marks;
    let changed = marks.iter().filter(|(tag, mark)| {
        let now = if is_lasting(*tag) {
            world.mark(*tag)
        } else {
            world.make(*tag, server)
        };
        now.stamp() != mark.stamp()
    });
    changed.count() == 0
}
