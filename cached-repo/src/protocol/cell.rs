//! The keys of a shared store, each alone, and what each operation does to one.
//!
//! The model of the protocol runs on it. The scripts of `store::redis` are held against it call by call.
//!
//! Time is the server's, in any unit. [`Cell::pass`] moves it; every other method takes the key as not ended.

use super::LockList;
use super::cell_op::{CellAnswer, CellOp, Enrolled, Mark};
use crate::stamp::Stamp;

/// Who holds a lease or a lock: a token, by number.
pub(crate) type Holder = u8;

/// Tells a server from every other, and from itself before its last start: by number.
pub(crate) type Server = u8;

/// An entry, and what names it.
pub(crate) trait Named: PartialEq {
    type Name: PartialEq;

    fn name(&self) -> Self::Name;
}

/// An entry of a model that is no more than its name.
impl Named for u8 {
    type Name = Self;

    fn name(&self) -> Self {
        *self
    }
}

/// What a key holds. Numbers stand for holders and servers where nothing else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Cell<E, H = Holder, S = Server> {
    #[default]
    Missing,
    Lease {
        holder: H,
        /// Whether somebody waits for its end.
        awaited: bool,
        ends: u64,
    },
    Entry {
        entry: E,
        ends: u64,
    },
    /// Never without a lock that lives.
    Locks(LockList<H>),
    Stamp {
        stamp: Stamp,
        created: u64,
        /// Where an epoch was made; no other stamp says it.
        server: Option<S>,
        ends: Option<u64>,
    },
}

impl<E: Named, H: Copy + Eq, S: Clone + PartialEq> Cell<E, H, S> {
    /// Carries an operation out at this time of the store.
    pub(crate) fn apply(mut self, op: CellOp<E, E::Name, H, S>, now: u64) -> (Self, CellAnswer) {
        self.pass(now);
        let done = CellAnswer::Done;
        let answer = match op {
            CellOp::LeaseMissing { holder, life } => done(self.lease_missing(holder, now + life)),
            CellOp::Lease {
                holder,
                replaceable,
                life,
            } => CellAnswer::Lease {
                granted: self.lease(holder, replaceable, now + life),
                now,
            },
            CellOp::Renew { holder, life } => done(self.renew(holder, now + life)),
            CellOp::Await => CellAnswer::Rest(self.await_end().map_or(0, |ends| ends - now)),
            CellOp::Fill {
                holder,
                entry,
                life,
            } => done(self.fill(holder, entry, now + life)),
            CellOp::Replace { old, entry, life } => done(self.replace(&old, entry, now + life)),
            CellOp::Abandon { holder } => done(self.abandon(holder)),
            CellOp::Stamp {
                fresh,
                life,
                server,
            } => {
                self.stamp(fresh, now, life, server);
                CellAnswer::Mark(self.mark())
            }
            CellOp::Lock { holder, life } => {
                self.lock(holder, now + life);
                done(true)
            }
            CellOp::Release { holder } => done(self.release(holder)),
            CellOp::InvalidateNamespace { fresh, server } => {
                self.invalidate_namespace(fresh, now, server);
                done(true)
            }
            CellOp::Enrol { fresh, server } => CellAnswer::Enrolled(self.enrol(fresh, now, server)),
        };
        (self, answer)
    }

    /// What the key of a tag holds.
    pub(crate) fn mark(&self) -> Mark {
        match self {
            Self::Stamp { stamp, created, .. } => Mark::Stamped(*stamp, *created),
            Self::Locks(_) => Mark::Locked,
            Self::Missing | Self::Lease { .. } | Self::Entry { .. } => Mark::Missing,
        }
    }

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
    pub(crate) fn lease_missing(&mut self, holder: H, ends: u64) -> bool {
        let free = matches!(self, Self::Missing);
        if free {
            *self = Self::leased(holder, ends);
        }
        free
    }

    /// Rule 4, `LEASE`: takes the lease of a key. What is there gives way if it is `replaceable` and no mark of somebody else.
    pub(crate) fn lease(&mut self, holder: H, replaceable: bool, ends: u64) -> bool {
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

    fn leased(holder: H, ends: u64) -> Self {
        Self::Lease {
            holder,
            awaited: false,
            ends,
        }
    }

    /// Rule 4, `RENEW`: lengthens the life of a lease.
    pub(crate) fn renew(&mut self, holder: H, until: u64) -> bool {
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
    pub(crate) fn fill(&mut self, holder: H, entry: E, ends: u64) -> bool {
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
    pub(crate) fn replace(&mut self, old: &E::Name, new: E, until: u64) -> bool {
        match self {
            Self::Entry { entry, ends } if entry.name() == *old => {
                (*entry, *ends) = (new, until);
                true
            }
            Self::Entry { entry, .. } => *entry == new,
            _ => false,
        }
    }

    /// Rule 1, `STAMP`: makes sure that the key holds a stamp, unless writers have locked it; what it then holds is the reply.
    pub(crate) fn stamp(&mut self, fresh: Stamp, now: u64, life: Option<u64>, server: Option<S>) {
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
    pub(crate) fn lock(&mut self, holder: H, until: u64) {
        let mut locks = match std::mem::take(self) {
            Self::Locks(locks) => locks,
            _ => LockList::default(),
        };
        locks.add(holder, until);
        *self = Self::Locks(locks);
    }

    /// Rules 3 and 5, `RELEASE`: takes a writer's lock away, and whatever is no other writer's lock. Tells whether the key is open.
    pub(crate) fn release(&mut self, holder: H) -> bool {
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
    pub(crate) fn abandon(&mut self, holder: H) -> bool {
        let own = matches!(self, Self::Lease { holder: other, .. } if *other == holder);
        if own {
            *self = Self::Missing;
        }
        own
    }

    /// Rule 11, `INVALIDATE`: begins a new epoch, as old as the one before.
    pub(crate) fn invalidate_namespace(&mut self, fresh: Stamp, now: u64, here: Option<S>) {
        let (created, server) = match self {
            Self::Locks(_) => return,
            Self::Stamp {
                created, server, ..
            } => (*created, server.clone()),
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
    pub(crate) fn enrol(&mut self, fresh: Stamp, now: u64, here: S) -> Enrolled {
        let found = match self {
            Self::Locks(_) => return Enrolled::Stays,
            Self::Stamp {
                server: Some(server),
                ..
            } if *server == here => return Enrolled::Stays,
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
