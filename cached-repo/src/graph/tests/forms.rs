//! The forms, letter for letter. Graphviz 2.43 and Mermaid 12.3 have read these; raise this note with a change.

use super::*;
use serde_json::{Value, json};

#[test]
fn dot() {
    assert_eq!(awkward().to_dot(), r#""#);
}

#[test]
fn mermaid() {
    assert_eq!(awkward().to_mermaid(), r#""#);
}

#[test]
fn a_schema_of_one_crate_is_not_boxed() {
    assert_eq!(
        InvalidationGraph::of::<Shop>().to_mermaid(),
        r#""#
    );
}

#[test]
fn json() {
    let parsed: Value = serde_json::from_str(&awkward().to_json()).expect("it is JSON");
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
