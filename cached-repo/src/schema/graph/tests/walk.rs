//! How far a write goes.

use super::{cascade, steps};
use crate::schema::EdgeMeta;
use crate::schema::testing::draft::{Draft, edge, names};

/// Users, their orders, the orders' lines.
fn shop() -> Draft {
    let mut draft = Draft::default();
    draft.add("user", "*id name code");
    draft.add("order", "*id user_id total");
    draft.add("line", "*id order_id");
    draft
}

#[test]
fn a_write_reaches_the_rows_that_hold_its_key() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    assert_eq!(steps(draft, "user"), ["order by user_id = id"]);
}

#[test]
fn an_edge_is_the_same_from_either_end() {
    let mut draft = shop();
    draft.of("order").depends_on.push(edge("user", "user_id"));
    assert_eq!(steps(draft, "user"), ["order by user_id = id"]);
}

#[test]
fn a_write_to_a_dependent_does_not_reach_its_parent() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    assert!(steps(draft, "order").is_empty());
}

#[test]
fn on_leaves_updates_of_other_columns_out_but_neither_of_the_key_nor_inserts_and_deletes() {
    let mut draft = shop();
    draft.declare(
        "user",
        EdgeMeta {
            on: names("name"),
            ..edge("order", "user_id")
        },
    );
    assert_eq!(
        steps(draft, "user"),
        ["order by user_id = id on id name insert delete"]
    );
}

#[test]
fn columns_that_are_referred_to_count_instead_of_the_key() {
    let mut draft = shop();
    draft.declare(
        "user",
        EdgeMeta {
            references: names("code"),
            on: names("name"),
            ..edge("order", "user_id")
        },
    );
    assert_eq!(
        steps(draft, "user"),
        ["order by user_id = code on name code insert delete"]
    );
}

#[test]
fn any_update_may_change_a_key_that_the_model_does_not_show() {
    let mut draft = Draft::default();
    draft.add("user", "id name");
    draft.add("order", "*id user_id");
    draft.declare(
        "user",
        EdgeMeta {
            on: names("name"),
            ..edge("order", "user_id")
        },
    );
    assert_eq!(
        steps(draft, "user"),
        ["order by user_id = "],
        "on every write; the key is known at run time"
    );
}

#[test]
fn columns_of_a_composite_key_keep_their_order() {
    let mut draft = Draft::default();
    draft.add("line", "*order_id *line_no");
    draft.add("part", "*id no order");
    draft.declare("line", edge("part", "order no"));
    assert_eq!(
        steps(draft, "line"),
        ["part by order,no = order_id,line_no"]
    );
}

#[test]
fn an_edge_that_does_not_cascade_ends_the_way() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare("order", edge("line", "order_id"));
    assert_eq!(steps(draft, "user"), ["order by user_id = id"]);
}

#[test]
fn behind_the_first_hop_an_edge_that_cascades_takes_the_whole_dependent() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare("order", cascade("line", "order_id"));
    assert_eq!(
        steps(draft, "user"),
        ["order by user_id = id", "line whole"]
    );
}

#[test]
fn on_is_asked_at_the_first_hop_only() {
    let mut draft = shop();
    draft.declare(
        "user",
        EdgeMeta {
            on: names("name"),
            ..edge("order", "user_id")
        },
    );
    draft.declare(
        "order",
        EdgeMeta {
            on: names("total"),
            ..cascade("line", "order_id")
        },
    );
    assert_eq!(
        steps(draft, "user"),
        [
            "order by user_id = id on id name insert delete",
            "line whole on id name insert delete",
        ],
        "the order shows the name, and the line what the order shows"
    );
}

#[test]
fn on_of_an_edge_that_cascades_counts_the_columns_by_which_its_parent_depends() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare(
        "order",
        EdgeMeta {
            on: names("total"),
            ..cascade("line", "order_id")
        },
    );
    assert_eq!(
        steps(draft, "order"),
        ["line by order_id = id on id user_id total insert delete"],
        "an order that passes to another user shows another name, and so does its line"
    );
}

#[test]
fn on_of_an_edge_that_does_not_cascade_leaves_those_columns_out() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare(
        "order",
        EdgeMeta {
            on: names("total"),
            ..edge("line", "order_id")
        },
    );
    assert_eq!(
        steps(draft, "order"),
        ["line by order_id = id on id total insert delete"]
    );
}

#[test]
fn where_two_ways_meet_the_writes_of_both_count() {
    let mut draft = Draft::default();
    draft.add("user", "*id name code");
    draft.add("order", "*id user_id");
    draft.add("bill", "*id user_id");
    draft.add("line", "*id order_id bill_id");
    for (parent, on) in [("order", "name"), ("bill", "code")] {
        draft.declare(
            "user",
            EdgeMeta {
                on: names(on),
                ..edge(parent, "user_id")
            },
        );
        let via = format!("{parent}_id");
        draft.declare(parent, cascade("line", &via));
    }
    assert_eq!(
        steps(draft, "user"),
        [
            "order by user_id = id on id name insert delete",
            "bill by user_id = id on id code insert delete",
            "line whole on id name code insert delete",
        ]
    );
}

#[test]
fn what_cascades_from_two_edges_to_one_entity_counts_the_writes_of_both() {
    let mut draft = Draft::default();
    draft.add("user", "*id name code");
    draft.add("order", "*id buyer_id seller_id");
    draft.add("line", "*id order_id");
    for (via, on) in [("buyer_id", "name"), ("seller_id", "code")] {
        let edge = EdgeMeta {
            on: names(on),
            ..edge("order", via)
        };
        draft.declare("user", edge);
    }
    draft.declare("order", cascade("line", "order_id"));
    assert_eq!(
        steps(draft, "user"),
        [
            "order by buyer_id = id on id name insert delete",
            "order by seller_id = id on id code insert delete",
            "line whole on id name code insert delete",
        ]
    );
}

#[test]
fn what_is_met_again_by_a_longer_way_is_followed_again() {
    let mut draft = Draft::default();
    draft.add("user", "*id name code");
    draft.add("order", "*id user_id firm_id");
    draft.add("card", "*id user_id");
    draft.add("firm", "*id card_id");
    draft.add("line", "*id order_id");
    for (dependent, on) in [("order", "name"), ("card", "code")] {
        let edge = EdgeMeta {
            on: names(on),
            ..edge(dependent, "user_id")
        };
        draft.declare("user", edge);
    }
    draft.declare("card", cascade("firm", "card_id"));
    draft.declare("firm", cascade("order", "firm_id"));
    draft.declare("order", cascade("line", "order_id"));
    let steps = steps(draft, "user");
    let wanted = "line whole on id name code insert delete";
    assert!(steps.contains(&wanted.to_owned()), "{steps:?}");
}

#[test]
fn a_tree_reaches_the_children_and_ends() {
    let mut draft = Draft::default();
    draft.add("node", "*id parent_id");
    draft.declare("node", edge("node", "parent_id"));
    assert_eq!(steps(draft, "node"), ["node by parent_id = id"]);
}

#[test]
fn what_cascades_from_a_tree_depends_on_the_parents_of_its_nodes() {
    let mut draft = Draft::default();
    draft.add("node", "*id parent_id");
    draft.add("leaf", "*id node_id");
    draft.declare("node", edge("node", "parent_id"));
    draft.declare("node", cascade("leaf", "node_id"));
    assert_eq!(
        steps(draft, "node"),
        ["node by parent_id = id", "leaf whole"]
    );
}

#[test]
fn edges_in_a_circle_that_do_not_cascade_end_where_they_lead() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare("order", edge("user", "code"));
    assert_eq!(steps(draft, "user"), ["order by user_id = id"]);
}
