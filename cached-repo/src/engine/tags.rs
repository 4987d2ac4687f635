//! Lists of tags.

use crate::key::Key;

/// Adds the tag unless the list has it.
pub(super) fn push_new(tags: &mut Vec<Key>, tag: Key) {
    if !tags.contains(&tag) {
        tags.push(tag);
    }
}
