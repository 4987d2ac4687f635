//! The hit path: a row by primary key.

use super::desk::{Desk, Place};
use crate::engine::{Options, What};
use crate::error::Error;
use crate::key::{Key, Sink, Space, pack};
use crate::port::Payload;
use crate::schema::{CachedEntity, key_values, typed};
use crate::stats::Count;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::ValueTuple;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A read of one row, under way.
pub struct One<'r, E: CachedEntity>(State<'r, E>);

enum State<'r, E: CachedEntity> {
    Start(KeyRead<'r>),
    Running(BoxFuture<'r, Result<Option<Arc<E::Model>>, Error>>),
    Over,
}

/// What the read was asked.
pub(super) struct KeyRead<'r> {
    pub(super) desk: Desk<'r>,
    pub(super) entity: u16,
    pub(super) key: ValueTuple,
    pub(super) options: Option<Box<Options>>,
}

impl<'r, E: CachedEntity> One<'r, E> {
    pub(super) fn new(read: KeyRead<'r>) -> Self {
        Self(State::Start(read))
    }
}

impl<E: CachedEntity> fmt::Debug for One<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("One").finish_non_exhaustive()
    }
}

impl<E: CachedEntity> Future for One<'_, E> {
    type Output = Result<Option<Arc<E::Model>>, Error>;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if let State::Start(read) = &this.0 {
            // At the first poll and not before: a future that lies about must not hold an old value.
            if let Some(payload) = read.probe() {
                this.0 = State::Over;
                return Poll::Ready(match payload {
                    Payload::Row(row) => typed::<E::Model>(row).map(Some),
                    _ => Ok(None),
                });
            }
        }
        this.poll_slow(context)
    }
}

impl<E: CachedEntity> One<'_, E> {
    #[cold]
    fn poll_slow(&mut self, context: &mut Context<'_>) -> Poll<<Self as Future>::Output> {
        if let State::Start(_) = self.0
            && let State::Start(read) = std::mem::replace(&mut self.0, State::Over)
        {
            self.0 = State::Running(read.go::<E>().boxed());
        }
        let State::Running(work) = &mut self.0 else {
            // Polled after its end, like any other future that has nothing more to give.
            return Poll::Pending;
        };
        let answer = work.poll_unpin(context);
        if answer.is_ready() {
            self.0 = State::Over;
        }
        answer
    }
}

impl KeyRead<'_> {
    /// The entry, if it is in this process and nothing special was asked.
    #[inline]
    fn probe(&self) -> Option<Payload> {
        if self.options.is_some() || matches!(self.desk.place, Place::Transaction(_)) {
            return None;
        }
        let memory = self.desk.engine.memory.as_ref()?;
        let mut packed = Stack::default();
        match &self.key {
            ValueTuple::One(a) => pack(a, &mut packed),
            ValueTuple::Two(a, b) => pack(a, &mut packed).and_then(|()| pack(b, &mut packed)),
            _ => return None,
        }
        .ok()?;
        let key = Key::new(Space::Row, self.entity, 0, packed.bytes()?);
        let payload = memory.probe(&key)?;
        self.desk.engine.counters.add(self.entity, Count::Hit);
        Some(payload)
    }
}

impl<'r> KeyRead<'r> {
    async fn go<E: CachedEntity>(self) -> Result<Option<Arc<E::Model>>, Error> {
        let values = key_values(self.key);
        let rows =
            super::find::read(self.desk, self.entity, What::Row, values, self.options).await?;
        rows.into_iter().next().map(typed::<E::Model>).transpose()
    }
}

/// Room for the packed key of nearly every table; what is longer takes the slower way.
struct Stack {
    bytes: [u8; 64],
    length: usize,
}

impl Default for Stack {
    fn default() -> Self {
        Self {
            bytes: [0; 64],
            length: 0,
        }
    }
}

impl Stack {
    fn bytes(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length)
    }
}

impl Sink for Stack {
    #[inline]
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        if let Some(room) = self.bytes.get_mut(self.length..end) {
            room.copy_from_slice(bytes);
        }
        self.length = end;
    }
}
