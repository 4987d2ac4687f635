//! Names of keys in a remote store.

use crate::key::{Key, Space, render_into};
use crate::schema::Schema;
use std::borrow::Cow;
use std::sync::Arc;

/// The names of a schema's keys. The ones that every entry carries are made once.
#[derive(Debug)]
pub(super) struct KeyNames {
    schema: Arc<Schema>,
    epoch: String,
    tables: Vec<String>,
}

impl KeyNames {
    pub(super) fn new(schema: Arc<Schema>) -> Self {
        let name = |key: &Key| crate::schema::text(&schema, key);
        Self {
            epoch: name(&Key::epoch()),
            tables: (0..schema.entities.len() as u16)
                .map(|entity| name(&Key::table(entity)))
                .collect(),
            schema,
        }
    }

    pub(super) fn of(&self, key: &Key) -> Cow<'_, str> {
        match self.made(key) {
            Some(name) => Cow::Borrowed(name),
            None => Cow::Owned(crate::schema::text(&self.schema, key)),
        }
    }

    /// Appends the name of the key.
    pub(super) fn push(&self, key: &Key, names: &mut NameList) {
        match self.made(key) {
            Some(name) => names.text.push_str(name),
            None => render_into(key, &*self.schema, &mut names.text),
        }
        names.ends.push(names.text.len());
    }

    pub(super) fn list<'a>(&self, keys: impl IntoIterator<Item = &'a Key>) -> NameList {
        let mut names = NameList::default();
        for key in keys {
            self.push(key, &mut names);
        }
        names
    }

    fn made(&self, key: &Key) -> Option<&str> {
        match key.space() {
            Space::Epoch => Some(&self.epoch),
            Space::Table => self
                .tables
                .get(usize::from(key.entity()))
                .map(String::as_str),
            _ => None,
        }
    }
}

/// Names in one piece of text: a call with many keys allocates no text for each.
#[derive(Debug, Default)]
pub(crate) struct NameList {
    text: String,
    ends: Vec<usize>,
}

impl NameList {
    /// An empty list with room for so many names.
    pub(super) fn with_capacity(names: usize) -> Self {
        Self {
            text: String::with_capacity(names * 40),
            ends: Vec::with_capacity(names),
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Bytes of all names.
    pub(crate) fn text_len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[at]]
    }

    pub(crate) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }
}

impl<'a> FromIterator<&'a str> for NameList {
    fn from_iter<I: IntoIterator<Item = &'a str>>(names: I) -> Self {
        let mut list = Self::default();
        for name in names {
            list.text.push_str(name);
            list.ends.push(list.text.len());
        }
        list
    }
}
