//! Queries: what they depend on.

use super::Engine;
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::protocol::fill_tags;
use crate::sql::{Reads, TableName, reads};
use quick_cache::Equivalent;
use quick_cache::sync::Cache;
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
    /// Tags of all tables that it reads, those of its rows' entity first.
    pub(crate) tags: Arc<[Key]>,
    /// Whether it locks rows: then the database must be asked.
    pub(crate) locks: bool,
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

/// A query, and the entity of its rows.
#[derive(Clone, PartialEq, Eq)]
struct Text(u16, Box<str>);

/// The same, borrowed.
struct Asked<'a>(u16, &'a str);

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
    /// What a query depends on whose rows are of this entity. A text that is new is parsed, on a thread of its own, which takes
    /// some tenths of a millisecond.
    ///
    /// # Errors
    /// [`ErrorKind::Query`] if that cannot be told, if it reads a table that no entity maps, or if it answers differently each time
    /// and has no lifetime of its own.
    pub(crate) fn basis(
        &self,
        entity: u16,
        sql: &str,
        ttl: Option<Duration>,
    ) -> Result<Basis, Error> {
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

    fn find_basis(&self, entity: u16, sql: &str) -> Result<Basis, Error> {
        // What writes must be invalidated, and does not pass here, whatever else it does.
        let reads = match self.is_read(sql) {
            true => reads(self.backend, sql),
            false => None,
        };
        let Some(reads) = reads else {
            return Err(Error::new(
                ErrorKind::Query,
                "it cannot be told which tables the query reads, so that nobody would know when it changes: read it without \
                 `.cached()`, or write it in one plain SELECT",
            ));
        };
        let tags = match reads.locks {
            true => Arc::default(),
            false => self.query_tags(entity, &reads)?,
        };
        Ok(Basis {
            tags,
            locks: reads.locks,
            varies_by: reads.varies_by,
        })
    }

    fn query_tags(&self, entity: u16, reads: &Reads) -> Result<Arc<[Key]>, Error> {
        let mut tags = fill_tags(self.schema.entity(entity), entity);
        tags.push(Key::rows(entity));
        for table in &reads.tables {
            let mut is_known = false;
            for read in self.mapped(table) {
                is_known = true;
                push(&mut tags, Key::rows(read));
            }
            if !is_known {
                return Err(Error::new(
                    ErrorKind::Query,
                    "the query reads a table that no entity of the schema maps, so that nobody would know when it changes: add its \
                     entity to `cached_schema!`",
                )
                .with("table", &table.name));
            }
        }
        for word in &reads.words {
            let table = TableName {
                schema: None,
                name: word.clone(),
            };
            for read in self.mapped(&table) {
                push(&mut tags, Key::rows(read));
            }
        }
        Ok(tags.into())
    }
}

fn push(tags: &mut Vec<Key>, tag: Key) {
    if !tags.contains(&tag) {
        tags.push(tag);
    }
}
