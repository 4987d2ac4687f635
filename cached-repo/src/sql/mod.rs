//! What does one SQL text write, and what does it read?
//!
//! Whoever wraps a connection sees texts, not intentions. This module reads a text and names every table that it may
//! write and, where the text says so beyond doubt, the rows. It is pure: no connection, no catalog, no clock.
//!
//! # Rules
//! 1. *Never nothing.* A text that may write is never [`Analysis::Read`]. What cannot be told is
//!    [`Analysis::Unknown`], or the whole table if only the rows cannot be told.
//! 2. *A pin is certain.* [`Filter::keys`] names columns and values that every affected row has, by the database's own
//!    notion of equality; anything less is left out.
//! 3. *Two readers.* The first words of a statement are read from its tokens, the rest by sqlparser; where both name
//!    the table, they must agree.
//! 4. *Bounded.* No text makes this panic, overflow the stack or take time that is not about linear in its length.
//!
//! # Not here
//! What only the server knows: triggers, cascading foreign keys, functions that write, views and rules, and what an
//! unqualified name means under the present `search_path`.

mod analysis;
mod bounds;
mod cache;
mod calls;
mod context;
mod definition;
mod filter;
mod flatten;
mod functions;
mod header;
mod insert;
mod names;
mod operand;
mod outline;
mod parse;
mod pins;
mod quiet;
mod reads;
mod respell;
mod routine;
mod scan;
mod script;
mod session;
mod set;
mod statement;
mod tokens;
mod transaction;
mod update;
mod varying;

#[cfg(test)]
mod tests;

pub(crate) use analysis::{Analysis, Assignment, InsertRows, OnConflict, Write, WriteKind};
pub(crate) use cache::Analyses;
pub(crate) use calls::Behavior;
pub(crate) use filter::Filter;
pub(crate) use functions::{Nature, Varying, built_in, of_mysql, of_postgres};
pub(crate) use names::{TableName, numbers_rows, same_name};
pub(crate) use operand::Operand;
pub(crate) use outline::outline;
pub(crate) use pins::Pinned;
pub(crate) use reads::{Reads, reads, view_behavior, view_reads};
pub(crate) use routine::{Code, Mention, written};
pub(crate) use session::{SessionStep, session_steps};
pub(crate) use varying::mean_the_present;

#[cfg(test)]
use analysis::TransactionVerb;
#[cfg(test)]
use script::analyze;
