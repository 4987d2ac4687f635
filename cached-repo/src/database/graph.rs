//! What the cache schema knows of the database.

use super::facts::{Action, Catalog, Relation};
use crate::schema::{EdgeMeta, Schema};
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
}

impl Graph {
    /// What the schema of a repo says.
    pub(super) fn of(schema: &Schema) -> Self {
        let number = |ident| {
            let found = schema.entities.iter().position(|it| it.meta.ident == ident);
            found.map(|at| at as u16)
        };
        let mut graph = Self::default();
        for (here, entity) in (0..).zip(&schema.entities) {
            graph.entities.push(GraphEntity {
                table: entity.table.clone(),
                path: entity.meta.ident.path,
                fields: entity.meta.fields.iter().map(|field| field.name).collect(),
                columns: entity.columns.clone(),
                key: entity.key.clone(),
            });
            let out = entity
                .meta
                .dependents
                .iter()
                .map(|edge| (edge, Some(here), number(edge.other)));
            let inward = entity
                .meta
                .depends_on
                .iter()
                .map(|edge| (edge, number(edge.other), Some(here)));
            for (edge, parent, dependent) in out.chain(inward) {
                graph.edges.extend(known(schema, edge, parent, dependent));
            }
            let strangers = entity
                .meta
                .independent
                .iter()
                .filter_map(|other| number(*other));
            graph
                .independent
                .extend(strangers.map(|other| (here, other, None)));
        }
        graph
    }

    pub(super) fn entity(&self, number: u16) -> &GraphEntity {
        &self.entities[usize::from(number)]
    }

    /// The entity whose table this is.
    pub(super) fn of_relation(&self, catalog: &Catalog, relation: &Relation) -> Option<u16> {
        let is = |entity: &GraphEntity| {
            let (schema, name) = &entity.table;
            let same_schema = match schema {
                Some(schema) => catalog.same(schema, &relation.schema),
                None => relation.plain,
            };
            same_schema && catalog.same(name, &relation.name)
        };
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

fn known(
    schema: &Schema,
    edge: &EdgeMeta,
    parent: Option<u16>,
    dependent: Option<u16>,
) -> Option<KnownEdge> {
    let (parent, dependent) = (parent?, dependent?);
    let fields = |entity: u16, names: &[&str]| -> Vec<usize> {
        let entity = schema.entity(entity);
        names.iter().filter_map(|name| entity.field(name)).collect()
    };
    Some(KnownEdge {
        parent,
        dependent,
        via: fields(dependent, edge.via),
        references: match edge.references {
            [] => schema.entity(parent).key.clone(),
            names => fields(parent, names),
        },
        on_delete: Action::None,
        on_update: Action::None,
    })
}
