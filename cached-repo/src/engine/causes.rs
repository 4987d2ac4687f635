//! Why a write invalidates: what its statements did, and the edges that lead from there.

use crate::key::{Key, NO_ENTITY, Space};
use crate::protocol::{Touch, TouchSet};
use crate::schema::{FieldSet, Schema};
use crate::stats::{CauseKind, FanOut, Kinds};

/// One cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub(crate) kind: CauseKind,
    /// The entity that it is about; [`NO_ENTITY`] if it is about none.
    pub(crate) entity: u16,
    /// The entity that was written, of a cause that leads from one to the other.
    pub(crate) parent: u16,
    /// The event of the program's.
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
pub(crate) enum Why<'a> {
    /// Statements, and events in their transaction.
    Touches(&'a [&'a TouchSet]),
    /// One cause.
    One(Reason),
}

impl From<Reason> for Why<'_> {
    fn from(reason: Reason) -> Self {
        Self::One(reason)
    }
}

impl Why<'_> {
    /// Shows each cause, some of them several times.
    pub(super) fn each(self, schema: &Schema, see: &mut dyn FnMut(Reason)) {
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

    /// The kinds of its causes.
    pub(super) fn kinds(self, schema: &Schema) -> Kinds {
        let mut kinds = Kinds::default();
        self.each(schema, &mut |reason| kinds.add(reason.kind));
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

/// What these keys and tags are.
pub(super) fn fan_out(keys: &[Key]) -> FanOut {
    let mut fan_out = FanOut {
        names: keys.len() as u64,
        ..FanOut::default()
    };
    for key in keys {
        let number = match key.space() {
            Space::Row => &mut fan_out.rows,
            Space::Unique => &mut fan_out.uniques,
            Space::Index | Space::Member => &mut fan_out.collections,
            Space::Query => &mut fan_out.queries,
            Space::Edge => &mut fan_out.partitions,
            Space::User => &mut fan_out.tags,
            Space::Table => &mut fan_out.tables,
            Space::Epoch => &mut fan_out.namespaces,
            Space::Text | Space::AnyEdge | Space::Rows | Space::Local => continue,
        };
        *number += 1;
    }
    fan_out
}
