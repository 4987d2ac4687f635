//! `#[cached(..)]` on a field.

use super::cached_items;
use super::item::{Form, Item};
use super::place::Place;
use crate::ctxt::Ctxt;
use syn::{Attribute, Ident, LitStr, Path, parse_str};

/// Whether a lookup leads to a collection or to one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Index,
    Unique,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Unique => "unique",
        }
    }
}

/// `index`, or `index = "name"`.
pub(crate) struct Lookup {
    pub(crate) kind: Kind,
    pub(crate) name: Option<LitStr>,
    pub(crate) key: Path,
}

/// The lookups that a field takes part in.
pub(crate) fn lookups(attrs: &[Attribute], cx: &Ctxt) -> Vec<Lookup> {
    let mut lookups: Vec<Lookup> = Vec::new();
    for item in cached_items(attrs, "index", cx) {
        let kind = match item.name().as_deref() {
            Some("index") => Kind::Index,
            Some("unique") => Kind::Unique,
            _ => {
                Place::Field.reject(&item, cx);
                continue;
            }
        };
        let Some(name) = name(&item, kind, cx) else {
            continue;
        };
        let text = name.as_ref().map(LitStr::value);
        let twice = lookups
            .iter()
            .any(|other| other.kind == kind && other.name.as_ref().map(LitStr::value) == text);
        if twice {
            let word = kind.word();
            let shown = text.map_or_else(|| word.to_owned(), |text| format!("{word} = \"{text}\""));
            cx.error(
                &item.path,
                format!("`{shown}` is given twice; keep one of them"),
            );
            continue;
        }
        lookups.push(Lookup {
            kind,
            name,
            key: item.path,
        });
    }
    lookups
}

/// Outer `None`: reported; inner `None`: unnamed.
fn name(item: &Item, kind: Kind, cx: &Ctxt) -> Option<Option<LitStr>> {
    if matches!(item.form, Form::Bare) {
        return Some(None);
    }
    let word = kind.word();
    if let Form::List(_) = item.form {
        cx.error(
            &item.path,
            format!("`{word}` takes its name after `=`: write `{word}` or `{word} = \"name\"`"),
        );
        return None;
    }
    let name = item.string(cx, &format!("{word} = \"name\""))?;
    let method = format!("find_cached_by_{}", name.value());
    if name.value().is_empty() || parse_str::<Ident>(&method).is_err() {
        cx.error(
            &name,
            format!(
                "lookup name `{}` does not fit into `find_cached_by_..`; use lower case letters, digits and `_`",
                name.value()
            ),
        );
        return None;
    }
    Some(Some(name))
}
