//! What is written and read: slots, their states, and questions about them.

use std::fmt;
use std::str::FromStr;

/// Values that a login takes in turn.
pub const LOGINS: u8 = 3;
/// Teams that accounts move between.
pub const TEAMS: u8 = 4;
/// Shelves that parcels are carried between.
pub const SHELVES: u8 = 3;
/// Pets of each keeper, and collars of each pet.
pub const PETS: u32 = 2;

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A plain row, by its key alone.
    Counter,
    /// A row with a unique lookup and a partition, which comes and goes.
    Account,
    /// A row whose code the database copies to dependents one and two hops away, by `ON UPDATE CASCADE`.
    Trunk,
    /// A row whose version a trigger copies to dependents one and two hops away.
    Keeper,
    /// A row that two processes write in turns: one carries it to another shelf, the other one labels it there.
    Parcel,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::Counter,
        Self::Account,
        Self::Trunk,
        Self::Keeper,
        Self::Parcel,
    ];

    /// Whether each slot has one writer, which knows what it holds.
    #[must_use]
    pub fn is_owned(self) -> bool {
        self != Self::Parcel
    }

    fn letter(self) -> char {
        match self {
            Self::Counter => 'c',
            Self::Account => 'a',
            Self::Trunk => 't',
            Self::Keeper => 'k',
            Self::Parcel => 'o',
        }
    }
}

/// One thing with a version. All rows of a trunk or keeper bear the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot {
    /// What it holds.
    pub kind: Kind,
    /// Its number, which is the key of its row.
    pub index: u32,
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.kind.letter(), self.index)
    }
}

impl FromStr for Slot {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let mut kinds = Kind::ALL.into_iter();
        let kind = kinds.find(|kind| text.starts_with(kind.letter()));
        let index = text.get(1..).ok_or(Unreadable)?.parse();
        Ok(Self {
            kind: kind.ok_or(Unreadable)?,
            index: index.map_err(|_| Unreadable)?,
        })
    }
}

/// A line or a part of one that no worker writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unreadable;

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a damaged line of the history")
    }
}

impl std::error::Error for Unreadable {}

/// A slot at one version. Only accounts and parcels differ in anything but the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// Whether there is a row.
    pub here: bool,
    /// Which login it has.
    pub login: u8,
    /// Which team it is in; of a parcel, on which shelf it lies.
    pub team: u8,
}

impl State {
    /// As slots begin.
    #[must_use]
    pub fn first(slot: Slot) -> Self {
        let team = match slot.kind {
            Kind::Account => u8::try_from(slot.index % u32::from(TEAMS)).unwrap_or_default(),
            Kind::Parcel => u8::try_from(slot.index % u32::from(SHELVES)).unwrap_or_default(),
            _ => 0,
        };
        Self {
            here: true,
            login: 0,
            team,
        }
    }
}

/// A question that is answered by a cache.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// A counter by its key.
    Counter(u32),
    /// Three counters by their keys.
    Counters([u32; 3]),
    /// An account by its key.
    Account(u32),
    /// An account by a login that it has, had or will have.
    Login(u32, u8),
    /// The accounts of a team.
    Team(u8),
    /// A trunk by its key.
    Trunk(u32),
    /// A branch by its key: one hop of `ON UPDATE CASCADE`.
    Branch(u32),
    /// A leaf by its key: two hops of `ON UPDATE CASCADE`.
    Leaf(u32),
    /// A keeper by its key.
    Keeper(u32),
    /// A pet by its key: one hop of a trigger.
    Pet(u32),
    /// A collar by its key: two hops of a trigger.
    Collar(u32),
    /// The pets of a keeper.
    Pets(u32),
    /// The accounts of a team, by a query that pins the partition.
    Query(u8),
    /// Three counters, by a query that pins nothing.
    Range([u32; 3]),
    /// A keeper with its pets and their collars, by a join in raw SQL.
    Join(u32),
    /// Three counters, by a block of two statements.
    Block([u32; 3]),
    /// A parcel by its key.
    Parcel(u32),
    /// The parcels of a shelf.
    Shelf(u8),
    /// All parcels, by a query that pins nothing.
    Parcels,
}

impl Question {
    /// Names of the kinds of questions, in the order of [`Question::kind`].
    pub const KINDS: [&'static str; 19] = [
        "counter by key",
        "counters by keys",
        "account by key",
        "account by login",
        "accounts by team",
        "trunk by key",
        "branch by key (1 hop)",
        "leaf by key (2 hops)",
        "keeper by key",
        "pet by key (1 hop)",
        "collar by key (2 hops)",
        "pets by keeper (1 hop)",
        "accounts by query",
        "counters by query",
        "keeper and all by join",
        "counters by block",
        "parcel by key",
        "parcels by shelf",
        "parcels by query",
    ];

    const LETTERS: [char; 19] = [
        'c', 'm', 'a', 'l', 'g', 't', 'b', 'f', 'k', 'p', 'q', 's', 'G', 'M', 'J', 'B', 'o', 'h',
        'H',
    ];

    /// Its place in [`Question::KINDS`].
    #[must_use]
    pub fn kind(&self) -> usize {
        match self {
            Self::Counter(_) => 0,
            Self::Counters(_) => 1,
            Self::Account(_) => 2,
            Self::Login(..) => 3,
            Self::Team(_) => 4,
            Self::Trunk(_) => 5,
            Self::Branch(_) => 6,
            Self::Leaf(_) => 7,
            Self::Keeper(_) => 8,
            Self::Pet(_) => 9,
            Self::Collar(_) => 10,
            Self::Pets(_) => 11,
            Self::Query(_) => 12,
            Self::Range(_) => 13,
            Self::Join(_) => 14,
            Self::Block(_) => 15,
            Self::Parcel(_) => 16,
            Self::Shelf(_) => 17,
            Self::Parcels => 18,
        }
    }

    /// What kind of slot its rows belong to.
    #[must_use]
    pub fn slot_kind(&self) -> Kind {
        match self {
            Self::Counter(_) | Self::Counters(_) | Self::Range(_) | Self::Block(_) => Kind::Counter,
            Self::Account(_) | Self::Login(..) | Self::Team(_) | Self::Query(_) => Kind::Account,
            Self::Trunk(_) | Self::Branch(_) | Self::Leaf(_) => Kind::Trunk,
            Self::Keeper(_) | Self::Pet(_) | Self::Collar(_) | Self::Pets(_) | Self::Join(_) => {
                Kind::Keeper
            }
            Self::Parcel(_) | Self::Shelf(_) | Self::Parcels => Kind::Parcel,
        }
    }

    /// The questions by keys that together ask for the same; `None` if this is one.
    #[must_use]
    pub fn by_keys(&self) -> Option<Vec<Self>> {
        match *self {
            Self::Counters(indexes) | Self::Range(indexes) | Self::Block(indexes) => {
                Some(indexes.map(Self::Counter).to_vec())
            }
            Self::Query(team) => Some(vec![Self::Team(team)]),
            Self::Join(index) => {
                let pets = index * PETS..(index + 1) * PETS;
                let collars = pets.start * PETS..pets.end * PETS;
                let first = [Self::Keeper(index), Self::Pets(index)].into_iter();
                Some(first.chain(collars.map(Self::Collar)).collect())
            }
            _ => None,
        }
    }

    /// The slots that an answer speaks about, by what it holds and by what it lacks.
    #[must_use]
    pub fn slots(&self, rows: u32) -> Vec<Slot> {
        let kind = self.slot_kind();
        let one = |index| vec![Slot { kind, index }];
        match *self {
            Self::Counters(indexes) | Self::Range(indexes) | Self::Block(indexes) => {
                indexes.map(|index| Slot { kind, index }).to_vec()
            }
            Self::Team(_) | Self::Query(_) | Self::Shelf(_) | Self::Parcels => {
                (0..rows).map(|index| Slot { kind, index }).collect()
            }
            Self::Pet(id) => one(id / PETS),
            Self::Collar(id) => one(id / PETS / PETS),
            Self::Counter(index)
            | Self::Account(index)
            | Self::Login(index, _)
            | Self::Trunk(index)
            | Self::Branch(index)
            | Self::Leaf(index)
            | Self::Keeper(index)
            | Self::Pets(index)
            | Self::Join(index)
            | Self::Parcel(index) => one(index),
        }
    }

    /// Whether the answer holds a slot in this state.
    #[must_use]
    pub fn holds(&self, state: State) -> bool {
        state.here
            && match *self {
                Self::Login(_, login) => state.login == login,
                Self::Team(team) | Self::Query(team) | Self::Shelf(team) => state.team == team,
                _ => true,
            }
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", Self::LETTERS[self.kind()])?;
        match *self {
            Self::Counters([first, second, third])
            | Self::Range([first, second, third])
            | Self::Block([first, second, third]) => write!(f, "{first},{second},{third}"),
            Self::Login(index, login) => write!(f, "{index},{login}"),
            Self::Team(team) | Self::Query(team) | Self::Shelf(team) => write!(f, "{team}"),
            Self::Parcels => write!(f, "0"),
            Self::Counter(index)
            | Self::Account(index)
            | Self::Trunk(index)
            | Self::Branch(index)
            | Self::Leaf(index)
            | Self::Keeper(index)
            | Self::Pet(index)
            | Self::Collar(index)
            | Self::Pets(index)
            | Self::Join(index)
            | Self::Parcel(index) => write!(f, "{index}"),
        }
    }
}

impl FromStr for Question {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let letter = text.chars().next().ok_or(Unreadable)?;
        let numbers: Result<Vec<u32>, _> = text[letter.len_utf8()..]
            .split(',')
            .map(str::parse)
            .collect();
        let numbers = numbers.map_err(|_| Unreadable)?;
        let small = |number: u32| u8::try_from(number).map_err(|_| Unreadable);
        Ok(match (letter, numbers.as_slice()) {
            ('c', &[index]) => Self::Counter(index),
            ('m', &[first, second, third]) => Self::Counters([first, second, third]),
            ('a', &[index]) => Self::Account(index),
            ('l', &[index, login]) => Self::Login(index, small(login)?),
            ('g', &[team]) => Self::Team(small(team)?),
            ('t', &[index]) => Self::Trunk(index),
            ('b', &[index]) => Self::Branch(index),
            ('f', &[index]) => Self::Leaf(index),
            ('k', &[index]) => Self::Keeper(index),
            ('p', &[index]) => Self::Pet(index),
            ('q', &[index]) => Self::Collar(index),
            ('s', &[index]) => Self::Pets(index),
            ('G', &[team]) => Self::Query(small(team)?),
            ('M', &[first, second, third]) => Self::Range([first, second, third]),
            ('J', &[index]) => Self::Join(index),
            ('B', &[first, second, third]) => Self::Block([first, second, third]),
            ('o', &[index]) => Self::Parcel(index),
            ('h', &[shelf]) => Self::Shelf(small(shelf)?),
            ('H', &[0]) => Self::Parcels,
            _ => return Err(Unreadable),
        })
    }
}

/// A row of an answer: the slot that it belongs to, and the version that it bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// The number of its slot.
    pub index: u32,
    /// Its version.
    pub version: i64,
}

impl Row {
    /// One of a slot with this number.
    #[must_use]
    pub fn of(index: i64, version: i64) -> Self {
        Self {
            index: u32::try_from(index).unwrap_or(u32::MAX),
            version,
        }
    }

    /// One whose code tells both.
    #[must_use]
    pub fn by_code(code: i64) -> Self {
        let (index, version) = super::entities::decode(code);
        Self { index, version }
    }
}

/// What a write makes of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Touch {
    /// Which one.
    pub slot: Slot,
    /// Its new version, or that of its absence.
    pub version: i64,
    /// Its new state.
    pub state: State,
    /// Whether it commits with the write; a savepoint that is rolled back does not.
    pub kept: bool,
}
