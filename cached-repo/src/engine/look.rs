//! What one look at the store showed.

use super::ask::Answer;
use crate::age::{Age, AgeDecision};
use crate::port::Observed;
use sea_orm::Value;
use std::sync::Arc;
use std::time::Duration;

/// What one look at the store showed.
pub(super) enum Look {
    Rows(Answer),
    Pointer(Arc<[Value]>),
    /// A list whose rows are to be read.
    Keys(Sight),
    /// Rows or a pointer, and its time has come.
    Overdue(Kept, Box<Overdue>),
    Miss(Observed),
    Leased,
    Busy,
    Away,
}

/// A list of keys, as it was seen.
#[derive(Debug)]
pub(super) struct Sight {
    pub(super) keys: Arc<[Value]>,
    /// The same as long as the entry is.
    pub(super) mark: u128,
    pub(super) further: usize,
    pub(super) rest: Duration,
    pub(super) age: Age,
}

/// What there is for a reader whose load fails.
pub(super) enum Kept {
    Rows(Answer),
    /// The primary key of the row that a unique lookup leads to.
    Pointer(Arc<[Value]>),
}

/// The same, and how old it is.
pub(super) type Spare = (Kept, Age);

/// An entry whose time has come.
pub(super) struct Overdue {
    pub(super) decision: AgeDecision,
    pub(super) age: Age,
    pub(super) observed: Observed,
}

/// What becomes of a row among many whose time has come.
pub(super) enum Admitted {
    Served,
    /// Served, and to be loaded anew behind the reader.
    Due(Overdue),
    /// To be loaded by the reader, who has been told what the store saw.
    Missed,
}
