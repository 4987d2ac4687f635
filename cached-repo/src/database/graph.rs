//! What the cache schema knows of the database.

use super::facts::{Catalog, Relation};
use crate::schema::Action;
use crate::schema::graph::{Cause, Edge};
use crate::schema::{IndependentMeta, Name, Schema};
use crate::sql::TableName;

/// The schema, as far as it can be compared with a database.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) entities: Vec<GraphEntity>,
    pub(super) edges: Vec<KnownEdge>,
    pub(super) independent: Vec<Independent>,
}

/// An entity.
#[derive(Debug)]
pub(super) struct GraphEntity {
    /// Database schema and name of its table.
    pub(super) table: (Option<String>, String),
    /// Path of its SeaORM `Entity` type.
    pub(super) path: &'static str,
    /// Names of its fields in the model.
    pub(super) fields: Vec<&'static str>,
    /// Names of their columns in the database.
    pub(super) columns: Vec<&'static str>,
    /// Fields of the primary key.
    pub(super) key: Vec<usize>,
}

/// An edge of the graph.
#[derive(Debug)]
pub(super) struct KnownEdge {
    pub(super) parent: u16,
    pub(super) dependent: u16,
    /// Fields of the dependent.
    pub(super) via: Vec<usize>,
    /// Fields of the parent that `via` points at, pairwise.
    pub(super) references: Vec<usize>,
    /// What the graph believes that the database does to the dependent when a row of the parent is deleted.
    pub(super) on_delete: Action,
    /// The same when the columns that `via` points at change.
    pub(super) on_update: Action,
}

/// Two entities whose relation is deliberately no edge, in either order; through these fields of the one that refers, or
/// through any.
pub(super) type Independent = (u16, u16, Option<Vec<usize>>);

impl GraphEntity {
    /// Its table as the model names it.
    pub(super) fn table_name(&self) -> String {
        match &self.table {
            (Some(schema), name) => format!("{schema}.{name}"),
            (None, name) => name.clone(),
        }
    }

    /// Whether this is its table.
    pub(super) fn maps(&self, catalog: &Catalog, relation: &Relation) -> bool {
        let (schema, name) = &self.table;
        let same_schema = match schema {
            Some(schema) => catalog.same(schema, &relation.schema),
            None => relation.plain,
        };
        same_schema && catalog.same(name, &relation.name)
    }
}

impl Graph {
    /// What the schema of a repo says.
    pub(super) fn of(schema: &Schema) -> Self {
        let mut graph = Self::default();
        for (here, entity) in (0..).zip(&schema.entities) {
            let fields = entity.meta.fields.iter();
            graph.entities.push(GraphEntity {
                table: entity.table.clone(),
                path: entity.meta.ident.path,
                fields: fields.map(|field| field.name.text).collect(),
                columns: entity.columns.clone(),
                key: entity.key.clone(),
            });
            let entries = entity.meta.independent.iter();
            graph
                .independent
                .extend(entries.filter_map(|entry| independent(schema, here, entry)));
        }
        for edge in schema.graph.edges {
            graph.add(schema, edge);
        }
        graph
    }

    /// Edges of one foreign key, whatever their causes, become one.
    fn add(&mut self, schema: &Schema, edge: &Edge) {
        let via: Vec<usize> = edge.via.iter().collect();
        let references: Vec<usize> = schema.entity(edge.parent).columns_of(&edge.from).collect();
        let same = |known: &KnownEdge| {
            (known.parent, known.dependent) == (edge.parent, edge.dependent)
                && known.via == via
                && known.references == references
        };
        let at = self.edges.iter().position(same).unwrap_or_else(|| {
            self.edges.push(KnownEdge {
                parent: edge.parent,
                dependent: edge.dependent,
                via: via.clone(),
                references: references.clone(),
                on_delete: Action::None,
                on_update: Action::None,
            });
            self.edges.len() - 1
        });
        match edge.cause {
            Cause::Declared => {}
            Cause::Deleted(action) => self.edges[at].on_delete = action,
            Cause::Updated(action) => self.edges[at].on_update = action,
        }
    }

    pub(super) fn entity(&self, number: u16) -> &GraphEntity {
        &self.entities[usize::from(number)]
    }

    /// The entity whose table this is.
    pub(super) fn of_relation(&self, catalog: &Catalog, relation: &Relation) -> Option<u16> {
        let is = |entity: &GraphEntity| entity.maps(catalog, relation);
        self.entities.iter().position(is).map(|at| at as u16)
    }

    /// The entities whose table a statement may mean by this name.
    pub(super) fn of_name(&self, catalog: &Catalog, table: &TableName) -> Vec<u16> {
        let may_be = |entity: &GraphEntity| {
            let (schema, name) = &entity.table;
            let same_schema = match (schema, &table.schema) {
                (Some(ours), Some(theirs)) => catalog.same(ours, theirs),
                (None, Some(theirs)) => catalog.path.iter().any(|ours| catalog.same(ours, theirs)),
                (_, None) => true,
            };
            same_schema && catalog.same(name, &table.name)
        };
        let numbered = (0..).zip(&self.entities);
        numbered
            .filter(|(_, entity)| may_be(entity))
            .map(|(number, _)| number)
            .collect()
    }
}

/// The columns are those of whichever of the two has them.
fn independent(schema: &Schema, here: u16, entry: &IndependentMeta) -> Option<Independent> {
    let other = entry.other?;
    let there = schema
        .entities
        .iter()
        .position(|it| it.meta.ident == other)? as u16;
    if entry.via.is_empty() {
        return Some((here, there, None));
    }
    let fields_of = |entity: u16| -> Option<Vec<usize>> {
        let fields = schema.entity(entity).meta.fields;
        let position = |name: &Name| fields.iter().position(|field| field.name == *name);
        entry.via.iter().map(position).collect()
    };
    let fields = fields_of(here).or_else(|| fields_of(there))?;
    Some((here, there, Some(fields)))
}
