//! Rules on `index` and `unique`, and the lookups that they make together.

use crate::attr::{Kind, Lookup};
use crate::ctxt::Ctxt;
use crate::model::{Field, Model};
use syn::LitStr;

/// A lookup: one field, or all that share a name, in the order of their declaration.
pub(crate) struct Group<'a> {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) fields: Vec<&'a Field>,
    /// Where it was first named.
    first: &'a Lookup,
}

/// Lookups in the order of their first field.
pub(crate) fn groups(model: &Model) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for field in &model.columns {
        for lookup in &field.lookups {
            let shared = lookup.name.as_ref().map(LitStr::value);
            let same = groups.iter_mut().find(|group| {
                shared.is_some()
                    && group.first.name.as_ref().map(LitStr::value) == shared
                    && group.kind == lookup.kind
            });
            match same {
                Some(group) => group.fields.push(field),
                None => groups.push(Group {
                    kind: lookup.kind,
                    name: shared.unwrap_or_else(|| field.name.clone()),
                    fields: vec![field],
                    first: lookup,
                }),
            }
        }
    }
    groups
}

impl Group<'_> {
    fn shown(&self) -> String {
        let word = self.kind.word();
        match &self.first.name {
            Some(name) => format!("{word} = \"{}\"", name.value()),
            None => word.to_owned(),
        }
    }

    fn columns(&self) -> Vec<&str> {
        let mut columns: Vec<&str> = self.fields.iter().map(|field| &*field.name).collect();
        columns.sort_unstable();
        columns
    }

    fn error(&self, cx: &Ctxt, message: String) {
        match &self.first.name {
            Some(name) => cx.error(name, message),
            None => cx.error(&self.first.key, message),
        }
    }
}

/// Each lookup becomes a method, and methods need names of their own.
pub(super) fn names_are_free(model: &Model, cx: &Ctxt) {
    let groups = groups(model);
    for (at, group) in groups.iter().enumerate() {
        let Some(other) = groups[..at].iter().find(|other| other.name == group.name) else {
            continue;
        };
        if group.columns() == other.columns() {
            continue; // `columns_differ` says more about it.
        }
        let message = if group.kind == other.kind {
            format!(
                "`find_cached_by_{}` is taken by `{}` on `{}`; choose another name",
                group.name,
                other.shown(),
                other.fields[0].name,
            )
        } else {
            format!(
                "lookup `{}` is `{}` here, but `{}` on `{}`; use one of them on all its fields",
                group.name,
                group.kind.word(),
                other.kind.word(),
                other.fields[0].name,
            )
        };
        group.error(cx, message);
    }
}

/// Two lookups over the same columns say the same, or contradict each other.
pub(super) fn columns_differ(model: &Model, cx: &Ctxt) {
    let groups = groups(model);
    for (at, group) in groups.iter().enumerate() {
        let Some(other) = groups[..at]
            .iter()
            .find(|other| other.columns() == group.columns())
        else {
            continue;
        };
        let message = if group.kind == other.kind {
            format!(
                "`{}` covers the same columns as `{}`; remove one of them",
                group.shown(),
                other.shown()
            )
        } else {
            format!(
                "`{}` contradicts `{}`; keep `unique` if no two rows share the value, and `index` if they may",
                group.shown(),
                other.shown()
            )
        };
        group.error(cx, message);
    }
}

/// `find_cached` is the lookup by primary key.
pub(super) fn key_needs_no_lookup(model: &Model, cx: &Ctxt) {
    let mut key: Vec<&str> = model.key().into_iter().map(|field| &*field.name).collect();
    key.sort_unstable();
    for group in groups(model) {
        if !key.is_empty() && group.columns() == key {
            group.error(
                cx,
                format!(
                    "`{}` covers the primary key, which `find_cached` looks up; remove it",
                    group.shown()
                ),
            );
        }
    }
}
