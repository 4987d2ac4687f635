//! From what a write did to what it invalidates.

use super::naming::{entry_key, partition_key, row_key, tag_text};
use crate::key::{Key, NO_ENTITY, Space, is_null};
use crate::schema::{
    ALL_FIELDS, Chain, DELETED, Entity, FieldSet, INSERTED, Reach, Schema, Step, set,
};
use sea_orm::Value;
use std::collections::{HashMap, HashSet};

/// What is known of a row: one place for each field.
pub(crate) type Known = Vec<Option<Value>>;

/// One row that a write inserted, changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Change {
    pub(crate) entity: u16,
    /// The row before; `None` for an insert.
    pub(crate) old: Option<Known>,
    /// The row after; `None` for a delete.
    pub(crate) new: Option<Known>,
    /// Fields that an update may have changed; all for an insert or a delete.
    pub(crate) fields: FieldSet,
}

/// What a statement did.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Touch {
    /// Rows that are known.
    Row(Change),
    /// The entry under this key, and nothing that depends on it.
    Entry(Key),
    /// Rows of an entity that are not known, in these fields.
    Table { entity: u16, fields: FieldSet },
    /// Rule 9: there is no telling.
    Everything,
    /// The database's tables changed: a new epoch begins.
    NewEpoch,
}

/// Rows of one entity that a write names one by one. Beyond it the entity goes as a whole: a store is told so in one word, where
/// thousands would keep it from answering anybody else.
pub(crate) const MAX_ROWS: usize = 500;

type Touches = HashSet<Touch, foldhash::fast::RandomState>;

/// The touches of a statement or transaction, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct TouchSet {
    written: Touches,
    /// What the rules of the program's events say; it is invalidated as if it were written.
    told: Touches,
    /// Names of these events.
    events: Vec<&'static str>,
}

impl TouchSet {
    pub(crate) fn add(&mut self, touch: Touch) {
        self.written.insert(touch);
    }

    /// Adds what the rule of an event says.
    pub(crate) fn add_event(
        &mut self,
        event: &'static str,
        touches: impl IntoIterator<Item = Touch>,
    ) {
        self.told.extend(touches);
        if !self.events.contains(&event) {
            self.events.push(event);
        }
    }

    /// Rule 6: a savepoint's touches become its parent's.
    pub(crate) fn merge(&mut self, child: Self) {
        self.written.extend(child.written);
        for event in child.events {
            self.add_event(event, []);
        }
        self.told.extend(child.told);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.written.is_empty() && self.told.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Touch> {
        self.written.iter().chain(&self.told)
    }

    /// What statements have touched.
    pub(crate) fn written(&self) -> impl Iterator<Item = &Touch> {
        self.written.iter()
    }

    /// Names of the events whose rules have added something.
    pub(crate) fn events(&self) -> &[&'static str] {
        &self.events
    }

    /// The entities of which too many rows are touched, and the fields that may have changed in them.
    fn crowded(&self) -> HashMap<u16, FieldSet> {
        let mut rows: HashMap<u16, (usize, FieldSet)> = HashMap::new();
        for touch in self.iter() {
            if let Touch::Row(change) = touch {
                let (count, fields) = rows.entry(change.entity).or_default();
                *count += 1;
                *fields |= change.fields;
            }
        }
        let crowded = rows.into_iter().filter(|(_, (count, _))| *count > MAX_ROWS);
        crowded
            .map(|(entity, (_, fields))| (entity, fields))
            .collect()
    }
}

/// The keys and tags that a write invalidates, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    keys: Vec<Key>,
    seen: HashSet<Key>,
    /// Whether the tables of all entities are among them.
    all: bool,
    epoch: bool,
    /// `None` if nobody searches: then what would be found goes as a whole.
    searches: Option<Vec<Search>>,
}

/// Partitions that only the database can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Search {
    /// The edges to follow; the last one says which partition.
    pub(crate) chain: Chain,
    /// Values that the first edge's columns hold.
    pub(crate) key: Vec<Value>,
}

impl Targets {
    /// What these touches invalidate. `loose` tells for an entity whether its database compares text loosely.
    pub(crate) fn of(schema: &Schema, touches: &TouchSet, loose: &dyn Fn(u16) -> FieldSet) -> Self {
        let mut targets = Self::default();
        targets.fill(schema, touches, loose);
        targets
    }

    /// The same, but for partitions that the database is to name: these are searched for.
    pub(crate) fn to_search(
        schema: &Schema,
        touches: &TouchSet,
        loose: &dyn Fn(u16) -> FieldSet,
    ) -> (Self, Vec<Search>) {
        let mut targets = Self {
            searches: Some(Vec::new()),
            ..Self::default()
        };
        targets.fill(schema, touches, loose);
        let searches = targets.searches.take().unwrap_or_default();
        (targets, searches)
    }

    fn fill(&mut self, schema: &Schema, touches: &TouchSet, loose: &dyn Fn(u16) -> FieldSet) {
        let targets = self;
        let crowded = touches.crowded();
        for (entity, fields) in &crowded {
            targets.table(schema, *entity, *fields);
        }
        for touch in touches.iter() {
            match touch {
                Touch::Row(change) if crowded.contains_key(&change.entity) => {}
                Touch::Entry(key) if crowded.contains_key(&key.entity()) => {}
                Touch::Row(change) => targets.row(schema, change, loose),
                Touch::Entry(key) => targets.add(key.clone()),
                Touch::Table { entity, fields } => targets.table(schema, *entity, *fields),
                Touch::Everything => targets.everything(schema),
                Touch::NewEpoch => {
                    // The tables are what a lock needs; the epoch ends for what is not told by tables.
                    targets.everything(schema);
                    targets.epoch = true;
                }
            }
        }
    }

    fn everything(&mut self, schema: &Schema) {
        self.all = true;
        for entity in 0..schema.entities.len() as u16 {
            self.add(Key::table(entity));
        }
    }

    /// Whether nobody knows what was written: it may be what the database is made of.
    pub(crate) fn take_all(&self) -> bool {
        self.all
    }

    /// Whether a new epoch begins.
    pub(crate) fn ends_epoch(&self) -> bool {
        self.epoch
    }

    /// Adds what other targets have.
    pub(crate) fn extend(&mut self, others: &Self) {
        others.keys.iter().for_each(|key| self.add(key.clone()));
        self.epoch |= others.epoch;
        self.all |= others.all;
    }

    pub(crate) fn keys(&self) -> &[Key] {
        &self.keys
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds a key or tag; with anything of an entity, also the tag of all queries that read its rows.
    pub(crate) fn add(&mut self, key: Key) {
        if key.entity() != NO_ENTITY && key.space() != Space::Rows {
            self.add(Key::rows(key.entity()));
        }
        if self.seen.insert(key.clone()) {
            self.keys.push(key);
        }
    }

    /// Every entry of the entity, and of what depends on it.
    fn table(&mut self, schema: &Schema, entity: u16, fields: FieldSet) {
        self.add(Key::table(entity));
        for step in schema.entity(entity).steps {
            if step.on & fields != 0 {
                self.add(Key::table(step.entity));
            }
        }
    }

    fn row(&mut self, schema: &Schema, change: &Change, loose: &dyn Fn(u16) -> FieldSet) {
        let entity = schema.entity(change.entity);
        let sides = [change.old.as_ref(), change.new.as_ref()];
        for side in sides.into_iter().flatten() {
            if self.side(entity, change, side).is_none() {
                self.table(schema, change.entity, change.fields);
                return;
            }
        }
        if loose(change.entity) & entity.named & change.fields != 0 {
            self.add(Key::bare(Space::Text, change.entity, 0));
        }
        for step in entity.steps {
            if step.on & change.kind() != 0 {
                self.step(schema, entity, step, sides, loose);
            }
        }
    }

    /// One side of a change; `None` if it needs a value that is not known.
    fn side(&mut self, entity: &Entity, change: &Change, row: &Known) -> Option<()> {
        let number = change.entity;
        let key = held(entity.key.iter().copied(), row)?;
        self.add(row_key(number, key).ok()?);
        for (lookup, unique) in (0..).zip(&entity.uniques) {
            // The pointer of a value that stays leads to the same row, which is checked: rule 7.
            if set(&unique.fields) & change.fields != 0 {
                let values = held(unique.fields.iter().copied(), row)?;
                self.add(entry_key(Space::Unique, number, lookup, values).ok()?);
            }
        }
        for (lookup, index) in (0..).zip(&entity.indexes) {
            let values = held(index.fields.iter().copied(), row)?;
            self.add(entry_key(Space::Member, number, lookup, values).ok()?);
        }
        let moved = change.old.is_some() && change.new.is_some();
        for tag in entity
            .tags
            .iter()
            .filter(|tag| moved && tag.fields & change.fields != 0)
        {
            let fields: Vec<usize> = (0..row.len())
                .filter(|at| tag.fields & 1 << at != 0)
                .collect();
            held(fields, row)?;
            let absent = Value::Bool(None);
            self.add(Key::user(&tag_text(tag, |at| {
                row[at].as_ref().unwrap_or(&absent)
            })));
        }
        Some(())
    }

    /// One consequence of a change.
    fn step(
        &mut self,
        schema: &Schema,
        entity: &Entity,
        step: &Step,
        sides: [Option<&Known>; 2],
        loose: &dyn Fn(u16) -> FieldSet,
    ) {
        let sides = sides.into_iter().flatten();
        match &step.reach {
            Reach::Whole => self.add(Key::table(step.entity)),
            Reach::Partition { number, from } => {
                let spelled = is_spelled(schema, step.entity, *number, loose);
                for side in sides {
                    let key = held(entity.columns_of(from), side).filter(|_| spelled);
                    self.partition(step.entity, *number, key.as_deref());
                }
            }
            Reach::Found(chain) => {
                let (first, last) = (chain.first(), chain.last());
                let edges = schema.graph.edges;
                let spelled = is_spelled(schema, step.entity, edges[last].partition, loose);
                for side in sides {
                    let key = held(entity.columns_of(&edges[first].from), side);
                    self.search(step.entity, *chain, key.filter(|_| spelled));
                }
            }
        }
    }

    /// The entries of a partition; without a key, all of the entity.
    pub(crate) fn partition(&mut self, entity: u16, number: u16, key: Option<&[&Value]>) {
        let Some(key) = key else {
            return self.add(Key::table(entity));
        };
        // NULL refers to nothing.
        if key.iter().any(|value| is_null(value)) {
            return;
        }
        match partition_key(Space::Edge, entity, number, key) {
            Some(tag) => self.add(tag),
            None => self.add(Key::table(entity)),
        }
        self.add(Key::bare(Space::AnyEdge, entity, number));
    }

    fn search(&mut self, entity: u16, chain: Chain, key: Option<Vec<&Value>>) {
        let (Some(searches), Some(key)) = (&mut self.searches, key) else {
            return self.add(Key::table(entity));
        };
        let key: Vec<Value> = key.into_iter().cloned().collect();
        let search = Search { chain, key };
        if !search.key.iter().any(is_null) && !searches.contains(&search) {
            searches.push(search);
        }
    }
}

/// Whether a foreign key spells the key as the row does that it refers to. Where the database holds differently spelled values
/// to be equal it may not, and every entry of the dependent goes.
fn is_spelled(
    schema: &Schema,
    dependent: u16,
    partition: u16,
    loose: &dyn Fn(u16) -> FieldSet,
) -> bool {
    let via = set(&schema.entity(dependent).partitions[usize::from(partition)].fields);
    loose(dependent) & via == 0
}

/// The values of these fields, if all are known.
fn held(fields: impl IntoIterator<Item = usize>, row: &Known) -> Option<Vec<&Value>> {
    fields.into_iter().map(|at| row[at].as_ref()).collect()
}

impl Change {
    /// An insert of this row.
    pub(crate) fn insert(entity: u16, new: Known) -> Self {
        Self {
            entity,
            old: None,
            new: Some(new),
            fields: ALL_FIELDS,
        }
    }

    /// The kind of write as edges tell it apart: an insert, a delete, or an update of these fields.
    pub(crate) fn kind(&self) -> FieldSet {
        match (&self.old, &self.new) {
            (None, _) => INSERTED,
            (_, None) => DELETED,
            (Some(_), Some(_)) => self.fields,
        }
    }

    /// A delete of this row.
    pub(crate) fn delete(entity: u16, old: Known) -> Self {
        Self {
            entity,
            old: Some(old),
            new: None,
            fields: ALL_FIELDS,
        }
    }
}
