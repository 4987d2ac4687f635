//! Rows that lists and lookups lead to.

use crate::engine::SharedSource;
use crate::engine::ask::{Answer, Ask, Options, What};
use crate::engine::entities::Entities;
use crate::error::Error;
use crate::schema::Row;
use futures_util::future::BoxFuture;
use sea_orm::Value;
use std::sync::{Arc, Weak};

/// Answers reads through the cache.
pub(super) trait Reads: Send + Sync {
    /// One answer for each read, in order.
    fn answer_each<'a>(
        self: Arc<Self>,
        asks: Vec<Ask>,
        source: &'a SharedSource,
    ) -> BoxFuture<'a, Vec<Result<Answer, Error>>>;
}

/// Reads rows for what rests on them. What it reads by is above it, and may be gone: then there are no rows.
pub(super) struct RowReads {
    entities: Arc<Entities>,
    reads: Weak<dyn Reads>,
}

impl RowReads {
    pub(super) fn new(entities: Arc<Entities>, reads: Weak<dyn Reads>) -> Self {
        Self { entities, reads }
    }

    /// The row that a pointer leads to; `None` if it no longer bears the values (rule 7).
    pub(super) async fn follow(
        &self,
        ask: &Ask,
        key: Arc<[Value]>,
        source: &SharedSource,
    ) -> Result<Option<Answer>, Error> {
        let Some(reads) = self.reads.upgrade() else {
            return Ok(None);
        };
        let row = ask.row_behind(key.to_vec());
        let answer = reads.answer_each(vec![row], source).await.pop();
        let rows = answer.unwrap_or_else(|| Ok(Vec::new()))?;
        Ok(ask
            .is_answered_by(&self.entities, rows.first())
            .then_some(rows))
    }

    /// Rows of a list, past L1, and counted with the list.
    pub(super) async fn parts(
        &self,
        entity: u16,
        keys: Vec<Vec<Value>>,
        source: &SharedSource,
    ) -> Result<Vec<Option<Row>>, Error> {
        let Some(reads) = self.reads.upgrade() else {
            return Ok(vec![None; keys.len()]);
        };
        let options = Arc::new(Options {
            part: true,
            strict: true,
            ..Options::default()
        });
        let part = |key| Ask::new(entity, What::Row, key, Some(Arc::clone(&options)));
        let asks = keys.into_iter().map(part).collect();
        let answers = reads.answer_each(asks, source).await.into_iter();
        answers
            .map(|answer| answer.map(|rows| rows.into_iter().next()))
            .collect()
    }
}
