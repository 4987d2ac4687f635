//! What is legal, and worth a warning.

use super::super::{
    Index, cascades_for_nothing, has_useless_edge, is_independent_of_strangers, is_over,
};
use super::{cascade, look_up, on_delete};
use crate::schema::testing::draft::{Draft, SLOTS, edge, independent, names, relation};
use crate::schema::{Action, EdgeMeta};

fn shop() -> Draft {
    let mut draft = Draft::default();
    draft.add("user", "*id name code");
    draft.add("order", "*id user_id");
    draft.add("line", "*id order_id user_id");
    draft
}

/// For each member, whether it cascades for nothing.
fn cascades(draft: Draft) -> [bool; 3] {
    let graph = Draft::graph(draft.members::<3>());
    std::array::from_fn(|at| cascades_for_nothing(graph, at))
}

/// For each member, whether an edge from it has no effect.
fn useless(draft: Draft) -> [bool; 3] {
    let members = draft.members::<3>();
    let graph = Draft::graph(members);
    let plan = super::super::Plan::<3, 32>::of(graph, 0);
    std::array::from_fn(|at| has_useless_edge(graph, at, plan.steps(at)))
}

#[test]
fn an_edge_cascades_for_nothing_if_none_leads_to_where_it_begins() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare("order", cascade("line", "order_id"));
    assert_eq!(cascades(draft), [false, false, false]);
    let mut draft = shop();
    draft.declare("user", cascade("order", "user_id"));
    draft.declare("order", cascade("line", "order_id"));
    assert_eq!(cascades(draft), [true, false, false]);
}

#[test]
fn what_the_database_does_leads_to_where_an_edge_cascades() {
    let mut draft = shop();
    draft.declare("user", on_delete(Action::SetNull, "order", "user_id"));
    draft.declare("order", cascade("line", "order_id"));
    assert_eq!(cascades(draft), [false, false, false]);
}

#[test]
fn an_edge_to_what_goes_as_a_whole_anyway_is_useless() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare("user", edge("line", "user_id"));
    assert_eq!(useless(draft), [false, false, false]);
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare("user", edge("line", "user_id"));
    draft.declare("order", cascade("line", "order_id"));
    assert_eq!(useless(draft), [true, false, false]);
}

#[test]
fn an_edge_is_not_useless_if_it_is_followed_further_or_counts_more_writes() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare("user", look_up("line", "user_id"));
    draft.declare("order", cascade("line", "order_id"));
    assert!(!useless(draft)[0]);
    let mut draft = shop();
    draft.declare(
        "user",
        EdgeMeta {
            on: names("name"),
            ..edge("order", "user_id")
        },
    );
    draft.declare("user", edge("line", "user_id"));
    draft.declare("order", cascade("line", "order_id"));
    assert!(!useless(draft)[0]);
}

#[test]
fn nothing_is_said_where_writes_lead_back_to_their_entity() {
    let circle = |back: bool| {
        let mut draft = shop();
        draft.declare("user", edge("order", "user_id"));
        draft.declare("user", edge("line", "user_id"));
        draft.declare("order", cascade("line", "order_id"));
        if back {
            draft.declare("line", cascade("user", "name"));
        }
        useless(draft)
    };
    assert_eq!(circle(false), [true, false, false]);
    assert_eq!(circle(true), [false, false, false]);
}

#[test]
fn independence_needs_a_relation_that_one_of_both_shows() {
    let said = |draft: Draft| {
        let members = draft.members::<3>();
        is_independent_of_strangers(members, &Index::<SLOTS>::of(members), 0)
    };
    let strangers = || {
        let mut draft = shop();
        draft.of("user").independent.push(independent("order", ""));
        for prefix in ["user", "order", "line"] {
            draft.of(prefix).relations = Some(Vec::new());
        }
        draft
    };
    assert!(said(strangers()));
    let mut draft = strangers();
    draft.of("order").relations = Some(vec![relation("user", "user", "user_id")]);
    assert!(!said(draft), "the other one lists it");
    let mut draft = strangers();
    draft.of("user").relations = Some(vec![relation("orders", "order", "")]);
    assert!(!said(draft), "it lists the other one");
    let mut draft = strangers();
    draft.of("order").relations = None;
    assert!(!said(draft), "the other one may hide it");
    let mut draft = strangers();
    draft.of("user").independent = vec![independent("cart", "")];
    assert!(!said(draft), "no member");
}

#[test]
fn a_budget_of_nothing_allows_any_number_of_steps() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare("user", edge("line", "user_id"));
    let steps = draft.tables().steps[0];
    assert!(is_over(steps, 1));
    assert!(!is_over(steps, 2) && !is_over(steps, 0));
}
