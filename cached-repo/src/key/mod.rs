//! Names of entries and of units of invalidation.
//!
//! A [`Key`] names an entry (a row, a unique lookup, a collection) or a tag (a table, a partition, a user's own tag). Its
//! values are packed into a canonical, injective form: equal values give equal keys, different values different ones, and
//! no value can reach into another part of the key. [`text`] renders a key for the store and for people.

mod pack;
#[cfg(feature = "redis")]
mod parse;
mod text;

pub(crate) use pack::{Packed, Unkeyable, is_null, pack, pack_text, plain};
#[cfg(feature = "redis")]
pub(crate) use parse::parse;
#[cfg(feature = "redis")]
pub(crate) use text::render_into;
pub(crate) use text::{Names, render, tag_of};

use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What a key names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub(crate) enum Space {
    /// Entry: a row by primary key.
    Row = 1,
    /// Entry: the primary key of the row with these unique values.
    Unique = 2,
    /// Entry: the rows with these indexed values.
    Index = 3,
    /// Entry: the rows that a query has found.
    Query = 4,
    /// Tag: the namespace; it changes when everything older is to be forgotten.
    Epoch = 16,
    /// Tag: every entry of an entity.
    Table = 17,
    /// Tag: lookups by text of an entity whose database compares text loosely.
    Text = 18,
    /// Tag: rows that some edge reaches by these values.
    Edge = 19,
    /// Tag: collections that hold rows which some edge reaches, whatever the values.
    AnyEdge = 20,
    /// Tag: the collection of an index with these values.
    Member = 21,
    /// Tag: one of the user's own.
    User = 22,
    /// Tag: the rows of an entity, whichever they are: it changes with every write to them.
    Rows = 23,
    /// Tag: copies in this process that rest on rows of an entity, whichever these are. It changes with every write of this
    /// process, and no store and no other process knows it.
    Local = 24,
}

impl Space {
    /// The space of this number.
    pub(crate) fn of(number: u8) -> Option<Self> {
        Some(match number {
            1 => Self::Row,
            2 => Self::Unique,
            3 => Self::Index,
            4 => Self::Query,
            16 => Self::Epoch,
            17 => Self::Table,
            18 => Self::Text,
            19 => Self::Edge,
            20 => Self::AnyEdge,
            21 => Self::Member,
            22 => Self::User,
            23 => Self::Rows,
            24 => Self::Local,
            _ => return None,
        })
    }

    /// The space that is written so in a key.
    #[cfg(feature = "redis")]
    pub(crate) fn named(word: &str) -> Option<Self> {
        (0..=u8::MAX)
            .filter_map(Self::of)
            .find(|space| space.word() == word)
    }

    /// The space as it is written in a key.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Row => "r",
            Self::Unique => "u",
            Self::Index => "i",
            Self::Query => "q",
            Self::Epoch => "epoch",
            Self::Table => "table",
            Self::Text => "text",
            Self::Edge => "edge",
            Self::AnyEdge => "edges",
            Self::Member => "member",
            Self::User => "tag",
            Self::Rows => "rows",
            Self::Local => "local",
        }
    }

    /// Whether keys of this space name a lookup.
    pub(crate) fn is_numbered(self) -> bool {
        matches!(
            self,
            Self::Unique | Self::Index | Self::Edge | Self::AnyEdge | Self::Member
        )
    }
}

/// Longest packed form that is kept without an allocation: an integer, a UUID, a short text, two integers.
const SHORT: usize = 24;

/// Name of an entry or tag.
#[derive(Clone)]
pub(crate) struct Key {
    /// Entity, space, number of the lookup and length, in one word.
    head: u64,
    body: Body,
}

#[derive(Clone)]
enum Body {
    Short([u64; SHORT / 8]),
    Long(Arc<[u8]>),
}

/// The packed values of a key, without an allocation.
pub(crate) enum PackedValues<'a> {
    Short([u8; SHORT], usize),
    Long(&'a [u8]),
}

impl std::ops::Deref for PackedValues<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Short(bytes, length) => &bytes[..*length],
            Self::Long(bytes) => bytes,
        }
    }
}

/// Entity number of keys that belong to no entity.
pub(crate) const NO_ENTITY: u16 = u16::MAX;

impl Key {
    /// The key of these packed values.
    pub(crate) fn new(space: Space, entity: u16, lookup: u16, packed: &[u8]) -> Self {
        // Two words cannot clash: the length of a long body is part of its slice, the short one's of the head.
        let short = packed.len() <= SHORT;
        let length = if short { packed.len() as u64 } else { 0xFF };
        let head = head(space, entity, lookup, length);
        let body = if short {
            let mut bytes = [0; SHORT];
            bytes[..packed.len()].copy_from_slice(packed);
            let word = |at: usize| {
                let mut word = [0; 8];
                word.copy_from_slice(&bytes[at * 8..at * 8 + 8]);
                u64::from_le_bytes(word)
            };
            Body::Short([word(0), word(1), word(2)])
        } else {
            Body::Long(packed.into())
        };
        Self { head, body }
    }

    /// The key of one integer: the same as that of its packed form, without packing it.
    #[inline]
    pub(crate) fn integer(space: Space, entity: u16, lookup: u16, value: i64) -> Self {
        let value = value as u64;
        Self {
            head: head(space, entity, lookup, 1 + 8),
            // The tag of an integer and its bytes, little endian.
            body: Body::Short([1 | value << 8, value >> 56, 0]),
        }
    }

    /// The key of something that has no values.
    pub(crate) fn bare(space: Space, entity: u16, lookup: u16) -> Self {
        Self::new(space, entity, lookup, &[])
    }

    /// The tag that all entries of the namespace carry.
    pub(crate) fn epoch() -> Self {
        Self::bare(Space::Epoch, NO_ENTITY, 0)
    }

    /// The tag that all entries of an entity carry.
    pub(crate) fn table(entity: u16) -> Self {
        Self::bare(Space::Table, entity, 0)
    }

    /// The tag that all queries carry that read the entity's table.
    pub(crate) fn rows(entity: u16) -> Self {
        Self::bare(Space::Rows, entity, 0)
    }

    /// The key of what a query has found, by the digest of the query.
    pub(crate) fn query(entity: u16, digest: &[u8]) -> Self {
        let mut packed = Packed::default();
        pack::sized(5, digest, &mut packed);
        Self::new(Space::Query, entity, 0, packed.bytes())
    }

    /// The tag of copies in this process that are lists of the entity's rows, or made of them.
    pub(crate) fn local_lists(entity: u16) -> Self {
        Self::bare(Space::Local, entity, 0)
    }

    /// The tag of copies in this process of the entity's rows, if these depend on rows of other entities.
    pub(crate) fn local_dependents(entity: u16) -> Self {
        Self::bare(Space::Local, entity, 1)
    }

    /// A tag of the user's own.
    pub(crate) fn user(tag: &str) -> Self {
        let mut packed = Packed::default();
        pack_text(tag, &mut packed);
        Self::new(Space::User, NO_ENTITY, 0, packed.bytes())
    }

    #[inline]
    pub(crate) fn entity(&self) -> u16 {
        (self.head >> 48) as u16
    }

    pub(crate) fn lookup(&self) -> u16 {
        (self.head >> 32) as u16
    }

    pub(crate) fn space(&self) -> Space {
        Space::of((self.head >> 8) as u8).unwrap_or(Space::Epoch)
    }

    /// Whether this names an entry, and not a tag.
    pub(crate) fn is_entry(&self) -> bool {
        self.space() < Space::Epoch
    }

    /// The packed values.
    pub(crate) fn packed(&self) -> PackedValues<'_> {
        match &self.body {
            Body::Short(words) => {
                let mut bytes = [0; SHORT];
                for (to, word) in bytes.as_chunks_mut().0.iter_mut().zip(words) {
                    *to = word.to_le_bytes();
                }
                PackedValues::Short(bytes, (self.head & 0xFF) as usize)
            }
            Body::Long(bytes) => PackedValues::Long(bytes),
        }
    }
}

#[inline]
fn head(space: Space, entity: u16, lookup: u16, length: u64) -> u64 {
    u64::from(entity) << 48 | u64::from(lookup) << 32 | (space as u64) << 8 | length
}

impl PartialEq for Key {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.head == other.head
            && match (&self.body, &other.body) {
                (Body::Short(mine), Body::Short(theirs)) => mine == theirs,
                (Body::Long(mine), Body::Long(theirs)) => mine == theirs,
                _ => false,
            }
    }
}

impl Eq for Key {}

impl Hash for Key {
    #[inline]
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.body {
            // The key of an integer has one byte in its second word: folded into the head, it makes the usual case hash two
            // words. Keys of the same lookup, which is what others may choose, still differ wherever their words do.
            Body::Short(words) => {
                state.write_u64(self.head ^ words[1]);
                state.write_u64(words[0]);
                if words[2] != 0 {
                    state.write_u64(words[2]);
                }
            }
            Body::Long(bytes) => {
                state.write_u64(self.head);
                state.write(bytes);
            }
        }
    }
}

/// Where it belongs, but never its values: keys hold user data.
impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key({:?} of entity {}, ..)", self.space(), self.entity())
    }
}

#[cfg(test)]
mod tests;
