//! Foreign keys between entities of the schema.

use super::*;

#[test]
fn an_action_without_an_edge_is_reported_with_the_line_for_it() {
    let both = customer(Action::SetNull, Action::Cascade);
    let finding = only(compare(&catalog(vec![both]), &graph()));
    assert_eq!(finding.kind, FindingKind::UndeclaredAction);
    assert_eq!(finding.constraint.as_deref(), Some("orders_fkey"));
    assert_eq!(
        (finding.tables, finding.columns),
        (
            vec!["users".into(), "orders".into()],
            vec!["CustomerId".into()]
        )
    );
    assert_eq!(
        finding.message,
        "foreign key `orders_fkey`: a delete in `users` sets `CustomerId` of `orders` to NULL (ON DELETE SET NULL); a change of \
         `id` in `users` changes `CustomerId` of `orders` (ON UPDATE CASCADE), and no edge of the schema says so"
    );
    assert_eq!(
        finding.fix,
        "on `shop::order::Entity` write `#[cached(depends_on(super::user::Entity(via = customer_id, on_delete = set_null, \
         on_update = cascade)))]`, or `#[sea_orm(belongs_to, from = \"customer_id\", to = \"id\", on_delete = \"SetNull\", \
         on_update = \"Cascade\")]` on the field of its relation"
    );
}

#[test]
fn an_edge_must_say_what_the_database_does() {
    let findings = |edge, key| {
        let graph = Graph {
            edges: vec![edge],
            ..graph()
        };
        compare(&catalog(vec![key]), &graph)
    };
    let cascade = || customer(Action::Cascade, Action::None);
    let silent = only(findings(
        orders_of_user(Action::None, Action::None),
        cascade(),
    ));
    assert!(
        silent.message.ends_with("and the edge does not say so"),
        "{}",
        silent.message
    );
    let wrong = only(findings(
        orders_of_user(Action::SetNull, Action::None),
        cascade(),
    ));
    assert_eq!(wrong.kind, FindingKind::UndeclaredAction);
    assert!(
        wrong
            .message
            .ends_with("and the edge says `on_delete = set_null`"),
        "{}",
        wrong.message
    );
    assert_eq!(
        findings(orders_of_user(Action::Cascade, Action::None), cascade()),
        []
    );
    let half = customer(Action::Cascade, Action::SetDefault);
    let half = only(findings(
        orders_of_user(Action::Cascade, Action::None),
        half,
    ));
    assert!(
        !half.message.contains("DELETE") && half.message.contains("ON UPDATE SET DEFAULT"),
        "{}",
        half.message
    );
}

#[test]
fn an_edge_over_other_columns_is_another_edge() {
    let graph = Graph {
        edges: vec![edge(USER, ORDER, &[2], &[1])],
        ..graph()
    };
    let findings = compare(
        &catalog(vec![customer(Action::Cascade, Action::None)]),
        &graph,
    );
    assert_eq!(kinds(&findings), [FindingKind::UndeclaredAction]);
    let by_email = key(
        "orders",
        "users",
        &[("email", "email")],
        Action::None,
        Action::None,
    );
    assert_eq!(compare(&catalog(vec![by_email]), &graph), []);
}

#[test]
fn a_relation_must_be_an_edge_or_independent() {
    let plain = || catalog(vec![customer(Action::None, Action::None)]);
    let finding = only(compare(&plain(), &graph()));
    assert_eq!(finding.kind, FindingKind::UndeclaredRelation);
    assert_eq!(
        finding.fix,
        "if they do, on `shop::order::Entity` write `#[cached(depends_on(super::user::Entity(via = customer_id)))]`, or on \
         `shop::user::Entity` `#[cached(dependents(super::order::Entity(via = customer_id)))]`; if they do not, on \
         `shop::order::Entity` write `#[cached(independent(super::user::Entity))]`"
    );
    let with_edge = Graph {
        edges: vec![orders_of_user(Action::None, Action::None)],
        ..graph()
    };
    assert_eq!(compare(&plain(), &with_edge), []);
    for (independent, settled) in [
        ((USER, ORDER, None), true),
        ((ORDER, USER, None), true),
        ((USER, ORDER, Some(vec![1])), true),
        ((USER, ORDER, Some(vec![2])), false),
        ((USER, PART, None), false),
    ] {
        let graph = Graph {
            independent: vec![independent.clone()],
            ..graph()
        };
        assert_eq!(
            compare(&plain(), &graph).is_empty(),
            settled,
            "{independent:?}"
        );
    }
}

#[test]
fn independent_does_not_excuse_an_action() {
    let graph = Graph {
        independent: vec![(ORDER, USER, None)],
        ..graph()
    };
    let finding = only(compare(
        &catalog(vec![customer(Action::Cascade, Action::None)]),
        &graph,
    ));
    assert_eq!(finding.kind, FindingKind::UndeclaredAction);
    assert!(
        finding.fix.ends_with("in place of `independent(..)`"),
        "{}",
        finding.fix
    );
}

#[test]
fn columns_of_a_composite_key_go_in_the_order_of_the_key() {
    let part = || {
        key(
            "parts",
            "order_lines",
            &[("line_no", "line_no"), ("order_id", "order_id")],
            Action::Cascade,
            Action::None,
        )
    };
    let finding = only(compare(&catalog(vec![part()]), &graph()));
    assert!(
        finding.fix.contains(
            "on `shop::stock::part::Entity` write `#[cached(depends_on(crate::line::Entity(via(order_id, line_no), on_delete = cascade)))]`"
        ),
        "{}",
        finding.fix
    );
    assert!(
        finding
            .fix
            .contains("from = \"(order_id, line_no)\", to = \"(order_id, line_no)\""),
        "{}",
        finding.fix
    );
    let known = KnownEdge {
        on_delete: Action::Cascade,
        ..edge(2, PART, &[2, 1], &[1, 0])
    };
    assert_eq!(
        compare(
            &catalog(vec![part()]),
            &Graph {
                edges: vec![known],
                ..graph()
            }
        ),
        []
    );
    let crossed = KnownEdge {
        on_delete: Action::Cascade,
        ..edge(2, PART, &[1, 2], &[1, 0])
    };
    let findings = compare(
        &catalog(vec![part()]),
        &Graph {
            edges: vec![crossed],
            ..graph()
        },
    );
    assert_eq!(
        kinds(&findings),
        [FindingKind::UndeclaredAction, FindingKind::MissingAction]
    );
}

#[test]
fn columns_other_than_the_key_are_named_as_references() {
    let by_email = key(
        "orders",
        "users",
        &[("email", "email")],
        Action::None,
        Action::Cascade,
    );
    let finding = only(compare(&catalog(vec![by_email]), &graph()));
    assert!(
        finding
            .fix
            .contains("super::user::Entity(via = email, references = email, on_update = cascade)"),
        "{}",
        finding.fix
    );
}

#[test]
fn a_column_that_no_model_has_is_to_be_added() {
    let hidden = key(
        "orders",
        "users",
        &[("agent_id", "id")],
        Action::Cascade,
        Action::None,
    );
    let finding = only(compare(&catalog(vec![hidden]), &graph()));
    assert_eq!(finding.kind, FindingKind::UndeclaredAction);
    assert!(
        finding
            .fix
            .starts_with("give the models of `users` and `orders` fields"),
        "{}",
        finding.fix
    );
}

#[test]
fn a_table_may_refer_to_itself() {
    let tree = || {
        key(
            "nodes",
            "nodes",
            &[("parent_id", "id")],
            Action::Cascade,
            Action::None,
        )
    };
    let finding = only(compare(&catalog(vec![tree()]), &graph()));
    assert!(
        finding
            .fix
            .contains("depends_on(super::node::Entity(via = parent_id, on_delete = cascade))"),
        "{}",
        finding.fix
    );
    let known = KnownEdge {
        on_delete: Action::Cascade,
        ..edge(NODE, NODE, &[1], &[0])
    };
    assert_eq!(
        compare(
            &catalog(vec![tree()]),
            &Graph {
                edges: vec![known],
                ..graph()
            }
        ),
        []
    );
}

#[test]
fn an_action_that_the_database_lacks_is_a_note() {
    let graph = Graph {
        edges: vec![orders_of_user(Action::Cascade, Action::Cascade)],
        ..graph()
    };
    let finding = only(compare(
        &catalog(vec![customer(Action::Cascade, Action::None)]),
        &graph,
    ));
    assert_eq!(finding.kind, FindingKind::MissingAction);
    assert!(!finding.is_warning());
    assert_eq!(
        finding.fix,
        "take `on_update = cascade` from the edge, or let the foreign key do it"
    );
    // An edge need not have a foreign key.
    let graph = Graph {
        edges: vec![orders_of_user(Action::None, Action::None)],
        ..super::graph()
    };
    assert_eq!(compare(&catalog(Vec::new()), &graph), []);
}

#[test]
fn a_table_that_does_not_exist_yet_is_a_note_and_nothing_is_said_of_its_edges() {
    let graph = Graph {
        edges: vec![orders_of_user(Action::Cascade, Action::Cascade)],
        ..graph()
    };
    let mut empty = catalog(Vec::new());
    empty.relations = Some(Vec::new());
    let finding = only(compare(&empty, &graph));
    assert_eq!(finding.kind, FindingKind::MissingTable);
    assert!(!finding.is_warning());
    assert!(
        finding.message.contains("do not exist yet"),
        "{}",
        finding.message
    );
    assert_eq!(finding.tables, ["users", "orders"]);
    empty.relations = Some(vec![super::table("users")]);
    assert_eq!(only(compare(&empty, &graph)).tables, ["orders"]);
    empty.relations = Some(["users", "orders"].map(super::table).into());
    assert_eq!(
        only(compare(&empty, &graph)).kind,
        FindingKind::MissingAction
    );
}

#[test]
fn foreign_keys_that_are_off_have_no_actions_but_are_relations() {
    let mut catalog = catalog(vec![customer(Action::Cascade, Action::None)]);
    catalog.enforced = false;
    let findings = compare(&catalog, &graph());
    assert_eq!(
        kinds(&findings),
        [FindingKind::UndeclaredRelation, FindingKind::ForeignKeysOff]
    );
    let graph = Graph {
        edges: vec![orders_of_user(Action::Cascade, Action::None)],
        ..graph()
    };
    let finding = only(compare(&catalog, &graph));
    assert!(!finding.is_warning());
}

#[test]
fn partitions_with_foreign_keys_of_their_own_are_one_finding() {
    let copy = |name: &str| ForeignKey {
        name: Some(name.to_owned()),
        ..customer(Action::Cascade, Action::None)
    };
    only(compare(
        &catalog(vec![copy("orders_1_fkey"), copy("orders_2_fkey")]),
        &graph(),
    ));
}
