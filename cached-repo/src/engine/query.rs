//! Queries: what they depend on.

use super::Engine;
use crate::error::{Error, ErrorKind};
use crate::key::Key;
use crate::protocol::fill_tags;
use crate::sql::{Reads, TableName};
use std::sync::Arc;
use std::time::Duration;

/// What is known of a query that is to be cached.
pub(crate) struct Basis {
    /// Tags of all tables that it reads, those of its rows' entity first.
    pub(crate) tags: Arc<[Key]>,
    /// Whether it locks rows: then the database must be asked.
    pub(crate) locks: bool,
}

impl Engine {
    /// What a query depends on whose rows are of this entity.
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
        let Some(reads) = self.readings.get(self.backend, sql) else {
            return Err(Error::new(
                ErrorKind::Query,
                "it cannot be told which tables the query reads, so that nobody would know when it changes: read it without \
                 `.cached()`, or write it in one plain SELECT",
            ));
        };
        if reads.locks {
            return Ok(Basis {
                tags: Arc::default(),
                locks: true,
            });
        }
        if let (Some(function), None) = (reads.varies_by, ttl) {
            return Err(Error::new(
                ErrorKind::Query,
                "the query answers differently each time, whatever is written: give it a lifetime of its own by `.ttl(..)`, or \
                 pass the value as a parameter",
            )
            .with("function", function));
        }
        Ok(Basis {
            tags: self.query_tags(entity, &reads)?,
            locks: false,
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
