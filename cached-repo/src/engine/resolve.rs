//! From what a statement says to the rows that it touches.

use super::Engine;
use super::integers::as_column;
use crate::key::is_null;
use crate::protocol::{Change, Known, Touch, TouchSet};
use crate::schema::{ALL_FIELDS, Entity, FieldSet, set};
use crate::sql::{
    Analysis, Assignment, Filter, InsertRows, OnConflict, Operand, TableName, Write, WriteKind,
    numbers_rows, same_name,
};
use sea_orm::{ColumnType, Value};

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

/// Rows that an insert adds, as far as the statement tells.
#[derive(Debug)]
pub(super) struct Inserted {
    pub(super) entity: u16,
    pub(super) rows: Vec<Known>,
}

impl Resolved {
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

impl Engine {
    /// Resolves a statement's writes against the schema.
    pub(super) fn resolve(&self, analysis: &Analysis, values: &[Value]) -> Resolved {
        let mut resolved = Resolved::default();
        match analysis {
            Analysis::Read => {}
            // A transaction that is not SeaORM's ends somewhere in the pool: nobody knows what it wrote.
            Analysis::Transaction(_) => {
                if analysis.may_end_another(self.backend, self.sessions.has_seen_text()) {
                    resolved.touches.add(Touch::Everything);
                }
            }
            Analysis::Schema => resolved.touches.add(Touch::NewEpoch),
            Analysis::Unknown => resolved.touches.add(Touch::Everything),
            Analysis::Writes(writes) => {
                for write in writes {
                    for entity in self.written(write) {
                        let resolved = &mut resolved;
                        Resolver {
                            engine: self,
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

    /// The entities whose table a write may mean.
    pub(crate) fn written<'a>(&'a self, write: &'a Write) -> impl Iterator<Item = u16> {
        self.mapped(&write.table)
    }

    /// The entities whose table may be meant.
    pub(super) fn mapped<'a>(&'a self, table: &'a TableName) -> impl Iterator<Item = u16> {
        let candidates = self.schema.of_table(&table.name);
        candidates.filter(|entity| {
            let (schema, name) = &self.schema.entity(*entity).table;
            table.matches(self.backend, schema.as_deref(), name)
        })
    }

    /// Whether the values of a row must be read before it is written: because they name entries or tags, or because the
    /// database may find the row under a key that is spelled otherwise.
    pub(super) fn reads_before(&self, entity: u16) -> bool {
        let info = self.schema.entity(entity);
        info.tracked != 0 || self.has_loose_key(entity)
    }

    /// The value of an operand for this field; `None` if the database decides it, or if it is written in a type that the
    /// column would convert: the converted value names the entry, not the written one.
    pub(super) fn bind(
        &self,
        entity: u16,
        at: usize,
        operand: &Operand,
        values: &[Value],
    ) -> Option<Value> {
        let value = match operand {
            Operand::Bound(index) => values.get(*index)?.clone(),
            Operand::Literal(value) => value.clone(),
            Operand::Null => return Some(Value::BigInt(None)),
            Operand::Default | Operand::Inserted | Operand::Expression => return None,
        };
        let kind = self.schema.entity(entity).types[at].as_ref()?;
        if !is_null(&value) && !fits(&value, kind) {
            return None;
        }
        as_column(value, kind)
    }

    /// A row of which only these fields are known.
    pub(crate) fn known(&self, entity: u16, fields: &[usize], values: &[Value]) -> Known {
        let mut known = vec![None; self.schema.entity(entity).columns.len()];
        for (at, value) in fields.iter().zip(values) {
            known[*at] = Some(value.clone());
        }
        known
    }
}

/// Resolves one write to one entity.
struct Resolver<'a> {
    engine: &'a Engine,
    entity: u16,
    values: &'a [Value],
    resolved: &'a mut Resolved,
}

impl Resolver<'_> {
    fn info(&self) -> &Entity {
        self.engine.schema.entity(self.entity)
    }

    /// The field that this column of the database fills.
    fn field(&self, column: &str) -> Option<usize> {
        let backend = self.engine.backend;
        self.info()
            .columns
            .iter()
            .position(|ours| same_name(backend, ours, column))
    }

    /// Whether a value of this name may be that of the primary key, though the entity has no column of that name.
    fn may_be_key(&self, column: &str) -> bool {
        numbers_rows(self.engine.backend, column) && self.field(column).is_none()
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
        self.engine.bind(self.entity, at, operand, self.values)
    }
}

/// Whether a column of this type stores the value as it is.
fn fits(value: &Value, kind: &ColumnType) -> bool {
    use ColumnType as Type;
    match value {
        Value::TinyInt(_)
        | Value::SmallInt(_)
        | Value::Int(_)
        | Value::BigInt(_)
        | Value::TinyUnsigned(_)
        | Value::SmallUnsigned(_)
        | Value::Unsigned(_)
        | Value::BigUnsigned(_) => matches!(
            kind,
            Type::TinyInteger
                | Type::SmallInteger
                | Type::Integer
                | Type::BigInteger
                | Type::TinyUnsigned
                | Type::SmallUnsigned
                | Type::Unsigned
                | Type::BigUnsigned
                | Type::Year
        ),
        Value::String(_) | Value::Enum(_) | Value::Char(_) => matches!(
            kind,
            Type::Char(_) | Type::String(_) | Type::Text | Type::Enum { .. } | Type::Custom(_)
        ),
        Value::Bool(_) => matches!(kind, Type::Boolean),
        Value::Bytes(_) => matches!(
            kind,
            Type::Binary(_) | Type::VarBinary(_) | Type::Blob | Type::Bit(_) | Type::VarBit(_)
        ),
        #[cfg(feature = "with-uuid")]
        Value::Uuid(_) => matches!(kind, Type::Uuid),
        #[cfg(feature = "with-rust_decimal")]
        Value::Decimal(_) => matches!(kind, Type::Decimal(_) | Type::Money(_)),
        #[cfg(feature = "with-bigdecimal")]
        Value::BigDecimal(_) => matches!(kind, Type::Decimal(_) | Type::Money(_)),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDate(_) => matches!(kind, Type::Date),
        #[cfg(feature = "with-chrono")]
        Value::ChronoTime(_) => matches!(kind, Type::Time),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTime(_) => matches!(kind, Type::DateTime | Type::Timestamp),
        #[cfg(feature = "with-chrono")]
        Value::ChronoDateTimeUtc(_)
        | Value::ChronoDateTimeLocal(_)
        | Value::ChronoDateTimeWithTimeZone(_) => {
            matches!(kind, Type::Timestamp | Type::TimestampWithTimeZone)
        }
        #[cfg(feature = "with-time")]
        Value::TimeDate(_) => matches!(kind, Type::Date),
        #[cfg(feature = "with-time")]
        Value::TimeTime(_) => matches!(kind, Type::Time),
        #[cfg(feature = "with-time")]
        Value::TimeDateTime(_) => matches!(kind, Type::DateTime | Type::Timestamp),
        #[cfg(feature = "with-time")]
        Value::TimeDateTimeWithTimeZone(_) => {
            matches!(kind, Type::Timestamp | Type::TimestampWithTimeZone)
        }
        // A number for a time, a text for a number: the database converts, and what it stores is spelled otherwise.
        _ => false,
    }
}

/// Fields of an entity that a write to it must know: the key, and everything that names an entry or tag.
pub(super) fn needed(entity: &Entity) -> FieldSet {
    entity.tracked | set(&entity.key)
}
