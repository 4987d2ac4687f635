//! Names of keys as the server knows them.

use crate::key::{Key, render_into};
use crate::schema::Schema;

/// Names in one piece of text: a call with many keys allocates no text for each.
#[derive(Debug, Default)]
pub(super) struct NameList {
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

    pub(super) fn push(&mut self, name: &str) {
        self.text.push_str(name);
        self.ends.push(self.text.len());
    }

    pub(super) fn push_key(&mut self, key: &Key, schema: &Schema) {
        render_into(key, schema, &mut self.text);
        self.ends.push(self.text.len());
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[at]]
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|at| self.get(at))
    }
}
