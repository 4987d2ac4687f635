//! Foreign keys from tables that are no entities.

use super::*;

fn tenant(on_delete: Action, on_update: Action) -> ForeignKey {
    key(
        "users",
        "tenants",
        &[("email", "mail")],
        on_delete,
        on_update,
    )
}

fn region(pairs: &[(&str, &str)], on_delete: Action, on_update: Action) -> ForeignKey {
    key("tenants", "geo.regions", pairs, on_delete, on_update)
}

#[test]
fn an_action_from_outside_is_reported() {
    let finding = only(compare(
        &catalog(vec![tenant(Action::Cascade, Action::None)]),
        &graph(),
    ));
    assert_eq!(finding.kind, FindingKind::OutsideAction);
    assert_eq!(finding.tables, ["tenants", "users"]);
    assert_eq!(
        finding.message,
        "foreign key `users_fkey`: a delete in `tenants` deletes rows of `users` (ON DELETE CASCADE), and `tenants` is no entity \
         of the schema, so that nobody sees it written"
    );
    assert_eq!(
        finding.fix,
        "add `tenants` to the schema as cached entity, with edges down to `shop::user::Entity`; or call \
         `repo.invalidate_entity::<shop::user::Entity>()` after such writes"
    );
}

#[test]
fn a_relation_to_the_outside_and_rows_outside_are_nobodys_business() {
    let keys = vec![
        tenant(Action::None, Action::None),
        key(
            "logs",
            "users",
            &[("user_id", "id")],
            Action::Cascade,
            Action::Cascade,
        ),
    ];
    assert_eq!(compare(&catalog(keys), &graph()), []);
}

#[test]
fn a_row_of_tables_outside_is_followed_to_its_beginning() {
    let keys = vec![
        key(
            "geo.regions",
            "planets",
            &[("planet", "id")],
            Action::Cascade,
            Action::None,
        ),
        region(&[("region", "id")], Action::Cascade, Action::None),
        tenant(Action::Cascade, Action::None),
    ];
    let finding = only(compare(&catalog(keys), &graph()));
    assert_eq!(
        finding.tables,
        ["planets", "geo.regions", "tenants", "users"]
    );
    assert!(
        finding
            .message
            .ends_with("; writes to `geo.regions`, `planets` end there as well"),
        "{}",
        finding.message
    );
    assert!(
        finding.fix.starts_with(
            "add `tenants`, `geo.regions`, `planets` to the schema as cached entities"
        ),
        "{}",
        finding.fix
    );
}

#[test]
fn a_row_of_tables_ends_where_nothing_is_carried_on() {
    let tables = |upper, lower| {
        only(compare(&catalog(vec![upper, lower]), &graph()))
            .tables
            .len()
    };
    let (same, other) = ([("mail", "id")], [("region", "id")]);
    // A column is set that nobody refers to.
    assert_eq!(
        tables(
            region(&other, Action::SetNull, Action::Cascade),
            tenant(Action::Cascade, Action::Cascade)
        ),
        2
    );
    // The column is set that users refer to, but they follow deletes alone.
    assert_eq!(
        tables(
            region(&same, Action::SetNull, Action::Cascade),
            tenant(Action::Cascade, Action::None)
        ),
        2
    );
    assert_eq!(
        tables(
            region(&same, Action::None, Action::Cascade),
            tenant(Action::None, Action::Cascade)
        ),
        3
    );
    assert_eq!(
        tables(
            region(&same, Action::SetDefault, Action::None),
            tenant(Action::None, Action::SetNull)
        ),
        3
    );
}

#[test]
fn an_entity_at_the_other_side_of_the_outside_is_named() {
    let keys = vec![
        key(
            "baskets",
            "users",
            &[("user_id", "id")],
            Action::Cascade,
            Action::None,
        ),
        key(
            "orders",
            "baskets",
            &[("email", "id")],
            Action::Cascade,
            Action::None,
        ),
        tenant(Action::Cascade, Action::None),
    ];
    let findings = compare(&catalog(keys), &graph());
    assert_eq!(kinds(&findings), [FindingKind::OutsideAction; 2]);
    // What leads into users is a finding of its own, and not repeated.
    assert_eq!(findings[0].tables, ["users", "baskets", "orders"]);
    assert!(
        findings[0].fix.starts_with("add `baskets` to the schema"),
        "{}",
        findings[0].fix
    );
    assert_eq!(findings[1].tables, ["tenants", "users"]);
}

#[test]
fn tables_outside_may_refer_to_each_other_in_circles() {
    let keys = vec![
        key(
            "tenants",
            "tenants",
            &[("parent", "id")],
            Action::Cascade,
            Action::Cascade,
        ),
        key(
            "tenants",
            "geo.regions",
            &[("region", "id")],
            Action::Cascade,
            Action::Cascade,
        ),
        key(
            "geo.regions",
            "tenants",
            &[("owner", "id")],
            Action::Cascade,
            Action::Cascade,
        ),
        tenant(Action::Cascade, Action::None),
    ];
    assert_eq!(
        only(compare(&catalog(keys), &graph())).tables,
        ["geo.regions", "tenants", "users"]
    );
}
