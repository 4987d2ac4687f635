//! The hit path: a row by primary key.

use super::answer::read;
use super::read_context::{Executor, ReadContext};
use crate::engine::{Engine, EntryKind, Options, What};
use crate::error::Error;
use crate::key::{Key, Space};
use crate::port::Payload;
use crate::protocol::row_key;
use crate::schema::KeyOf;
use crate::schema::{CachedEntity, key_values, typed};
use crate::stats::Count;
use crate::store::MemoryStore;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::sea_query::{IntoValueTuple, ValueTuple};
use sea_orm::{EntityTrait, Value};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

/// A read of one row, under way.
#[must_use = "a read does nothing until it is awaited"]
pub struct One<'r, E: CachedEntity>(State<'r, E>);

/// A read that is under way, in a box.
pub(super) type Reading<'r, T> = BoxFuture<'r, Result<T, Error>>;

type Model<E> = <E as EntityTrait>::Model;

enum State<'r, E: CachedEntity> {
    Start(KeyRead<'r, E>),
    Running(Reading<'r, Option<Arc<Model<E>>>>),
    Over,
}

/// What the read was asked.
pub(super) struct KeyRead<'r, E: CachedEntity> {
    context: ReadContext<'r>,
    entity: u16,
    /// There until the first poll. Taken on its own: moving all of this costs more than the probe's own work.
    key: Option<KeyOf<E>>,
    options: Option<Box<Options>>,
}

impl<'r, E: CachedEntity> One<'r, E> {
    #[inline]
    pub(super) fn new(
        context: ReadContext<'r>,
        entity: u16,
        key: KeyOf<E>,
        options: Option<Box<Options>>,
    ) -> Self {
        Self(State::Start(KeyRead {
            context,
            entity,
            key: Some(key),
            options,
        }))
    }
}

/// Nothing in it is borrowed from itself: the work under way has a box of its own.
impl<E: CachedEntity> Unpin for One<'_, E> {}

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
        if let State::Start(read) = &mut this.0
            && let Some(key) = read.key.take()
        {
            let key = key.into_value_tuple();
            // At the first poll and not before: a future that lies about must not hold an old value.
            if let Some(payload) = read.probe(&key) {
                this.0 = State::Over;
                return Poll::Ready(match payload {
                    Payload::Row(row) => typed::<E::Model>(row).map(Some),
                    _ => Ok(None),
                });
            }
            this.0 = State::Running(slow::<E>(
                read.context,
                read.entity,
                key,
                read.options.take(),
            ));
        }
        this.poll_slow(context)
    }
}

impl<E: CachedEntity> One<'_, E> {
    fn poll_slow(&mut self, context: &mut Context<'_>) -> Poll<<Self as Future>::Output> {
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

impl<E: CachedEntity> KeyRead<'_, E> {
    /// The entry, if it is in this process and nothing special was asked.
    #[inline]
    fn probe(&self, key: &ValueTuple) -> Option<Payload> {
        if self.options.is_some() || matches!(self.context.executor, Executor::Database(_)) {
            return None;
        }
        let memory = self.context.engine.reader().l1().memory()?;
        let entity = self.entity;
        let key = match key {
            // The compiler knows the type of the key, and keeps one arm.
            ValueTuple::One(Value::BigInt(Some(id))) => Key::integer(Space::Row, entity, 0, *id),
            ValueTuple::One(Value::Int(Some(id))) => {
                Key::integer(Space::Row, entity, 0, (*id).into())
            }
            key => packed_key(entity, key)?,
        };
        counted(memory, self.context.engine, &key)
    }
}

/// Not inlined: compiled here, once, it takes the probe into itself.
#[inline(never)]
fn counted(memory: &MemoryStore, engine: &Engine, key: &Key) -> Option<Payload> {
    let payload = memory.probe(key);
    if payload.is_some() {
        engine
            .observer()
            .record(key.entity(), EntryKind::Row, Count::Hit);
    }
    payload
}

/// The key of one or two values.
fn packed_key(entity: u16, key: &ValueTuple) -> Option<Key> {
    match key {
        ValueTuple::One(a) => row_key(entity, [a]),
        ValueTuple::Two(a, b) => row_key(entity, [a, b]),
        _ => return None,
    }
    .ok()
}

/// The read that is no hit in this process.
#[cold]
fn slow<'r, E: CachedEntity>(
    context: ReadContext<'r>,
    entity: u16,
    key: ValueTuple,
    options: Option<Box<Options>>,
) -> Reading<'r, Option<Arc<Model<E>>>> {
    async move {
        let rows = read(context, entity, What::Row, key_values(key), options).await?;
        rows.into_iter().next().map(typed::<E::Model>).transpose()
    }
    .boxed()
}
