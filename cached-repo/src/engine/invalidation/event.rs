//! One invalidation, as subscribers receive it.

use super::cause::Reason;
use crate::key::{Key, Space};
use crate::port::StoreError;
use crate::schema::Schema;
use crate::stats::FanOut;
use std::sync::Arc;

/// How far an invalidation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// The store has it.
    Delivered,
    /// The store did not take it; it is owed.
    Owed,
    /// The write may take effect yet: its targets stay locked.
    Locked,
}

impl Delivery {
    /// How far an invalidation has come that the store has answered so.
    pub(in crate::engine) fn of(answer: &Result<(), StoreError>) -> Self {
        match answer {
            Ok(()) => Self::Delivered,
            Err(_) => Self::Owed,
        }
    }
}

/// One invalidation.
pub(crate) struct InvalidationEvent {
    /// Why it happened, each reason once.
    pub(crate) reasons: Vec<Reason>,
    pub(crate) keys: Vec<Key>,
    pub(crate) fan_out: FanOut,
    pub(crate) delivery: Delivery,
    pub(crate) schema: Arc<Schema>,
}

/// The keys hold user data.
impl std::fmt::Debug for InvalidationEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InvalidationEvent").finish_non_exhaustive()
    }
}

/// How much of each kind these keys and tags name.
pub(super) fn fan_out(keys: &[Key]) -> FanOut {
    let mut fan_out = FanOut {
        names: keys.len() as u64,
        ..FanOut::default()
    };
    for key in keys {
        let number = match key.space() {
            Space::Row => &mut fan_out.rows,
            Space::Unique => &mut fan_out.uniques,
            Space::Index | Space::Member => &mut fan_out.collections,
            Space::Query => &mut fan_out.queries,
            Space::Edge => &mut fan_out.partitions,
            Space::User => &mut fan_out.tags,
            Space::Table => &mut fan_out.tables,
            Space::Epoch => &mut fan_out.namespaces,
            Space::Text | Space::AnyEdge | Space::Rows | Space::Local => continue,
        };
        *number += 1;
    }
    fan_out
}
