//! Partitions that only the database can name: edges with `lookup(limit = ..)`.
//!
//! The keys are found twice. Before the commit, so that they are locked and a writer that dies leaves nothing stale behind;
//! and after it, for rows that others have added in between. What cannot be found, or is more than the limit, goes as a whole.

use super::Engine;
use crate::key::is_null;
use crate::port::Source;
use crate::protocol::{Search, Targets, TouchSet};
use crate::schema::{RowQuery, set};
use futures_util::FutureExt;
use sea_orm::Value;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;

impl Engine {
    /// What these touches invalidate, with what `source` finds.
    pub(super) async fn found(&self, touches: &TouchSet, source: &dyn Source) -> Targets {
        if !self.schema.searches || self.is_passthrough() {
            return self.targets(touches);
        }
        let loose = |entity: u16| self.mapping.loose(entity);
        let (mut targets, searches) = Targets::to_search(&self.schema, touches, &loose);
        for search in &searches {
            // The write must be invalidated whatever the program's own conversions do.
            let keys = AssertUnwindSafe(self.search(search, source))
                .catch_unwind()
                .await
                .unwrap_or_default();
            let edge = &self.schema.graph.edges[search.chain.last()];
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

    /// What is to be invalidated after a commit beyond what was locked before it.
    pub(super) async fn found_again(&self, touches: &TouchSet, source: &dyn Source) -> Targets {
        if self.schema.searches {
            self.found(touches, source).await
        } else {
            Targets::default()
        }
    }

    /// The keys at the end of the chain; `None` if they are too many or cannot be read.
    async fn search(&self, search: &Search, source: &dyn Source) -> Option<Vec<Vec<Value>>> {
        let mut keys = vec![search.key.clone()];
        for (edge, next) in search.chain.hops() {
            keys = self.hop(edge, next, &keys, source).await?;
        }
        Some(keys)
    }

    /// The values that the edge `next` refers to, in the rows that the edge `edge` leads to from these keys.
    async fn hop(
        &self,
        edge: usize,
        next: usize,
        keys: &[Vec<Value>],
        source: &dyn Source,
    ) -> Option<Vec<Vec<Value>>> {
        let (edge, next) = (
            &self.schema.graph.edges[edge],
            &self.schema.graph.edges[next],
        );
        let entity = self.schema.entity(edge.dependent);
        let via: Vec<usize> = edge.via.iter().collect();
        let columns = self.columns(edge.dependent, &via);
        let from: Vec<usize> = entity.columns_of(&next.from).collect();
        let limit = next.lookup as usize;
        let mut found: HashSet<Vec<Value>> = HashSet::new();
        for keys in keys.chunks((self.settings.chunk / via.len()).max(1)) {
            let query = RowQuery {
                columns: &columns,
                keys,
                only: &[],
                lock: false,
                limit: Some(limit as u64 + 1),
            };
            let rows = self.read_fields(edge.dependent, query, set(&from), source);
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
