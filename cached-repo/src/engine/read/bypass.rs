//! Reads past the cache: the database answers, and nothing is filled. On request, and inside of a transaction, where others must not
//! see the result.

use super::plan::{Placed, PlacedAnswer};
use crate::engine::ask::{Answer, Ask, What};
use crate::engine::entities::Entities;
use crate::engine::load::Loader;
use crate::engine::observer::{EntryKind, Observer};
use crate::error::Error;
use crate::key::Key;
use crate::port::Source;
use crate::protocol::row_key;
use crate::receipt::Receipt;
use crate::schema::Row;
use crate::stats::Count;
use futures_util::future::{join, join_all};
use sea_orm::Value;
use std::sync::Arc;

/// Answers reads by the database alone.
pub(crate) struct Bypass {
    pub(super) entities: Arc<Entities>,
    pub(super) loader: Arc<Loader>,
    pub(super) observer: Arc<Observer>,
    /// Whether there is no cache: statements go to the database as they are.
    pub(super) is_passthrough: bool,
}

impl Bypass {
    /// Answers one read.
    ///
    /// # Errors
    /// [`ErrorKind::Database`](crate::ErrorKind::Database) if the database fails.
    pub(crate) async fn get(&self, ask: &Ask, source: &dyn Source) -> Result<Answer, Error> {
        self.observer.count_read(ask, Count::Bypass);
        let rows = self.loader.load(ask, source).await?.rows;
        ask.options().receipt.iter().for_each(Receipt::loaded);
        Ok(rows)
    }

    /// Rows by primary key, in the order of the keys and as often as they were asked for.
    ///
    /// # Errors
    /// As [`get`](Self::get); [`ErrorKind::Key`](crate::ErrorKind::Key) if a value cannot be a key.
    pub(crate) async fn get_rows(
        &self,
        entity: u16,
        keys: Vec<Vec<Value>>,
        source: &dyn Source,
    ) -> Result<Vec<Option<Row>>, Error> {
        self.observer
            .record_many(entity, EntryKind::Row, Count::Bypass, keys.len() as u64);
        let bad = |_| self.entities.unkeyable(entity);
        let order: Result<Vec<Key>, Error> = keys
            .iter()
            .map(|values| row_key(entity, values).map_err(bad))
            .collect();
        let found = self.loader.query_rows(entity, &keys, source).await?;
        Ok(order?
            .iter()
            .map(|key| found.get(key).map(Arc::clone))
            .collect())
    }

    /// Answers each of these reads, in order.
    pub(crate) async fn get_each(
        &self,
        asks: Vec<Ask>,
        source: &dyn Source,
    ) -> Vec<Result<Answer, Error>> {
        let mut answers = vec![Ok(Vec::new()); asks.len()];
        if self.is_passthrough {
            // In their order, and each as it would be alone: a mocked connection has its answers in that order.
            for (answer, ask) in answers.iter_mut().zip(&asks) {
                *answer = self.get(ask, source).await;
            }
            return answers;
        }
        let asks = asks.into_iter().enumerate().collect();
        for (place, answer) in self.answer_placed(asks, source).await {
            answers[place] = answer;
        }
        answers
    }

    /// Several rows of one entity by one query, everything else one by one.
    pub(super) async fn answer_placed(
        &self,
        asks: Vec<Placed<Ask>>,
        source: &dyn Source,
    ) -> Vec<PlacedAnswer> {
        let (rows, others) = rows_by_entity(asks);
        let rows = rows
            .into_iter()
            .map(|asks| self.rows_of_one_entity(asks, source));
        let others = others.into_iter().map(|(place, ask)| async move {
            let answer = self.get(&ask, source).await;
            (place, answer)
        });
        let (rows, others) = join(join_all(rows), join_all(others)).await;
        rows.into_iter().flatten().chain(others).collect()
    }

    async fn rows_of_one_entity(
        &self,
        asks: Vec<Placed<Ask>>,
        source: &dyn Source,
    ) -> Vec<PlacedAnswer> {
        let entity = asks[0].1.entity;
        let keys = asks.iter().map(|(_, ask)| ask.values.clone()).collect();
        let found = self.get_rows(entity, keys, source).await;
        let each = asks.into_iter().enumerate();
        each.map(|(at, (place, ask))| {
            let answer = found.as_ref().map_err(Error::clone).map(|rows| {
                ask.options().receipt.iter().for_each(Receipt::loaded);
                rows[at].iter().cloned().collect()
            });
            (place, answer)
        })
        .collect()
    }
}

/// Reads of several rows of one entity; and the others, among them the only one of its entity.
fn rows_by_entity(asks: Vec<Placed<Ask>>) -> (Vec<Vec<Placed<Ask>>>, Vec<Placed<Ask>>) {
    let mut rows: Vec<Vec<Placed<Ask>>> = Vec::new();
    let mut others = Vec::new();
    for (place, ask) in asks {
        if ask.what != What::Row {
            others.push((place, ask));
            continue;
        }
        let entity = ask.entity;
        match rows.iter_mut().find(|asks| asks[0].1.entity == entity) {
            Some(asks) => asks.push((place, ask)),
            None => rows.push(vec![(place, ask)]),
        }
    }
    let (rows, only): (Vec<_>, Vec<_>) = rows.into_iter().partition(|asks| asks.len() > 1);
    others.extend(only.into_iter().flatten());
    (rows, others)
}
