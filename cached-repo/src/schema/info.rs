//! A schema at run time: names resolved to numbers, edges to steps.

use super::graph::{Columns, FieldSet, Reach, Step, Tables};
use super::meta::{EntityMeta, LookupMeta, TagPart};
use super::row::RowTable;
use crate::key::{Key, Names, Space};
use sea_orm::ColumnType;
use std::collections::HashMap;

/// A schema, resolved once when the repo is built.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(crate) namespace: String,
    pub(crate) entities: Vec<Entity>,
    pub(crate) graph: &'static Tables,
    /// Whether some step is found in the database.
    pub(crate) searches: bool,
    pub(super) by_table: HashMap<String, Vec<u16>>,
}

/// An entity with its names resolved.
#[derive(Debug)]
pub(crate) struct Entity {
    pub(crate) meta: &'static EntityMeta,
    pub(crate) rows: RowTable,
    /// Database schema and name of its table.
    pub(crate) table: (Option<String>, String),
    /// Database names of its fields.
    pub(crate) columns: Vec<&'static str>,
    /// Types that SeaORM gives its fields; `None` for a field that it does not know.
    pub(crate) types: Vec<Option<ColumnType>>,
    /// Fields of the primary key.
    pub(crate) key: Vec<usize>,
    pub(crate) uniques: Vec<Lookup>,
    pub(crate) indexes: Vec<Lookup>,
    pub(crate) tags: Vec<Template>,
    /// The field lists by which edges reach this entity.
    pub(crate) partitions: Vec<Lookup>,
    /// What a write to this entity invalidates beyond itself.
    pub(crate) steps: &'static [Step],
    /// Fields by which entries are found: the key, unique lookups and indexes.
    pub(crate) named: FieldSet,
    /// Fields whose old and new values a write must know.
    pub(crate) tracked: FieldSet,
}

/// Fields that together name something.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) name: String,
    pub(crate) fields: Vec<usize>,
}

/// A tag template with its fields resolved.
#[derive(Debug)]
pub(crate) struct Template {
    pub(crate) parts: Vec<Part>,
    pub(crate) fields: FieldSet,
}

/// A piece of a template.
#[derive(Debug)]
pub(crate) enum Part {
    Text(&'static str),
    Field(usize),
}

impl Schema {
    pub(crate) fn entity(&self, number: u16) -> &Entity {
        &self.entities[usize::from(number)]
    }

    /// The entities whose table has this name, whatever the case: databases differ in how they compare names.
    pub(crate) fn of_table(&self, name: &str) -> impl Iterator<Item = u16> {
        let candidates = self.by_table.get(&name.to_lowercase());
        candidates.into_iter().flatten().copied()
    }
}

impl Entity {
    pub(super) fn of(
        meta: &'static EntityMeta,
        rows: RowTable,
        problems: &mut Vec<String>,
    ) -> Self {
        let mut fields = Fields { meta, problems };
        let lookups = |list: &[LookupMeta], fields: &mut Fields<'_>| {
            list.iter().map(|lookup| fields.lookup(lookup)).collect()
        };
        let uniques = lookups(meta.uniques, &mut fields);
        let indexes = lookups(meta.indexes, &mut fields);
        let tags = meta
            .tags
            .iter()
            .map(|tag| fields.template(tag.parts))
            .collect();
        let columns = (rows.columns)();
        let key_columns = (rows.key_columns)();
        let key = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| key_columns.contains(column))
            .map(|(at, _)| at)
            .collect::<Vec<_>>();
        // SeaORM orders a composite key by its `PrimaryKey` enum, which need not follow the model.
        let key = key_columns
            .iter()
            .filter_map(|column| key.iter().copied().find(|at| columns[*at] == *column))
            .collect();
        let types = (rows.column_types)();
        let types = columns
            .iter()
            .map(|column| {
                let found = types.iter().find(|(name, _)| name == column);
                found.map(|(_, kind)| kind.clone())
            })
            .collect();
        Self {
            types,
            meta,
            rows,
            table: (rows.table)(),
            columns,
            key,
            uniques,
            indexes,
            tags,
            partitions: Vec::new(),
            steps: &[],
            named: 0,
            tracked: 0,
        }
    }

    /// Gives the entity what edges make of it.
    pub(super) fn connect(
        &mut self,
        partitions: &[Columns],
        steps: &'static [Step],
        graph: &Tables,
    ) {
        self.partitions = partitions.iter().map(|via| self.partition(via)).collect();
        self.steps = steps;
        let lookups = self.uniques.iter().chain(&self.indexes);
        let mut tracked = lookups.fold(0, |all, lookup| all | set(&lookup.fields));
        self.named = tracked | self.key_set();
        tracked |= self.tags.iter().fold(0, |all, tag| all | tag.fields);
        for step in steps {
            let from = match &step.reach {
                Reach::Partition { from, .. } => Some(from),
                Reach::Found(chain) => Some(&graph.edges[chain.first()].from),
                Reach::Whole => None,
            };
            let read = from.into_iter().flat_map(|from| self.columns_of(from));
            tracked |= read.fold(0, |all, at| all | 1 << at);
        }
        self.tracked = tracked & !self.key_set();
    }

    fn partition(&self, via: &Columns) -> Lookup {
        let fields: Vec<usize> = via.iter().collect();
        let names: Vec<&str> = fields
            .iter()
            .map(|at| self.meta.fields[*at].name.text)
            .collect();
        Lookup {
            name: names.join(","),
            fields,
        }
    }

    pub(super) fn searches(&self) -> bool {
        let is_found = |step: &Step| matches!(step.reach, Reach::Found(_));
        self.steps.iter().any(is_found)
    }

    /// The fields that an edge from this entity points at: these, or its primary key.
    pub(crate) fn columns_of<'a>(&'a self, from: &'a Columns) -> impl Iterator<Item = usize> + 'a {
        let key: &[usize] = if from.is_empty() { &self.key } else { &[] };
        from.iter().chain(key.iter().copied())
    }

    pub(crate) fn key_set(&self) -> FieldSet {
        set(&self.key)
    }

    pub(crate) fn prefix(&self) -> &'static str {
        self.meta.ident.prefix
    }
}

/// Turns field names into positions and notes the ones that do not exist.
struct Fields<'a> {
    meta: &'static EntityMeta,
    problems: &'a mut Vec<String>,
}

impl Fields<'_> {
    fn position(&mut self, name: &str) -> usize {
        let found = self
            .meta
            .fields
            .iter()
            .position(|field| field.name.text == name);
        found.unwrap_or_else(|| {
            let path = self.meta.ident.path;
            self.problems
                .push(format!("`{path}` has no column `{name}`"));
            0
        })
    }

    fn lookup(&mut self, lookup: &LookupMeta) -> Lookup {
        Lookup {
            name: lookup.name.to_owned(),
            fields: lookup
                .fields
                .iter()
                .map(|name| self.position(name))
                .collect(),
        }
    }

    fn template(&mut self, parts: &'static [TagPart]) -> Template {
        let parts: Vec<Part> = parts
            .iter()
            .map(|part| match part {
                TagPart::Text(text) => Part::Text(text),
                TagPart::Field(name) => Part::Field(self.position(name)),
            })
            .collect();
        let fields = parts.iter().fold(0, |all, part| match part {
            Part::Text(_) => all,
            Part::Field(at) => all | 1 << at,
        });
        Template { parts, fields }
    }
}

/// The set of these fields.
pub(crate) fn set(fields: &[usize]) -> FieldSet {
    fields.iter().fold(0, |all, at| all | 1 << at)
}

impl Names for Schema {
    fn namespace(&self) -> &str {
        &self.namespace
    }

    fn prefix(&self, entity: u16) -> &str {
        self.entities
            .get(usize::from(entity))
            .map_or("", Entity::prefix)
    }

    fn lookup(&self, space: Space, entity: u16, lookup: u16) -> &str {
        let Some(entity) = self.entities.get(usize::from(entity)) else {
            return "";
        };
        let list = match space {
            Space::Unique => &entity.uniques,
            Space::Index | Space::Member => &entity.indexes,
            _ => &entity.partitions,
        };
        list.get(usize::from(lookup))
            .map_or("", |lookup| &lookup.name)
    }
}

/// The key of an entry or tag as text, for the store, for logs of this library's own making, and for people.
pub(crate) fn text(schema: &Schema, key: &Key) -> String {
    crate::key::render(key, schema)
}
