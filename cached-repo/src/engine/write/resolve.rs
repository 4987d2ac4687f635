//! From what a statement says to the rows that it touches.

use super::sessions::Sessions;
use crate::engine::mapping::SchemaMapping;
use crate::key::is_null;
use crate::protocol::{Change, Known, Touch, TouchSet};
use crate::schema::{ALL_FIELDS, Entity, FieldSet, set};
use crate::sql::{
    Analysis, Assignment, Filter, InsertRows, OnConflict, Operand, Write, WriteKind, numbers_rows,
    same_name,
};
use sea_orm::Value;

/// Rows of one write that are followed one by one; beyond it the whole table is invalidated.
const MAX_ROWS: usize = 100;

/// What is known of a statement before it runs.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// Touches that need no more knowledge.
    pub(super) touches: TouchSet,
    /// Rows whose values are to be read before the statement runs.
    pub(super) before: Vec<Before>,
    /// Rows whose values the statement decides.
    pub(super) inserted: Vec<Inserted>,
}

/// Known rows of unknown values that a statement updates or deletes.
#[derive(Debug)]
pub(super) struct Before {
    pub(super) entity: u16,
    /// Primary keys.
    pub(super) keys: Vec<Vec<Value>>,
    pub(super) action: Action,
}

/// What happens to known rows.
#[derive(Debug)]
pub(super) enum Action {
    /// These fields get these values; `None` is a value that the database computes.
    Update(Vec<(usize, Option<Value>)>),
    Delete,
}

/// Rows that an insert adds, as far as the statement names them.
#[derive(Debug)]
pub(super) struct Inserted {
    pub(super) entity: u16,
    pub(super) rows: Vec<Known>,
}

impl Resolved {
    /// Resolves a statement's writes against the schema.
    pub(super) fn of(
        mapping: &SchemaMapping,
        sessions: &Sessions,
        analysis: &Analysis,
        values: &[Value],
    ) -> Self {
        let mut resolved = Self::default();
        match analysis {
            Analysis::Read => {}
            // A transaction that is not SeaORM's ends somewhere in the pool: what it wrote is unknown.
            Analysis::Transaction(_) => {
                if analysis.may_end_another(mapping.backend(), sessions.has_seen_text()) {
                    resolved.touches.add(Touch::Everything);
                }
            }
            Analysis::Schema => resolved.touches.add(Touch::NewEpoch),
            Analysis::Unknown => resolved.touches.add(Touch::Everything),
            Analysis::Writes(writes) => {
                for write in writes {
                    for entity in mapping.entities_of(&write.table) {
                        let resolved = &mut resolved;
                        Resolver {
                            mapping,
                            entity,
                            values,
                            resolved,
                        }
                        .write(write);
                    }
                }
            }
        }
        resolved
    }

    /// Whether the statement writes to no entity of the schema.
    pub(super) fn is_empty(&self) -> bool {
        self.touches.is_empty() && self.before.is_empty() && self.inserted.is_empty()
    }

    /// Whether the statement may fail after a part of it took effect: a text of several statements, or an insert of several
    /// rows into a table without transactions.
    pub(super) fn has_parts(&self, unprepared: bool) -> bool {
        unprepared || self.inserted.iter().any(|inserted| inserted.rows.len() > 1)
    }

    /// What holds whatever becomes of the statement: the tables that it may write to.
    pub(super) fn coarse(&self) -> TouchSet {
        let mut touches = self.touches.clone();
        let known = self
            .before
            .iter()
            .map(|before| (before.entity, before.action.fields()));
        let inserted = self
            .inserted
            .iter()
            .map(|inserted| (inserted.entity, ALL_FIELDS));
        for (entity, fields) in known.chain(inserted) {
            touches.add(Touch::Table { entity, fields });
        }
        touches
    }
}

impl Action {
    /// The fields that may change.
    pub(super) fn fields(&self) -> FieldSet {
        match self {
            Self::Update(set) => set.iter().fold(0, |all, (at, _)| all | 1 << at),
            Self::Delete => ALL_FIELDS,
        }
    }

    /// The change of a row, of which this much is known.
    pub(super) fn change(&self, entity: u16, old: Known) -> Change {
        match self {
            Self::Delete => Change::delete(entity, old),
            Self::Update(assignments) => {
                let mut new = old.clone();
                for (at, value) in assignments {
                    new[*at].clone_from(value);
                }
                Change {
                    entity,
                    old: Some(old),
                    new: Some(new),
                    fields: self.fields(),
                }
            }
        }
    }
}

/// Resolves one write to one entity.
struct Resolver<'a> {
    mapping: &'a SchemaMapping,
    entity: u16,
    values: &'a [Value],
    resolved: &'a mut Resolved,
}

impl Resolver<'_> {
    fn info(&self) -> &Entity {
        self.mapping.schema().entity(self.entity)
    }

    /// The field that this column of the database fills.
    fn field(&self, column: &str) -> Option<usize> {
        let backend = self.mapping.backend();
        self.info()
            .columns
            .iter()
            .position(|ours| same_name(backend, ours, column))
    }

    /// Whether a value of this name may be that of the primary key, though the entity has no column of that name.
    fn may_be_key(&self, column: &str) -> bool {
        numbers_rows(self.mapping.backend(), column) && self.field(column).is_none()
    }

    fn table(&mut self, fields: FieldSet) {
        let entity = self.entity;
        self.resolved.touches.add(Touch::Table { entity, fields });
    }

    fn write(&mut self, write: &Write) {
        match &write.kind {
            WriteKind::Insert {
                columns,
                rows,
                conflict,
            } => self.insert(columns, rows, conflict),
            WriteKind::Update { set, .. } if set.iter().any(|it| self.may_be_key(&it.column)) => {
                self.table(ALL_FIELDS);
            }
            WriteKind::Update { set, filter } => {
                let assignments = self.assignments(set);
                let action = Action::Update(assignments);
                self.rows(filter, action);
            }
            WriteKind::Delete { filter } => self.rows(filter, Action::Delete),
            WriteKind::Truncate | WriteKind::Other => self.table(ALL_FIELDS),
        }
    }

    fn insert(&mut self, columns: &[String], rows: &InsertRows, conflict: &OnConflict) {
        let InsertRows::Values(rows) = rows else {
            return self.table(ALL_FIELDS);
        };
        let numbered = columns.iter().any(|column| self.may_be_key(column));
        if numbered || conflict.upserts() || rows.len() > MAX_ROWS {
            return self.table(ALL_FIELDS);
        }
        let fields: Vec<Option<usize>> = columns.iter().map(|column| self.field(column)).collect();
        let width = self.info().columns.len();
        let rows = rows.iter().map(|operands| {
            let mut known: Known = vec![None; width];
            for (at, operand) in fields.iter().zip(operands) {
                if let Some(at) = at {
                    // A NULL given as a key asks the database for the next number.
                    let keyed = self.info().key.contains(at);
                    known[*at] = self
                        .bind(*at, operand)
                        .filter(|value| !(keyed && is_null(value)));
                }
            }
            known
        });
        let rows = rows.collect();
        self.resolved.inserted.push(Inserted {
            entity: self.entity,
            rows,
        });
    }

    fn assignments(&self, set: &[Assignment]) -> Vec<(usize, Option<Value>)> {
        let assign = |assignment: &Assignment| {
            let at = self.field(&assignment.column)?;
            Some((at, self.bind(at, &assignment.value)))
        };
        set.iter().filter_map(assign).collect()
    }

    /// An update or delete: of known rows if the statement pins the primary key.
    fn rows(&mut self, filter: &Filter, action: Action) {
        let Some(keys) = self.pinned(filter) else {
            return self.table(action.fields());
        };
        if keys.len() > MAX_ROWS {
            return self.table(action.fields());
        }
        self.resolved.before.push(Before {
            entity: self.entity,
            keys,
            action,
        });
    }

    /// The primary keys of the rows that the filter lets through, if it names them.
    fn pinned(&self, filter: &Filter) -> Option<Vec<Vec<Value>>> {
        let info = self.info();
        let columns: Vec<&str> = info.key.iter().map(|at| info.columns[*at]).collect();
        let keys = filter.keys(&columns)?;
        let bind = |key: Vec<Operand>| -> Option<Vec<Value>> {
            info.key
                .iter()
                .zip(key)
                .map(|(at, operand)| self.bind(*at, &operand))
                .collect()
        };
        keys.into_iter().map(bind).collect()
    }

    fn bind(&self, at: usize, operand: &Operand) -> Option<Value> {
        self.mapping.bind(self.entity, at, operand, self.values)
    }
}

/// Fields of an entity that a write to it must know: the key, and everything that names an entry or tag.
pub(super) fn needed(entity: &Entity) -> FieldSet {
    entity.tracked | set(&entity.key)
}
