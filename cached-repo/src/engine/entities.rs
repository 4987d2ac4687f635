//! The entities of the schema, with what is computed of each once.

use super::mapping::SchemaMapping;
use super::settings::Settings;
use crate::age::Aging;
use crate::config::{Consistency, Lists};
use crate::error::{Error, ErrorKind};
use crate::key::{Key, Space};
use crate::protocol::fill_tags;
use crate::schema::{Entity, FieldSet, Schema};
use sea_orm::Value;
use std::sync::Arc;
use std::time::Duration;

/// The entities of the schema and their defaults.
#[derive(Debug)]
pub(super) struct Entities {
    schema: Arc<Schema>,
    defaults: Box<[EntityDefaults]>,
}

impl Entities {
    pub(super) fn new(schema: Arc<Schema>, mapping: &SchemaMapping, settings: &Settings) -> Self {
        let defaults = (0..).zip(&schema.entities).map(|(number, entity)| {
            EntityDefaults::of(number, entity, settings, mapping.loose(number))
        });
        Self {
            defaults: defaults.collect(),
            schema,
        }
    }

    #[inline]
    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    #[inline]
    pub(super) fn entity(&self, entity: u16) -> &Entity {
        self.schema.entity(entity)
    }

    pub(super) fn defaults(&self, entity: u16) -> &EntityDefaults {
        &self.defaults[usize::from(entity)]
    }

    /// The keys of a list, one by one.
    pub(super) fn each_key<'a>(
        &self,
        entity: u16,
        keys: &'a [Value],
    ) -> std::slice::ChunksExact<'a, Value> {
        keys.chunks_exact(self.entity(entity).key.len().max(1))
    }

    /// A value that no entry can be found by.
    pub(super) fn unkeyable(&self, entity: u16) -> Error {
        Error::new(
            ErrorKind::Key,
            "a value given as a key has a type that has no canonical form; use an integer, text, UUID, date, boolean or decimal",
        )
        .with("entity", self.entity(entity).prefix())
    }
}

/// What reads and entries of an entity have that say nothing themselves.
#[derive(Debug)]
pub(super) struct EntityDefaults {
    /// Tags of its rows that are known beforehand.
    pub(super) row_tags: Arc<[Key]>,
    /// Tags of its unique lookups.
    pub(super) unique_tags: Arc<[Key]>,
    /// Fields whose text the database compares loosely.
    pub(super) loose: FieldSet,
    pub(super) ttl: Duration,
    pub(super) negative_ttl: Duration,
    jitter: f64,
    pub(super) aging: Aging,
    /// How its lists are stored that nobody else decides on.
    pub(super) lists: Lists,
    /// Whether no copies are kept in front of a shared store.
    pub(super) is_strict: bool,
    /// Whether its single reads do their steps together.
    pub(super) batch: bool,
}

impl EntityDefaults {
    fn of(number: u16, entity: &Entity, settings: &Settings, loose: FieldSet) -> Self {
        let mut row_tags = fill_tags(entity, number);
        let mut unique_tags = vec![Key::epoch(), Key::table(number)];
        let text = Key::bare(Space::Text, number, 0);
        if loose & entity.key_set() != 0 {
            row_tags.push(text.clone());
        }
        if loose & entity.named != 0 {
            unique_tags.push(text);
        }
        let lifetimes = entity.meta.lifetimes;
        Self {
            row_tags: row_tags.into(),
            unique_tags: unique_tags.into(),
            loose,
            ttl: lifetimes.ttl.unwrap_or(settings.ttl),
            negative_ttl: lifetimes.negative_ttl.unwrap_or(settings.negative_ttl),
            batch: entity.meta.batch,
            lists: entity.meta.lists.unwrap_or(Lists::Whole),
            is_strict: entity.meta.consistency.unwrap_or(settings.consistency)
                == Consistency::Strict,
            jitter: lifetimes.jitter.unwrap_or(settings.jitter),
            aging: lifetimes.aging().or(&settings.aging),
        }
    }

    /// A lifetime with a random part cut off, so that what was filled together does not expire together.
    pub(super) fn cut(&self, ttl: Duration) -> Duration {
        ttl.mul_f64(1.0 - self.jitter * fastrand::f64())
    }
}

/// Whether a row has exactly these values in these fields.
pub(super) fn bears(fields: &[usize], row: &[Value], asked: &[Value]) -> bool {
    let pack = |value: &Value| {
        let mut packed = crate::key::Packed::default();
        crate::key::pack(value, &mut packed).ok().map(|()| packed)
    };
    fields.iter().zip(asked).all(|(at, asked)| {
        let held = &row[*at];
        held == asked
            || pack(held)
                .is_some_and(|held| pack(asked).is_some_and(|asked| held.bytes() == asked.bytes()))
    })
}
