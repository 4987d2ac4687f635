//! Circles of edges that cascade.

use super::super::assert_no_cycle;
use super::{cascade, on_delete, refusal};
use crate::schema::testing::draft::{Draft, edge, line};
use crate::schema::{Action, EdgeMeta};

/// Four entities, and edges that cascade between these, each at the line of its number.
fn draft(edges: &[&str]) -> Draft {
    let mut draft = Draft::default();
    for prefix in ["a", "b", "c", "d"] {
        draft.add(prefix, "*id up");
    }
    for (at, ends) in (1..).zip(edges) {
        let (parent, dependent) = ends.split_once('>').expect("two ends");
        draft.declare(
            parent,
            EdgeMeta {
                place: line(at),
                ..cascade(dependent, "up")
            },
        );
    }
    draft
}

fn said(draft: Draft) -> String {
    let members = draft.members::<4>();
    let graph = Draft::graph(members);
    refusal(|| assert_no_cycle(members, graph))
}

#[test]
fn ways_that_part_and_meet_are_no_circle() {
    assert_eq!(said(draft(&["a>b", "a>c", "b>d", "c>d", "a>d"])), "");
}

#[test]
fn a_circle_is_told_edge_by_edge() {
    assert_eq!(
        said(draft(&["a>b", "b>c", "c>a"])),
        "edges that cascade lead from `a` back to it:\
         \n    `a` to `b` at shop.rs:1\n    `b` to `c` at shop.rs:2\n    `c` to `a` at shop.rs:3\
         \n  remove `cascade` from one of them"
    );
}

#[test]
fn a_circle_that_the_first_entity_only_leads_to_is_told_without_it() {
    assert_eq!(
        said(draft(&["a>b", "b>c", "c>b"])),
        "edges that cascade lead from `b` back to it:\
         \n    `b` to `c` at shop.rs:2\n    `c` to `b` at shop.rs:3\
         \n  remove `cascade` from one of them"
    );
}

#[test]
fn of_several_circles_through_an_entity_the_shortest_is_told() {
    let said = said(draft(&["a>b", "b>c", "c>d", "d>a", "b>d", "b>a"]));
    assert!(
        said.contains("\n    `a` to `b` at shop.rs:1\n    `b` to `a` at shop.rs:6\n  remove"),
        "{said}"
    );
}

#[test]
fn an_edge_of_an_entity_to_itself_is_a_circle() {
    assert!(said(draft(&["a>b", "b>b"])).contains("\n    `b` to `b` at shop.rs:2\n"));
}

#[test]
fn a_circle_of_all_entities_is_told() {
    let said = said(draft(&["a>b", "b>c", "c>d", "d>a"]));
    assert_eq!(said.matches(" to `").count(), 4, "{said}");
}

#[test]
fn a_circle_is_closed_by_edges_that_cascade_alone() {
    let mut draft = draft(&["a>b", "b>c"]);
    draft.declare("c", edge("a", "up"));
    draft.declare("c", edge("c", "up"));
    assert_eq!(said(draft), "");
}

#[test]
fn what_the_database_does_may_go_in_circles() {
    let mut draft = draft(&["a>b"]);
    for (parent, dependent) in [("b", "a"), ("c", "c")] {
        draft.declare(parent, on_delete(Action::Cascade, dependent, "up"));
    }
    assert_eq!(said(draft), "");
}
