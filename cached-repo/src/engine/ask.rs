//! What a read asks for, and the answer.

use super::EntryKind;
use super::entities::{Entities, bears};
use crate::age::{Aging, AgingChoice};
use crate::config::Lists;
use crate::error::{Error, ErrorKind};
use crate::key::{Key, Space};
use crate::port::Form;
use crate::protocol::{entry_key, lookup_tags, unique_tags};
use crate::receipt::Receipt;
use crate::schema::Row;
use crate::write_token::WriteToken;
use futures_util::future::BoxFuture;
use sea_orm::{DbErr, QueryResult, Statement, Value};
use std::sync::Arc;
use std::time::Duration;

/// How a read uses the cache.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// From the cache; on a miss from the database into the cache.
    #[default]
    Through,
    /// From the database, past the cache.
    Bypass,
    /// From the database into the cache, whatever the cache holds.
    Refresh,
    /// From the cache or not at all.
    CacheOnly,
}

/// What one call asks for beyond its key.
#[derive(Clone, Debug, Default)]
pub(crate) struct Options {
    pub(crate) mode: Mode,
    pub(crate) ttl: Option<Duration>,
    /// The lifetime that what was found asks for.
    pub(crate) ttl_from: Option<TtlFrom>,
    pub(crate) aging: AgingChoice,
    /// Who wants to know how old the answer is.
    pub(crate) receipt: Option<Receipt>,
    pub(crate) tags: Vec<Key>,
    /// How a list is stored, if this call decides.
    pub(crate) lists: Option<Lists>,
    /// Whether it is a part of another read, which is counted instead.
    pub(crate) part: bool,
    /// Whether no copy in this process will do.
    pub(crate) strict: bool,
    /// The write that must be seen, if there is one.
    pub(crate) after: Option<WriteToken>,
}

/// Tells a lifetime by what was found; `None` for the usual one.
#[derive(Clone)]
pub(crate) struct TtlFrom(pub(crate) Arc<TellTtl>);

type TellTtl = dyn Fn(&[Row]) -> Option<Duration> + Send + Sync;

impl std::fmt::Debug for TtlFrom {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TtlFrom").finish_non_exhaustive()
    }
}

impl Options {
    /// Of a call that asks for nothing special.
    pub(super) const DEFAULT: &Self = &Self {
        mode: Mode::Through,
        ttl: None,
        ttl_from: None,
        aging: AgingChoice::NONE,
        receipt: None,
        tags: Vec::new(),
        lists: None,
        part: false,
        strict: false,
        after: None,
    };

    /// How long an entry with these rows is to live, if the call says so.
    pub(super) fn ttl(&self, rows: &[Row]) -> Option<Duration> {
        let asked = self.ttl_from.as_ref().and_then(|from| (from.0)(rows));
        asked.or(self.ttl)
    }

    /// Whether an entry that is there is good whatever tags it carries: the call asks for nothing special.
    pub(super) fn is_plain(&self) -> bool {
        matches!(self.mode, Mode::Through | Mode::CacheOnly) && self.tags.is_empty()
    }
}

/// The columns by which a read finds its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// The primary key.
    Row,
    /// A unique lookup.
    Unique(u16),
    /// An index.
    Index(u16),
    /// None: a query says which.
    Query,
}

/// A query: nearly always one statement.
#[derive(Debug)]
pub(crate) struct Query {
    pub(crate) statements: Vec<Statement>,
    pub(crate) key: Key,
    /// Tags of all tables that it reads, the namespace's and its own entity's first.
    pub(crate) tags: Arc<[Key]>,
    /// Whether its rows are those that a read by key would find.
    pub(crate) plain: bool,
    /// What the answers are made into; `None` for rows of one entity.
    pub(crate) result_shape: Option<ResultShape>,
    /// Of the definitions of views by which the tags were found.
    pub(crate) generation: u64,
}

/// What a query is made into: a value of a type that only the typed shell knows.
#[derive(Clone)]
pub(crate) struct ResultShape {
    pub(crate) form: Form,
    pub(crate) producer: Producer,
}

/// How a value is made.
#[derive(Clone)]
pub(crate) enum Producer {
    /// Of the answers to the statements.
    Answers(Arc<Make>),
    /// By a block that reads as it likes.
    Block(Arc<Block>),
}

/// One list of rows for each statement; `None` if there is nothing to show.
pub(crate) type Make = dyn Fn(Vec<Vec<QueryResult>>) -> Result<Option<Row>, DbErr> + Send + Sync;

pub(crate) type Block = dyn Fn() -> BoxFuture<'static, Result<Gathered, Error>> + Send + Sync;

/// What a block has found.
pub(crate) struct Gathered {
    /// `None` if there is nothing to show.
    pub(crate) value: Option<Row>,
    /// Tags of all that it has read.
    pub(crate) tags: Vec<Key>,
    /// Whether it holds for this moment alone, and must not be kept.
    pub(crate) passing: bool,
}

impl std::fmt::Debug for ResultShape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ResultShape").finish_non_exhaustive()
    }
}

/// A read, without types.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) entity: u16,
    pub(crate) what: What,
    pub(crate) values: Vec<Value>,
    /// The query, if that is what is asked.
    pub(crate) query: Option<Arc<Query>>,
    /// `None` for those of a call that asks for nothing special.
    options: Option<Arc<Options>>,
    /// What the reader has asked by, if this is the row that a lookup leads to.
    asked: What,
    /// The entry's key, if it is known already.
    key: Option<Key>,
}

/// The rows that were found: one or none for a key or a unique lookup.
pub(crate) type Answer = Vec<Row>;

impl Ask {
    /// A read by columns.
    pub(crate) fn new(
        entity: u16,
        what: What,
        values: Vec<Value>,
        options: Option<Arc<Options>>,
    ) -> Self {
        Self {
            entity,
            what,
            values,
            query: None,
            options,
            asked: what,
            key: None,
        }
    }

    /// A read of a row whose key is known.
    pub(super) fn row(
        entity: u16,
        key: Key,
        values: Vec<Value>,
        options: Option<Arc<Options>>,
    ) -> Self {
        Self {
            key: Some(key),
            ..Self::new(entity, What::Row, values, options)
        }
    }

    /// A read of a query.
    pub(crate) fn query(entity: u16, query: Query, options: Option<Arc<Options>>) -> Self {
        Self {
            key: Some(query.key.clone()),
            query: Some(Arc::new(query)),
            ..Self::new(entity, What::Query, Vec::new(), options)
        }
    }

    /// A read of the row with this key, as the row that this lookup or list leads to.
    pub(super) fn row_behind(&self, key: Vec<Value>) -> Self {
        Self {
            asked: self.asked,
            ..Self::new(self.entity, What::Row, key, self.options.clone())
        }
    }

    pub(super) fn options(&self) -> &Options {
        self.options.as_deref().unwrap_or(Options::DEFAULT)
    }

    pub(super) fn options_mut(&mut self) -> &mut Options {
        Arc::make_mut(self.options.get_or_insert_default())
    }

    /// What the reader has asked by.
    pub(super) fn kind(&self) -> EntryKind {
        self.asked.into()
    }

    /// The key of the entry that holds the answer.
    ///
    /// # Errors
    /// [`ErrorKind::Key`] if the values cannot be a key.
    pub(super) fn key(&self, entities: &Entities) -> Result<Key, Error> {
        if let Some(key) = &self.key {
            return Ok(key.clone());
        }
        let entity = entities.entity(self.entity);
        if self.values.len() != self.fields(entities).len() {
            return Err(
                Error::new(ErrorKind::Key, "a key has too few or too many values")
                    .with("entity", entity.prefix()),
            );
        }
        let (space, lookup) = match self.what {
            What::Row | What::Query => (Space::Row, 0),
            What::Unique(lookup) => (Space::Unique, lookup),
            What::Index(lookup) => (Space::Index, lookup),
        };
        entry_key(space, self.entity, lookup, &self.values)
            .map_err(|_| entities.unkeyable(self.entity))
    }

    /// The tags that the entry must carry, as far as they are known before the load.
    ///
    /// # Errors
    /// [`ErrorKind::Key`] if the values cannot be a key.
    pub(super) fn tags(&self, entities: &Entities) -> Result<Arc<[Key]>, Error> {
        let entity = entities.entity(self.entity);
        let facts = entities.defaults(self.entity);
        let fixed = match self.what {
            What::Query => self
                .query
                .as_ref()
                .map_or_else(Arc::default, |query| Arc::clone(&query.tags)),
            What::Row => Arc::clone(&facts.row_tags),
            What::Unique(lookup) => match unique_tags(entity, self.entity, lookup, &self.values) {
                own if own.is_empty() => Arc::clone(&facts.unique_tags),
                own => facts.unique_tags.iter().cloned().chain(own).collect(),
            },
            What::Index(lookup) => {
                let mut tags = facts.row_tags.to_vec();
                let own = lookup_tags(entity, self.entity, lookup, &self.values);
                tags.extend(own.map_err(|_| entities.unkeyable(self.entity))?);
                if facts.loose & entity.named != 0 {
                    tags.push(Key::bare(Space::Text, self.entity, 0));
                }
                tags.into()
            }
        };
        let of_call = &self.options().tags;
        if of_call.is_empty() {
            return Ok(fixed);
        }
        let further = of_call.iter().filter(|tag| !fixed.contains(tag));
        Ok(fixed.iter().chain(further).cloned().collect())
    }

    /// What is allowed beyond the entry's life, and done before its end.
    pub(super) fn aging(&self, entities: &Entities) -> Aging {
        self.options()
            .aging
            .or(&entities.defaults(self.entity).aging)
    }

    /// Whether it matters how old the entry is.
    pub(super) fn ages(&self, entities: &Entities) -> bool {
        self.options().receipt.is_some() || !self.aging(entities).is_none()
    }

    /// What the query's answers are made into, if they are no rows of the entity.
    pub(super) fn result_shape(&self) -> Option<&ResultShape> {
        self.query.as_ref()?.result_shape.as_ref()
    }

    /// Positions of the fields that the values belong to.
    pub(super) fn fields<'a>(&self, entities: &'a Entities) -> &'a [usize] {
        let entity = entities.entity(self.entity);
        match self.what {
            What::Query => &[],
            What::Row => &entity.key,
            What::Unique(lookup) => &entity.uniques[usize::from(lookup)].fields,
            What::Index(lookup) => &entity.indexes[usize::from(lookup)].fields,
        }
    }

    /// Whether the row that a pointer leads to still bears the values that were asked for (rule 7).
    pub(super) fn is_answered_by(&self, entities: &Entities, row: Option<&Row>) -> bool {
        let Some(row) = row else {
            return false;
        };
        let values = (entities.entity(self.entity).rows.values)(&**row);
        bears(self.fields(entities), &values, &self.values)
    }
}
