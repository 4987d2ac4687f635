//! Invalidation by the program itself, for writes that do not go through the repo.

use super::desk::Serves;
use super::{CachedRepo, IntoTag};
use crate::engine::{Engine, Reason};
use crate::error::{Error, ErrorKind};
use crate::key::{Key, NO_ENTITY};
use crate::protocol::{Change, Targets, Touch, TouchSet, row_key};
use crate::schema::{ALL_FIELDS, CacheSchema, CachedEntity, InSchema, KeyOf, key_values};
use crate::stats::CauseKind;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use sea_orm::Value;
use sea_orm::sea_query::IntoValueTuple;

impl<S: CacheSchema> CachedRepo<S> {
    /// Invalidates every entry that carries the tag, however many there are: `tag!(Shop, "tenant:{}", 7)`, which does not
    /// compile if nothing declares such a tag. A text that is known at run time alone is checked by `text.parse::<Tag<Shop>>()?`.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnavailable`] if the store did not take it. It is not lost: nothing older is served once the store
    /// answers again.
    ///
    /// # Cancellation
    /// Begun, it ends, on a task of its own: it is delivered or owed, even if the caller is gone.
    pub fn invalidate_tag<T>(&self, tag: T) -> BoxFuture<'_, Result<(), Error>>
    where
        T: IntoTag<Schema = S>,
    {
        let mut targets = Targets::default();
        targets.add(Key::user(tag.into_tag().as_ref()));
        // In a box, whose type does not name that of the tag: one that is none is reported once.
        async move {
            let reason = Reason::of(CauseKind::Tag, NO_ENTITY);
            let invalidator = self.engine().invalidator();
            invalidator.invalidate(targets, reason).await
        }
        .boxed()
    }

    /// Invalidates every entry of an entity, and of what depends on it.
    ///
    /// # Errors
    /// As [`invalidate_tag`](Self::invalidate_tag).
    ///
    /// # Cancellation
    /// As [`invalidate_tag`](Self::invalidate_tag).
    pub async fn invalidate_entity<E: InSchema<S>>(&self) -> Result<(), Error> {
        let mut touches = TouchSet::default();
        touches.add(Touch::Table {
            entity: E::INDEX as u16,
            fields: ALL_FIELDS,
        });
        let reason = Reason::of(CauseKind::Entity, E::INDEX as u16);
        let invalidator = self.engine().invalidator();
        let targets = invalidator.targets(&touches);
        invalidator.invalidate(targets, reason).await
    }

    /// Invalidates everything in the namespace.
    ///
    /// # Errors
    /// As [`invalidate_tag`](Self::invalidate_tag).
    ///
    /// # Cancellation
    /// As [`invalidate_tag`](Self::invalidate_tag).
    pub async fn invalidate_all(&self) -> Result<(), Error> {
        self.engine().invalidator().invalidate_namespace().await
    }
}

/// Invalidates one row, the lookups that lead to it, and what depends on it: as a delete of the row would, without deleting.
pub(crate) async fn invalidate<E, R>(repo: &R, key: KeyOf<E>) -> Result<(), Error>
where
    E: CachedEntity,
    R: Serves<E>,
{
    let engine = repo.desk().engine;
    let values = key_values(key.into_value_tuple());
    let mut touches = TouchSet::default();
    for touch in of_row(engine, R::ENTITY, &values)? {
        touches.add(touch);
    }
    let reason = Reason::of(CauseKind::Row, R::ENTITY);
    let invalidator = engine.invalidator();
    let targets = invalidator.targets(&touches);
    invalidator.invalidate(targets, reason).await
}

/// What it means that somebody else has changed the row with this key.
pub(super) fn of_row(engine: &Engine, number: u16, values: &[Value]) -> Result<[Touch; 2], Error> {
    let entity = engine.schema().entity(number);
    let row = row_key(number, values).map_err(|_| {
        Error::new(ErrorKind::Key, "the key has a type that cannot be one")
            .with("entity", entity.prefix())
    })?;
    let others = if entity.tracked == 0 {
        let known = engine.mapping().known(number, &entity.key, values);
        Touch::Row(Change::delete(number, known))
    } else {
        // What the row was before somebody else changed it is not known: all lookups of the entity go.
        Touch::Table {
            entity: number,
            fields: ALL_FIELDS,
        }
    };
    Ok([Touch::Entry(row), others])
}
