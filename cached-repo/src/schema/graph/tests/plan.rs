//! From what a walk reaches to steps.

use super::super::{Plan, count_steps};
use super::{cascade, look_up, on_delete, steps};
use crate::schema::testing::draft::{Draft, edge, names, relation};
use crate::schema::{Action, EdgeMeta, RelationMeta};

fn shop() -> Draft {
    let mut draft = Draft::default();
    draft.add("user", "*id name");
    draft.add("order", "*id user_id");
    draft.add("line", "*id order_id user_id");
    draft
}

#[test]
fn an_edge_to_what_goes_as_a_whole_anyway_has_no_step() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare("user", edge("line", "user_id"));
    draft.declare("order", cascade("line", "order_id"));
    assert_eq!(
        steps(draft, "user"),
        ["order by user_id = id", "line whole"]
    );
}

#[test]
fn an_edge_that_counts_more_writes_than_the_whole_keeps_its_step() {
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
    let steps = steps(draft, "user");
    assert!(steps.contains(&"line by user_id = id".to_owned()));
    assert!(steps.contains(&"line whole on id name insert delete".to_owned()));
}

#[test]
fn a_chain_to_what_goes_as_a_whole_anyway_has_no_step() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    for further in [look_up, cascade] {
        draft.declare("order", further("line", "order_id"));
    }
    assert_eq!(
        steps(draft, "user"),
        ["order by user_id = id", "line whole"]
    );
}

#[test]
fn a_chain_that_counts_more_writes_than_the_whole_keeps_its_step() {
    let mut draft = shop();
    draft.declare("user", on_delete(Action::SetDefault, "line", "user_id"));
    draft.declare("user", edge("order", "user_id"));
    draft.declare("order", look_up("line", "order_id"));
    assert_eq!(
        steps(draft, "user"),
        [
            "line by user_id = id",
            "order by user_id = id",
            "line found by user > order",
            "line whole on delete",
        ]
    );
}

#[test]
fn the_same_rows_by_two_edges_are_one_step() {
    let mut draft = shop();
    draft.declare("user", on_delete(Action::Cascade, "order", "user_id"));
    assert_eq!(steps(draft, "user"), ["order by user_id = id"]);
}

#[test]
fn a_wider_edge_behind_a_narrower_one_has_its_step() {
    let mut draft = Draft::default();
    draft.add("order", "*id user_id");
    draft.add("user", "*id");
    draft.of("order").relations = Some(vec![RelationMeta {
        on_delete: Action::Cascade,
        ..relation("user", "user", "user_id")
    }]);
    draft.declare("user", edge("order", "user_id"));
    assert_eq!(
        steps(draft, "user"),
        ["order by user_id = id on delete", "order by user_id = id"]
    );
}

#[test]
fn the_same_rows_by_other_columns_of_the_parent_are_another_step() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare(
        "user",
        EdgeMeta {
            references: names("name"),
            ..edge("order", "user_id")
        },
    );
    assert_eq!(
        steps(draft, "user"),
        ["order by user_id = id", "order by user_id = name"]
    );
}

#[test]
fn plans_of_parts_are_the_plan_of_the_whole() {
    let mut draft = Draft::default();
    for prefix in ["a", "b", "c", "d"] {
        draft.add(prefix, "*id up other");
    }
    draft.declare("a", edge("b", "up"));
    draft.declare("b", cascade("c", "up"));
    draft.declare("c", look_up("d", "up"));
    draft.declare("d", on_delete(Action::Cascade, "a", "other"));
    let graph = Draft::graph(draft.members::<4>());
    let whole = Plan::<4, 32>::of(graph, 0);
    let (front, back) = (Plan::<3, 32>::of(graph, 0), Plan::<1, 32>::of(graph, 3));
    for at in 0..3 {
        assert_eq!(front.steps(at), whole.steps(at));
    }
    assert_eq!(back.steps(0), whole.steps(3));
    let steps: usize = (0..4).map(|at| whole.steps(at).len()).sum();
    assert_eq!(count_steps(graph, 0, 4), steps);
    assert_eq!(count_steps(graph, 0, 3) + count_steps(graph, 3, 1), steps);
}

#[test]
fn a_plan_that_is_as_long_as_was_counted_holds_all_steps() {
    let mut draft = shop();
    draft.declare("user", edge("order", "user_id"));
    draft.declare("order", cascade("line", "order_id"));
    let graph = Draft::graph(draft.members::<3>());
    assert_eq!(count_steps(graph, 0, 3), 3);
    let exact = Plan::<3, 3>::of(graph, 0);
    let roomy = Plan::<3, 32>::of(graph, 0);
    assert!((0..3).all(|at| exact.steps(at) == roomy.steps(at)));
}

#[test]
fn a_write_knows_the_columns_that_its_steps_begin_with() {
    let mut draft = Draft::default();
    let key = || vec!["id"];
    draft.add_real("user", "*id c1 c2 c3", key);
    draft.add_real("order", "*id c1", key);
    draft.add_real("line", "*id c1", key);
    for (dependent, references) in [("order", "c1"), ("line", "c2")] {
        let edge = EdgeMeta {
            references: names(references),
            ..edge(dependent, "c1")
        };
        draft.declare("user", edge);
    }
    draft.declare("order", look_up("line", "id"));
    let schema = draft.schema();
    assert_eq!(schema.entity(0).tracked, 0b110);
    assert_eq!(schema.entity(1).tracked, 0, "the key is known anyway");
}
