//! What is known of a read before anything is awaited.

use super::l1::L1;
use crate::engine::ask::{Answer, Ask, Mode, Options};
use crate::engine::entities::Entities;
use crate::engine::observer::Observer;
use crate::error::Error;
use crate::key::Key;
use crate::port::Request;
use crate::stats::Count;
use crate::write_token::WriteToken;
use std::sync::Arc;

/// A read that goes through the cache.
#[derive(Debug)]
pub(super) struct PlannedRead {
    pub(super) ask: Ask,
    /// The entry that answers it.
    pub(super) request: Request,
    /// Whether it does its steps together with others that do them in the same turn of the runtime.
    pub(super) joins: bool,
}

impl PlannedRead {
    /// The read, for nobody who waits for its answer.
    pub(super) fn quiet(self: &Arc<Self>) -> Arc<Self> {
        self.with(
            |ask| ask.options().receipt.is_some(),
            |options| options.receipt = None,
        )
    }

    /// The read, which no entry of L1 answers.
    pub(super) fn strict(self: &Arc<Self>) -> Arc<Self> {
        self.with(|ask| !ask.options().strict, |options| options.strict = true)
    }

    fn with(
        self: &Arc<Self>,
        differs: impl FnOnce(&Ask) -> bool,
        change: impl FnOnce(&mut Options),
    ) -> Arc<Self> {
        if !differs(&self.ask) {
            return Arc::clone(self);
        }
        let mut ask = self.ask.clone();
        change(ask.options_mut());
        Arc::new(Self {
            ask,
            request: self.request.clone(),
            joins: self.joins,
        })
    }
}

/// Something of one of several reads, and its place among them.
pub(super) type Placed<T> = (usize, T);

/// The answer to one of several reads.
pub(super) type PlacedAnswer = Placed<Result<Answer, Error>>;

/// How a read is answered.
pub(super) enum Plan {
    /// L1 has the answer.
    Answered(Answer),
    Through(Arc<PlannedRead>),
    /// By the database alone.
    Past(Ask),
}

/// Plans reads.
pub(super) struct Planner {
    pub(super) entities: Arc<Entities>,
    pub(super) l1: Arc<L1>,
    pub(super) observer: Arc<Observer>,
}

impl Planner {
    /// Plans a read, and answers it if L1 can.
    ///
    /// # Errors
    /// [`ErrorKind::Key`](crate::ErrorKind::Key) if the values cannot be a key.
    pub(super) fn plan(&self, mut ask: Ask, is_one_of_several: bool) -> Result<Plan, Error> {
        let key = ask.key(&self.entities)?;
        if let Some(rows) = self.l1.probe(&ask, &key) {
            self.observer.count_read(&ask, Count::Hit);
            self.l1.stamp_receipt(ask.options(), &key);
            return Ok(Plan::Answered(rows));
        }
        if ask.options().after == Some(WriteToken::UNDELIVERED) {
            // When the store will show that write is not known.
            ask.options_mut().mode = Mode::Bypass;
        }
        if ask.options().mode == Mode::Bypass {
            return Ok(Plan::Past(ask));
        }
        let read = self.planned(ask, key, is_one_of_several)?;
        Ok(Plan::Through(Arc::new(read)))
    }

    /// A read of the store, whatever L1 holds.
    ///
    /// # Errors
    /// As [`plan`](Self::plan).
    pub(super) fn plan_through(
        &self,
        ask: Ask,
        is_one_of_several: bool,
    ) -> Result<Arc<PlannedRead>, Error> {
        let key = ask.key(&self.entities)?;
        self.planned(ask, key, is_one_of_several).map(Arc::new)
    }

    fn planned(&self, ask: Ask, key: Key, is_one_of_several: bool) -> Result<PlannedRead, Error> {
        let tags = ask.tags(&self.entities)?;
        let ages = ask.ages(&self.entities);
        Ok(PlannedRead {
            joins: is_one_of_several || self.entities.defaults(ask.entity).batch,
            ask,
            request: Request { key, tags, ages },
        })
    }
}
