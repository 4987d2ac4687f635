//! From the text of a query to what it depends on.

mod analysis;
mod analysis_cache;
mod analyzer;
mod dependencies;
mod error;
mod narrowing;
mod text_digest;
mod views;

#[cfg(test)]
mod tests;

pub(crate) use analysis::QueryAnalysis;
pub(crate) use error::AnalyzeError;
pub(crate) use text_digest::TextDigest;

use super::mapping::SchemaMapping;
use super::settings::Settings;
use super::tags::push_new;
use crate::error::Error;
use crate::key::Key;
use crate::port::Source;
use crate::protocol::Targets;
use crate::sql::{Analyses, mean_the_present};
use crate::time::Deadline;
use analysis::with_required_ttl;
use analysis_cache::{AnalysisCache, TextRef};
use analyzer::TextAnalyzer;
use error::cannot_analyze;
use narrowing::Narrowing;
use sea_orm::Statement;
use std::sync::Arc;
use std::time::Duration;
use views::{ViewDefinitions, ViewSnapshot};

/// How often the catalog is read for one query: each time for schemas that views named which the read before had found.
const MAX_CATALOG_READS: usize = 4;

/// What the texts of queries depend on, by the definitions of views that this process knows.
pub(crate) struct QueryCatalog {
    mapping: Arc<SchemaMapping>,
    analyzer: TextAnalyzer,
    cache: AnalysisCache,
    views: ViewDefinitions,
    /// How long a write of unknown outcome may still change a definition.
    lock_time: Duration,
    is_passthrough: bool,
}

/// For whom the database's catalog is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CatalogScope {
    /// For every reader: outside of any transaction. The result is kept.
    Committed,
    /// For one transaction, which may see definitions that are never committed. Nothing is kept.
    Transaction,
}

impl std::fmt::Debug for QueryCatalog {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("QueryCatalog").finish_non_exhaustive()
    }
}

impl QueryCatalog {
    pub(super) fn new(
        mapping: Arc<SchemaMapping>,
        statements: Arc<Analyses>,
        settings: &Settings,
    ) -> Self {
        Self {
            analyzer: TextAnalyzer::new(Arc::clone(&mapping), statements),
            cache: AnalysisCache::default(),
            views: ViewDefinitions::new(&mapping),
            lock_time: settings.lock_time,
            is_passthrough: settings.passthrough,
            mapping,
        }
    }

    /// Whether a statement writes nothing.
    pub(crate) fn is_read(&self, sql: &str) -> bool {
        self.analyzer.is_read(sql)
    }

    /// The present generation of the definitions of views. An analysis of another one may have other dependencies.
    pub(crate) fn generation(&self) -> u64 {
        self.views.generation()
    }

    /// Reads the definitions of views when the repo is built. If the database does not answer in time, the first query reads them.
    pub(crate) async fn load_views_at_start(&self, source: &dyn Source) {
        self.views.load_at_start(source).await;
    }

    /// Analyzes a query of one or several statements whose rows are of this entity, if they are of one. The values of the statements
    /// do not matter yet: [`tags`](Self::tags) narrows by them, and a hit does not need that. A new text is parsed, which takes some
    /// tenths of a millisecond.
    ///
    /// # Errors
    /// [`AnalyzeError::NotCacheable`] if it cannot be said what the query depends on, if it reads a table that no entity maps, or none at
    /// all, or if it answers differently each time and has no lifetime of its own. [`AnalyzeError::CatalogNeeded`] if
    /// [`analyze_with_catalog`](Self::analyze_with_catalog) must decide.
    pub(crate) fn analyze(
        &self,
        entity: Option<u16>,
        statements: &[Statement],
        ttl: Option<Duration>,
    ) -> Result<Arc<QueryAnalysis>, AnalyzeError> {
        if self.is_passthrough {
            let text = TextDigest::of(self.mapping.backend(), "");
            let entity = entity.unwrap_or_default();
            let analysis = QueryAnalysis::new(entity, text, self.generation());
            return Ok(Arc::new(analysis));
        }
        self.combine(statements, |previous, sql| {
            self.analyze_one(previous.or(entity), sql, ttl)
        })
    }

    /// Analyzes a query after reading the database's catalog.
    ///
    /// # Errors
    /// [`ErrorKind::Query`](crate::ErrorKind::Query) if the query cannot be cached; [`ErrorKind::Database`](crate::ErrorKind::Database)
    /// if the catalog cannot be read.
    ///
    /// # Cancellation
    /// Nothing is left behind.
    pub(crate) async fn analyze_with_catalog(
        &self,
        entity: Option<u16>,
        statements: &[Statement],
        ttl: Option<Duration>,
        source: &dyn Source,
        scope: CatalogScope,
    ) -> Result<Arc<QueryAnalysis>, Error> {
        let snapshot = self.views_of(statements, source, scope).await?;
        self.combine(statements, |previous, sql| {
            let entity = previous.or(entity);
            let analyzed = self.analyzer.analyze(entity, sql, &snapshot, true);
            let analyzed = analyzed.map(Arc::new);
            if scope == CatalogScope::Committed {
                let text = TextRef::new(self.mapping.backend(), entity, sql);
                self.cache
                    .insert(text, snapshot.generation, analyzed.clone());
            }
            with_required_ttl(analyzed?, ttl)
        })
    }

    /// The definitions of views in all schemas that the statements name, directly or through views.
    async fn views_of(
        &self,
        statements: &[Statement],
        source: &dyn Source,
        scope: CatalogScope,
    ) -> Result<ViewSnapshot, Error> {
        let mut snapshot = self.read_catalog(None, &[], source, scope).await?;
        for _ in 1..MAX_CATALOG_READS {
            let parsed = statements
                .iter()
                .filter_map(|it| self.analyzer.parse_reads(&it.sql));
            let unknown = parsed.map(|reads| {
                self.analyzer
                    .finder(&reads, &snapshot.views)
                    .unknown_schemas()
            });
            let schemas: Vec<String> = unknown.flatten().collect();
            if schemas.is_empty() {
                break;
            }
            let read = self.read_catalog(Some(snapshot), &schemas, source, scope);
            snapshot = read.await?;
        }
        Ok(snapshot)
    }

    async fn read_catalog(
        &self,
        before: Option<ViewSnapshot>,
        schemas: &[String],
        source: &dyn Source,
        scope: CatalogScope,
    ) -> Result<ViewSnapshot, Error> {
        if scope == CatalogScope::Committed {
            return self.views.load(source, schemas).await;
        }
        let generation = before.map_or_else(|| self.generation(), |before| before.generation);
        let views = Arc::new(self.views.read(source, schemas).await?);
        Ok(ViewSnapshot { generation, views })
    }

    /// One analysis of several statements: all that any of them reads.
    fn combine<E: From<Error>>(
        &self,
        statements: &[Statement],
        analyze: impl Fn(Option<u16>, &str) -> Result<Arc<QueryAnalysis>, E>,
    ) -> Result<Arc<QueryAnalysis>, E> {
        let [first, rest @ ..] = statements else {
            return Err(cannot_analyze().into());
        };
        let first_analysis = analyze(None, &first.sql)?;
        if rest.is_empty() {
            return Ok(first_analysis);
        }
        let mut all = QueryAnalysis::clone(&first_analysis);
        let mut tags = self.tags(&all, first).to_vec();
        for statement in rest {
            let analysis = analyze(Some(all.entity), &statement.sql)?;
            all.locks |= analysis.locks;
            all.reads_bound_times |= analysis.reads_bound_times;
            all.text = all.text.and(analysis.text);
            let further = self.tags(&analysis, statement);
            let further = further.iter().cloned();
            further.for_each(|tag| push_new(&mut tags, tag));
        }
        (all.tags, all.pinned) = (tags.into(), Arc::default());
        Ok(Arc::new(all))
    }

    /// Tags of all that the statement reads, by its values.
    pub(crate) fn tags(&self, analysis: &QueryAnalysis, statement: &Statement) -> Arc<[Key]> {
        if analysis.pinned.is_empty() {
            return Arc::clone(&analysis.tags);
        }
        let values = statement.values.as_ref();
        let values = values.map_or(&[][..], |values| &values.0);
        let mut tags = analysis.tags.to_vec();
        for (entity, pinned) in &*analysis.pinned {
            let narrowing = Narrowing {
                mapping: &self.mapping,
                entity: *entity,
                values,
            };
            let narrowed = narrowing.tags(pinned);
            for tag in narrowed.unwrap_or_else(|| vec![Key::rows(*entity)]) {
                push_new(&mut tags, tag);
            }
        }
        tags.into()
    }

    /// Whether the database must be asked each time, because a value of a statement means the present.
    pub(crate) fn binds_present_time(
        &self,
        analysis: &QueryAnalysis,
        statements: &[Statement],
        ttl: Option<Duration>,
    ) -> bool {
        let mut values = statements.iter().filter_map(|it| it.values.as_ref());
        let backend = self.mapping.backend();
        analysis.reads_bound_times
            && ttl.is_none()
            && values.any(|values| mean_the_present(backend, &values.0))
    }

    /// Begins a new generation of the definitions of views if these targets say that one may have changed.
    pub(super) fn invalidate(&self, targets: &Targets) {
        if targets.take_all() {
            self.views.invalidate();
        }
    }

    /// Begins a new generation now, and another one when the locks of the write end: the outcome of the write is unknown, and until
    /// then a definition may change.
    pub(super) fn invalidate_until_unlocked(&self, targets: &Targets) {
        if targets.take_all() {
            let until = Deadline::after(self.lock_time);
            self.views.invalidate_again_at(until);
        }
    }

    /// Begins a new generation of the definitions of views.
    pub(super) fn invalidate_all(&self) {
        self.views.invalidate();
    }

    fn analyze_one(
        &self,
        entity: Option<u16>,
        sql: &str,
        ttl: Option<Duration>,
    ) -> Result<Arc<QueryAnalysis>, AnalyzeError> {
        let generation = self.generation();
        let text = TextRef::new(self.mapping.backend(), entity, sql);
        if let Some(analyzed) = self.cache.get(text, generation) {
            return Ok(with_required_ttl(analyzed?, ttl)?);
        }
        let Some(snapshot) = self.views.current() else {
            return Err(AnalyzeError::CatalogNeeded(None));
        };
        let analyzed = self.analyzer.analyze(entity, sql, &snapshot, false);
        let analyzed = analyzed.map(Arc::new);
        if let Err(error) = &analyzed
            && self.analyzer.parse_reads(sql).is_some()
        {
            // Only a read of the catalog decides that the query cannot be cached.
            return Err(AnalyzeError::CatalogNeeded(Some(error.clone())));
        }
        self.cache
            .insert(text, snapshot.generation, analyzed.clone());
        Ok(with_required_ttl(analyzed?, ttl)?)
    }
}
