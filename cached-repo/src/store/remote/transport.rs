//! What a remote store is reached over.

use super::names::NameList;
use crate::port::{Scan, StoreError};
use crate::protocol::{CellAnswer, CellOp};
use std::borrow::Cow;
use std::future::Future;
use std::sync::Arc;

/// Carries names, bytes and operations to a store, and answers back. It decides nothing: what an answer means is judged by
/// [`RemoteStore`](super::RemoteStore).
///
/// # Cancellation
/// What was sent is carried out, whether its future is dropped or not.
pub(crate) trait Transport: std::fmt::Debug + Send + Sync + 'static {
    /// Messages arrive for as long as it lives.
    type Subscription: Send;

    /// What these keys hold, in order: the way of a hit. Without names it asks whether a store is there that takes writes.
    fn get_many(
        &self,
        names: &NameList,
    ) -> impl Future<Output = Result<Vec<Option<Vec<u8>>>, StoreError>> + Send;

    /// Carries out the steps in their order, in one round trip where the store can. One answer for each.
    ///
    /// # Errors
    /// One for all: a step that has failed may be followed by others that were carried out.
    fn run(
        &self,
        steps: &[Step<'_>],
    ) -> impl Future<Output = Result<Vec<Answer>, StoreError>> + Send;

    /// Has messages brought to the receiver, in the order in which they were sent. The number is that of the last notice: all
    /// after it arrive.
    fn subscribe(
        &self,
        receiver: Arc<dyn Receiver>,
    ) -> impl Future<Output = Result<(Self::Subscription, u64), StoreError>> + Send;

    /// One step of a scan: names, and the cursor of the next step; `None` after the last one.
    fn page(
        &self,
        scan: &Scan,
        cursor: Option<&[u8]>,
    ) -> impl Future<Output = Result<Page, StoreError>> + Send;

    /// What names the run of the server that is connected: an epoch that is made now must bear it.
    fn server(&self) -> Arc<str>;

    /// Where the store is, without user name and password.
    fn address(&self) -> Option<String>;
}

/// Names, and the cursor of the next step.
pub(crate) type Page = (Vec<Vec<u8>>, Option<Vec<u8>>);

/// One step of a round trip.
#[derive(Debug)]
pub(crate) enum Step<'a> {
    /// What these keys hold.
    Get(&'a NameList),
    /// What the key of a tag holds.
    Mark(Cow<'a, str>),
    /// How long the key lives yet.
    Rest(&'a str),
    /// An operation on the key. The end of a lease that is awaited is published.
    Apply(Cow<'a, str>, CellOp<&'a [u8]>),
    /// The store's time in microseconds.
    Time,
    /// Numbers a notice and sends it to all subscribers, in the order of the numbers (rule 10).
    Publish(&'a [u8]),
    /// Sends the number of the last notice to this process alone.
    Beat,
}

/// The answer to a step.
#[derive(Debug)]
pub(crate) enum Answer {
    Values(Vec<Option<Vec<u8>>>),
    /// In milliseconds; `None` if the key is gone or has no end.
    Rest(Option<u64>),
    Cell(CellAnswer),
    Time(u64),
    /// The number of a notice.
    Number(u64),
}

/// The answers to the steps of one round trip.
pub(super) struct Answers(std::vec::IntoIter<Answer>);

impl Answers {
    pub(super) fn of(answers: Vec<Answer>) -> Self {
        Self(answers.into_iter())
    }

    pub(super) fn values(&mut self) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        match self.0.next() {
            Some(Answer::Values(values)) => Ok(values),
            _ => Err(misshapen()),
        }
    }

    pub(super) fn rest(&mut self) -> Result<Option<u64>, StoreError> {
        match self.0.next() {
            Some(Answer::Rest(rest)) => Ok(rest),
            _ => Err(misshapen()),
        }
    }

    pub(super) fn cell(&mut self) -> Result<CellAnswer, StoreError> {
        match self.0.next() {
            Some(Answer::Cell(answer)) => Ok(answer),
            _ => Err(misshapen()),
        }
    }

    pub(super) fn time(&mut self) -> Result<u64, StoreError> {
        match self.0.next() {
            Some(Answer::Time(time)) => Ok(time),
            _ => Err(misshapen()),
        }
    }
}

pub(super) fn misshapen() -> StoreError {
    StoreError::Failed("the store's answers are not those to what it was asked".into())
}

/// What messages are brought to.
///
/// Calls come one after the other: they must neither wait nor take long.
pub(crate) trait Receiver: Send + Sync {
    fn receive(&self, message: Message<'_>);
}

/// What a subscription brings.
#[derive(Debug)]
pub(crate) enum Message<'a> {
    /// A notice with its number.
    Notice(u64, &'a [u8]),
    /// The number of the last notice, as a beat carries it.
    Beat(u64),
    /// A message without a number that can be read.
    Garbled,
    /// The lease of this key has ended while somebody waited for that.
    Woken(&'a [u8]),
    /// Somebody has changed these keys, with a notice or without.
    Changed(&'a [&'a [u8]]),
    /// Any key may have been changed.
    AllChanged,
    /// The connection is lost: nothing arrives any more.
    Lost,
}
