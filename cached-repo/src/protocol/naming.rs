//! Which keys and tags belong to which values.

use crate::key::{Key, Packed, Space, Unkeyable, is_null, pack};
use crate::schema::{Entity, Lookup, Part, Template};
use sea_orm::Value;

/// Key of the entry of an entity under these values.
pub(crate) fn entry_key<'a>(
    space: Space,
    entity: u16,
    lookup: u16,
    values: impl IntoIterator<Item = &'a Value>,
) -> Result<Key, Unkeyable> {
    let mut packed = Packed::default();
    for value in values {
        pack(value, &mut packed)?;
    }
    Ok(Key::new(space, entity, lookup, packed.bytes()))
}

/// Key of a row by its primary key.
pub(crate) fn row_key<'a>(
    entity: u16,
    key: impl IntoIterator<Item = &'a Value>,
) -> Result<Key, Unkeyable> {
    entry_key(Space::Row, entity, 0, key)
}

/// Tag of a partition. A NULL names none: it is nobody's key.
pub(crate) fn partition_key(
    space: Space,
    entity: u16,
    number: u16,
    values: &[&Value],
) -> Option<Key> {
    if values.iter().any(|value| is_null(value)) {
        return None;
    }
    entry_key(space, entity, number, values.iter().copied()).ok()
}

/// A template with its values put in, written so that no value can imitate another tag.
pub(crate) fn tag_text<'a>(tag: &Template, value: impl Fn(usize) -> &'a Value) -> String {
    let mut text = String::new();
    for part in &tag.parts {
        match part {
            Part::Text(literal) => text.push_str(literal),
            Part::Field(at) => text.push_str(&crate::key::plain(value(*at))),
        }
    }
    text
}

/// The user's tags of a row that are known only once it is loaded.
pub(crate) fn user_tags<'a>(
    entity: &'a Entity,
    values: &'a [Value],
) -> impl Iterator<Item = Key> + use<'a> {
    let dynamic = entity.tags.iter().filter(|tag| tag.fields != 0);
    dynamic.map(|tag| Key::user(&tag_text(tag, |at| &values[at])))
}

/// Tags of a row that are known only once it is loaded.
pub(crate) fn row_tags(entity: &Entity, number: u16, values: &[Value]) -> Vec<Key> {
    let mut tags: Vec<Key> = user_tags(entity, values).collect();
    for (partition, lookup) in (0..).zip(&entity.partitions) {
        let held = pick(lookup, values);
        tags.extend(partition_key(Space::Edge, number, partition, &held));
    }
    tags
}

/// Tags that every entry of the entity carries.
pub(crate) fn fill_tags(entity: &Entity, number: u16) -> Vec<Key> {
    let mut tags = vec![Key::epoch(), Key::table(number)];
    let fixed = entity.tags.iter().filter(|tag| tag.fields == 0);
    tags.extend(fixed.map(|tag| Key::user(&tag_text(tag, |_| &Value::Bool(None)))));
    tags
}

/// Further tags of a collection, known from the values that it is looked up by.
pub(crate) fn lookup_tags(
    entity: &Entity,
    number: u16,
    index: u16,
    values: &[Value],
) -> Result<Vec<Key>, Unkeyable> {
    let mut tags = vec![entry_key(Space::Member, number, index, values)?];
    let fields = &entity.indexes[usize::from(index)].fields;
    for (partition, lookup) in (0..).zip(&entity.partitions) {
        // Where the lookup itself pins the partition, its very tag; else the one that stands for all values. So do the rows of
        // no parent: those of any may become such (ON DELETE SET NULL).
        let held: Vec<&Value> = values.iter().collect();
        let own = (lookup.fields == *fields)
            .then(|| partition_key(Space::Edge, number, partition, &held))
            .flatten();
        tags.push(own.unwrap_or_else(|| Key::bare(Space::AnyEdge, number, partition)));
    }
    Ok(tags)
}

/// Further tags of a unique lookup, known from the values that it is looked up by: where it asks for NULL in the columns of an
/// edge, rows whose parent is deleted come to be found by it (ON DELETE SET NULL).
pub(crate) fn unique_tags(entity: &Entity, number: u16, unique: u16, values: &[Value]) -> Vec<Key> {
    let fields = &entity.uniques[usize::from(unique)].fields;
    let asks_null = |at: &usize| {
        let mut asked = fields.iter().zip(values);
        asked.any(|(field, value)| field == at && is_null(value))
    };
    let partitions = (0..).zip(&entity.partitions);
    let entered = partitions.filter(|(_, partition)| partition.fields.iter().any(asks_null));
    let tag = |(partition, _)| Key::bare(Space::AnyEdge, number, partition);
    entered.map(tag).collect()
}

/// The values of these fields.
pub(crate) fn pick<'a>(lookup: &Lookup, values: &'a [Value]) -> Vec<&'a Value> {
    lookup.fields.iter().map(|at| &values[*at]).collect()
}
