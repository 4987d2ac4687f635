//! Partitions that only the database can name: edges with `lookup(limit = ..)`.
//!
//! The keys are found twice. Before the commit, so that they are locked and a writer that dies leaves nothing stale behind;
//! and after it, for rows that others have added in between. What cannot be found, or is more than the limit, goes as a whole.

use super::rows::RowReader;
use crate::engine::mapping::SchemaMapping;
use crate::key::is_null;
use crate::port::Source;
use crate::protocol::{Search, Targets, TouchSet};
use crate::schema::{RowQuery, set};
use futures_util::FutureExt;
use sea_orm::Value;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;

/// Finds what touches invalidate, by queries where the schema alone does not say.
pub(super) struct TargetSearch<'a> {
    pub(super) mapping: &'a SchemaMapping,
    pub(super) source: &'a dyn Source,
    /// Keys in one query.
    pub(super) chunk: usize,
}

impl TargetSearch<'_> {
    /// What these touches invalidate.
    pub(super) async fn find(&self, touches: &TouchSet) -> Targets {
        let loose = |entity: u16| self.mapping.loose(entity);
        let schema = self.mapping.schema();
        let (mut targets, searches) = Targets::to_search(schema, touches, &loose);
        for search in &searches {
            // The write must be invalidated whatever the program's own conversions do.
            let keys = AssertUnwindSafe(self.search(search))
                .catch_unwind()
                .await
                .unwrap_or_default();
            let edge = &schema.graph.edges[search.chain.last()];
            match keys {
                Some(keys) => {
                    for key in &keys {
                        let key: Vec<&Value> = key.iter().collect();
                        targets.partition(edge.dependent, edge.partition, Some(&key));
                    }
                }
                None => targets.partition(edge.dependent, edge.partition, None),
            }
        }
        targets
    }

    /// The keys at the end of the chain; `None` if they are too many or cannot be read.
    async fn search(&self, search: &Search) -> Option<Vec<Vec<Value>>> {
        let mut keys = vec![search.key.clone()];
        for (edge, next) in search.chain.hops() {
            keys = self.hop(edge, next, &keys).await?;
        }
        Some(keys)
    }

    /// The values that the edge `next` refers to, in the rows that the edge `edge` leads to from these keys.
    async fn hop(&self, edge: usize, next: usize, keys: &[Vec<Value>]) -> Option<Vec<Vec<Value>>> {
        let schema = self.mapping.schema();
        let (edge, next) = (&schema.graph.edges[edge], &schema.graph.edges[next]);
        let entity = schema.entity(edge.dependent);
        let reader = RowReader {
            mapping: self.mapping,
            source: self.source,
        };
        let via: Vec<usize> = edge.via.iter().collect();
        let columns = self.mapping.columns(edge.dependent, &via);
        let from: Vec<usize> = entity.columns_of(&next.from).collect();
        let limit = next.lookup as usize;
        let mut found: HashSet<Vec<Value>> = HashSet::new();
        for keys in keys.chunks((self.chunk / via.len()).max(1)) {
            let query = RowQuery {
                columns: &columns,
                keys,
                only: &[],
                lock: false,
                limit: Some(limit as u64 + 1),
            };
            let rows = reader.read_fields(edge.dependent, query, set(&from));
            let rows = rows.await.ok()?;
            if rows.len() > limit {
                return None;
            }
            for row in &rows {
                let key = from.iter().map(|at| row[*at].clone());
                found.insert(key.collect::<Option<_>>()?);
            }
            if found.len() > limit {
                return None;
            }
        }
        Some(
            found
                .into_iter()
                .filter(|key| !key.iter().any(is_null))
                .collect(),
        )
    }
}
