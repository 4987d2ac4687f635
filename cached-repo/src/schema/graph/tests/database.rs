//! What the database does by itself.

use super::{cascade, look_up, on_delete, steps};
use crate::schema::testing::draft::{Draft, edge, names, relation, variants};
use crate::schema::{Action, EdgeMeta, RelationMeta};

fn shop() -> Draft {
    let mut draft = Draft::default();
    draft.add("user", "*id code");
    draft.add("order", "*id user_id total");
    draft.add("line", "*id order_id");
    draft.add("note", "*id order_id");
    draft
}

/// `order` belongs to `user`, as SeaORM knows it.
fn belong(draft: &mut Draft, on_delete: Action, on_update: Action) {
    let relations = &mut draft.of("order").relations;
    relations.get_or_insert_default().push(RelationMeta {
        on_delete,
        on_update,
        ..relation("user", "user", "user_id")
    });
}

#[test]
fn a_foreign_key_without_actions_is_no_edge() {
    let mut draft = shop();
    belong(&mut draft, Action::None, Action::None);
    assert!(steps(draft, "user").is_empty());
}

#[test]
fn deleted_rows_are_those_with_the_key() {
    let mut draft = shop();
    belong(&mut draft, Action::Cascade, Action::None);
    assert_eq!(steps(draft, "user"), ["order by user_id = id on delete"]);
}

#[test]
fn a_foreign_key_may_refer_to_other_columns_than_the_key() {
    let mut draft = shop();
    draft.of("order").relations = Some(vec![RelationMeta {
        to: variants("code"),
        on_delete: Action::SetNull,
        on_update: Action::Cascade,
        ..relation("user", "user", "user_id")
    }]);
    assert_eq!(
        steps(draft, "user"),
        ["order by user_id = code on delete", "order whole on code"]
    );
}

#[test]
fn the_other_end_of_a_relation_makes_no_second_edge() {
    let mut draft = shop();
    belong(&mut draft, Action::Cascade, Action::None);
    draft.of("user").relations = Some(vec![relation("orders", "order", "")]);
    assert_eq!(draft.tables().steps[0].len(), 1);
}

#[test]
fn a_relation_to_no_member_makes_no_edge() {
    let mut draft = shop();
    draft.of("order").relations = Some(vec![
        RelationMeta {
            on_delete: Action::Cascade,
            ..relation("cart", "cart", "user_id")
        },
        RelationMeta {
            other: None,
            on_delete: Action::Cascade,
            ..relation("audit", "audit", "user_id")
        },
    ]);
    let tables = draft.tables();
    assert!(tables.steps.iter().all(|steps| steps.is_empty()));
}

#[test]
fn rows_that_get_a_default_enter_what_nobody_can_name() {
    let mut draft = shop();
    belong(&mut draft, Action::SetDefault, Action::None);
    assert_eq!(steps(draft, "user"), ["order whole on delete"]);
}

#[test]
fn rows_that_follow_a_new_key_enter_what_nobody_can_name() {
    for action in [Action::Cascade, Action::SetNull, Action::SetDefault] {
        let mut draft = shop();
        belong(&mut draft, Action::None, action);
        assert_eq!(steps(draft, "user"), ["order whole on id"], "{action:?}");
    }
}

#[test]
fn an_edge_says_what_the_database_does_as_a_relation_would() {
    let mut draft = shop();
    draft.declare(
        "user",
        EdgeMeta {
            on: names("code"),
            on_delete: Action::Cascade,
            on_update: Action::Cascade,
            ..edge("order", "user_id")
        },
    );
    assert_eq!(
        steps(draft, "user"),
        [
            "order by user_id = id on id code insert delete",
            "order whole on id",
        ]
    );
}

#[test]
fn a_deleted_row_counts_as_written_whether_edges_cascade_or_not() {
    let mut draft = shop();
    belong(&mut draft, Action::Cascade, Action::None);
    draft.declare("order", edge("line", "order_id"));
    draft.declare(
        "order",
        EdgeMeta {
            on: names("total"),
            ..cascade("note", "order_id")
        },
    );
    assert_eq!(
        steps(draft, "user"),
        [
            "order by user_id = id on delete",
            "line whole on delete",
            "note whole on delete",
        ]
    );
}

#[test]
fn set_null_reaches_only_edges_that_count_its_columns() {
    let mut draft = shop();
    belong(&mut draft, Action::SetNull, Action::None);
    draft.declare(
        "order",
        EdgeMeta {
            on: names("user_id"),
            ..edge("line", "order_id")
        },
    );
    draft.declare(
        "order",
        EdgeMeta {
            on: names("total"),
            ..edge("note", "order_id")
        },
    );
    assert_eq!(
        steps(draft, "user"),
        ["order by user_id = id on delete", "line whole on delete"]
    );
}

#[test]
fn rows_that_the_database_changes_go_on_along_what_cascades_whatever_it_counts() {
    for further in [cascade, look_up] {
        let mut draft = shop();
        belong(&mut draft, Action::SetNull, Action::None);
        let further = EdgeMeta {
            on: names("total"),
            ..further("line", "order_id")
        };
        draft.declare("order", further);
        assert_eq!(
            steps(draft, "user"),
            ["order by user_id = id on delete", "line whole on delete"]
        );
    }
}

#[test]
fn set_null_does_not_delete_further() {
    let mut draft = shop();
    belong(&mut draft, Action::SetNull, Action::None);
    draft.of("line").relations = Some(vec![RelationMeta {
        on_delete: Action::Cascade,
        ..relation("order", "order", "order_id")
    }]);
    assert_eq!(steps(draft, "user"), ["order by user_id = id on delete"]);
}

#[test]
fn deletes_go_on_to_the_end() {
    let mut draft = shop();
    belong(&mut draft, Action::Cascade, Action::None);
    for child in ["line", "note"] {
        draft.of(child).relations = Some(vec![RelationMeta {
            on_delete: Action::Cascade,
            ..relation("order", "order", "order_id")
        }]);
    }
    assert_eq!(
        steps(draft, "user"),
        [
            "order by user_id = id on delete",
            "line whole on delete",
            "note whole on delete",
        ]
    );
}

#[test]
fn a_new_key_is_followed_as_far_as_it_is_referred_to() {
    let mut draft = shop();
    belong(&mut draft, Action::None, Action::Cascade);
    draft.of("line").relations = Some(vec![RelationMeta {
        to: variants("user_id"),
        on_update: Action::Cascade,
        ..relation("order", "order", "order_id")
    }]);
    draft.of("note").relations = Some(vec![RelationMeta {
        on_update: Action::Cascade,
        ..relation("order", "order", "order_id")
    }]);
    assert_eq!(
        steps(draft, "user"),
        ["order whole on id", "line whole on id"],
        "notes refer to the key of the order, which stays"
    );
}

#[test]
fn rows_that_are_written_in_a_second_way_are_followed_again() {
    let mut draft = Draft::default();
    draft.add("user", "*id");
    draft.add("cart", "*id up");
    draft.add("firm", "*id up");
    draft.add("team", "*id up");
    draft.add("order", "*id cart_id team_id");
    draft.add("line", "*id order_team");
    for (parent, dependent, via) in [
        ("user", "cart", "up"),
        ("user", "firm", "up"),
        ("firm", "team", "up"),
        ("cart", "order", "cart_id"),
    ] {
        draft.declare(parent, on_delete(Action::Cascade, dependent, via));
    }
    // The shorter way deletes orders, the longer one empties a column that lines refer to.
    draft.declare("team", on_delete(Action::SetNull, "order", "team_id"));
    draft.of("line").relations = Some(vec![RelationMeta {
        to: variants("team_id"),
        on_update: Action::SetNull,
        ..relation("order", "order", "order_team")
    }]);
    let steps = steps(draft, "user");
    assert!(
        steps.contains(&"line whole on delete".to_owned()),
        "{steps:?}"
    );
}

#[test]
fn a_circle_of_deletes_ends() {
    let mut draft = Draft::default();
    draft.add("a", "*id b_id");
    draft.add("b", "*id a_id");
    for (parent, child, via) in [("a", "b", "a_id"), ("b", "a", "b_id")] {
        draft.declare(parent, on_delete(Action::Cascade, child, via));
    }
    assert_eq!(
        steps(draft, "a"),
        ["b by a_id = id", "b whole on delete", "a whole on delete"]
    );
}

#[test]
fn a_tree_of_deletes_goes_as_a_whole() {
    let mut draft = Draft::default();
    draft.add("node", "*id parent_id name");
    draft.declare(
        "node",
        EdgeMeta {
            on: names("name"),
            on_delete: Action::Cascade,
            ..edge("node", "parent_id")
        },
    );
    assert_eq!(
        steps(draft, "node"),
        [
            "node by parent_id = id on id name insert delete",
            "node whole on delete",
        ]
    );
}
