//! `super::order::Entity(via = customer_id, on(name), cascade)`.

use super::entity_path::entity;
use super::item::{Form, Item, items, words};
use super::once::Once;
use super::place::Place;
use crate::ctxt::Ctxt;
use syn::{Ident, Path};

/// An edge to another entity, as written.
pub(crate) struct Edge {
    pub(crate) target: Path,
    pub(crate) via: Vec<Ident>,
    pub(crate) references: Vec<Ident>,
    pub(crate) on: Vec<Ident>,
    pub(crate) cascade: bool,
}

#[derive(Default)]
struct Given {
    via: Once<Vec<Ident>>,
    references: Once<Vec<Ident>>,
    on: Once<Vec<Ident>>,
    cascade: Once<bool>,
}

/// The edges of `dependents(..)` or `depends_on(..)`.
pub(super) fn list(list: &Item, example: &str, cx: &Ctxt) -> Option<Vec<Edge>> {
    let edges = list
        .list(cx, example)?
        .into_iter()
        .filter_map(|part| entity(&part, cx))
        .filter_map(|entry| edge(entry, cx))
        .collect();
    Some(edges)
}

fn edge(entry: Item, cx: &Ctxt) -> Option<Edge> {
    let target = words(&entry.path);
    let options = match entry.form {
        Form::List(tokens) => items(tokens, cx),
        Form::Bare => Vec::new(),
        Form::Assign(_) => {
            cx.error(
                &entry.path,
                format!("an edge takes its options in parentheses: write `{target}(via = ..)`"),
            );
            return None;
        }
    };
    let mut given = Given::default();
    for option in &options {
        given.take(option, cx);
    }
    if !given.via.was_given() {
        cx.error(
            &entry.path,
            format!("missing `via`: write `{target}(via = <column that holds the key>)`"),
        );
    }
    Some(Edge {
        target: entry.path,
        via: given.via.get()?,
        references: given.references.get().unwrap_or_default(),
        on: given.on.get().unwrap_or_default(),
        cascade: given.cascade.get().unwrap_or_default(),
    })
}

impl Given {
    fn take(&mut self, option: &Item, cx: &Ctxt) {
        let path = &option.path;
        match option.name().as_deref() {
            Some("via") => self
                .via
                .set(cx, path, columns(option, "via = customer_id", cx)),
            Some("references") => {
                let columns = columns(option, "references = id", cx);
                self.references.set(cx, path, columns);
            }
            Some("on") => self.on.set(cx, path, columns(option, "on(name)", cx)),
            Some("cascade") => self.cascade.set(cx, path, Some(option.bare(cx))),
            _ => Place::Edge.reject(option, cx),
        }
    }
}

fn columns(option: &Item, example: &str, cx: &Ctxt) -> Option<Vec<Ident>> {
    let columns = option.columns(cx, example)?;
    for (at, column) in columns.iter().enumerate() {
        if columns[..at].contains(column) {
            cx.error(
                column,
                format!("column `{column}` is listed twice; remove one"),
            );
        }
    }
    Some(columns)
}
