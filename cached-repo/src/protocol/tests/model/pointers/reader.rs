//! Lookups: the pointer, then the row that it leads to.

use super::world::{Entry, Found, Place, Protocol, Row, Rule, Task, Value, World};
use crate::protocol::cell::Cell;

/// One lookup.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Reader {
    value: Value,
    /// How much the lookup had found when it began, one commit after the other.
    began: usize,
    at: At,
}

/// Where a reader is: before the step that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum At {
    Look,
    /// Look at the row that the pointer leads to.
    Follow(usize),
    /// Lease a key.
    Permit {
        place: Place,
        replaceable: bool,
        after: After,
    },
    /// Read the database by the value.
    Load {
        leased: bool,
    },
    /// Read it by the row's own key.
    LoadRow {
        row: usize,
        leased: bool,
        after: After,
    },
    Fill {
        place: Place,
        entry: Entry,
        then: Then,
    },
    /// Look whether the row of a pointer that was filled is there.
    LookTarget(usize),
}

/// Why a row is read by its own key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum After {
    /// A pointer leads to it.
    Pointer,
    /// Its pointer was filled, and the reader has its answer.
    Fill,
}

/// What follows a fill.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Then {
    End,
    /// The row is not the one: look the value up in the database.
    LookUp,
    /// Fill the row, too.
    Target(usize),
}

impl Protocol {
    pub(super) fn begin_find(&self, world: &mut World, thread: usize, value: Value) {
        let reader = Reader {
            value,
            began: world.database.history(value).len() - 1,
            at: At::Look,
        };
        // Who looks later than it begins is owed no more than who begins when it looks.
        self.read(world, thread, reader);
    }

    /// One step of a reader.
    pub(super) fn read(&self, world: &mut World, thread: usize, mut reader: Reader) {
        let value = reader.value;
        let next = match reader.at {
            At::Look => self.look(world, &reader),
            At::Follow(row) => self.follow(world, &reader, row),
            At::Permit {
                place,
                replaceable,
                after,
            } => {
                let holder = world.holder(thread, place);
                let cell = place.index().map(|index| &mut world.cells[index]);
                let leased = cell.is_some_and(|cell| cell.lease(holder, replaceable, u64::MAX));
                match place {
                    Place::Pointer(_) => Some(At::Load { leased }),
                    // Who has its answer reads no further for a fill that is refused.
                    Place::Row(_) if after == After::Fill && !leased => None,
                    Place::Row(row) => Some(At::LoadRow { row, leased, after }),
                }
            }
            At::Load { leased } => {
                let found = world.database.find(value);
                world.answer(&reader, found);
                leased.then(|| At::Fill {
                    place: Place::Pointer(value),
                    entry: found.map_or(Entry::Absent, |(row, _)| Entry::Pointer(row)),
                    then: found.map_or(Then::End, |(row, _)| Then::Target(row)),
                })
            }
            At::LoadRow { row, leased, after } => self.load_row(world, &reader, row, leased, after),
            At::Fill { place, entry, then } => {
                let holder = world.holder(thread, place);
                let cell = place.index().map(|index| &mut world.cells[index]);
                let filled = cell.is_some_and(|cell| cell.fill(holder, entry, u64::MAX));
                match then {
                    Then::Target(row) if filled => Some(At::LookTarget(row)),
                    Then::End | Then::Target(_) => None,
                    Then::LookUp => Some(look_up(value)),
                }
            }
            At::LookTarget(row) => match world.cells[row] {
                Cell::Missing => Some(At::Permit {
                    place: Place::Row(row),
                    replaceable: false,
                    after: After::Fill,
                }),
                _ => None,
            },
        };
        world.threads[thread].task = match next {
            Some(at) => {
                reader.at = at;
                Task::Read(reader)
            }
            None => Task::Idle,
        };
    }

    fn look(&self, world: &mut World, reader: &Reader) -> Option<At> {
        let place = Place::Pointer(reader.value);
        match world.cells[place.index()?] {
            Cell::Entry {
                entry: Entry::Pointer(row),
                ..
            } => Some(At::Follow(row)),
            Cell::Entry { .. } => {
                world.answer(reader, None);
                None
            }
            Cell::Missing | Cell::Stamp { .. } => Some(At::Permit {
                place,
                replaceable: false,
                after: After::Pointer,
            }),
            Cell::Lease { .. } | Cell::Locks(_) => Some(At::Load { leased: false }),
        }
    }

    fn follow(&self, world: &mut World, reader: &Reader, row: usize) -> Option<At> {
        match world.cells[row] {
            Cell::Entry { entry, .. } => {
                let held = match entry {
                    Entry::Row(held) => Some(held),
                    Entry::Absent | Entry::Pointer(_) => None,
                };
                let found = self.checked(reader.value, row, held);
                if found.is_none() {
                    return Some(look_up(reader.value));
                }
                world.answer(reader, found);
                None
            }
            Cell::Missing | Cell::Stamp { .. } => Some(At::Permit {
                place: Place::Row(row),
                replaceable: false,
                after: After::Pointer,
            }),
            Cell::Lease { .. } | Cell::Locks(_) => Some(At::LoadRow {
                row,
                leased: false,
                after: After::Pointer,
            }),
        }
    }

    /// Rule 7: the row, if it bears the value still.
    pub(super) fn checked(&self, value: Value, number: usize, row: Option<Row>) -> Found {
        let row = row?;
        let bears = row.value == value || self.lacks(Rule::RowIsChecked);
        bears.then_some((number, row))
    }

    fn load_row(
        &self,
        world: &mut World,
        reader: &Reader,
        row: usize,
        leased: bool,
        after: After,
    ) -> Option<At> {
        let loaded = world.database.rows[row];
        let found = self.checked(reader.value, row, loaded);
        let then = match after {
            After::Fill => Then::End,
            After::Pointer if found.is_none() => Then::LookUp,
            After::Pointer => {
                world.answer(reader, found);
                Then::End
            }
        };
        match (leased, then) {
            (true, _) => Some(At::Fill {
                place: Place::Row(row),
                entry: loaded.map_or(Entry::Absent, Entry::Row),
                then,
            }),
            (false, Then::LookUp) => Some(look_up(reader.value)),
            (false, _) => None,
        }
    }
}

/// The pointer led to a row that is not the one.
fn look_up(value: Value) -> At {
    At::Permit {
        place: Place::Pointer(value),
        replaceable: true,
        after: After::Pointer,
    }
}

impl World {
    fn answer(&mut self, reader: &Reader, found: Found) {
        let since = &self.database.history(reader.value)[reader.began..];
        self.is_broken |= !since.contains(&found);
    }
}
