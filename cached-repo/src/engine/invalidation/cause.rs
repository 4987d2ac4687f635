//! Why something is invalidated: what statements did, and the edges that lead from there.

use crate::key::NO_ENTITY;
use crate::protocol::{Touch, TouchSet};
use crate::schema::{FieldSet, Schema};
use crate::stats::{CauseKind, Kinds};

/// One reason of an invalidation: something that was done to an entity, or an edge that led from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) kind: CauseKind,
    /// The entity that was written or invalidated; [`NO_ENTITY`] if there is none.
    pub(crate) entity: u16,
    /// The entity that was written, of a reason that leads from one entity to another.
    pub(crate) parent: u16,
    /// The application's event.
    pub(crate) event: Option<&'static str>,
}

impl Reason {
    pub(crate) fn of(kind: CauseKind, entity: u16) -> Self {
        Self {
            kind,
            entity,
            parent: NO_ENTITY,
            event: None,
        }
    }
}

/// Why something is invalidated.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cause<'a> {
    /// Statements, and events in their transaction.
    Touches(&'a [&'a TouchSet]),
    /// One reason, given by the caller.
    One(Reason),
}

impl From<Reason> for Cause<'_> {
    fn from(reason: Reason) -> Self {
        Self::One(reason)
    }
}

impl Cause<'_> {
    /// Calls `see` with each reason, with some of them several times.
    pub(super) fn for_each_reason(self, schema: &Schema, see: &mut dyn FnMut(Reason)) {
        let sets = match self {
            Self::One(reason) => return see(reason),
            Self::Touches(sets) => sets,
        };
        let mut missing = None;
        let mut is_written = false;
        // What follows depends on the entity and the fields alone, and a set has few different ones of these.
        let mut followed = [(NO_ENTITY, 0); 8];
        let mut turn = 0;
        for touch in sets.iter().flat_map(|set| set.written()) {
            let (kind, entity, fields) = match touch {
                Touch::Row(change) => {
                    let kind = match (&change.old, &change.new) {
                        (None, _) => CauseKind::Insert,
                        (_, None) => CauseKind::Delete,
                        _ => CauseKind::Update,
                    };
                    (kind, change.entity, change.kind())
                }
                Touch::Table { entity, fields } => (CauseKind::Bulk, *entity, *fields),
                Touch::Entry(key) => {
                    missing = Some(key.entity());
                    continue;
                }
                Touch::Everything => (CauseKind::NotUnderstood, NO_ENTITY, 0),
                Touch::NewEpoch => (CauseKind::Ddl, NO_ENTITY, 0),
            };
            is_written = true;
            see(Reason::of(kind, entity));
            if entity != NO_ENTITY && !followed.contains(&(entity, fields)) {
                followed[turn % followed.len()] = (entity, fields);
                turn += 1;
                follow(schema, entity, fields, see);
            }
        }
        if let Some(entity) = missing.filter(|_| !is_written) {
            see(Reason::of(CauseKind::NotFound, entity));
        }
        for event in sets.iter().flat_map(|set| set.events()) {
            see(Reason {
                event: Some(event),
                ..Reason::of(CauseKind::Event, NO_ENTITY)
            });
        }
    }

    /// The kinds of its reasons.
    pub(super) fn kinds(self, schema: &Schema) -> Kinds {
        let mut kinds = Kinds::default();
        self.for_each_reason(schema, &mut |reason| kinds.add(reason.kind));
        kinds
    }
}

/// What a write to these fields of the entity leads to.
fn follow(schema: &Schema, entity: u16, fields: FieldSet, see: &mut dyn FnMut(Reason)) {
    for step in schema.entity(entity).steps {
        if step.on & fields == 0 {
            continue;
        }
        let edges = schema.graph.edges.iter();
        let mut acts = edges.filter(|edge| {
            let leads = edge.parent == entity && edge.dependent == step.entity;
            leads && !edge.is_declared() && edge.on & fields != 0
        });
        let kind = match acts.next() {
            Some(_) => CauseKind::ForeignKey,
            None => CauseKind::Edge,
        };
        see(Reason {
            parent: entity,
            ..Reason::of(kind, step.entity)
        });
    }
}
