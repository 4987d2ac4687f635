//! `#[cached(..)]` above the name of a schema.

use super::cached_items;
use super::container::{Tag, tags};
use super::item::{Form, Item, words};
use super::once::Once;
use crate::ctxt::Ctxt;
use crate::suggest::hint;
use syn::{Attribute, Ident, LitInt};

const NAMES: [&str; 3] = ["relations", "fan_out", "tags"];

const TAGS: &str = "tags(\"homepage\", \"report:{year}\")";

/// Whether relations must be edges or independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Relations {
    Checked,
    Unchecked,
}

/// What the schema says about itself.
#[derive(Default)]
pub(crate) struct SchemaOptions {
    /// `None` if it is left out.
    pub(crate) relations: Option<Relations>,
    /// Steps that a write may take.
    pub(crate) fan_out: Option<usize>,
    /// Tags of single reads.
    pub(crate) tags: Vec<Tag>,
}

impl SchemaOptions {
    pub(crate) fn parse(attrs: &[Attribute], cx: &Ctxt) -> Self {
        let mut relations = Once::default();
        let mut fan_out = Once::default();
        let mut own = Once::default();
        for item in cached_items(attrs, "fan_out = 20", cx) {
            match item.name().as_deref() {
                Some("relations") => relations.set(cx, &item.path, checked(&item, cx)),
                Some("fan_out") => fan_out.set(cx, &item.path, number(&item, cx)),
                Some("tags") => own.set(cx, &item.path, tags(&item, TAGS, cx)),
                _ => {
                    let shown = words(&item.path);
                    let hint = hint(&shown, &NAMES);
                    cx.error(
                        &item.path,
                        format!("unknown option `{shown}` of a cache schema{hint}"),
                    );
                }
            }
        }
        Self {
            relations: relations.get(),
            fan_out: fan_out.get(),
            tags: own.get().unwrap_or_default(),
        }
    }
}

/// `relations = checked`, of a schema or of an entity.
pub(super) fn checked(item: &Item, cx: &Ctxt) -> Option<Relations> {
    let Form::Assign(value) = &item.form else {
        cx.error(
            &item.path,
            "`relations` expects a value: write `relations = checked` or `relations = unchecked`",
        );
        return None;
    };
    let word = syn::parse2::<Ident>(value.clone()).map(|word| word.to_string());
    match word.as_deref() {
        Ok("checked") => Some(Relations::Checked),
        Ok("unchecked") => Some(Relations::Unchecked),
        _ => {
            let hint = hint(&words(value), &["checked", "unchecked"]);
            cx.error(
                value,
                format!("relations cannot be `{}`{hint}", words(value)),
            );
            None
        }
    }
}

fn number(item: &Item, cx: &Ctxt) -> Option<usize> {
    let number = match &item.form {
        Form::Assign(value) => syn::parse2::<LitInt>(value.clone())
            .and_then(|number| number.base10_parse())
            .ok()
            .filter(|number| *number > 0),
        Form::Bare | Form::List(_) => None,
    };
    if number.is_none() {
        cx.error(
            &item.path,
            "`fan_out` expects the number of steps that a write may take: write `fan_out = 20`",
        );
    }
    number
}
