//! The forms, letter for letter. Graphviz 2.43 and Mermaid 12.3 have drawn these texts; look at them again after a change.

use super::*;
use serde_json::{Value, json};

#[test]
fn dot() {
    assert_eq!(
        awkward().to_dot(),
        r##"digraph "Shop" {
    rankdir=LR;
    node [shape=box, style=rounded];
    subgraph "cluster_shop" {
        label="shop";
        "end" [label="end", tooltip="shop::end::Entity, src/a \"b\".rs:7"];
        "a-b" [label="a-b\nx\"y\\N<b> #1;", tooltip="shop::a::Entity, src/a \"b\".rs:7"];
    }
    subgraph "cluster_style" {
        label="style";
        "a_b" [label="a_b\ns.style: a", tooltip="style::b::Entity, src/a \"b\".rs:7"];
    }
    "end" -> "a-b" [label="end_id\non name, r#type", tooltip="dependents, src/a \"b\".rs:7", labeltooltip="dependents, src/a \"b\".rs:7"];
    "a-b" -> "a_b" [label="n, y = number, year\ncascade, lookup 100", tooltip="depends_on, src/a \"b\".rs:7", labeltooltip="depends_on, src/a \"b\".rs:7"];
    "end" -> "a-b" [label="end_id\nON DELETE SET NULL", tooltip="ON DELETE SET NULL, src/a \"b\".rs:7", labeltooltip="ON DELETE SET NULL, src/a \"b\".rs:7", style=dashed];
    "a_b" -> "a_b" [label="up\nON UPDATE CASCADE", tooltip="ON UPDATE CASCADE, src/a \"b\".rs:7", labeltooltip="ON UPDATE CASCADE, src/a \"b\".rs:7", style=dashed];
    "end" -> "a_b" [dir=none, style=dotted, color=gray, constraint=false, tooltip="independent, src/a \"b\".rs:7"];
}
"##
    );
}

#[test]
fn mermaid() {
    assert_eq!(
        awkward().to_mermaid(),
        r##"flowchart LR
    subgraph in_shop ["shop"]
        e_end["end"]
        e_a_b["a-b<br/>x#34;y#92;N#60;b#62; #35;1#59;"]
    end
    subgraph in_style ["style"]
        e_a_b_2["a_b<br/>s.style#58; a"]
    end
    e_end -->|"end_id<br/>on name, r#35;type"| e_a_b
    e_a_b -->|"n, y = number, year<br/>cascade, lookup 100"| e_a_b_2
    e_end -.->|"end_id<br/>ON DELETE SET NULL"| e_a_b
    e_a_b_2 -.->|"up<br/>ON UPDATE CASCADE"| e_a_b_2
    e_end -.- e_a_b_2
    linkStyle 4 stroke:#aaa
"##
    );
}

#[test]
fn a_schema_of_one_crate_is_not_boxed() {
    assert_eq!(
        InvalidationGraph::of::<Shop>().to_mermaid(),
        r##"flowchart LR
    e_user["user<br/>users"]
    e_order["order<br/>orders"]
    e_line["line<br/>lines"]
    e_user -->|"customer_id<br/>on name"| e_order
    e_order -->|"order_id<br/>cascade"| e_line
"##
    );
}

#[test]
fn json() {
    let graph = awkward();
    let parsed: Value = serde_json::from_str(&graph.to_json()).expect("it is JSON");
    assert_eq!(
        parsed,
        serde_json::to_value(&graph).expect("it is the same")
    );
    let place = json!({ "file": "src/a \"b\".rs", "line": 7 });
    assert_eq!(parsed["version"], 1);
    assert_eq!(parsed["schema"], "Shop");
    assert_eq!(
        parsed["nodes"][1],
        json!({
            "prefix": "a-b", "path": "shop::a::Entity", "crate": "shop", "table": "x\"y\\N<b>\n#1;", "key": ["id"],
            "place": place,
        })
    );
    assert_eq!(
        parsed["edges"][1],
        json!({
            "parent": "a-b", "dependent": "a_b", "via": ["n", "y"], "references": ["number", "year"],
            "reason": "depends_on", "on": [], "cascade": true, "lookup": 100, "place": place,
        })
    );
    assert_eq!(parsed["edges"][2]["reason"], "ON DELETE SET NULL");
    assert_eq!(parsed["edges"][2]["lookup"], Value::Null);
    assert_eq!(
        parsed["independents"],
        json!([
            { "entity": "end", "other": "a_b", "via": [], "place": place },
            { "entity": "end", "other": null, "via": ["x"], "place": place },
        ])
    );
}

#[test]
fn json_has_a_line_for_each_thing() {
    let shop = InvalidationGraph::of::<Shop>().to_json();
    let lines: Vec<_> = shop.lines().collect();
    assert_eq!(
        lines[..3],
        ["{", "  \"version\": 1,", "  \"schema\": \"Shop\","]
    );
    assert!(lines[4].starts_with("    {\"prefix\":\"user\","));
    assert_eq!(lines[lines.len() - 2..], ["  \"independents\": []", "}"]);
}
