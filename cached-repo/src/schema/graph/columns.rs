//! Columns of an entity, by their positions in its model.

use super::super::meta::{FieldMeta, Name};

/// A set of columns of one entity; the two highest bits are no columns but kinds of writes.
pub type FieldSet = u128;

/// The row is inserted.
pub(crate) const INSERTED: FieldSet = 1 << 126;

/// The row is deleted.
pub(crate) const DELETED: FieldSet = 1 << 127;

/// Every column and kind of write.
pub(crate) const ALL_FIELDS: FieldSet = FieldSet::MAX;

/// Columns that an entity may have.
pub(crate) const MAX_FIELDS: usize = 126;

/// Columns of one key; SeaORM takes no more.
const MAX_KEY: usize = 12;

/// Stands for a column that does not exist.
const MISSING: u8 = u8::MAX;

/// Columns that together hold a key, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Columns {
    at: [u8; MAX_KEY],
    count: u8,
}

impl Columns {
    /// No columns.
    pub(super) const NONE: Self = Self {
        at: [0; MAX_KEY],
        count: 0,
    };

    /// The fields with these names.
    pub(super) const fn named(names: &[Name], fields: &[FieldMeta]) -> Self {
        let (mut columns, mut at) = (Self::NONE, 0);
        while at < names.len() {
            columns.add(position(&names[at], fields, false));
            at += 1;
        }
        columns
    }

    /// The fields with these variants of `Column`.
    pub(super) const fn of_variants(variants: &[Name], fields: &[FieldMeta]) -> Self {
        let (mut columns, mut at) = (Self::NONE, 0);
        while at < variants.len() {
            columns.add(position(&variants[at], fields, true));
            at += 1;
        }
        columns
    }

    /// The fields that the model marks as its primary key; none if its format does not show them.
    pub(super) const fn key(fields: &[FieldMeta]) -> Self {
        let (mut columns, mut at) = (Self::NONE, 0);
        while at < fields.len() {
            if fields[at].key {
                columns.add(at);
            }
            at += 1;
        }
        columns
    }

    const fn add(&mut self, field: usize) {
        if self.count as usize == MAX_KEY {
            self.at[0] = MISSING;
            return;
        }
        self.at[self.count as usize] = if field < MAX_FIELDS {
            field as u8
        } else {
            MISSING
        };
        self.count += 1;
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Whether a name stood for no column.
    pub(super) const fn has_missing(&self) -> bool {
        let mut at = 0;
        while at < self.count as usize {
            if self.at[at] == MISSING {
                return true;
            }
            at += 1;
        }
        false
    }

    /// The same as a set.
    pub(super) const fn set(&self) -> FieldSet {
        let (mut set, mut at) = (0, 0);
        while at < self.count as usize {
            if self.at[at] != MISSING {
                set |= 1 << self.at[at];
            }
            at += 1;
        }
        set
    }

    pub(super) const fn same(&self, other: &Self) -> bool {
        if self.count != other.count {
            return false;
        }
        let mut at = 0;
        while at < self.count as usize {
            if self.at[at] != other.at[at] {
                return false;
            }
            at += 1;
        }
        true
    }

    /// The positions.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> {
        self.at[..usize::from(self.count)]
            .iter()
            .map(|at| usize::from(*at))
    }
}

/// Where the field with this name stands; one past all fields if there is none.
const fn position(name: &Name, fields: &[FieldMeta], variant: bool) -> usize {
    let mut at = 0;
    while at < fields.len() {
        let field = &fields[at];
        let own = if variant { &field.variant } else { &field.name };
        if own.hash == name.hash {
            return at;
        }
        at += 1;
    }
    MAX_FIELDS
}

/// The set of the fields with these names.
pub(super) const fn set_of(names: &[Name], fields: &[FieldMeta]) -> FieldSet {
    let (mut set, mut at) = (0, 0);
    while at < names.len() {
        let field = position(&names[at], fields, false);
        if field < MAX_FIELDS {
            set |= 1 << field;
        }
        at += 1;
    }
    set
}
