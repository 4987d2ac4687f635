//! On which tables a query depends, those behind views included.

use super::Engine;
use crate::database::{Behind, Obstacle, Views};
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::protocol::fill_tags;
use crate::sql::{Nature, Pinned, Reads, TableName, Varying, same_name};
use sea_orm::DbBackend;
use std::collections::HashSet;

/// On what a query depends.
pub(super) struct Dependencies {
    /// Tags of tables that it reads as a whole.
    pub(super) tags: Vec<Key>,
    /// Entities of which it may read pinned rows alone.
    pub(super) pinned: Vec<(u16, Pinned)>,
    /// Why an answer is not worth keeping without a lifetime of its own: because of a view.
    pub(super) fleeting: Option<Error>,
}

/// The entities that a query reads, or may read.
#[derive(Default)]
struct Entities {
    /// Each once: the entry's own first.
    read: Vec<u16>,
    /// Those behind views, where it is not known which of their rows are read.
    whole: HashSet<u16>,
    /// Why an answer is not worth keeping without a lifetime of its own.
    fleeting: Option<Error>,
}

impl Engine {
    /// On which tables a query with an entry of this entity depends, and on which of them maybe only in some rows.
    pub(super) fn depend(
        &self,
        entity: u16,
        reads: &Reads,
        views: &Views,
    ) -> Result<Dependencies, Error> {
        let found = self.entities_read(entity, reads, views)?;
        let mut tags = fill_tags(self.schema.entity(entity), entity);
        let mut pinned = Vec::new();
        for read in found.read {
            let table = &self.schema.entity(read).table.1;
            let mut pins = reads.pinned.iter();
            let pins = pins.find(|pinned| same_name(self.backend, &pinned.table, table));
            match pins.filter(|_| !found.whole.contains(&read)) {
                Some(pins) => pinned.push((read, pins.clone())),
                None => push(&mut tags, Key::rows(read)),
            }
        }
        Ok(Dependencies {
            tags,
            pinned,
            fleeting: found.fleeting,
        })
    }

    /// The entity of the first table that a text names, or of one behind the views that it names.
    pub(super) fn first_read(&self, reads: &Reads, views: &Views) -> Option<u16> {
        let words = reads.words.iter().map(|word| bare(word));
        let mut named = reads.tables.iter().cloned().chain(words);
        let first = named.find_map(|table| self.mapped(&table).next());
        first.or_else(|| {
            let behind = reads.tables.iter().filter_map(|table| views.behind(table));
            let mut tables = behind.flat_map(|behind| {
                let tables = behind.tables.into_iter().map(|base| base.table);
                tables.chain(behind.beneath)
            });
            tables.find_map(|table| self.mapped(&table).next())
        })
    }

    /// What is wrong with a text that reads no entity's table; `None` if it reads no table at all.
    pub(super) fn no_entity(&self, reads: &Reads, views: &Views) -> Option<Error> {
        let first = reads.tables.first()?;
        let mut found = Entities::default();
        let behind = views.behind(first);
        let told = behind.map(|behind| self.add_behind(&mut found, behind));
        Some(
            told.and_then(Result::err)
                .unwrap_or_else(|| unmapped(first)),
        )
    }

    /// The entities whose tables are read, or may be.
    fn entities_read(&self, entity: u16, reads: &Reads, views: &Views) -> Result<Entities, Error> {
        let mut found = Entities {
            read: vec![entity],
            ..Entities::default()
        };
        for table in &reads.tables {
            let before = found.read.len();
            found.read.extend(self.mapped(table));
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
            found.read.extend(self.mapped(&word));
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

    fn add_behind(&self, found: &mut Entities, behind: Behind) -> Result<(), Error> {
        if let Some(obstacle) = behind.obstacle {
            return Err(veiled(obstacle));
        }
        if let Some(view) = behind.stored {
            found.fleeting.get_or_insert_with(|| stored(view));
        }
        if let Some((what, view)) = behind.varies_by {
            let acts = what.nature == Nature::Acts;
            let error = varying(what).with("view", view);
            if acts {
                return Err(error);
            }
            found.fleeting.get_or_insert(error);
        }
        for base in behind.tables {
            if !self.add_whole(found, &base.table) && !base.optional {
                return Err(unmapped_behind(&base.table, base.view));
            }
        }
        Ok(())
    }

    /// Adds the entities of a table of which it is not known what is read; whether there is one.
    fn add_whole(&self, found: &mut Entities, table: &TableName) -> bool {
        let before = found.read.len();
        found.read.extend(self.mapped(table));
        let (_, added) = found.read.split_at(before);
        found.whole.extend(added);
        !added.is_empty()
    }

    /// Schemas that the text or a view names, and in which nobody has looked for views: where databases are asked one by one.
    pub(super) fn schemas_named(&self, reads: &Reads, views: &Views) -> Vec<String> {
        if self.backend != DbBackend::MySql {
            return Vec::new();
        }
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

fn unmapped(table: &TableName) -> Error {
    Error::new(
        ErrorKind::Query,
        "the query reads a table that no entity of the schema maps, so that nobody would know when it changes: add its entity to \
         `cached_schema!`",
    )
    .with("table", &table.name)
}

fn unmapped_behind(table: &TableName, view: String) -> Error {
    Error::new(
        ErrorKind::Query,
        "the query reads a view, and behind it stands a table that no entity of the schema maps, so that nobody would know when it \
         changes: add the entity of that table to `cached_schema!`",
    )
    .with("table", &table.name)
    .with("view", view)
}

fn stored(view: String) -> Error {
    Error::new(
        ErrorKind::Query,
        "the query reads a materialized view, which changes when it is refreshed, and not when its tables are written: give the \
         query a lifetime of its own by `.ttl(..)`",
    )
    .with("view", view)
}

fn veiled(obstacle: Obstacle) -> Error {
    let message = match obstacle.cure {
        Some(cure) => format!(
            "the database does not show its user what a view reads, so that nobody would know when the query changes: {cure}"
        ),
        None => "it cannot be told what a view reads, so that nobody would know when the query changes: read its tables in place of \
                 the view, or read it without `.cached()`"
            .to_owned(),
    };
    Error::new(ErrorKind::Query, message).with("view", obstacle.view)
}

/// An answer that is another one each time, or that leaves out what the query does.
pub(super) fn varying(what: Varying) -> Error {
    let message = match what.nature {
        Nature::Acts => {
            "the query does something, or may do so, that an answer from the cache would leave out: read it without `.cached()`"
        }
        Nature::Unknown => {
            "nothing says that a function answers the same each time: give the query a lifetime of its own by `.ttl(..)`, or declare \
             a function of your own to be what it is (IMMUTABLE on PostgreSQL, DETERMINISTIC on MariaDB and MySQL)"
        }
        Nature::Steady | Nature::Varies => {
            "the query answers differently each time, whatever is written: give it a lifetime of its own by `.ttl(..)`, or pass the \
             value as a parameter"
        }
    };
    Error::new(ErrorKind::Query, message).with("function", what.name)
}

pub(super) fn push(tags: &mut Vec<Key>, tag: Key) {
    if !tags.contains(&tag) {
        tags.push(tag);
    }
}
