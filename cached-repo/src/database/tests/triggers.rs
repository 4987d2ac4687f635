//! Triggers and rules.

use super::*;

fn trigger(own: &str, code: Code, body: &str) -> Trigger {
    Trigger {
        name: "t".to_owned(),
        table: table(own),
        events: "INSERT, DELETE".to_owned(),
        code,
        body: body.to_owned(),
    }
}

fn with(own: &str, body: &str) -> Catalog {
    Catalog {
        triggers: vec![trigger(own, Code::Body, body)],
        ..catalog(Vec::new())
    }
}

#[test]
fn a_trigger_that_writes_to_another_entity_wants_an_edge() {
    let catalog = with(
        "users",
        "BEGIN UPDATE public.orders SET email = NEW.email WHERE customer_id = NEW.id; RETURN NEW; END",
    );
    let finding = only(compare(&catalog, &graph()));
    assert_eq!(finding.kind, FindingKind::UndeclaredTrigger);
    assert_eq!(finding.constraint.as_deref(), Some("t"));
    assert_eq!(finding.tables, ["users", "orders"]);
    assert_eq!(
        finding.message,
        "trigger `t` on `users` (INSERT, DELETE) writes to `orders`, and there is no edge from `users` to `orders`"
    );
    assert_eq!(
        finding.fix,
        "on `shop::order::Entity` write `#[cached(depends_on(super::user::Entity(via = .., references = ..)))]` with columns that \
         both rows have in common; or call `repo.invalidate_entity::<shop::order::Entity>()` after writes to `users`"
    );
    let known = Graph {
        edges: vec![orders_of_user(Action::None, Action::None)],
        ..graph()
    };
    assert_eq!(compare(&catalog, &known), []);
}

#[test]
fn a_foreign_key_between_the_two_gives_the_columns() {
    let fix = |own: &str, body: &str| {
        let mut catalog = with(own, body);
        catalog
            .foreign_keys
            .push(customer(Action::None, Action::None));
        let graph = Graph {
            independent: vec![(USER, ORDER, None)],
            ..graph()
        };
        only(compare(&catalog, &graph)).fix
    };
    let down = fix("users", "BEGIN DELETE FROM orders; END");
    assert!(
        down.contains("depends_on(super::user::Entity(via = customer_id))"),
        "{down}"
    );
    let up = fix(
        "orders",
        "BEGIN UPDATE users SET email = 'x' WHERE id = NEW.customer_id; END",
    );
    assert!(up.contains("on `shop::user::Entity` write"), "{up}");
    assert!(
        up.contains("depends_on(super::order::Entity(via = id, references = customer_id))"),
        "{up}"
    );
}

#[test]
fn a_trigger_that_reads_or_writes_to_its_own_table_is_fine() {
    for body in [
        "BEGIN SELECT count(*) INTO NEW.n FROM users; RETURN NEW; END",
        "BEGIN UPDATE orders SET email = 'x' WHERE id = NEW.id; RETURN NEW; END",
        "BEGIN INSERT INTO audit.users SELECT NEW.*; RAISE NOTICE 'UPDATE users'; RETURN NEW; END",
        "BEGIN UPDATE \"Users\" SET x = 1; RETURN NEW; END",
    ] {
        assert_eq!(compare(&with("orders", body), &graph()), [], "{body}");
    }
}

#[test]
fn a_trigger_outside_of_the_schema_is_reported() {
    let finding = only(compare(
        &with("audit.log", "BEGIN DELETE FROM users; END"),
        &graph(),
    ));
    assert_eq!(finding.kind, FindingKind::OutsideTrigger);
    assert_eq!(finding.tables, ["audit.log", "users"]);
    assert!(
        finding
            .fix
            .starts_with("add `audit.log` to the schema as cached entity"),
        "{}",
        finding.fix
    );
    assert_eq!(
        compare(
            &with("audit.log", "BEGIN DELETE FROM audit.other; END"),
            &graph()
        ),
        []
    );
}

#[test]
fn a_write_that_cannot_be_read_may_be_to_any_table_that_it_names() {
    let body = "BEGIN FOR r IN DELETE FROM parts RETURNING id LOOP NULL; END LOOP; END";
    let finding = only(compare(&with("users", body), &graph()));
    assert!(
        finding
            .message
            .contains("writes in a statement that names `parts`"),
        "{}",
        finding.message
    );
}

#[test]
fn a_rule_counts_like_a_trigger() {
    let rule = "CREATE RULE t AS ON DELETE TO public.users DO ALSO DELETE FROM orders WHERE orders.customer_id = old.id;";
    let mut catalog = catalog(Vec::new());
    catalog.triggers.push(trigger("users", Code::Rule, rule));
    let finding = only(compare(&catalog, &graph()));
    assert_eq!(finding.kind, FindingKind::UndeclaredTrigger);
    assert!(
        finding.message.starts_with("rule `t` on `users`"),
        "{}",
        finding.message
    );
}
