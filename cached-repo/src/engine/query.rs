//! Queries: what they depend on.

use super::Engine;
use super::digest::TextDigest;
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::protocol::fill_tags;
use crate::sql::{Pinned, Reads, TableName, reads, same_name};
use quick_cache::Equivalent;
use quick_cache::sync::Cache;
use sea_orm::Statement;
use std::collections::HashSet;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

/// Texts that are kept.
const CAPACITY: usize = 1024;
/// Longer texts carry their values inline as a rule, and do not come back.
const MAX_KEPT_TEXT: usize = 16 << 10;

/// What is known of a query that is to be cached.
#[derive(Clone, Debug)]
pub(crate) struct Basis {
    /// The entity whose entry it is: that of its rows, or the first that it reads.
    pub(crate) entity: u16,
    /// Tags of all tables that it reads as a whole, those of its rows' entity first.
    tags: Arc<[Key]>,
    /// Entities whose tags are missing there, since the values of the query say which of their rows it reads.
    pinned: Arc<[(u16, Pinned)]>,
    /// Whether it selects rows of its entity as they are.
    pub(crate) plain: bool,
    /// Whether it locks rows: then the database must be asked.
    pub(crate) locks: bool,
    /// Stands for its text in keys.
    pub(crate) text: TextDigest,
    /// What makes it answer differently each time.
    varies_by: Option<&'static str>,
}

/// What recent queries depend on, or why they cannot be cached: a hit is not to look at its text again.
pub(super) struct Bases(Cache<Text, Result<Basis, Error>>);

impl Default for Bases {
    fn default() -> Self {
        Self(Cache::new(CAPACITY))
    }
}

/// A query, and the entity of its rows, if they are of one.
#[derive(Clone, PartialEq, Eq)]
struct Text(Option<u16>, Box<str>);

/// The same, borrowed.
struct Asked<'a>(Option<u16>, &'a str);

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Asked(self.0, &self.1).hash(state);
    }
}

impl Hash for Asked<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
        self.1.hash(state);
    }
}

impl Equivalent<Text> for Asked<'_> {
    fn equivalent(&self, text: &Text) -> bool {
        self.0 == text.0 && *self.1 == *text.1
    }
}

impl Engine {
    /// What a query depends on, all of its statements together. [`tags`](Self::tags) tells of which rows, for one statement: a hit
    /// does not ask that.
    ///
    /// # Errors
    /// As [`basis`](Self::basis).
    pub(crate) fn basis_of_all(
        &self,
        entity: Option<u16>,
        statements: &[Statement],
        ttl: Option<Duration>,
    ) -> Result<Basis, Error> {
        let [first, rest @ ..] = statements else {
            return Err(untold());
        };
        let mut all = self.basis(entity, &first.sql, ttl)?;
        if rest.is_empty() {
            return Ok(all);
        }
        let mut tags = self.tags(&all, first).to_vec();
        for statement in rest {
            let basis = self.basis(Some(all.entity), &statement.sql, ttl)?;
            all.locks |= basis.locks;
            all.text = all.text.and(basis.text);
            let further = self.tags(&basis, statement);
            further.iter().for_each(|tag| push(&mut tags, tag.clone()));
        }
        (all.tags, all.pinned) = (tags.into(), Arc::default());
        Ok(all)
    }

    /// Tags of all that the statement reads, whose basis this is.
    pub(crate) fn tags(&self, basis: &Basis, statement: &Statement) -> Arc<[Key]> {
        if basis.pinned.is_empty() {
            return Arc::clone(&basis.tags);
        }
        let values = statement
            .values
            .as_ref()
            .map_or(&[][..], |values| &values.0);
        let mut tags = basis.tags.to_vec();
        for (entity, pinned) in &*basis.pinned {
            let narrowed = self.narrowed(*entity, pinned, values);
            for tag in narrowed.unwrap_or_else(|| vec![Key::rows(*entity)]) {
                push(&mut tags, tag);
            }
        }
        tags.into()
    }

    /// What a text depends on whose rows are of this entity, if they are of one. A text that is new is parsed, on a thread of
    /// its own, which takes some tenths of a millisecond.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] if that cannot be told, if it reads a table that no entity maps, or none at all, or if it answers
    /// differently each time and has no lifetime of its own.
    fn basis(&self, entity: Option<u16>, sql: &str, ttl: Option<Duration>) -> Result<Basis, Error> {
        let basis = match self.bases.0.get(&Asked(entity, sql)) {
            Some(kept) => kept,
            None => {
                let found = self.find_basis(entity, sql);
                if sql.len() <= MAX_KEPT_TEXT {
                    let text = Text(entity, sql.into());
                    self.bases.0.insert(text, found.clone());
                }
                found
            }
        }?;
        match basis.varies_by {
            Some(function) if ttl.is_none() => Err(Error::new(
                ErrorKind::Query,
                "the query answers differently each time, whatever is written: give it a lifetime of its own by `.ttl(..)`, or \
                 pass the value as a parameter",
            )
            .with("function", function)),
            _ => Ok(basis),
        }
    }

    fn find_basis(&self, entity: Option<u16>, sql: &str) -> Result<Basis, Error> {
        // What writes must be invalidated, and does not pass here, whatever else it does.
        let reads = match self.is_read(sql) {
            true => reads(self.backend, sql),
            false => None,
        };
        let Some(reads) = reads else {
            return Err(untold());
        };
        let entity = match entity.or_else(|| self.first_read(&reads)) {
            Some(entity) => entity,
            None => return Err(reads.tables.first().map_or_else(tableless, unmapped)),
        };
        let mut basis = Basis {
            entity,
            tags: Arc::default(),
            pinned: Arc::default(),
            plain: self.is_plain(entity, sql),
            locks: reads.locks,
            text: TextDigest::of(self.backend, sql),
            varies_by: reads.varies_by,
        };
        if !reads.locks {
            self.depend(&mut basis, &reads)?;
        }
        Ok(basis)
    }

    /// Whether the text selects the columns of the entity from its table, row by row: what stands behind that decides only which
    /// rows, and in which order. Set operations may bring others, and groups make rows of several.
    fn is_plain(&self, entity: u16, sql: &str) -> bool {
        let Some(rest) = sql.strip_prefix(&*self.facts(entity).plain) else {
            return false;
        };
        let upper = rest.to_ascii_uppercase();
        let mixes = |word: &&str| upper.contains(*word);
        rest.is_empty()
            || (rest.starts_with(' ')
                && !["UNION", "INTERSECT", "EXCEPT", "GROUP BY"]
                    .iter()
                    .any(mixes))
    }

    /// The entity of the first table that a text names.
    fn first_read(&self, reads: &Reads) -> Option<u16> {
        let words = reads.words.iter().map(|word| bare(word));
        let mut named = reads.tables.iter().cloned().chain(words);
        named.find_map(|table| self.mapped(&table).next())
    }

    /// Notes on which tables the query depends, and on which of them maybe only in some rows.
    fn depend(&self, basis: &mut Basis, reads: &Reads) -> Result<(), Error> {
        let entity = basis.entity;
        let mut tags = fill_tags(self.schema.entity(entity), entity);
        let mut pinned = Vec::new();
        for read in self.entities_read(entity, reads)? {
            let table = &self.schema.entity(read).table.1;
            let is_it = |pinned: &&Pinned| same_name(self.backend, &pinned.table, table);
            match reads.pinned.iter().find(is_it) {
                Some(found) => pinned.push((read, found.clone())),
                None => push(&mut tags, Key::rows(read)),
            }
        }
        (basis.tags, basis.pinned) = (tags.into(), pinned.into());
        Ok(())
    }

    /// The entities whose tables are read, or may be, each once: the entry's own first.
    fn entities_read(&self, entity: u16, reads: &Reads) -> Result<Vec<u16>, Error> {
        let mut found = vec![entity];
        for table in &reads.tables {
            let before = found.len();
            found.extend(self.mapped(table));
            if found.len() == before {
                return Err(unmapped(table));
            }
        }
        for word in &reads.words {
            found.extend(self.mapped(&bare(word)));
        }
        let mut seen = HashSet::new();
        found.retain(|read| seen.insert(*read));
        Ok(found)
    }
}

fn bare(name: &str) -> TableName {
    TableName {
        schema: None,
        name: name.to_owned(),
    }
}

fn tableless() -> Error {
    Error::new(
        ErrorKind::Query,
        "the query reads no table, so that no write would ever end it: read it without `.cached()`",
    )
}

fn untold() -> Error {
    Error::new(
        ErrorKind::Query,
        "it cannot be told which tables the query reads, so that nobody would know when it changes: read it without `.cached()`, or \
         write it in one plain SELECT",
    )
}

fn unmapped(table: &TableName) -> Error {
    Error::new(
        ErrorKind::Query,
        "the query reads a table that no entity of the schema maps, so that nobody would know when it changes: add its entity to \
         `cached_schema!`",
    )
    .with("table", &table.name)
}

fn push(tags: &mut Vec<Key>, tag: Key) {
    if !tags.contains(&tag) {
        tags.push(tag);
    }
}
