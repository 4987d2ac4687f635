//! What a picture says beside its lines, whatever it is drawn with.

use super::InvalidationGraph;
use super::parts::{Edge, Independent, Node};

/// The name of an entity, and its table if that is called otherwise.
pub(super) fn of_node(node: &Node) -> Vec<String> {
    let mut lines = vec![node.prefix.to_owned()];
    if node.table != node.prefix {
        lines.push(node.table.clone());
    }
    lines
}

/// The columns of an edge, and what makes it differ from a plain one.
pub(super) fn of_edge(graph: &InvalidationGraph, edge: &Edge) -> Vec<String> {
    let mut lines = vec![columns(graph, edge)];
    if !edge.on.is_empty() {
        lines.push(format!("on {}", edge.on.join(", ")));
    }
    if edge.cascade {
        let limit = edge.lookup.map(|limit| format!(", lookup {limit}"));
        lines.push(format!("cascade{}", limit.unwrap_or_default()));
    }
    if edge.reason.is_foreign_key() {
        lines.push(edge.reason.to_string());
    }
    lines
}

/// `customer_id`, or `customer_number = number` if it points at another column than the primary key.
fn columns(graph: &InvalidationGraph, edge: &Edge) -> String {
    let via = edge.via.join(", ");
    match graph.node(edge.parent) {
        Some(parent) if parent.key != edge.references => {
            format!("{via} = {}", edge.references.join(", "))
        }
        _ => via,
    }
}

/// The ends of independence that can be drawn.
pub(super) fn independents(
    graph: &InvalidationGraph,
) -> impl Iterator<Item = (&Independent, &'static str)> {
    let entries = graph.independents.iter();
    entries.filter_map(|entry| entry.other.map(|other| (entry, other)))
}

/// The entities by crate, in the order in which the schema names them; one group without a name if there is one crate.
pub(super) fn crates(graph: &InvalidationGraph) -> Vec<(Option<&'static str>, Vec<&Node>)> {
    let mut groups: Vec<(Option<&'static str>, Vec<&Node>)> = Vec::new();
    for node in &graph.nodes {
        let known = groups
            .iter_mut()
            .find(|(name, _)| *name == Some(node.crate_name));
        match known {
            Some((_, nodes)) => nodes.push(node),
            None => groups.push((Some(node.crate_name), vec![node])),
        }
    }
    if let [(name, _)] = groups.as_mut_slice() {
        *name = None;
    }
    groups
}
