//! Entities that map a view: what their entries must go with.

use super::facts::Catalog;
use super::fix::path;
use super::graph::{Graph, GraphEntity};
use super::report::{Finding, FindingKind};
use super::views::{Behind, Views};
use crate::sql::TableName;

/// What the graph does not know of them.
pub(super) fn findings(catalog: &Catalog, graph: &Graph, views: &Views) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, entity) in (0..).zip(&graph.entities) {
        let (schema, name) = entity.table.clone();
        let Some(behind) = views.behind(&TableName { schema, name }) else {
            continue;
        };
        findings.extend(behind.stored.iter().map(|view| stored(entity, view)));
        findings.extend(obstacle(entity, &behind));
        for base in behind.tables.iter().filter(|base| !base.optional) {
            let parents = graph.of_name(catalog, &base.table);
            let settled = parents
                .iter()
                .any(|parent| is_settled(graph, *parent, number));
            if !settled {
                let parent = parents.first().map(|parent| graph.entity(*parent));
                let found = undeclared(entity, &base.table.name, parent);
                if !findings.contains(&found) {
                    findings.push(found);
                }
            }
        }
    }
    findings
}

/// Whether writes to the one are known to reach the other, or deliberately do not.
fn is_settled(graph: &Graph, parent: u16, view: u16) -> bool {
    let mut edges = graph.edges.iter();
    let mut independent = graph.independent.iter();
    parent == view
        || edges.any(|edge| (edge.parent, edge.dependent) == (parent, view))
        || independent.any(|(one, other, _)| {
            (*one, *other) == (parent, view) || (*one, *other) == (view, parent)
        })
}

fn undeclared(view: &GraphEntity, table: &str, parent: Option<&GraphEntity>) -> Finding {
    let name = view.table_name();
    let (unknown, fix) = match parent {
        Some(parent) => {
            let (on, to) = (parent.path, path(parent.path, view.path));
            (
                "no edge leads from the one to the other".to_owned(),
                format!(
                    "on `{on}` write `#[cached(dependents({to}(via = .., references = ..)))]` with columns that both rows have in \
                     common, or `#[cached(independent({to}))]` if `{name}` is read by cached queries alone"
                ),
            )
        }
        None => (
            format!("`{table}` is no entity of the schema, so that nobody sees it written"),
            format!(
                "add `{table}` to the schema as cached entity, with an edge to `{0}`; or call `repo.invalidate_entity::<{0}>()` \
                 after writes to `{table}`",
                view.path
            ),
        ),
    };
    Finding {
        kind: FindingKind::UndeclaredView,
        constraint: None,
        message: format!(
            "`{name}` is a view that reads `{table}`, and {unknown}: entries by key, unique columns and indexes of `{name}` stay \
             when `{table}` is written"
        ),
        fix,
        tables: vec![table.to_owned(), name],
        columns: Vec::new(),
    }
}

fn stored(entity: &GraphEntity, view: &str) -> Finding {
    let name = entity.table_name();
    Finding {
        kind: FindingKind::StoredView,
        constraint: None,
        message: format!(
            "`{name}` shows the materialized view `{view}`, which changes when it is refreshed, and not when its tables are written"
        ),
        fix: format!(
            "nothing, if it is refreshed through the repo; otherwise call `repo.invalidate_entity::<{}>()` after that",
            entity.path
        ),
        tables: vec![view.to_owned(), name],
        columns: Vec::new(),
    }
}

fn obstacle(entity: &GraphEntity, behind: &Behind) -> Option<Finding> {
    let obstacle = behind.obstacle.as_ref()?;
    let name = entity.table_name();
    let cure = obstacle.cure.clone();
    Some(Finding {
        kind: FindingKind::Unreadable,
        constraint: None,
        message: format!(
            "it cannot be told which tables the view `{}` reads, which `{name}` shows",
            obstacle.view
        ),
        fix: cure.unwrap_or_else(|| format!("declare edges to `{}` from all of them", entity.path)),
        tables: vec![name],
        columns: Vec::new(),
    })
}
