//! Invalidation by the program itself, for writes that do not go through the repo.

use super::CachedRepo;
use super::desk::Serves;
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::protocol::{Change, Targets, Touch, TouchSet, row_key};
use crate::schema::{ALL_FIELDS, CacheSchema, CachedEntity, InSchema, KeyOf, key_values};
use sea_orm::sea_query::IntoValueTuple;

impl<S: CacheSchema> CachedRepo<S> {
    /// Invalidates every entry that carries the tag, however many there are: `tag!(Shop, "tenant:{}", 7)`, which does not
    /// compile if no entity declares such a tag, or any text.
    ///
    /// # Errors
    /// [`ErrorKind::StoreUnavailable`] if the store did not take it. It is not lost: nothing older is served once the store
    /// answers again.
    pub async fn invalidate_tag(&self, tag: impl AsRef<str>) -> Result<(), Error> {
        let mut targets = Targets::default();
        targets.add(Key::user(tag.as_ref()));
        self.engine().invalidate(&targets).await
    }

    /// Invalidates every entry of an entity, and of what depends on it.
    ///
    /// # Errors
    /// As [`invalidate_tag`](Self::invalidate_tag).
    pub async fn invalidate_entity<E: InSchema<S>>(&self) -> Result<(), Error> {
        let mut touches = TouchSet::default();
        touches.add(Touch::Table {
            entity: E::INDEX as u16,
            fields: ALL_FIELDS,
        });
        let engine = self.engine();
        engine.invalidate(&engine.targets(&touches)).await
    }

    /// Invalidates everything in the namespace.
    ///
    /// # Errors
    /// As [`invalidate_tag`](Self::invalidate_tag).
    pub async fn invalidate_all(&self) -> Result<(), Error> {
        self.engine().renounce().await
    }
}

/// Invalidates one row, the lookups that lead to it, and what depends on it: as a delete of the row would, without deleting.
pub(crate) async fn invalidate<E, R>(repo: &R, key: KeyOf<E>) -> Result<(), Error>
where
    E: CachedEntity,
    R: Serves<E>,
{
    let desk = repo.desk();
    let values = key_values(key.into_value_tuple());
    let engine = desk.engine;
    let number = R::ENTITY;
    let entity = engine.schema.entity(number);
    let row = row_key(number, &values).map_err(|_| {
        Error::new(ErrorKind::Key, "the key has a type that cannot be one")
            .with("entity", entity.prefix())
    })?;
    let mut touches = TouchSet::default();
    touches.add(Touch::Entry(row));
    if entity.tracked == 0 {
        let known = engine.known(number, &entity.key, &values);
        touches.add(Touch::Row(Change::delete(number, known)));
    } else {
        // What the row was before somebody else changed it is not known: all lookups of the entity go.
        touches.add(Touch::Table {
            entity: number,
            fields: ALL_FIELDS,
        });
    }
    engine.invalidate(&engine.targets(&touches)).await
}
