//! Invalidation by the program itself, for writes that do not go through the repo.

use super::read_context::Serves;
use crate::engine::{Engine, Reason};
use crate::error::{Error, ErrorKind};
use crate::protocol::{Change, Touch, TouchSet, row_key};
use crate::schema::{ALL_FIELDS, CachedEntity, KeyOf, key_values};
use crate::stats::CauseKind;
use sea_orm::Value;
use sea_orm::sea_query::IntoValueTuple;

/// Invalidates one row, the lookups that lead to it, and what depends on it: as a delete of the row would, without deleting.
pub(crate) async fn invalidate<E, R>(repo: &R, key: KeyOf<E>) -> Result<(), Error>
where
    E: CachedEntity,
    R: Serves<E>,
{
    let engine = repo.read_context().engine;
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
