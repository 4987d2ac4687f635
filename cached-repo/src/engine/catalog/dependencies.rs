//! The tables that a query depends on, those behind views included.

use super::error::{
    hides_its_tables, not_repeatable, reads_materialized_view, unmapped, unmapped_behind,
};
use crate::database::{Behind, Views};
use crate::engine::mapping::SchemaMapping;
use crate::engine::tags::push_new;
use crate::error::Error;
use crate::key::Key;
use crate::protocol::fill_tags;
use crate::sql::{Nature, Pinned, Reads, TableName, same_name};
use sea_orm::DbBackend;
use std::collections::HashSet;

/// What a query depends on.
pub(super) struct Dependencies {
    /// Tags of tables that it reads as a whole.
    pub(super) tags: Vec<Key>,
    /// Entities of which it may read pinned rows alone.
    pub(super) pinned: Vec<(u16, Pinned)>,
    /// Why an answer is not worth keeping without a lifetime of its own: because of a view.
    pub(super) requires_ttl: Option<Error>,
}

/// The entities that a query reads, or may read.
#[derive(Default)]
struct Entities {
    /// Each once: the entry's own first.
    read: Vec<u16>,
    /// Those behind views, where it is not known which of their rows are read.
    whole: HashSet<u16>,
    /// Why an answer is not worth keeping without a lifetime of its own.
    requires_ttl: Option<Error>,
}

/// Finds what a query depends on that reads these tables, by these definitions of views.
#[derive(Clone, Copy)]
pub(super) struct DependencyFinder<'a> {
    pub(super) mapping: &'a SchemaMapping,
    pub(super) reads: &'a Reads,
    pub(super) views: &'a Views,
}

impl DependencyFinder<'_> {
    /// The dependencies of a query whose entry is one of this entity.
    pub(super) fn find(self, entity: u16) -> Result<Dependencies, Error> {
        let found = self.entities_read(entity)?;
        let (schema, backend) = (self.mapping.schema(), self.mapping.backend());
        let mut tags = fill_tags(schema.entity(entity), entity);
        let mut pinned = Vec::new();
        for read in found.read {
            let table = &schema.entity(read).table.1;
            let mut pins = self.reads.pinned.iter();
            let pins = pins.find(|pinned| same_name(backend, &pinned.table, table));
            match pins.filter(|_| !found.whole.contains(&read)) {
                Some(pins) => pinned.push((read, pins.clone())),
                None => push_new(&mut tags, Key::rows(read)),
            }
        }
        Ok(Dependencies {
            tags,
            pinned,
            requires_ttl: found.requires_ttl,
        })
    }

    /// The entity of the first table that a text names, or of one behind the views that it names.
    pub(super) fn first_entity(self) -> Option<u16> {
        let (reads, views) = (self.reads, self.views);
        let words = reads.words.iter().map(|word| bare(word));
        let mut named = reads.tables.iter().cloned().chain(words);
        let first = named.find_map(|table| self.mapping.entities_of(&table).next());
        first.or_else(|| {
            let behind = reads.tables.iter().filter_map(|table| views.behind(table));
            let mut tables = behind.flat_map(|behind| {
                let tables = behind.tables.into_iter().map(|base| base.table);
                tables.chain(behind.beneath)
            });
            tables.find_map(|table| self.mapping.entities_of(&table).next())
        })
    }

    /// What is wrong with a text that reads no entity's table; `None` if it reads no table at all.
    pub(super) fn no_entity(self) -> Option<Error> {
        let first = self.reads.tables.first()?;
        let mut found = Entities::default();
        let behind = self.views.behind(first);
        let added = behind.map(|behind| self.add_behind(&mut found, behind));
        Some(
            added
                .and_then(Result::err)
                .unwrap_or_else(|| unmapped(first)),
        )
    }

    /// The entities whose tables are read, or may be.
    fn entities_read(self, entity: u16) -> Result<Entities, Error> {
        let (reads, views) = (self.reads, self.views);
        let mut found = Entities {
            read: vec![entity],
            ..Entities::default()
        };
        for table in &reads.tables {
            let before = found.read.len();
            found.read.extend(self.mapping.entities_of(table));
            match views.behind(table) {
                Some(behind) => self.add_behind(&mut found, behind)?,
                None if found.read.len() == before => return Err(unmapped(table)),
                None => {}
            }
        }
        for table in &reads.hidden {
            if let Some(behind) = views.behind(table) {
                self.add_behind(&mut found, behind)?;
            }
        }
        for word in &reads.words {
            let word = bare(word);
            found.read.extend(self.mapping.entities_of(&word));
            // The name of a column, as a rule: whatever it means, no table behind it is missed that can be written to through here.
            let behind = views.behind(&word).into_iter();
            for base in behind.flat_map(|behind| behind.tables) {
                self.add_whole(&mut found, &base.table);
            }
        }
        let mut seen = HashSet::new();
        found.read.retain(|read| seen.insert(*read));
        Ok(found)
    }

    fn add_behind(self, found: &mut Entities, behind: Behind) -> Result<(), Error> {
        if let Some(obstacle) = behind.obstacle {
            return Err(hides_its_tables(obstacle));
        }
        if let Some(view) = behind.stored {
            found
                .requires_ttl
                .get_or_insert_with(|| reads_materialized_view(view));
        }
        if let Some((what, view)) = behind.varies_by {
            let acts = what.nature == Nature::Acts;
            let error = not_repeatable(what).with("view", view);
            if acts {
                return Err(error);
            }
            found.requires_ttl.get_or_insert(error);
        }
        for base in behind.tables {
            if !self.add_whole(found, &base.table) && !base.optional {
                return Err(unmapped_behind(&base.table, base.view));
            }
        }
        Ok(())
    }

    /// Adds the entities of a table of which it is not known which rows are read; returns whether there is one.
    fn add_whole(self, found: &mut Entities, table: &TableName) -> bool {
        let before = found.read.len();
        found.read.extend(self.mapping.entities_of(table));
        let (_, added) = found.read.split_at(before);
        found.whole.extend(added);
        !added.is_empty()
    }

    /// Schemas that the text or a view names and whose views have not been read. Empty unless the catalog is read schema by schema.
    pub(super) fn unknown_schemas(self) -> Vec<String> {
        if self.mapping.backend() != DbBackend::MySql {
            return Vec::new();
        }
        let (reads, views) = (self.reads, self.views);
        let behind = |table| views.behind(table).map(|behind| behind.tables);
        let bases = reads.tables.iter().filter_map(behind).flatten();
        let bases: Vec<TableName> = bases.map(|base| base.table).collect();
        let tables = reads.tables.iter().chain(&reads.hidden).chain(&bases);
        let named = tables.filter_map(|table| table.schema.clone());
        named
            .filter(|schema| !views.schemas().contains(schema))
            .collect()
    }
}

fn bare(name: &str) -> TableName {
    TableName {
        schema: None,
        name: name.to_owned(),
    }
}
