//! Notices of what was invalidated, for processes that hold copies (rule 10).
//!
//! A notice is a version byte, the sender's token, and the keys: space, prefix of the entity, name of the lookup and packed
//! values, with their lengths. Names and not numbers, because another process may know more entities. What cannot be
//! understood means that anything may have been invalidated.

use crate::key::{Key, NO_ENTITY, Names, Space, parse};
use crate::schema::Schema;
use crate::stamp::Token;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};

/// Raise it when the form of a notice changes: older programs then forget everything with each notice.
const VERSION: u8 = 1;

/// What is needed to write notices and to understand them.
#[derive(Debug)]
pub(super) struct Notices {
    /// Names this process in its notices.
    pub(super) sender: Token,
    entities: HashMap<String, u16>,
    /// Number of the last notice that this process has sent.
    last: AtomicU64,
}

/// A notice that was received.
#[derive(Debug, PartialEq)]
pub(super) struct Received {
    pub(super) sender: Token,
    pub(super) keys: Vec<Key>,
}

impl Notices {
    pub(super) fn new(schema: &Schema) -> Self {
        let entities = (0..).zip(&schema.entities);
        Self {
            sender: Token::unique(),
            entities: entities
                .map(|(number, entity)| (entity.prefix().to_owned(), number))
                .collect(),
            last: AtomicU64::new(0),
        }
    }

    /// Notes that a notice was sent with this number.
    pub(super) fn sent(&self, number: u64) {
        self.last.fetch_max(number, Ordering::AcqRel);
    }

    /// Number of the last notice that this process has sent.
    pub(super) fn last(&self) -> u64 {
        self.last.load(Ordering::Acquire)
    }

    /// A notice that these keys were invalidated.
    pub(super) fn write(&self, schema: &Schema, keys: &[Key]) -> Vec<u8> {
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(self.sender.as_bytes());
        for key in keys {
            bytes.push(key.space() as u8);
            let of_entity = key.entity() != NO_ENTITY;
            let prefix = if of_entity {
                schema.prefix(key.entity())
            } else {
                ""
            };
            push(&mut bytes, prefix.as_bytes());
            let lookup = if key.space().is_numbered() {
                schema.lookup(key.space(), key.entity(), key.lookup())
            } else {
                ""
            };
            push(&mut bytes, lookup.as_bytes());
            push(&mut bytes, &key.packed());
        }
        bytes
    }

    /// The keys that this process may hold something under; `None` if the notice cannot be understood.
    pub(super) fn read(&self, schema: &Schema, bytes: &[u8]) -> Option<Received> {
        let (version, rest) = bytes.split_first()?;
        if *version != VERSION {
            return None;
        }
        let (sender, mut rest) = rest.split_first_chunk::<16>()?;
        let mut keys = Vec::new();
        while let Some((space, after)) = rest.split_first() {
            let space = Space::of(*space)?;
            let (prefix, after) = pull(after)?;
            let (lookup, after) = pull(after)?;
            let (packed, after) = pull(after)?;
            rest = after;
            keys.extend(self.known(schema, space, prefix, lookup, packed));
        }
        Some(Received {
            sender: Token::from_bytes(*sender),
            keys,
        })
    }

    /// The key that an entry or tag is held under by its name in the store; `None` for what this program does not have.
    pub(super) fn named(&self, schema: &Schema, name: &[u8]) -> Option<Key> {
        let parts = parse(name, schema.namespace())?;
        let prefix = parts.prefix.as_bytes();
        self.known(schema, parts.space, prefix, &parts.lookup, &parts.packed)
    }

    /// The key of these parts; `None` for what this program does not have.
    fn known(
        &self,
        schema: &Schema,
        space: Space,
        prefix: &[u8],
        lookup: &[u8],
        packed: &[u8],
    ) -> Option<Key> {
        if prefix.is_empty() {
            return Some(Key::new(space, NO_ENTITY, 0, packed));
        }
        let entity = *self.entities.get(std::str::from_utf8(prefix).ok()?)?;
        if !space.is_numbered() {
            return Some(Key::new(space, entity, 0, packed));
        }
        let entity_has = &schema.entities[usize::from(entity)];
        let lookups = match space {
            Space::Unique => &entity_has.uniques,
            Space::Index | Space::Member => &entity_has.indexes,
            _ => &entity_has.partitions,
        };
        let mut lookups = lookups.iter();
        let at = lookups.position(|known| known.name.as_bytes() == lookup)?;
        Some(Key::new(space, entity, u16::try_from(at).ok()?, packed))
    }
}

fn push(bytes: &mut Vec<u8>, part: &[u8]) {
    // No key is that long; one that were would not be understood, which is safe.
    let length = u32::try_from(part.len()).unwrap_or(u32::MAX);
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(part);
}

fn pull(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::testing::{ORDER, USER, schema};
    use sea_orm::Value;

    fn keys() -> Vec<Key> {
        let key = |space, lookup, value: &str| {
            crate::protocol::entry_key(space, USER, lookup, &[Value::from(value)]).expect("a key")
        };
        vec![
            Key::epoch(),
            Key::table(ORDER),
            Key::integer(Space::Row, USER, 0, -7),
            Key::user("tenant:7"),
            key(Space::Unique, 0, "ada@example.org, a rather long one"),
            key(Space::Member, 0, ""),
            Key::integer(Space::Edge, ORDER, 0, 5),
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        let schema = schema();
        let notices = Notices::new(&schema);
        let read = notices.read(&schema, &notices.write(&schema, &keys()));
        let read = read.expect("a notice of this version");
        assert_eq!(read.keys, keys());
        assert!(read.sender == notices.sender);
    }

    #[test]
    fn what_another_program_has_and_this_one_has_not_is_passed_over() {
        let schema = schema();
        let notices = Notices::new(&schema);
        let bytes = notices.write(&schema, &[Key::table(ORDER), Key::table(USER)]);
        let text: Vec<u8> = bytes
            .windows(5)
            .position(|part| part == b"order")
            .map(|at| [&bytes[..at], b"ordre", &bytes[at + 5..]].concat())
            .expect("the prefix is in the notice");
        let read = notices.read(&schema, &text).expect("still a notice");
        assert_eq!(read.keys, [Key::table(USER)]);
    }

    #[test]
    fn a_notice_that_is_cut_or_of_another_version_is_not_understood() {
        let schema = schema();
        let notices = Notices::new(&schema);
        let bytes = notices.write(&schema, &keys());
        let whole = (0..bytes.len()).filter(|at| notices.read(&schema, &bytes[..*at]).is_some());
        // A notice may end after any key, and nowhere else.
        assert_eq!(whole.count(), keys().len());
        let other = [&[VERSION + 1], &bytes[1..]].concat();
        assert_eq!(notices.read(&schema, &other), None);
        assert_eq!(notices.read(&schema, &[]), None);
    }
}
