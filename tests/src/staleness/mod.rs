//! The staleness checker: real processes, real servers and real faults, and a judge that knows which version each read may see.
//!
//! Every row bears the version of the write that made it. Each row has one writer at a time, so versions of a row are committed in
//! the order of their numbers. Workers note when each read and write began and ended, on the clock that all processes of a machine
//! share. [`judge`] compares.
//!
//! What is checked is a [`Subject`]. The workload is the same for each, so that others can be measured by the same yardstick.

pub mod apply;
pub mod aside;
pub mod cli;
pub mod clock;
pub mod entities;
pub mod faults;
pub mod history;
pub mod judge;
pub mod model;
pub mod options;
pub mod plan;
pub mod report;
pub mod run;
pub mod subject;
pub mod tables;
pub mod worker;

mod cached;
mod courier;
mod crew;
mod hand_written;
mod servers;
mod writer;

pub use aside::{Aside, KeyedCache, Load};
pub use cached::CachedRepoSubject;
pub use cli::main;
pub use hand_written::HandWritten;
pub use subject::{Place, Subject, Subjects};
