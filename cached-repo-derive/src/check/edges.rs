//! Rules on edges, as far as one entity can see.

use super::names::column_exists;
use crate::attr::{Edge, words};
use crate::ctxt::Ctxt;
use crate::model::Model;
use syn::ext::IdentExt;
use syn::{Ident, Path};

/// `on` and `references` of `dependents`, and `via` of `depends_on`, name columns of this entity.
pub(super) fn own_columns_exist(model: &Model, cx: &Ctxt) {
    let towards = model.cached.dependents.iter();
    let own = towards
        .flat_map(|edge| edge.on.iter().chain(&edge.references))
        .chain(model.cached.depends_on.iter().flat_map(|edge| &edge.via));
    for column in own {
        column_exists(model, &column.unraw().to_string(), column, cx);
    }
}

/// As many columns in `via` as it points at.
pub(super) fn columns_pair_up(model: &Model, cx: &Ctxt) {
    let key: Vec<&str> = model.key().into_iter().map(|field| &*field.name).collect();
    for edge in &model.cached.dependents {
        if !edge.references.is_empty() {
            pairs_with_references(edge, cx);
        } else if !key.is_empty() && edge.via.len() != key.len() {
            let columns = key.join("`, `");
            let other = format!("the primary key has {} (`{columns}`)", count(key.len()));
            mismatch(edge, &other, cx);
        }
    }
    for edge in &model.cached.depends_on {
        if !edge.references.is_empty() {
            pairs_with_references(edge, cx);
        }
    }
}

fn pairs_with_references(edge: &Edge, cx: &Ctxt) {
    if edge.via.len() != edge.references.len() {
        let other = format!("`references` has {}", count(edge.references.len()));
        mismatch(edge, &other, cx);
    }
}

fn mismatch(edge: &Edge, other: &str, cx: &Ctxt) {
    let message = format!(
        "`via` has {}, but {other}; list one column of the dependent for each",
        count(edge.via.len())
    );
    match &*edge.via {
        [first, ..] => cx.error_at(first.span(), message),
        [] => cx.error(&edge.target, message),
    }
}

fn count(columns: usize) -> String {
    if columns == 1 {
        "1 column".to_owned()
    } else {
        format!("{columns} columns")
    }
}

/// The same columns of the same entity make the same edge, whatever else is said about it.
pub(super) fn listed_once(model: &Model, cx: &Ctxt) {
    for edges in [&model.cached.dependents, &model.cached.depends_on] {
        for (at, edge) in edges.iter().enumerate() {
            let same =
                |other: &Edge| same_path(&other.target, &edge.target) && other.via == edge.via;
            if edges[..at].iter().any(same) {
                cx.error(
                    &edge.target,
                    format!(
                        "edge to `{}` via {} is listed twice; merge the two",
                        words(&edge.target),
                        listed(&edge.via),
                    ),
                );
            }
        }
    }
}

pub(super) fn listed(columns: &[Ident]) -> String {
    let quoted: Vec<String> = columns.iter().map(|column| format!("`{column}`")).collect();
    quoted.join(", ")
}

/// An edge to itself that cascades leads back to itself.
pub(super) fn cascade_ends(model: &Model, cx: &Ctxt) {
    let edges = model.cached.dependents.iter();
    for edge in edges.chain(&model.cached.depends_on) {
        let to_itself = ["Entity", "self::Entity"].contains(&&*words(&edge.target));
        if edge.cascade && to_itself {
            cx.error(
                &edge.target,
                "an edge of an entity to itself cannot cascade; remove `cascade`",
            );
        }
    }
}

pub(super) fn same_path(one: &Path, other: &Path) -> bool {
    words(one) == words(other)
}
