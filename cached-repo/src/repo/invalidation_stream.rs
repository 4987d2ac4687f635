//! The stream of invalidations.

use crate::engine::{Delivery, InvalidationEvent, Reason};
use crate::key::{Key, NO_ENTITY, Space, tag_of};
use crate::schema::{Schema, text};
use crate::stats::{CauseKind, FanOut};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

type Item = Result<Invalidation, Lagged>;

async fn next(
    mut receiver: Receiver<Arc<InvalidationEvent>>,
) -> Option<(Item, Receiver<Arc<InvalidationEvent>>)> {
    let item = match receiver.recv().await {
        Ok(event) => Ok(Invalidation(event)),
        Err(RecvError::Lagged(missed)) => Err(Lagged { missed }),
        Err(RecvError::Closed) => return None,
    };
    Some((item, receiver))
}

/// What is invalidated: [`CachedRepo::subscribe`](crate::CachedRepo::subscribe).
#[must_use = "a stream does nothing until it is polled"]
pub struct InvalidationStream(BoxStream<'static, Item>);

impl InvalidationStream {
    pub(super) fn new(receiver: Receiver<Arc<InvalidationEvent>>) -> Self {
        Self(stream::unfold(receiver, next).boxed())
    }
}

impl fmt::Debug for InvalidationStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InvalidationStream").finish_non_exhaustive()
    }
}

impl Stream for InvalidationStream {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Item>> {
        self.0.poll_next_unpin(context)
    }
}

/// A subscriber was too slow, and has missed invalidations. The stream goes on with the oldest that is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lagged {
    /// How many invalidations were missed.
    pub missed: u64,
}

impl fmt::Display for Lagged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missed = self.missed;
        write!(
            f,
            "the subscriber has missed {missed} invalidations; give up all that was kept true by the stream"
        )
    }
}

impl std::error::Error for Lagged {}

/// One invalidation. Cheap to clone.
#[derive(Clone)]
pub struct Invalidation(Arc<InvalidationEvent>);

/// How far an invalidation has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Nothing older is served any more.
    Done,
    /// The store did not take it. It is owed, and made good by a new epoch when the store answers; until then other processes
    /// may serve what was before.
    Owed,
    /// Nobody knows whether the write took effect. What it names is neither served nor stored for `lock_time`.
    Locked,
}

/// Why something was invalidated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cause {
    /// The kind.
    pub kind: CauseKind,
    /// Key prefix of the entity that it is about.
    pub entity: Option<&'static str>,
    /// Key prefix of the entity that was written, of an edge or a foreign key.
    pub parent: Option<&'static str>,
    /// Type of the event, of an event.
    pub event: Option<&'static str>,
}

impl Cause {
    fn of(schema: &Schema, reason: &Reason) -> Self {
        let prefix = |entity: u16| {
            let entity = schema.entities.get(usize::from(entity));
            entity.map(|entity| entity.prefix())
        };
        Self {
            kind: reason.kind,
            entity: prefix(reason.entity),
            parent: prefix(reason.parent),
            event: reason.event,
        }
    }
}

impl Invalidation {
    /// Its causes, each once: a transaction has as many as it has done different things.
    pub fn causes(&self) -> impl Iterator<Item = Cause> {
        let event = &self.0;
        event.reasons.iter().map(|of| Cause::of(&event.schema, of))
    }

    /// Whether one of its causes is of this kind.
    #[must_use]
    pub fn is_caused_by(&self, kind: CauseKind) -> bool {
        self.0.reasons.iter().any(|reason| reason.kind == kind)
    }

    /// How far it has come.
    #[must_use]
    pub fn effect(&self) -> Effect {
        match self.0.delivery {
            Delivery::Delivered => Effect::Done,
            Delivery::Owed => Effect::Owed,
            Delivery::Locked => Effect::Locked,
        }
    }

    /// How much it names.
    #[must_use]
    pub fn fan_out(&self) -> FanOut {
        self.0.fan_out
    }

    /// Key prefixes of the entities of which it names something, in the order of the schema.
    #[must_use]
    pub fn entities(&self) -> Vec<&'static str> {
        let mut entities: Vec<u16> = self.0.keys.iter().map(Key::entity).collect();
        entities.sort_unstable();
        entities.dedup();
        let known = entities
            .into_iter()
            .filter(|entity| *entity != NO_ENTITY)
            .filter_map(|entity| self.0.schema.entities.get(usize::from(entity)));
        known.map(|entity| entity.prefix()).collect()
    }

    /// Whether everything in the namespace went, or every copy in this process.
    #[must_use]
    pub fn is_of_everything(&self) -> bool {
        self.0.fan_out.namespaces > 0
    }

    /// The names themselves, as the store has them. They hold column values.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let event = &self.0;
        event.keys.iter().map(|key| text(&event.schema, key))
    }

    /// The tags of the program's among them, as it wrote them.
    pub fn tags(&self) -> impl Iterator<Item = String> {
        let tags = self.0.keys.iter();
        tags.filter(|key| key.space() == Space::User)
            .filter_map(tag_of)
    }
}

/// Not the names: they hold user data.
impl fmt::Debug for Invalidation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invalidation")
            .field("causes", &self.causes().collect::<Vec<_>>())
            .field("effect", &self.effect())
            .field("fan_out", &self.fan_out())
            .finish()
    }
}
