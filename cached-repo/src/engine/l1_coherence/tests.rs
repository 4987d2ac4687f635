//! Copies as the engine keeps them, held against what is said of them in `protocol::copies`: the same calls in the same order, and
//! after each of them the same answers.
//!
//! A failure prints a seed; set `COPIES_SEED` to it, and the run begins with the calls that failed.

use super::*;
use crate::age::Life;
use crate::key::Space;
use crate::port::Payload;
use crate::protocol::copies::{self, Copies};
use crate::store::Bounds;
use crate::time::Clock;
use fastrand::Rng;
use sea_orm::Value;
use std::collections::HashMap;

/// So many runs, and as many more as it takes until [`COPIES`] were made.
const RUNS: u64 = 200;

/// Copies that must be made for the comparison to mean something. Two runs make about one, by chance.
const COPIES: u32 = 100;

/// That so many runs make fewer is no chance, but a fault.
const MOST_RUNS: u64 = 20 * RUNS;

const CALLS: u8 = 60;

/// Milliseconds.
const BOUND: u64 = 5;

/// Tags that are known beforehand, tags that only the entry names, a row and a list, and what goes with own writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Name {
    Epoch,
    Table,
    Fixed,
    Named,
    One,
    Two,
    Dependents,
    Lists,
}

const NAMES: [Name; 8] = [
    Name::Epoch,
    Name::Table,
    Name::Fixed,
    Name::Named,
    Name::One,
    Name::Two,
    Name::Dependents,
    Name::Lists,
];

impl copies::Name for Name {
    const EPOCH: Self = Self::Epoch;
}

impl Name {
    fn key(self) -> Key {
        match self {
            Self::Epoch => Key::epoch(),
            Self::Table => Key::table(0),
            Self::Fixed => Key::user("fixed"),
            Self::Named => Key::integer(Space::Edge, 0, 0, 7),
            Self::One => Key::integer(Space::Row, 0, 0, 1),
            Self::Two => Key::integer(Space::Index, 0, 0, 2),
            Self::Dependents => Key::local_dependents(0),
            Self::Lists => Key::local_lists(0),
        }
    }
}

fn keys(names: &[Name]) -> Vec<Key> {
    names.iter().map(|name| name.key()).collect()
}

#[derive(Clone, Debug)]
enum Call {
    Hearing(u64),
    Invalidated(u64, Vec<Name>),
    Touched(Vec<Name>),
    Missed(u64),
    Deaf,
    Lock {
        holder: u8,
        names: Vec<Name>,
        life: u64,
    },
    Release {
        holder: u8,
        names: Vec<Name>,
    },
    Written(Vec<Name>),
    CopyPermit {
        holder: u8,
        key: Name,
    },
    Copy {
        holder: u8,
        entry: u8,
        is_named: bool,
    },
    /// So many milliseconds pass.
    Pass(u64),
}

/// What is known beforehand of an entry.
const FIXED: [Name; 3] = [Name::Epoch, Name::Table, Name::Fixed];

/// What is known of it once it is there, and in this process alone.
fn further(key: Name, is_named: bool) -> Vec<Name> {
    let local = match key {
        Name::Two => Name::Lists,
        _ => Name::Dependents,
    };
    let named = is_named.then_some(Name::Named);
    named.into_iter().chain([local]).collect()
}

/// What goes in this process with a write to these names.
fn written(names: &[Name]) -> Vec<Name> {
    let is_own = |name: &Name| !matches!(name, Name::Epoch | Name::Fixed);
    let lists = names.iter().any(is_own).then_some(Name::Lists);
    let dependents = names.contains(&Name::Named).then_some(Name::Dependents);
    lists.into_iter().chain(dependents).collect()
}

fn call(random: &mut Rng) -> Call {
    let holder = random.u8(..3);
    let mut names = NAMES.to_vec();
    names.retain(|_| random.u8(..3) == 0);
    let key = if random.bool() { Name::One } else { Name::Two };
    match random.u8(..16) {
        0 => Call::Hearing(random.u64(..9)),
        1 => Call::Invalidated(random.u64(..9), names),
        2 => Call::Touched(names),
        3 if random.bool() => Call::Missed(random.u64(..9)),
        3 if random.bool() => Call::Deaf,
        3 | 4 => Call::Pass(random.u64(..3)),
        5 => Call::Lock {
            holder,
            names,
            life: random.u64(1..4),
        },
        6 => Call::Release { holder, names },
        7 if random.bool() => Call::Release { holder, names },
        7 => Call::Written(names),
        8..=11 => Call::CopyPermit { holder, key },
        _ => Call::Copy {
            holder,
            entry: random.u8(..),
            is_named: random.bool(),
        },
    }
}

/// Copies of the engine's kind, and what is said of them.
struct Both {
    coherence: L1Coherence,
    clock: Clock,
    copy_permits: HashMap<u8, (CopyPermit, Name)>,
    said: Copies<Name, u8>,
}

impl Both {
    fn new() -> Self {
        loop {
            let clock = Clock::manual();
            let bounds = Bounds {
                entries: 100,
                bytes: 100_000,
            };
            let memory = Arc::new(MemoryStore::new(1, bounds, clock.clone()));
            let coherence = L1Coherence::new(memory, Duration::from_millis(BOUND));
            let both = Self {
                coherence,
                clock,
                copy_permits: HashMap::new(),
                said: Copies::new(),
            };
            if !both.collides() {
                return both;
            }
        }
    }

    /// Whether two names lie in one stripe by chance, so that a copy is refused for a neighbor's sake.
    fn collides(&self) -> bool {
        self.coherence.subscribed(0);
        let memory = &self.coherence.memory;
        let refused = |name: &Name| {
            let others: Vec<Name> = NAMES.into_iter().filter(|other| other != name).collect();
            let request = Request {
                key: Key::integer(Space::Row, 0, 0, 3),
                tags: keys(&others).into(),
                ages: false,
            };
            let permit = memory.permits(std::slice::from_ref(&request)).remove(0);
            memory.release_from(&[name.key()], Token::unique());
            let fill = fill(request, permit.expect("nothing is locked"), 0);
            !matches!(memory.land(fill), crate::port::FillOutcome::Stored)
        };
        let collides = NAMES.iter().any(refused);
        self.coherence.unsubscribed();
        collides
    }

    /// Does it to both; what they say of it.
    fn make(&mut self, call: &Call) -> [Option<bool>; 2] {
        let now = self.coherence.memory.now();
        let token = |holder: u8| Token::from_bytes([holder; 16]);
        let (coherence, said) = (&self.coherence, &mut self.said);
        match call {
            Call::Hearing(number) => {
                coherence.subscribed(*number);
                said.hear(*number, now);
            }
            Call::Invalidated(number, names) => {
                coherence.invalidated(*number, &keys(names));
                said.release(names, None, now);
                said.note(*number);
            }
            Call::Touched(names) => {
                coherence.keys_changed(&keys(names));
                said.release(names, None, now);
            }
            Call::Missed(number) => {
                coherence.notices_lost(*number);
                said.forget();
                said.note(*number);
            }
            Call::Deaf => {
                coherence.unsubscribed();
                said.deafen();
            }
            Call::Lock {
                holder,
                names,
                life,
            } => {
                coherence.lock(&keys(names), token(*holder), Duration::from_millis(*life));
                said.lock(names, *holder, now + life);
            }
            Call::Release { holder, names } => {
                coherence.release(&keys(names), token(*holder));
                said.release(names, Some(*holder), now);
            }
            Call::Written(names) => {
                coherence.end_dependents(&keys(names));
                said.release(&written(names), None, now);
            }
            Call::CopyPermit { holder, key } => return self.copy_permit(*holder, *key),
            Call::Copy {
                holder,
                entry,
                is_named,
            } => return self.copy(*holder, *entry, *is_named),
            Call::Pass(time) => {
                self.clock.advance(Duration::from_millis(*time));
                said.pass(now + time);
                // The store in the process takes notice when the next permit for a copy is drawn.
                drop(coherence.copy_permit(&request(Name::One)));
            }
        }
        [None, None]
    }

    fn copy_permit(&mut self, holder: u8, key: Name) -> [Option<bool>; 2] {
        let now = self.coherence.memory.now();
        let names: Vec<Name> = FIXED.into_iter().chain([key]).collect();
        let said = self.said.ticket(holder, &names, now);
        let drawn = self.coherence.copy_permit(&request(key));
        let is_drawn = drawn.is_some();
        match drawn {
            Some(copy_permit) => self.copy_permits.insert(holder, (copy_permit, key)),
            None => self.copy_permits.remove(&holder),
        };
        [Some(is_drawn), Some(said)]
    }

    fn copy(&mut self, holder: u8, entry: u8, is_named: bool) -> [Option<bool>; 2] {
        let Some((copy_permit, key)) = self.copy_permits.remove(&holder) else {
            return [None, None];
        };
        let now = self.coherence.memory.now();
        let ends = copy_permit.began + BOUND;
        let further = further(key, is_named);
        let said = if ends > now {
            let tags: Vec<Name> = FIXED.into_iter().chain(further.clone()).collect();
            self.said.copy(holder, key, &tags, entry, ends, now)
        } else {
            self.said.give_back(holder);
            false
        };
        let life = self.coherence.life(&copy_permit, Duration::from_secs(60));
        let ended = life.map(|ttl| {
            let mut fill = fill(request(key), copy_permit.permit, entry);
            fill.tags = keys(&further);
            fill.life.ttl = ttl;
            self.coherence.memory.land(fill)
        });
        let is_made = matches!(ended, Some(crate::port::FillOutcome::Stored));
        [Some(is_made), Some(said)]
    }

    /// What both answer with, entry by entry, and how far they have heard.
    fn compare(&self, told: &str) {
        let now = self.coherence.memory.now();
        for name in [Name::One, Name::Two] {
            let probed = self
                .coherence
                .memory
                .probe(&name.key())
                .map(|payload| match payload {
                    Payload::Pointer(values) => values[0].clone(),
                    other => panic!("{told}: {other:?}"),
                });
            let said = self
                .said
                .probe(name, now)
                .map(|entry| Value::from(i64::from(entry)));
            assert_eq!(probed, said, "{told}: {name:?} by {:?}", self.said);
        }
        assert_eq!(
            self.coherence.is_subscribed(),
            self.said.is_subscribed(),
            "{told}"
        );
        for number in 0..10 {
            let said = self.said.has_received(number);
            assert_eq!(
                self.coherence.has_received(number),
                said,
                "{told}: {number}"
            );
        }
    }
}

fn request(key: Name) -> Request {
    Request {
        key: key.key(),
        tags: keys(&FIXED).into(),
        ages: false,
    }
}

fn fill(request: Request, permit: Permit, entry: u8) -> Fill {
    Fill {
        request,
        permit,
        payload: Payload::Pointer(Arc::from([Value::from(i64::from(entry))])),
        tags: Vec::new(),
        life: Life::plain(Duration::from_millis(BOUND)),
        weight: 1,
    }
}

#[test]
fn copies_are_what_is_said_of_them() {
    let given = std::env::var("COPIES_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let first = given.unwrap_or_else(|| fastrand::u64(..));
    let mut made = 0;
    for run in 0..MOST_RUNS {
        if run >= RUNS && made >= COPIES {
            return;
        }
        let seed = first.wrapping_add(run);
        println!("COPIES_SEED={seed}");
        let mut random = Rng::with_seed(seed);
        let mut both = Both::new();
        for step in 1..=CALLS {
            let call = call(&mut random);
            let told = format!("step {step}: {call:?}");
            let [done, said] = both.make(&call);
            assert_eq!(done, said, "{told} by {:?}", both.said);
            made += u32::from(matches!(call, Call::Copy { .. }) && done == Some(true));
            both.compare(&told);
        }
    }
    panic!("only {made} copies were made in {MOST_RUNS} runs");
}
