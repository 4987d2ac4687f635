//! From one text to its dependencies, by given definitions of views.

use super::analysis::QueryAnalysis;
use super::dependencies::DependencyFinder;
use super::error::{cannot_analyze, not_repeatable, reads_no_table};
use super::text_digest::TextDigest;
use super::views::ViewSnapshot;
use crate::database::Views;
use crate::engine::mapping::SchemaMapping;
use crate::error::Error;
use crate::schema::{Entity, RowQuery};
use crate::sql::{Analyses, Analysis, Nature, Reads, reads};
use sea_orm::DbBackend;
use std::sync::Arc;

/// Parses the texts of queries, and resolves the tables that they read.
pub(super) struct TextAnalyzer {
    mapping: Arc<SchemaMapping>,
    statements: Arc<Analyses>,
    /// For each entity: how a query begins that selects its rows as they are.
    plain: Box<[Box<str>]>,
}

impl TextAnalyzer {
    pub(super) fn new(mapping: Arc<SchemaMapping>, statements: Arc<Analyses>) -> Self {
        let entities = mapping.schema().entities.iter();
        let backend = mapping.backend();
        Self {
            plain: entities.map(|entity| plain(entity, backend)).collect(),
            mapping,
            statements,
        }
    }

    /// Whether a statement writes nothing.
    pub(super) fn is_read(&self, sql: &str) -> bool {
        let analysis = self.statements.get(self.mapping.backend(), sql);
        matches!(*analysis, Analysis::Read)
    }

    /// What the text reads, if it does nothing else: what writes must be invalidated, and is not analyzed here.
    pub(super) fn parse_reads(&self, sql: &str) -> Option<Reads> {
        let is_read = self.is_read(sql);
        is_read
            .then(|| reads(self.mapping.backend(), sql))
            .flatten()
    }

    /// Finds the dependencies of what was parsed.
    pub(super) fn finder<'a>(&'a self, reads: &'a Reads, views: &'a Views) -> DependencyFinder<'a> {
        DependencyFinder {
            mapping: &self.mapping,
            reads,
            views,
        }
    }

    /// What the text depends on whose rows are of this entity, if they are of one. `is_final` says that no read of the catalog
    /// follows which might find a function that is not known yet.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the query cannot be cached.
    pub(super) fn analyze(
        &self,
        entity: Option<u16>,
        sql: &str,
        snapshot: &ViewSnapshot,
        is_final: bool,
    ) -> Result<QueryAnalysis, Error> {
        let reads = self.parse_reads(sql).ok_or_else(cannot_analyze)?;
        let finder = self.finder(&reads, &snapshot.views);
        if !finder.unknown_schemas().is_empty() {
            return Err(cannot_analyze());
        }
        let Some(entity) = entity.or_else(|| finder.first_entity()) else {
            return Err(finder.no_entity().unwrap_or_else(reads_no_table));
        };
        let text = TextDigest::of(self.mapping.backend(), sql);
        let mut analysis = QueryAnalysis {
            plain: self.selects_rows_as_they_are(entity, sql),
            locks: reads.locks,
            reads_bound_times: reads.moments,
            ..QueryAnalysis::new(entity, text, snapshot.generation)
        };
        if !reads.locks {
            let found = finder.find(entity)?;
            (analysis.tags, analysis.pinned) = (found.tags.into(), found.pinned.into());
            analysis.requires_ttl = match snapshot.views.varying(&reads.behavior) {
                Some(it)
                    if it.nature == Nature::Acts || it.nature == Nature::Unknown && !is_final =>
                {
                    return Err(not_repeatable(it));
                }
                Some(it) => Some(not_repeatable(it)),
                None => found.requires_ttl,
            };
        }
        Ok(analysis)
    }

    /// Whether the text selects the columns of the entity from its table, row by row: what stands behind that decides only which
    /// rows, and in which order. Set operations may bring others, and groups make rows of several.
    fn selects_rows_as_they_are(&self, entity: u16, sql: &str) -> bool {
        let Some(rest) = sql.strip_prefix(&*self.plain[usize::from(entity)]) else {
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
}

/// What every query for rows of the entity begins with, up to its table: another one may select something else under the names
/// of its columns.
fn plain(entity: &Entity, backend: DbBackend) -> Box<str> {
    let query = RowQuery {
        columns: &[],
        keys: &[],
        only: &[],
        lock: false,
        limit: None,
    };
    let text = (entity.rows.select)(backend, &query).sql;
    let end = text.rfind(" WHERE ").unwrap_or(text.len());
    text[..end].into()
}
