//! The log of invalidations.

use super::cause::Cause;
use super::event::Delivery;
use crate::engine::observer::TARGET;
use crate::key::{Key, NO_ENTITY, Space};
use crate::schema::Schema;
use crate::stats::CauseKind;
use tracing::debug;

/// Logs an invalidation, once for each entity that it names.
pub(super) fn log(schema: &Schema, cause: Cause<'_>, keys: &[Key], delivery: Delivery) {
    if !tracing::enabled!(target: TARGET, tracing::Level::DEBUG) {
        return;
    }
    let outcome = match delivery {
        Delivery::Delivered => "invalidated",
        Delivery::Owed => "owed",
        Delivery::Locked => "locked",
    };
    let mut causes: Vec<(u16, CauseKind)> = Vec::new();
    cause.for_each_reason(schema, &mut |reason| {
        causes.push((reason.entity, reason.kind));
    });
    let mut entities: Vec<u16> = keys.iter().map(Key::entity).collect();
    entities.sort_unstable();
    entities.dedup();
    for entity in entities {
        let of = |key: &&Key| key.entity() == entity && key.space() != Space::Rows;
        let names = keys.iter().filter(of).count();
        let own = causes.iter().find(|(of, _)| *of == entity);
        let kind = own.or(causes.first()).map_or("", |(_, kind)| kind.name());
        let entity = match entity {
            NO_ENTITY => "",
            entity => schema.entity(entity).prefix(),
        };
        debug!(target: TARGET, entity, outcome, cause = kind, names, "invalidation");
    }
}
