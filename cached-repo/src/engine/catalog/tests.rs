//! The catalog alone: texts and definitions of views are all that it needs.

use super::*;
use crate::config::Config;
use crate::protocol::{Touch, TouchSet};
use crate::schema::ALL_FIELDS;
use crate::schema::testing::{ORDER, USER, schema};
use async_trait::async_trait;
use sea_orm::{DbBackend, DbErr, QueryResult};

/// A database without views.
struct NoViews;

#[async_trait]
impl Source for NoViews {
    async fn query(&self, _: Statement) -> Result<Vec<QueryResult>, DbErr> {
        Ok(Vec::new())
    }
}

const JOINED: &str =
    "SELECT users.name FROM users JOIN orders ON orders.customer_id = users.id ORDER BY users.id";

fn catalog() -> QueryCatalog {
    let mapping = SchemaMapping::new(Arc::new(schema()), DbBackend::Sqlite);
    let settings = Settings::from(&Config::default());
    QueryCatalog::new(Arc::new(mapping), Arc::default(), &settings)
}

async fn catalog_that_knows_the_views() -> QueryCatalog {
    let catalog = catalog();
    catalog.load_views_at_start(&NoViews).await;
    catalog
}

fn statement(sql: &str) -> [Statement; 1] {
    [Statement::from_string(DbBackend::Sqlite, sql)]
}

fn targets(catalog: &QueryCatalog, touch: Touch) -> Targets {
    let mut touches = TouchSet::default();
    touches.add(touch);
    catalog.mapping.targets(&touches)
}

fn needs_the_catalog(catalog: &QueryCatalog) -> bool {
    let analyzed = catalog.analyze(None, &statement(JOINED), None);
    matches!(analyzed, Err(AnalyzeError::CatalogNeeded(None)))
}

#[tokio::test]
async fn a_query_depends_on_each_table_that_it_reads() {
    let catalog = catalog_that_knows_the_views().await;
    let joined = statement(JOINED);
    let analysis = catalog
        .analyze(None, &joined, None)
        .expect("it can be cached");
    assert_eq!(analysis.entity, USER, "that of the first table");
    let tags = catalog.tags(&analysis, &joined[0]);
    assert!(tags.contains(&Key::rows(USER)));
    assert!(tags.contains(&Key::rows(ORDER)));
}

#[tokio::test]
async fn a_text_that_reads_an_unmapped_table_is_refused_by_the_catalog_alone() {
    let catalog = catalog_that_knows_the_views().await;
    let unmapped = statement("SELECT id FROM elsewhere");
    let analyzed = catalog.analyze(None, &unmapped, None);
    assert!(matches!(
        analyzed,
        Err(AnalyzeError::CatalogNeeded(Some(_)))
    ));
    let scope = CatalogScope::Committed;
    let analyzed = catalog.analyze_with_catalog(None, &unmapped, None, &NoViews, scope);
    let error = analyzed.await.expect_err("no entity maps it");
    assert_eq!(error.kind(), crate::error::ErrorKind::Query);
    let analyzed = catalog.analyze(None, &unmapped, None);
    assert!(
        matches!(analyzed, Err(AnalyzeError::NotCacheable(_))),
        "the answer of the catalog is kept"
    );
}

#[tokio::test]
async fn a_change_of_the_schema_ends_what_was_analyzed() {
    let catalog = catalog_that_knows_the_views().await;
    let before = catalog.generation();
    assert!(!needs_the_catalog(&catalog));
    catalog.invalidate(&targets(&catalog, Touch::NewEpoch));
    assert_ne!(catalog.generation(), before);
    assert!(needs_the_catalog(&catalog));
}

#[tokio::test]
async fn a_write_of_rows_leaves_what_was_analyzed() {
    let catalog = catalog_that_knows_the_views().await;
    let before = catalog.generation();
    let touch = Touch::Table {
        entity: USER,
        fields: ALL_FIELDS,
    };
    catalog.invalidate(&targets(&catalog, touch));
    assert_eq!(catalog.generation(), before);
    assert!(!needs_the_catalog(&catalog));
}

#[tokio::test]
async fn what_a_transaction_sees_is_not_kept() {
    let catalog = catalog();
    let (joined, scope) = (statement(JOINED), CatalogScope::Transaction);
    let analyzed = catalog.analyze_with_catalog(None, &joined, None, &NoViews, scope);
    analyzed.await.expect("it can be cached");
    assert!(needs_the_catalog(&catalog));
}
