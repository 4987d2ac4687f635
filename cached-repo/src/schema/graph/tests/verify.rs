//! What a schema must not say.

use super::super::{Clashes, assert_edges_once, assert_own_names};
use super::refusal;
use crate::schema::testing::draft::{Draft, SLOTS, edge, ident, line, names};
use crate::schema::{EdgeMeta, EntityIdent};

fn draft() -> Draft {
    let mut draft = Draft::default();
    draft.add("user", "*id code");
    draft.add("order", "*id user_id");
    draft
}

/// What is said of the names of each member.
fn names_said(draft: Draft) -> [String; 2] {
    let members = draft.members::<2>();
    let clashes = Clashes::of::<SLOTS>(members);
    std::array::from_fn(|at| refusal(|| assert_own_names(members, &clashes, at)))
}

/// What is said of the edges into each member.
fn edges_said(draft: Draft) -> [String; 2] {
    let members = draft.members::<2>();
    let graph = Draft::graph(members);
    std::array::from_fn(|at| refusal(|| assert_edges_once(members, graph, at)))
}

#[test]
fn names_of_their_own_are_taken() {
    assert_eq!(names_said(draft()), ["", ""]);
}

#[test]
fn a_prefix_belongs_to_one_entity() {
    let mut draft = draft();
    draft.of("order").ident = EntityIdent {
        prefix: "user",
        place: line(7),
        ..ident("order")
    };
    let said = names_said(draft);
    assert_eq!(said[0], "", "the second one is wrong");
    assert_eq!(
        said[1],
        "two entities have the prefix `user`, so that they would share their keys:\
         \n    `shop::user::Entity` (shop.rs:1)\n    `shop::order::Entity` (shop.rs:7)\
         \n  give one of them another: `#[cached(prefix = \"..\")]`"
    );
}

#[test]
fn a_table_belongs_to_one_entity() {
    let mut draft = draft();
    draft.of("order").ident = EntityIdent {
        table: "users",
        ..ident("order")
    };
    let said = names_said(draft);
    assert_eq!(said[0], "");
    assert!(
        said[1].starts_with("two entities map the table `users`"),
        "{said:?}"
    );
}

#[test]
fn tables_that_the_models_do_not_show_are_compared_at_run_time() {
    let mut draft = draft();
    for prefix in ["user", "order"] {
        draft.of(prefix).ident = EntityIdent {
            table: "",
            ..ident(prefix)
        };
    }
    assert_eq!(names_said(draft), ["", ""]);
}

#[test]
fn an_edge_is_declared_at_one_end() {
    let mut draft = draft();
    draft.declare(
        "user",
        EdgeMeta {
            place: line(3),
            ..edge("order", "user_id")
        },
    );
    draft.of("order").depends_on.push(EdgeMeta {
        on: names("code"),
        place: line(9),
        ..edge("user", "user_id")
    });
    let said = edges_said(draft);
    assert_eq!(said[0], "");
    assert_eq!(
        said[1],
        "the edge from `user` to `order` via `user_id` is declared twice:\
         \n    shop.rs:3\n    shop.rs:9\n  remove one of the two"
    );
}

#[test]
fn an_edge_that_refers_to_other_columns_is_another_edge() {
    let mut draft = draft();
    draft.declare("user", edge("order", "user_id"));
    draft.declare(
        "user",
        EdgeMeta {
            references: names("code"),
            ..edge("order", "user_id")
        },
    );
    draft.declare("user", edge("order", "id"));
    assert_eq!(edges_said(draft), ["", ""]);
}

#[test]
fn the_key_by_name_is_the_key() {
    let mut draft = draft();
    draft.declare("user", edge("order", "user_id"));
    draft.declare(
        "user",
        EdgeMeta {
            references: names("id"),
            ..edge("order", "user_id")
        },
    );
    assert!(edges_said(draft)[1].contains("is declared twice"));
}

#[test]
fn the_database_may_do_what_an_edge_says_already() {
    let mut draft = draft();
    draft.declare(
        "user",
        EdgeMeta {
            on_delete: crate::schema::Action::Cascade,
            on_update: crate::schema::Action::Cascade,
            ..edge("order", "user_id")
        },
    );
    assert_eq!(edges_said(draft), ["", ""]);
}

#[test]
fn an_edge_names_columns_of_both_ends() {
    let wanted = |prefix: &str| {
        format!(
            "an edge names a field of `{prefix}` that is no column of its table:\n    shop.rs:1\
             \n  name columns that SeaORM does not ignore, at most 12 of the first 126"
        )
    };
    let mut draft = draft();
    draft.declare("user", edge("order", "full_name"));
    assert_eq!(edges_said(draft)[1], wanted("order"));
    let mut draft = self::draft();
    draft.declare(
        "user",
        EdgeMeta {
            references: names("full_name"),
            ..edge("order", "user_id")
        },
    );
    assert_eq!(edges_said(draft)[1], wanted("user"));
}

#[test]
fn an_edge_holds_no_more_columns_than_a_key_may_have() {
    let mut draft = draft();
    draft.declare("user", edge("order", &"id ".repeat(13)));
    assert!(edges_said(draft)[1].contains("at most 12"));
}
