//! Rules on what is independent: the opposite of an edge.

use super::edges::{listed, same_path};
use crate::attr::{Edge, Independent, words};
use crate::ctxt::Ctxt;
use crate::model::Model;
use syn::Ident;

/// An entry without `via` stands for all relations with its entity.
pub(super) fn listed_once(model: &Model, cx: &Ctxt) {
    let entries = &model.cached.independent;
    for (at, entry) in entries.iter().enumerate() {
        let shown = words(&entry.target);
        let others = || {
            entries[..at]
                .iter()
                .filter(|other| same_path(&other.target, &entry.target))
        };
        if others().any(|other| same_columns(&other.via, &entry.via)) {
            let via = via(entry);
            cx.error(
                &entry.target,
                format!("`{shown}`{via} is listed twice in `independent`; remove one"),
            );
        } else if others().any(|other| other.via.is_empty() || entry.via.is_empty()) {
            cx.error(
                &entry.target,
                format!(
                    "`{shown}` is listed with and without `via` in `independent`; without, it stands for all relations: remove one"
                ),
            );
        }
    }
}

/// A relation is an edge or independent, not both.
pub(super) fn is_no_edge(model: &Model, cx: &Ctxt) {
    for entry in &model.cached.independent {
        let has = |edges: &[Edge]| edges.iter().any(|edge| contradicts(entry, edge));
        let list = if has(&model.cached.dependents) {
            "dependents"
        } else if has(&model.cached.depends_on) {
            "depends_on"
        } else {
            continue;
        };
        let shown = words(&entry.target);
        let via = via(entry);
        let another = if entry.via.is_empty() {
            format!(", or name the columns of another relation: `{shown}(via = ..)`")
        } else {
            String::new()
        };
        cx.error(
            &entry.target,
            format!(
                "`{shown}`{via} is independent here, but has an edge in `{list}`; remove one of the two{another}"
            ),
        );
    }
}

fn contradicts(entry: &Independent, edge: &Edge) -> bool {
    same_path(&entry.target, &edge.target)
        && (entry.via.is_empty() || same_columns(&entry.via, &edge.via))
}

fn via(entry: &Independent) -> String {
    if entry.via.is_empty() {
        String::new()
    } else {
        format!(" via {}", listed(&entry.via))
    }
}

/// In any order.
fn same_columns(one: &[Ident], other: &[Ident]) -> bool {
    one.len() == other.len() && one.iter().all(|column| other.contains(column))
}
