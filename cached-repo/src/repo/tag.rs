//! Tags with their values put in.

use crate::key::plain;
use sea_orm::Value;
use std::fmt;

/// A tag of a cache schema, made by [`tag!`](crate::tag).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tag(String);

impl Tag {
    /// The tag that this template and these values name: they are written as entities write them.
    #[doc(hidden)]
    #[must_use]
    pub fn of(template: &str, values: &[Value]) -> Self {
        let mut text = String::new();
        let mut values = values.iter();
        let mut letters = template.chars().peekable();
        while let Some(letter) = letters.next() {
            match (letter, letters.peek()) {
                ('{', Some('}')) => {
                    letters.next();
                    text.extend(values.next().map(plain));
                }
                ('{', Some('{')) | ('}', Some('}')) => {
                    letters.next();
                    text.push(letter);
                }
                _ => text.push(letter),
            }
        }
        Self(text)
    }
}

impl AsRef<str> for Tag {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
