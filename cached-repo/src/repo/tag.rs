//! Tags with their values put in.

use crate::error::{Error, ErrorKind};
use crate::key::plain;
use crate::schema::{CacheSchema, TagPart};
use sea_orm::Value;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::str::FromStr;

/// A tag of the cache schema `S`, which declares it: on an entity, `#[cached(tags("tenant:{tenant_id}"))]`, or, for
/// `.tag(..)` on single reads, above the schema's name.
///
/// [`tag!`](crate::tag) makes one, and does not compile if nothing declares it. A text that is known at run time alone becomes one
/// by [`parse`](str::parse): `text.parse::<Tag<Shop>>()?`.
pub struct Tag<S> {
    text: String,
    schema: PhantomData<fn() -> S>,
}

impl<S> Tag<S> {
    fn new(text: String) -> Self {
        Self {
            text,
            schema: PhantomData,
        }
    }

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
        Self::new(text)
    }
}

/// # Errors
/// [`ErrorKind::Tag`] if the schema declares no tag of this form, so that no entry carries it.
impl<S: CacheSchema> FromStr for Tag<S> {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let of_entities = S::METAS.iter().flat_map(|meta| meta.tags);
        let mut declared = of_entities.chain(S::TAGS);
        if declared.any(|tag| matches(tag.parts, text)) {
            return Ok(Self::new(text.to_owned()));
        }
        Err(Error::new(
            ErrorKind::Tag,
            "the text is no tag that the cache schema declares, so that no entry carries it; correct it, or add the tag to \
             `#[cached(tags(..))]` of an entity, or of the schema for `.tag(..)` on single reads",
        )
        .with("schema", S::NAME)
        .with("declared", declared_by::<S>()))
    }
}

/// The templates, for people.
fn declared_by<S: CacheSchema>() -> String {
    let of_entities = S::METAS.iter().flat_map(|meta| meta.tags);
    let mut templates: Vec<&str> = of_entities.chain(S::TAGS).map(|tag| tag.template).collect();
    templates.sort_unstable();
    templates.dedup();
    match templates.is_empty() {
        true => "none".to_owned(),
        false => templates.join(", "),
    }
}

/// Whether values can be put into the template so that it says this. They may hold anything, its own texts included.
fn matches(parts: &[TagPart], text: &str) -> bool {
    let mut rest = text;
    // Whether a value goes on up to the template's next text. The first place of that is as good as any later one.
    let mut open = false;
    for (at, part) in parts.iter().enumerate() {
        let TagPart::Text(own) = part else {
            open = true;
            continue;
        };
        let end = match (open, at + 1 == parts.len()) {
            (false, _) => rest.starts_with(own).then_some(own.len()),
            (true, true) => rest.ends_with(own).then_some(rest.len()),
            (true, false) => rest.find(own).map(|at| at + own.len()),
        };
        let Some(end) = end else {
            return false;
        };
        (rest, open) = (&rest[end..], false);
    }
    open || rest.is_empty()
}

impl<S> Clone for Tag<S> {
    fn clone(&self) -> Self {
        Self::new(self.text.clone())
    }
}

impl<S> PartialEq for Tag<S> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl<S> Eq for Tag<S> {}

impl<S> Hash for Tag<S> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// Not the text: it may hold a column value.
impl<S> fmt::Debug for Tag<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tag").finish_non_exhaustive()
    }
}

impl<S> AsRef<str> for Tag<S> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl<S> fmt::Display for Tag<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A [`Tag`], or a reference to one. A text is none: misspelled, it would name what no entry carries.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no tag of a cache schema",
    label = "not a tag",
    note = "write `tag!(Shop, \"tenant:{{}}\", 7)`, with the schema and a tag that it declares",
    note = "`#[cached(tags(\"tenant:{{tenant_id}}\"))]` declares a tag of an entity's entries; above the name of the schema, \
            `#[cached(tags(\"homepage\"))]` declares one for `.tag(..)` on single reads",
    note = "if the text is known at run time alone, `text.parse::<Tag<Shop>>()?` checks it then"
)]
pub trait IntoTag {
    /// The schema that declares it.
    type Schema;

    #[doc(hidden)]
    fn into_tag(self) -> Tag<Self::Schema>;
}

impl<S> IntoTag for Tag<S> {
    type Schema = S;

    fn into_tag(self) -> Self {
        self
    }
}

impl<S> IntoTag for &Tag<S> {
    type Schema = S;

    fn into_tag(self) -> Tag<S> {
        self.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::{TagPart, matches};

    #[test]
    fn a_text_is_a_tag_if_values_make_it_of_a_template() {
        let tenant = [TagPart::Text("tenant:"), TagPart::Field("id")];
        let pair = [
            TagPart::Field("a"),
            TagPart::Text("-"),
            TagPart::Field("b"),
            TagPart::Text("!"),
        ];
        for (parts, text) in [
            (&[TagPart::Text("users")][..], "users"),
            (&tenant, "tenant:7"),
            (&tenant, "tenant:"),
            (&tenant, "tenant:tenant:7"),
            (&pair, "a-b!"),
            (&pair, "-!"),
            (&pair, "\u{e4}-\u{f6}-!!"),
            (&pair, "a-!-b!"),
        ] {
            assert!(matches(parts, text), "{text}");
        }
        for (parts, text) in [
            (&[TagPart::Text("users")][..], "user"),
            (&[TagPart::Text("users")], "users:1"),
            (&tenant, "tennant:7"),
            (&tenant, "Tenant:7"),
            (&tenant, ""),
            (&pair, "ab!"),
            (&pair, "a-b"),
            (&pair, "-"),
        ] {
            assert!(!matches(parts, text), "{text}");
        }
    }
}
