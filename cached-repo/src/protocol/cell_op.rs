//! What may happen to one key of a shared store (rule 13), and what the store answers.
//!
//! [`Cell::apply`](super::cell::Cell::apply) says what each operation does. A store carries an operation out atomically: by a
//! script on its server, or by comparing and swapping what the key holds.

use crate::stamp::{Stamp, Token};
use std::sync::Arc;

/// An operation on one key. Each may be carried out twice without harm.
///
/// `E` is an entry and `N` names one, `H` holds a lease or a lock, `S` tells one run of a server from every other. Lives are in
/// milliseconds in a store, in any unit in a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellOp<E, N = Token, H = Token, S = Arc<str>> {
    /// Rule 4: takes the lease of a key that holds nothing.
    LeaseMissing { holder: H, life: u64 },
    /// Rule 4: takes the lease of a key. An entry or garbage gives way if it is `replaceable`.
    Lease {
        holder: H,
        replaceable: bool,
        life: u64,
    },
    /// Rule 4: lengthens the life of a lease whose holder is still at work.
    Renew { holder: H, life: u64 },
    /// Rule 4: marks a lease as awaited, so that its end is published.
    Await,
    /// Rule 4: stores an entry against its lease.
    Fill { holder: H, entry: E, life: u64 },
    /// Rule 4: stores an entry in the place of the one that is named.
    Replace { old: N, entry: E, life: u64 },
    /// Rule 4: gives a lease back.
    Abandon { holder: H },
    /// Rule 1: makes sure that the key holds a stamp, unless writers have locked it.
    Stamp {
        fresh: Stamp,
        /// `None` for a stamp without an end.
        life: Option<u64>,
        /// Where an epoch is made; `None` for other tags.
        server: Option<S>,
    },
    /// Rule 5: adds a writer's lock, or extends it. Whatever else is there goes.
    Lock { holder: H, life: u64 },
    /// Rules 3 and 5: takes a writer's lock away, and whatever is no other writer's lock.
    Release { holder: H },
    /// Rule 11: begins a new epoch, as old as the one before.
    InvalidateNamespace { fresh: Stamp, server: Option<S> },
    /// Rule 11: begins a young epoch, unless the present one was made on this run of this server.
    Enrol { fresh: Stamp, server: S },
}

/// The store's answer to an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellAnswer {
    /// Whether it was done. After a release: whether no other writer holds the key.
    Done(bool),
    /// Whether the lease was taken, and the store's time.
    Lease {
        granted: bool,
        now: u64,
    },
    /// How long a lease lives yet unless it is renewed; 0 if there is none.
    Rest(u64),
    /// What the key of a tag now holds.
    Mark(Mark),
    Enrolled(Enrolled),
}

/// What the key of a tag holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mark {
    Missing,
    /// A stamp, and the store's time when it was made.
    Stamped(Stamp, u64),
    Locked,
}

impl Mark {
    /// The stamp, if there is one.
    pub(crate) fn stamp(self) -> Option<Stamp> {
        match self {
            Self::Stamped(stamp, _) => Some(stamp),
            Self::Missing | Self::Locked => None,
        }
    }
}

/// The epoch that a connection found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Enrolled {
    /// An epoch of this server, or locks that leave none behind.
    Stays,
    /// No epoch.
    New,
    /// An epoch of another server, or of this one before its last start.
    Replaced,
}

#[cfg(test)]
impl<E, H, S> CellOp<E, H, H, S> {
    /// The operation with other types for what it names.
    #[expect(clippy::too_many_lines, reason = "one arm for each operation")]
    pub(crate) fn map<E2, H2, S2>(
        self,
        to_entry: impl Fn(E) -> E2,
        to_holder: impl Fn(H) -> H2,
        to_server: impl Fn(S) -> S2,
    ) -> CellOp<E2, H2, H2, S2> {
        match self {
            Self::LeaseMissing { holder, life } => CellOp::LeaseMissing {
                holder: to_holder(holder),
                life,
            },
            Self::Lease {
                holder,
                replaceable,
                life,
            } => CellOp::Lease {
                holder: to_holder(holder),
                replaceable,
                life,
            },
            Self::Renew { holder, life } => CellOp::Renew {
                holder: to_holder(holder),
                life,
            },
            Self::Await => CellOp::Await,
            Self::Fill {
                holder,
                entry,
                life,
            } => CellOp::Fill {
                holder: to_holder(holder),
                entry: to_entry(entry),
                life,
            },
            Self::Replace { old, entry, life } => CellOp::Replace {
                old: to_holder(old),
                entry: to_entry(entry),
                life,
            },
            Self::Abandon { holder } => CellOp::Abandon {
                holder: to_holder(holder),
            },
            Self::Stamp {
                fresh,
                life,
                server,
            } => CellOp::Stamp {
                fresh,
                life,
                server: server.map(to_server),
            },
            Self::Lock { holder, life } => CellOp::Lock {
                holder: to_holder(holder),
                life,
            },
            Self::Release { holder } => CellOp::Release {
                holder: to_holder(holder),
            },
            Self::InvalidateNamespace { fresh, server } => CellOp::InvalidateNamespace {
                fresh,
                server: server.map(to_server),
            },
            Self::Enrol { fresh, server } => CellOp::Enrol {
                fresh,
                server: to_server(server),
            },
        }
    }
}
