//! How the entities of the schema lie in the database: their tables and columns, and how the database compares their text.

mod bind;
mod integers;

use crate::protocol::{Known, Targets, TouchSet};
use crate::schema::{Entity, FieldSet, Schema};
use crate::sql::TableName;
use sea_orm::{ColumnType, DbBackend, Value};
use std::sync::Arc;

/// The schema as one kind of database stores it.
#[derive(Debug)]
pub(crate) struct SchemaMapping {
    schema: Arc<Schema>,
    backend: DbBackend,
    /// For each entity: its fields whose text the database compares loosely.
    loose: Box<[FieldSet]>,
}

impl SchemaMapping {
    pub(super) fn new(schema: Arc<Schema>, backend: DbBackend) -> Self {
        let entities = schema.entities.iter();
        Self {
            loose: entities.map(|entity| loose(entity, backend)).collect(),
            schema,
            backend,
        }
    }

    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(crate) fn backend(&self) -> DbBackend {
        self.backend
    }

    /// Fields of an entity whose text the database compares loosely.
    pub(crate) fn loose(&self, entity: u16) -> FieldSet {
        self.loose[usize::from(entity)]
    }

    /// Whether the database may find a row of the entity under a key that is spelled otherwise.
    pub(super) fn has_loose_key(&self, entity: u16) -> bool {
        self.loose(entity) & self.schema.entity(entity).key_set() != 0
    }

    /// The entities whose table this name may mean.
    pub(crate) fn entities_of<'a>(&'a self, table: &'a TableName) -> impl Iterator<Item = u16> {
        let candidates = self.schema.of_table(&table.name);
        candidates.filter(|entity| {
            let (schema, name) = &self.schema.entity(*entity).table;
            table.matches(self.backend, schema.as_deref(), name)
        })
    }

    /// The database names of these fields.
    pub(super) fn columns(&self, entity: u16, fields: &[usize]) -> Vec<&'static str> {
        let entity = self.schema.entity(entity);
        fields.iter().map(|at| entity.columns[*at]).collect()
    }

    /// A row of which only these fields are known.
    pub(crate) fn known(&self, entity: u16, fields: &[usize], values: &[Value]) -> Known {
        let mut known = vec![None; self.schema.entity(entity).columns.len()];
        for (at, value) in fields.iter().zip(values) {
            known[*at] = Some(value.clone());
        }
        known
    }

    /// What these touches invalidate.
    pub(super) fn targets(&self, touches: &TouchSet) -> Targets {
        Targets::of(&self.schema, touches, &|entity| self.loose(entity))
    }
}

/// Fields whose text the database may hold equal to a differently spelled one: MySQL and MariaDB compare most text without
/// regard to case, accents and trailing blanks, PostgreSQL compares `citext` without regard to case and `char(n)` without
/// regard to trailing blanks.
fn loose(entity: &Entity, backend: DbBackend) -> FieldSet {
    entity.types.iter().enumerate().fold(0, |all, (at, kind)| {
        let mysql = backend == DbBackend::MySql;
        let loose = match kind {
            Some(ColumnType::Custom(name)) => {
                mysql || name.to_string().eq_ignore_ascii_case("citext")
            }
            Some(ColumnType::Char(_)) => mysql || backend == DbBackend::Postgres,
            Some(ColumnType::String(_) | ColumnType::Text | ColumnType::Enum { .. }) => mysql,
            _ => false,
        };
        if loose { all | 1 << at } else { all }
    })
}
