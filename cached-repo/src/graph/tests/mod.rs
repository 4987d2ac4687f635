//! The graph as it is shown.

mod explain;
mod forms;

use super::*;
use crate::schema::testing::Shop;

#[test]
fn the_graph_says_what_the_entities_declare() {
    let graph = InvalidationGraph::of::<Shop>();
    let names: Vec<_> = graph
        .nodes
        .iter()
        .map(|node| (node.prefix, node.table.as_str(), node.crate_name))
        .collect();
    let shop = "shop";
    assert_eq!(
        names,
        [
            ("user", "users", shop),
            ("order", "orders", shop),
            ("line", "lines", shop)
        ]
    );
    assert_eq!(graph.node("user").expect("it is there").key, ["id"]);

    let edge = graph.between("user", "order").next().expect("an edge");
    assert_eq!(edge.via, ["customer_id"]);
    assert_eq!(edge.references, ["id"]);
    assert_eq!(edge.on, ["name"], "as declared, without the key");
    assert_eq!(edge.reason, Reason::Dependents);
    assert_eq!(edge.place.to_string(), "shop.rs:1");
    assert!(!edge.cascade);
    let edge = graph.between("order", "line").next().expect("an edge");
    assert!(edge.cascade && edge.on.is_empty() && edge.lookup.is_none());
}

/// A graph with everything in it, and with names that no form may trip over.
fn awkward() -> InvalidationGraph {
    let place = Place {
        file: "src/a \"b\".rs",
        line: 7,
    };
    let node = |prefix, path: &'static str, table: &str| Node {
        prefix,
        path,
        crate_name: path.split("::").next().unwrap_or_default(),
        table: table.to_owned(),
        key: vec!["id"],
        place,
    };
    let edge = |parent, dependent, via: &[&'static str], reason| Edge {
        parent,
        dependent,
        via: via.to_vec(),
        references: vec!["id"],
        reason,
        on: Vec::new(),
        cascade: false,
        lookup: None,
        place,
    };
    InvalidationGraph {
        schema: "Shop",
        nodes: vec![
            node("end", "shop::end::Entity", "end"),
            node("a-b", "shop::a::Entity", "x\"y\\N<b>\n#1;"),
            node("a_b", "style::b::Entity", "s.style: a"),
        ],
        edges: vec![
            Edge {
                on: vec!["name", "r#type"],
                ..edge("end", "a-b", &["end_id"], Reason::Dependents)
            },
            Edge {
                references: vec!["number", "year"],
                cascade: true,
                lookup: Some(100),
                ..edge("a-b", "a_b", &["n", "y"], Reason::DependsOn)
            },
            edge("end", "a-b", &["end_id"], Reason::OnDelete(Action::SetNull)),
            edge("a_b", "a_b", &["up"], Reason::OnUpdate(Action::Cascade)),
        ],
        independents: vec![
            Independent {
                entity: "end",
                other: Some("a_b"),
                via: Vec::new(),
                place,
            },
            Independent {
                entity: "end",
                other: None,
                via: vec!["x"],
                place,
            },
        ],
    }
}
