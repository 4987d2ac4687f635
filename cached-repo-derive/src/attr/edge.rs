//! `super::order::Entity(via = customer_id, on(name), cascade)`.

use super::action::{Action, action};
use super::entity_path::entity;
use super::item::{Form, Item, items, words};
use super::once::Once;
use super::place::Place;
use crate::ctxt::Ctxt;
use syn::parse::{ParseStream, Parser};
use syn::{Ident, LitInt, Path, Token};

/// An edge to another entity, as written.
pub(crate) struct Edge {
    pub(crate) target: Path,
    pub(crate) via: Vec<Ident>,
    pub(crate) references: Vec<Ident>,
    pub(crate) on: Vec<Ident>,
    pub(crate) cascade: bool,
    /// 0 if it is left out.
    pub(crate) lookup: u32,
    pub(crate) on_delete: Action,
    pub(crate) on_update: Action,
}

#[derive(Default)]
struct Given {
    via: Once<Vec<Ident>>,
    references: Once<Vec<Ident>>,
    on: Once<Vec<Ident>>,
    cascade: Once<bool>,
    lookup: Once<u32>,
    on_delete: Once<Action>,
    on_update: Once<Action>,
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
        if option.name().as_deref() == Some("lookup") && !cascades(&options) {
            cx.error(
                &option.path,
                "`lookup` says how far `cascade` looks rows up: add `cascade`, or remove `lookup`",
            );
        }
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
        lookup: given.lookup.get().unwrap_or_default(),
        on_delete: given.on_delete.get().unwrap_or_default(),
        on_update: given.on_update.get().unwrap_or_default(),
    })
}

fn cascades(options: &[Item]) -> bool {
    options
        .iter()
        .any(|option| option.name().as_deref() == Some("cascade"))
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
            Some("lookup") => self.lookup.set(cx, path, limit(option, cx)),
            Some("on_delete") => self.on_delete.set(cx, path, action(option, cx)),
            Some("on_update") => self.on_update.set(cx, path, action(option, cx)),
            _ => Place::Edge.reject(option, cx),
        }
    }
}

/// The number in `lookup(limit = 100)`.
fn limit(option: &Item, cx: &Ctxt) -> Option<u32> {
    let parsed = match &option.form {
        Form::List(list) => parse_limit.parse2(list.clone()).ok(),
        _ => None,
    };
    let Some(limit) = parsed else {
        cx.error(
            &option.path,
            "`lookup` expects a limit: write `lookup(limit = 100)`",
        );
        return None;
    };
    let number = limit.base10_parse().ok().filter(|number| *number > 0);
    if number.is_none() {
        cx.error(
            &limit,
            format!(
                "`limit` must be from 1 to {}; leave `lookup` out to invalidate all rows of the dependent",
                u32::MAX
            ),
        );
    }
    number
}

fn parse_limit(input: ParseStream<'_>) -> syn::Result<LitInt> {
    let name: Ident = input.parse()?;
    if name != "limit" {
        return Err(input.error("expected `limit`"));
    }
    input.parse::<Token![=]>()?;
    let limit = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    Ok(limit)
}

/// The names of columns, each once.
pub(super) fn columns(option: &Item, example: &str, cx: &Ctxt) -> Option<Vec<Ident>> {
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
