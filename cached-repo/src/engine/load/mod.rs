//! Loads: reading the database, and nothing else.

mod kind;
mod rows;
mod value;
mod weigh;

pub(super) use kind::is_same_kind;
pub(super) use value::tags_of_value;
pub(super) use weigh::weigh;

use super::Mode;
use super::ask::{Ask, Producer, ResultShape, What};
use super::catalog::QueryCatalog;
use super::entities::{Entities, bears};
use super::mapping::SchemaMapping;
use super::observer::Observer;
use super::write::Sessions;
use crate::age::{Aging, Life};
use crate::error::Error;
use crate::key::Key;
use crate::port::{Payload, Refusal, Source};
use crate::protocol::{row_tags, user_tags};
use crate::schema::{Row, RowQuery};
use crate::time::Stopwatch;
use sea_orm::{DbErr, QueryResult, Statement, Value};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Most tags that an entry may carry: a collection of rows under many tags is not worth checking.
pub(super) const MAX_TAGS: usize = 64;

/// What came from the database.
#[derive(Clone, Debug)]
pub(super) struct Loaded {
    pub(super) rows: Vec<Row>,
    /// What the entry would hold, or why it must not be stored.
    pub(super) entry: Result<Entry, Refusal>,
}

/// An entry before it is stored.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) payload: Payload,
    pub(super) tags: Vec<Key>,
    pub(super) life: Life,
    /// About how many bytes the payload takes in memory.
    pub(super) weight: u64,
}

/// A map by keys that the library has made.
pub(super) type KeyMap<T> = HashMap<Key, T, foldhash::fast::RandomState>;

/// Reads the database, and makes entries of what it answers.
#[derive(Debug)]
pub(super) struct Loader {
    pub(super) entities: Arc<Entities>,
    pub(super) mapping: Arc<SchemaMapping>,
    pub(super) catalog: Arc<QueryCatalog>,
    pub(super) sessions: Arc<Sessions>,
    pub(super) observer: Arc<Observer>,
    /// Whether the store holds values as bytes.
    pub(super) encodes: bool,
    /// Keys in one query.
    pub(super) chunk: usize,
    /// Whether there is no cache.
    pub(super) is_passthrough: bool,
}

impl Loader {
    /// Loads what is asked for.
    pub(super) async fn load(&self, ask: &Ask, source: &dyn Source) -> Result<Loaded, Error> {
        let mut loaded = self.load_by(ask, source).await?;
        // What it depends on was found of other definitions than it may have been loaded by.
        let generation = ask.query.as_ref().map(|query| query.generation);
        if generation.is_some_and(|generation| generation != self.catalog.generation()) {
            loaded.entry = loaded.entry.and(Err(Refusal::Invalidated));
        }
        Ok(loaded)
    }

    async fn load_by(&self, ask: &Ask, source: &dyn Source) -> Result<Loaded, Error> {
        let took = Stopwatch::start();
        let load = self.load_untimed(ask, source);
        let load = self.observer.timed_load(ask.entity, ask.what.into(), load);
        let mut loaded = load.await?;
        if let Ok(entry) = &mut loaded.entry {
            entry.life.cost = took.elapsed();
        }
        Ok(loaded)
    }

    async fn load_untimed(&self, ask: &Ask, source: &dyn Source) -> Result<Loaded, Error> {
        if let Some(shape) = ask.result_shape()
            && let Producer::Block(block) = &shape.producer
        {
            return Ok(self.load_block(ask, shape, block().await?));
        }
        let statements = match &ask.query {
            Some(query) => query.statements.clone(),
            None => vec![self.select(ask)],
        };
        let answers = source.query_together(statements).await?;
        let mut rows = self.rows(ask, answers)?;
        match ask.what {
            What::Query => {}
            What::Index(_) => self.sort(ask.entity, &mut rows),
            What::Unique(_) => {
                self.sort(ask.entity, &mut rows);
                rows.truncate(1);
            }
            What::Row => rows.truncate(1),
        }
        let entry = match ask.options().mode {
            _ if self.is_passthrough => Err(Refusal::Unwanted),
            Mode::Bypass => Err(Refusal::Unnamed),
            _ => self.entry(ask, &rows),
        };
        Ok(Loaded { rows, entry })
    }

    /// The rows in the database's answers, or the value that is made of them.
    fn rows(&self, ask: &Ask, answers: Vec<Vec<QueryResult>>) -> Result<Vec<Row>, DbErr> {
        if let Some(ResultShape {
            producer: Producer::Answers(make),
            ..
        }) = ask.result_shape()
        {
            return Ok(make(answers)?.into_iter().collect());
        }
        let decode = self.entities.entity(ask.entity).rows.decode;
        answers.iter().flatten().map(decode).collect()
    }

    /// The statement that reads what is asked for by columns.
    fn select(&self, ask: &Ask) -> Statement {
        let columns: Vec<&'static str> = self.columns(ask.entity, ask.fields(&self.entities));
        let query = RowQuery {
            columns: &columns,
            keys: std::slice::from_ref(&ask.values),
            only: &[],
            lock: false,
            limit: self.limit(ask),
        };
        (self.entities.entity(ask.entity).rows.select)(self.mapping.backend(), &query)
    }

    /// SeaORM's `one` has a limit, which a mocked connection may have been told to expect. Here several rows tell of a collation
    /// that SeaORM does not know of.
    fn limit(&self, ask: &Ask) -> Option<u64> {
        (self.is_passthrough && matches!(ask.what, What::Row | What::Unique(_))).then_some(1)
    }

    /// The database names of these fields.
    pub(super) fn columns(&self, entity: u16, fields: &[usize]) -> Vec<&'static str> {
        self.mapping.columns(entity, fields)
    }

    /// Orders rows by their primary keys, so that a collection reads the same each time.
    pub(super) fn sort(&self, entity: u16, rows: &mut [Row]) {
        if rows.len() < 2 {
            return;
        }
        let entity = self.entities.entity(entity);
        rows.sort_by_cached_key(|row| {
            let values = (entity.rows.values)(&**row);
            entity
                .key
                .iter()
                .map(|at| sort_key(&values[*at]))
                .collect::<Vec<_>>()
        });
    }

    /// What to store for these rows; refused if the database found them under values that are spelled otherwise: an
    /// invalidation would not find the entry.
    pub(super) fn entry(&self, ask: &Ask, rows: &[Row]) -> Result<Entry, Refusal> {
        if let Some(shape) = ask.result_shape() {
            return self.value_entry(ask, shape, rows.first());
        }
        if self.sessions.is_open() {
            return Err(Refusal::Unwanted);
        }
        let entity = self.entities.entity(ask.entity);
        let facts = self.entities.defaults(ask.entity);
        let ttl = ask.options().ttl(rows);
        let fields = ask.fields(&self.entities);
        let mut tags = Vec::new();
        for row in rows {
            let values = (entity.rows.values)(&**row);
            if !bears(fields, &values, &ask.values) {
                return Err(Refusal::Unnamed);
            }
            match ask.what {
                What::Unique(_) => {
                    let key: Arc<[Value]> =
                        entity.key.iter().map(|at| values[*at].clone()).collect();
                    let payload = Payload::Pointer(key);
                    return Ok(Entry {
                        weight: weigh(self.entities.schema(), ask.entity, &payload),
                        payload,
                        tags,
                        life: self.life(ask, ttl.unwrap_or(facts.ttl))?,
                    });
                }
                What::Row => tags = row_tags(entity, ask.entity, &values),
                What::Index(_) | What::Query => {
                    // Tables and partitions are covered by the tags of the request; the user's tags are not.
                    for tag in user_tags(entity, &values) {
                        if !tags.contains(&tag) {
                            tags.push(tag);
                        }
                    }
                    if tags.len() > MAX_TAGS {
                        return Err(Refusal::Unnamed);
                    }
                }
            }
        }
        let (payload, ttl) = match (ask.what, rows) {
            (What::Index(_) | What::Query, rows) => (
                self.keys_of(ask, rows)
                    .unwrap_or_else(|| Payload::Rows(rows.into())),
                ttl.unwrap_or(facts.ttl),
            ),
            (_, [row, ..]) => (Payload::Row(Arc::clone(row)), ttl.unwrap_or(facts.ttl)),
            (_, []) => (Payload::Absent, facts.negative_ttl),
        };
        let mut life = self.life(ask, ttl)?;
        if matches!(payload, Payload::Absent) {
            // Its lifetime is short, and is meant to be.
            life.aging = Aging::default();
        }
        Ok(Entry {
            weight: weigh(self.entities.schema(), ask.entity, &payload),
            payload,
            tags,
            life,
        })
    }

    /// The life of an entry that this read stores.
    pub(super) fn life(&self, ask: &Ask, ttl: Duration) -> Result<Life, Refusal> {
        if ttl.is_zero() {
            return Err(Refusal::Unwanted);
        }
        Ok(Life {
            ttl: self.entities.defaults(ask.entity).cut(ttl),
            aging: ask.aging(&self.entities),
            ..Life::default()
        })
    }
}

/// A value in an order that people expect: numbers by size, text by its letters.
fn sort_key(value: &Value) -> (i128, String) {
    match value {
        Value::BigInt(Some(v)) => ((*v).into(), String::new()),
        Value::Int(Some(v)) => ((*v).into(), String::new()),
        Value::SmallInt(Some(v)) => ((*v).into(), String::new()),
        Value::TinyInt(Some(v)) => ((*v).into(), String::new()),
        Value::BigUnsigned(Some(v)) => ((*v).into(), String::new()),
        Value::Unsigned(Some(v)) => ((*v).into(), String::new()),
        Value::SmallUnsigned(Some(v)) => ((*v).into(), String::new()),
        Value::TinyUnsigned(Some(v)) => ((*v).into(), String::new()),
        other => (0, crate::key::plain(other)),
    }
}
