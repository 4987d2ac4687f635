//! The keys of a shared store, each alone, and what each script of the store does to one: said in Rust, without a server.
//!
//! The model of the protocol runs on it. A test of `store::redis` runs the scripts themselves beside it, and compares.
//!
//! Time is the server's, in any unit. Whoever moves it calls [`Cell::pass`]; every other method takes the key as not ended.

use super::LockList;
use crate::stamp::Stamp;

/// Who holds a lease or a lock: a token, by number.
pub(crate) type Holder = u8;

/// Tells a server from every other, and from itself before its last start: by number.
pub(crate) type Server = u8;

/// What a key holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Cell<E> {
    #[default]
    Missing,
    Lease {
        holder: Holder,
        /// Whether somebody waits for its end.
        awaited: bool,
        ends: u64,
    },
    Entry {
        entry: E,
        ends: u64,
    },
    /// Never without a lock that lives.
    Locks(LockList<Holder>),
    Stamp {
        stamp: Stamp,
        created: u64,
        /// Where an epoch was made; no other stamp says it.
        server: Option<Server>,
        ends: Option<u64>,
    },
}

/// What `ENROL` found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enrolled {
    /// An epoch of this server, or locks that leave none behind.
    Stays,
    /// No epoch.
    New,
    /// An epoch of another server, or of this one before its last start.
    Replaced,
}

impl<E: PartialEq> Cell<E> {
    /// Forgets what has ended.
    pub(crate) fn pass(&mut self, now: u64) {
        let lives = match self {
            Self::Locks(locks) => locks.holds(now),
            _ => self.ends().is_none_or(|ends| ends > now),
        };
        if !lives {
            *self = Self::Missing;
        }
    }

    /// When the key goes by itself.
    pub(crate) fn ends(&self) -> Option<u64> {
        match self {
            Self::Missing => None,
            Self::Lease { ends, .. } | Self::Entry { ends, .. } => Some(*ends),
            Self::Locks(locks) => locks.ends(),
            Self::Stamp { ends, .. } => *ends,
        }
    }

    /// Rule 4, `SET NX`: takes the lease of a key that holds nothing.
    pub(crate) fn lease_missing(&mut self, holder: Holder, ends: u64) -> bool {
        let free = matches!(self, Self::Missing);
        if free {
            *self = Self::leased(holder, ends);
        }
        free
    }

    /// Rule 4, `LEASE`: takes the lease of a key. What is there gives way if it is `replaceable` and no mark of somebody else.
    pub(crate) fn lease(&mut self, holder: Holder, replaceable: bool, ends: u64) -> bool {
        let free = match self {
            Self::Missing => true,
            Self::Lease { holder: other, .. } => *other == holder,
            Self::Locks(_) => false,
            Self::Entry { .. } | Self::Stamp { .. } => replaceable,
        };
        if free {
            *self = Self::leased(holder, ends);
        }
        free
    }

    fn leased(holder: Holder, ends: u64) -> Self {
        Self::Lease {
            holder,
            awaited: false,
            ends,
        }
    }

    /// Rule 4, `RENEW`: lengthens the life of a lease.
    pub(crate) fn renew(&mut self, holder: Holder, until: u64) -> bool {
        match self {
            Self::Lease {
                holder: other,
                ends,
                ..
            } if *other == holder => {
                *ends = until;
                true
            }
            _ => false,
        }
    }

    /// Rule 4, `AWAIT`: has the holder of a lease say when it ends. The reply is when it ends by itself.
    pub(crate) fn await_end(&mut self) -> Option<u64> {
        match self {
            Self::Lease { awaited, ends, .. } => {
                *awaited = true;
                Some(*ends)
            }
            _ => None,
        }
    }

    /// Whether somebody waits for a lease to end. `FILL`, `ABANDON`, `LOCK` and `RELEASE` tell of it if they end such a lease.
    pub(crate) fn is_awaited(&self) -> bool {
        matches!(self, Self::Lease { awaited: true, .. })
    }

    /// Rule 4, `FILL`: stores an entry against its lease. Doing it again is no mistake.
    pub(crate) fn fill(&mut self, holder: Holder, entry: E, ends: u64) -> bool {
        match self {
            Self::Lease { holder: other, .. } if *other == holder => {
                *self = Self::Entry { entry, ends };
                true
            }
            Self::Entry { entry: other, .. } => *other == entry,
            _ => false,
        }
    }

    /// Rule 4, `REPLACE`: stores an entry in the place of one that is still there. Doing it again is no mistake.
    pub(crate) fn replace(&mut self, old: &E, new: E, until: u64) -> bool {
        match self {
            Self::Entry { entry, ends } if *entry == *old => {
                (*entry, *ends) = (new, until);
                true
            }
            Self::Entry { entry, .. } => *entry == new,
            _ => false,
        }
    }

    /// Rule 1, `STAMP`: makes sure that the key holds a stamp, unless writers have locked it; what it then holds is the reply.
    pub(crate) fn stamp(
        &mut self,
        fresh: Stamp,
        now: u64,
        life: Option<u64>,
        server: Option<Server>,
    ) {
        let until = life.map(|life| now + life);
        match self {
            Self::Locks(_) => {}
            Self::Stamp { ends, .. } => {
                if until.is_some() && *ends < until {
                    *ends = until;
                }
            }
            _ => {
                *self = Self::Stamp {
                    stamp: fresh,
                    created: now,
                    server,
                    ends: until,
                };
            }
        }
    }

    /// Rule 5, `LOCK`: adds a writer's lock, or extends it; whatever else is there goes.
    pub(crate) fn lock(&mut self, holder: Holder, until: u64) {
        let mut locks = match std::mem::take(self) {
            Self::Locks(locks) => locks,
            _ => LockList::default(),
        };
        locks.add(holder, until);
        *self = Self::Locks(locks);
    }

    /// Rules 3 and 5, `RELEASE`: takes a writer's lock away, and whatever is no other writer's lock. Tells whether the key is open.
    pub(crate) fn release(&mut self, holder: Holder) -> bool {
        if let Self::Locks(locks) = self {
            locks.remove(holder);
            if locks.ends().is_some() {
                return false;
            }
        }
        *self = Self::Missing;
        true
    }

    /// Rule 4, `ABANDON`: gives a lease back.
    pub(crate) fn abandon(&mut self, holder: Holder) -> bool {
        let own = matches!(self, Self::Lease { holder: other, .. } if *other == holder);
        if own {
            *self = Self::Missing;
        }
        own
    }

    /// Rule 11, `RENOUNCE`: begins a new epoch, as old as the one before.
    pub(crate) fn renounce(&mut self, fresh: Stamp, now: u64, here: Option<Server>) {
        let (created, server) = match self {
            Self::Locks(_) => return,
            Self::Stamp {
                created, server, ..
            } => (*created, *server),
            _ => (now, here),
        };
        *self = Self::Stamp {
            stamp: fresh,
            created,
            server,
            ends: None,
        };
    }

    /// Rule 11, `ENROL`: begins a young epoch, unless the present one was made on this very server.
    pub(crate) fn enrol(&mut self, fresh: Stamp, now: u64, here: Server) -> Enrolled {
        let found = match self {
            Self::Locks(_) => return Enrolled::Stays,
            Self::Stamp { server, .. } if *server == Some(here) => return Enrolled::Stays,
            Self::Missing => Enrolled::New,
            _ => Enrolled::Replaced,
        };
        *self = Self::Stamp {
            stamp: fresh,
            created: now,
            server: Some(here),
            ends: None,
        };
        found
    }
}

/// The key of the number of the last notice (rule 10), if it is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Sequence(Option<u64>);

impl Sequence {
    /// `NOTIFY`: the number of a new notice. Where the last one is forgotten, the time of the server in microseconds: more than all
    /// numbers before.
    pub(crate) fn notify(&mut self, time: u64) -> u64 {
        let number = self.0.map_or(time, |last| last + 1);
        self.0 = Some(number);
        number
    }

    /// `RAISE`: goes on from the time of the server, unless the number is greater.
    pub(crate) fn raise(&mut self, time: u64) {
        self.0 = self.0.max(Some(time));
    }

    /// `BEAT`, and what a listener asks for that begins: the number of the last one.
    pub(crate) fn last(self) -> u64 {
        self.0.unwrap_or(0)
    }
}
