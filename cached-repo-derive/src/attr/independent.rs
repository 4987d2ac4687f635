//! `independent(super::audit::Entity, super::user::Entity(via = editor_id))`.

use super::edge::columns;
use super::entity_path::entity;
use super::item::{Form, Item, items, words};
use super::once::Once;
use super::place::Place;
use crate::ctxt::Ctxt;
use syn::{Ident, Path};

/// Relations that are no edges.
pub(crate) struct Independent {
    pub(crate) target: Path,
    /// Columns of the one relation that is meant; empty for all relations with the entity.
    pub(crate) via: Vec<Ident>,
}

/// The entries of `independent(..)`.
pub(super) fn independent(list: &Item, cx: &Ctxt) -> Option<Vec<Independent>> {
    let entries = list
        .list(cx, "independent(super::audit::Entity)")?
        .into_iter()
        .filter_map(|part| entity(&part, cx))
        .filter_map(|entry| relation(entry, cx))
        .collect();
    Some(entries)
}

fn relation(entry: Item, cx: &Ctxt) -> Option<Independent> {
    let options = match entry.form {
        Form::Bare => {
            return Some(Independent {
                target: entry.path,
                via: Vec::new(),
            });
        }
        Form::List(tokens) => items(tokens, cx),
        Form::Assign(_) => Vec::new(),
    };
    let mut via = Once::default();
    for option in &options {
        match option.name().as_deref() {
            Some("via") => via.set(cx, &option.path, columns(option, "via = customer_id", cx)),
            _ => Place::Independent.reject(option, cx),
        }
    }
    if options.is_empty() {
        let shown = words(&entry.path);
        cx.error(
            &entry.path,
            format!("write `{shown}` for all relations with it, or `{shown}(via = ..)` for one"),
        );
    }
    Some(Independent {
        target: entry.path,
        via: via.get()?,
    })
}
