//! Writes: a statement runs, and what it changed is invalidated.

mod commit;
mod execute;
mod invalidator;
mod resolve;
mod retries;
mod rows;
mod run;
mod search;
mod sessions;
mod writer;

pub(crate) use commit::is_unknown;
pub(crate) use invalidator::Invalidator;
pub(super) use invalidator::InvalidatorParts;
pub(crate) use run::{Connection, OwnTransaction, Ran, Run, Runner};
pub(crate) use sessions::Sessions;
pub(crate) use writer::Writer;
pub(super) use writer::WriterParts;
