//! Events of the program's, and what they invalidate.

use super::invalidate::of_row;
use super::{CachedTransaction, FindByIndex, FindByUnique, IntoTag};
use crate::engine::Engine;
use crate::error::{Error, ErrorKind};
use crate::key::{Key, Space, Unkeyable};
use crate::protocol::{Touch, TouchSet, entry_key, partition_key};
use crate::schema::{ALL_FIELDS, CacheSchema, InSchema, KeyOf, key_values, set};
use sea_orm::Value;
use sea_orm::sea_query::IntoValueTuple;
use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;

/// The rule of an event: what of the schema `S` it makes stale. One place says so for all who emit it.
///
/// For writes and facts that do not go through the repo: a message of another service, a feed of prices.
#[diagnostic::on_unimplemented(
    message = "no rule says what the event `{Self}` invalidates in the schema `{S}`",
    label = "an event without a rule",
    note = "write `impl InvalidationRule<{S}> for {Self} {{ fn invalidates(&self, it: &mut RuleBuilder<'_, {S}>) {{ .. }} }}`"
)]
pub trait InvalidationRule<S: CacheSchema> {
    /// Names what the event makes stale. It is called once for each event that is emitted.
    fn invalidates(&self, it: &mut RuleBuilder<'_, S>);
}

/// Collects what an event invalidates.
pub struct RuleBuilder<'r, S> {
    engine: &'r Engine,
    touches: Vec<Touch>,
    error: Option<Error>,
    schema: PhantomData<fn() -> S>,
}

/// Not what is collected: it holds user data.
impl<S> fmt::Debug for RuleBuilder<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuleBuilder").finish_non_exhaustive()
    }
}

impl<S: CacheSchema> RuleBuilder<'_, S> {
    /// A row, the lookups that lead to it, and what depends on it: as `User::invalidate(key, &repo)` does by hand. The entity as
    /// a whole, if it has lookups, tags by value or edges: nobody knows under which values the row was cached.
    pub fn row<E: InSchema<S>>(&mut self, key: impl Into<KeyOf<E>>) -> &mut Self {
        let values = key_values(key.into().into_value_tuple());
        match of_row(self.engine, E::INDEX as u16, &values) {
            Ok(touches) => self.touches.extend(touches),
            Err(error) => self.fail(error),
        }
        self
    }

    /// Which row has this unique value: `it.unique(User::find_cached_by_email(email))`. Reads by the value go to the database. What
    /// the row holds goes with [`row`](Self::row).
    pub fn unique<E: InSchema<S>>(&mut self, find: FindByUnique<E>) -> &mut Self {
        let (lookup, values) = find.lookup();
        self.key::<E>(entry_key(Space::Unique, E::INDEX as u16, lookup, &values))
    }

    /// Which rows have this indexed value: `it.index(Order::find_cached_by_customer_id(7))`. The collection goes, and so do the queries
    /// that name the value, or no value. What the rows hold under their own keys goes with [`partition`](Self::partition).
    pub fn index<E: InSchema<S>>(&mut self, find: FindByIndex<E>) -> &mut Self {
        let (lookup, values) = find.lookup();
        self.key::<E>(entry_key(Space::Member, E::INDEX as u16, lookup, &values))
    }

    /// The rows that have this indexed value, whatever they are cached under, and what depends on them. If an edge goes over the
    /// same columns, rows with other values stay; otherwise every entry of the entity goes. So do the entities that depend on
    /// this one: which of their rows is known to nobody.
    pub fn partition<E: InSchema<S>>(&mut self, find: FindByIndex<E>) -> &mut Self {
        let (lookup, values) = find.lookup();
        let number = E::INDEX as u16;
        let entity = self.engine.schema().entity(number);
        let fields = &entity.indexes[usize::from(lookup)].fields;
        let values: Vec<&Value> = values.iter().collect();
        let mut edges = (0..).zip(&entity.partitions);
        let edge = edges.find(|(_, partition)| partition.fields == *fields);
        let tag = edge.and_then(|(edge, _)| {
            let tag = partition_key(Space::Edge, number, edge, &values)?;
            Some((edge, tag))
        });
        // Where the database holds differently spelled values to be equal, the rows may be kept under another one.
        let Some((edge, tag)) =
            tag.filter(|_| self.engine.mapping().loose(number) & set(fields) == 0)
        else {
            return self.entity::<E>();
        };
        let any = Key::bare(Space::AnyEdge, number, edge);
        self.touches.extend([Touch::Entry(tag), Touch::Entry(any)]);
        let dependents = entity.steps.iter().map(|step| Touch::Table {
            entity: step.entity,
            // The plan is complete: nothing follows from its steps that is not in it.
            fields: 0,
        });
        self.touches.extend(dependents);
        self.key::<E>(entry_key(Space::Member, number, lookup, values))
    }

    /// Every entry of an entity, and of what depends on it.
    pub fn entity<E: InSchema<S>>(&mut self) -> &mut Self {
        self.touches.push(Touch::Table {
            entity: E::INDEX as u16,
            fields: ALL_FIELDS,
        });
        self
    }

    /// Every entry that carries the tag: `tag!(Shop, "tenant:{}", 7)`.
    pub fn tag(&mut self, tag: impl IntoTag<Schema = S>) -> &mut Self {
        let tag = tag.into_tag();
        self.touches.push(Touch::Entry(Key::user(tag.as_ref())));
        self
    }

    fn key<E: InSchema<S>>(&mut self, key: Result<Key, Unkeyable>) -> &mut Self {
        match key {
            Ok(key) => self.touches.push(Touch::Entry(key)),
            Err(Unkeyable) => {
                let entity = self.engine.schema().entity(E::INDEX as u16);
                let message = "the rule of an event names a value of a type that cannot be a key";
                self.fail(Error::new(ErrorKind::Key, message).with("entity", entity.prefix()));
            }
        }
        self
    }

    fn fail(&mut self, error: Error) {
        self.error.get_or_insert(error);
    }
}

/// What the event's rule says.
pub(super) fn touches_of<S: CacheSchema, V: InvalidationRule<S> + ?Sized>(
    engine: &Engine,
    event: &V,
) -> Result<TouchSet, Error> {
    let mut it = RuleBuilder {
        engine,
        touches: Vec::new(),
        error: None,
        schema: PhantomData,
    };
    event.invalidates(&mut it);
    if let Some(error) = it.error {
        return Err(error);
    }
    let mut touches = TouchSet::default();
    touches.add_event(type_name::<V>(), it.touches);
    Ok(touches)
}

impl<S: CacheSchema> CachedTransaction<S> {
    /// Lets the event take effect with the transaction: what its rule says is locked before the outermost commit and invalidated
    /// behind it, like a write. A rollback drops it.
    ///
    /// # Errors
    /// [`ErrorKind::Key`] as [`CachedRepo::emit`](crate::CachedRepo::emit); then nothing is added to the transaction.
    ///
    /// # Cancellation
    /// Dropped in the middle, it may take effect or not.
    pub async fn emit<V: InvalidationRule<S> + ?Sized>(&self, event: &V) -> Result<(), Error> {
        let touches = touches_of(self.engine(), event)?;
        self.note(touches).await;
        Ok(())
    }
}
