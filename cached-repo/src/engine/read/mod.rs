//! Reads through the cache and past it.

mod assembly;
mod attempt;
mod bypass;
mod fills;
mod flight;
mod gather;
mod get;
mod l1;
mod l1_copies;
mod limit;
mod lists;
mod load_job;
mod loads;
mod lookup;
mod plan;
mod reader;
mod row_reads;
mod rows;
mod stale;
mod waiter;

pub(super) use assembly::ReaderParts;
pub(crate) use l1::L1;
pub(crate) use reader::Reader;

#[cfg(test)]
mod tests;
