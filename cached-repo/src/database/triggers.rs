//! Triggers and rules that write to tables of the schema.

use super::facts::{Catalog, Trigger};
use super::fix::Line;
use super::graph::Graph;
use super::report::{Finding, FindingKind};
use crate::schema::Action;
use crate::sql::{self, Mention};

/// What the graph does not know of them.
pub(super) fn findings(catalog: &Catalog, graph: &Graph) -> Vec<Finding> {
    let mut findings = Vec::new();
    for trigger in &catalog.triggers {
        let own = graph.of_relation(catalog, &trigger.table);
        for (target, certain) in targets(catalog, graph, trigger) {
            let is_edge = |own| {
                let mut edges = graph.edges.iter();
                edges.any(|edge| (edge.parent, edge.dependent) == (own, target))
            };
            // What a trigger writes to its own table is for the most part the row that set it off.
            if own != Some(target) && !own.is_some_and(is_edge) {
                findings.push(finding(catalog, graph, trigger, target, certain));
            }
        }
    }
    findings
}

/// The entities that a trigger may write to, and whether it certainly does.
fn targets(catalog: &Catalog, graph: &Graph, trigger: &Trigger) -> Vec<(u16, bool)> {
    let mut targets: Vec<(u16, bool)> = Vec::new();
    for Mention { table, certain } in sql::written(catalog.backend, trigger.code, &trigger.body) {
        for target in graph.of_name(catalog, &table) {
            match targets.iter_mut().find(|(known, _)| *known == target) {
                Some((_, known)) => *known |= certain,
                None => targets.push((target, certain)),
            }
        }
    }
    targets
}

fn finding(
    catalog: &Catalog,
    graph: &Graph,
    trigger: &Trigger,
    target: u16,
    certain: bool,
) -> Finding {
    let entity = graph.entity(target);
    let (table, changed) = (&trigger.table, entity.table_name());
    let own = graph.of_relation(catalog, table);
    let deed = if certain {
        "writes to"
    } else {
        "writes in a statement that names"
    };
    let events = match trigger.events.as_str() {
        "" => String::new(),
        events => format!(" ({events})"),
    };
    let (kind, unknown, fix) = match own {
        None => {
            let kind = FindingKind::OutsideTrigger;
            let fix = format!(
                "add `{table}` to the schema as cached entity, with an edge to `{}`",
                entity.path
            );
            (
                kind,
                format!("`{table}` is no entity of the schema, so that nobody sees it written"),
                fix,
            )
        }
        Some(own) => {
            let kind = FindingKind::UndeclaredTrigger;
            (
                kind,
                format!("there is no edge from `{table}` to `{changed}`"),
                edge(catalog, graph, own, target),
            )
        }
    };
    Finding {
        kind,
        constraint: Some(trigger.name.clone()),
        columns: Vec::new(),
        message: format!(
            "{} `{}` on `{table}`{events} {deed} `{changed}`, and {unknown}",
            trigger.kind(),
            trigger.name
        ),
        fix: format!(
            "{fix}; or call `repo.invalidate_entity::<{}>()` after writes to `{table}`",
            entity.path
        ),
        tables: vec![table.to_string(), changed],
    }
}

/// The edge that covers rows of `target` which belong to the written row of `own`, by a foreign key in either direction.
fn edge(catalog: &Catalog, graph: &Graph, own: u16, target: u16) -> String {
    let (written, changed) = (graph.entity(own), graph.entity(target));
    let on = changed.path;
    for key in &catalog.foreign_keys {
        let number = |relation| graph.of_relation(catalog, relation);
        let (parent, child) = (number(&key.parent), number(&key.child));
        let line = |parent, child| {
            Line::of(key, parent, child, |one, other| {
                catalog.same_column(one, other)
            })
        };
        let found = if (parent, child) == (Some(own), Some(target)) {
            line(written, changed).map(|line| line.depends_on(key.on_delete, key.on_update))
        } else if (parent, child) == (Some(target), Some(own)) {
            // The trigger changes the row that the written one refers to: the edge runs against the foreign key.
            line(changed, written).map(|line| line.turned().depends_on(Action::None, Action::None))
        } else {
            None
        };
        if let Some(edge) = found {
            return format!("on `{on}` write {edge}, if it writes to rows that belong together so");
        }
    }
    let path = super::fix::path(on, written.path);
    format!(
        "on `{on}` write `#[cached(depends_on({path}(via = .., references = ..)))]` with columns that both rows have in common"
    )
}
