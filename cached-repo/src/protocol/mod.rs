//! The decisions of the consistency protocol: pure functions, no async, no I/O, nothing that can fail at run time.
//!
//! # Rules
//! 1. *Stamps before source.* A reader obtains the stamps of an entry's tags before it reads the database. A tag whose
//!    name comes from the loaded row is accepted only if its stamp is older than the load.
//! 2. *Equal or miss.* An entry is served only if every stamp it carries equals the tag's present stamp.
//! 3. *Delete is the bump.* Invalidating a tag removes its stamp, however many entries carry it.
//! 4. *Leased rows.* A fill succeeds only against the lease taken before its load.
//! 5. *Lock, commit, release.* A write locks what it will invalidate, commits, then releases.
//! 6. *Outermost commit.* Inside transactions touches collect; a rollback drops them.
//! 7. *Old and new.* A change of a value that names something invalidates under both values.
//! 8. *Insert kills absence.*
//! 9. *Unknown is everything.*
//! 10. *A copy is a shadow.* What a process keeps in front of a shared store goes with a local write, with a notice from another
//!     process, with everything when notices stop arriving, and at its own bound. A notice between answer and copy wins. A local
//!     write takes every list of its entities: a list may hold the row under a name that the write does not know.
//! 11. *Namespace epoch.* Who owes an invalidation makes everything older unusable before it trusts the store again. So does who
//!     finds that the store is another server, or was restarted.
//! 12. *Shape in the entry, not in the tag.*
//! 13. *Every key alone.* Each operation of a store touches one key: `CellOp` lists them all.

#[cfg(any(test, feature = "redis"))]
#[cfg_attr(
    not(feature = "redis"),
    expect(dead_code, reason = "a shared store makes operations")
)]
mod cell_op;
mod change;
mod locks;
mod naming;
mod serve;

#[cfg(feature = "redis")]
pub(crate) use cell_op::{CellAnswer, CellOp, Enrolled, Mark};
pub(crate) use change::{Change, Known, MAX_ROWS, Search, Targets, Touch, TouchSet};
pub(crate) use locks::LockList;
pub(crate) use naming::{
    entry_key, fill_tags, lookup_tags, partition_key, row_key, row_tags, unique_tags, user_tags,
};
pub(crate) use serve::{FlightDecision, accept_flight, is_current, is_settled, precedes};

#[cfg(test)]
pub(crate) mod cell;
#[cfg(test)]
pub(crate) mod copies;
#[cfg(test)]
mod tests;
