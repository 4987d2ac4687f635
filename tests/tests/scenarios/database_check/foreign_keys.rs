//! Foreign keys of real tables.

use super::bare::Bare;
use super::tied::Tied;
use super::*;

/// Each foreign key that [`Tied`] has an edge for, with these actions.
async fn all_tables(world: &World, actions: &str) {
    Tables {
        purchases: &foreign_key("FK Customer", "<CustomerId>", "<Customers> (<id>)", actions),
        lines: &foreign_key(
            "fk_purchase",
            "<purchase_id>",
            "<purchases> (<id>)",
            actions,
        ),
        parts: &foreign_key(
            "fk_line",
            "<line_no>, <purchase_id>",
            "<purchase_lines> (<line_no>, <purchase_id>)",
            actions,
        ),
        nodes: &foreign_key("fk_parent", "<parent_id>", "<nodes> (<id>)", actions),
        ..Tables::default()
    }
    .create(&world.raw)
    .await;
}

databases! {
    async fn a_schema_with_an_edge_for_each_foreign_key_is_clean(world) {
        // The order in which MariaDB wants the columns of an index.
        Tables {
            purchases: &foreign_key("FK Customer", "<CustomerId>", "<Customers> (<id>)", ""),
            lines: &foreign_key("fk_purchase", "<purchase_id>", "<purchases> (<id>)", "ON DELETE RESTRICT"),
            parts: &foreign_key("fk_line", "<purchase_id>, <line_no>", "<purchase_lines> (<purchase_id>, <line_no>)", "ON UPDATE NO ACTION"),
            nodes: &foreign_key("fk_parent", "<parent_id>", "<nodes> (<id>)", ""),
            ..Tables::default()
        }
        .create(&world.raw)
        .await;
        let report = check::<Tied>(&world).await;
        assert!(report.is_clean() && report.findings.is_empty(), "{report}");
    }

    async fn a_relation_without_an_edge_is_found(world) {
        let key = foreign_key("FK Customer", "<CustomerId>", "<Customers> (<id>)", "");
        Tables { purchases: &key, ..Tables::default() }.create(&world.raw).await;
        let finding = only::<Bare>(&world).await;
        assert_eq!(finding.kind, FindingKind::UndeclaredRelation);
        assert_eq!(finding.constraint.as_deref(), name(&world, "FK Customer"));
        assert_eq!((finding.tables, finding.columns), (vec!["Customers".into(), "purchases".into()], vec!["CustomerId".into()]));
        assert!(finding.fix.contains("depends_on(super::customer::Entity(via = customer_id))"), "{}", finding.fix);
    }

    async fn an_action_without_an_edge_is_found(world) {
        let key = foreign_key("FK Customer", "<CustomerId>", "<Customers> (<id>)", "ON DELETE CASCADE");
        Tables { purchases: &key, ..Tables::default() }.create(&world.raw).await;
        let finding = only::<Bare>(&world).await;
        assert_eq!(finding.kind, FindingKind::UndeclaredAction);
        assert_eq!(finding.constraint.as_deref(), name(&world, "FK Customer"));
        assert_eq!((finding.tables, finding.columns), (vec!["Customers".into(), "purchases".into()], vec!["CustomerId".into()]));
        assert!(finding.message.contains("deletes rows of `purchases` (ON DELETE CASCADE)"), "{}", finding.message);
        assert!(finding.fix.contains("super::customer::Entity(via = customer_id, on_delete = cascade)"), "{}", finding.fix);
    }

    async fn every_action_that_an_edge_does_not_say_is_found(world) {
        for (at, (delete, update)) in [("SET NULL", "CASCADE"), ("NO ACTION", "SET NULL"), ("CASCADE", "RESTRICT")].into_iter().enumerate() {
            for table in ["nodes", "parts", "purchase_lines", "purchases", "Customers"] {
                run(&world.raw, &format!("DROP TABLE IF EXISTS <{table}>")).await;
            }
            let actions = format!("ON DELETE {delete} ON UPDATE {update}");
            let key = foreign_key(&format!("fk_{at}"), "<CustomerId>", "<Customers> (<id>)", &actions);
            Tables { purchases: &key, ..Tables::default() }.create(&world.raw).await;
            let finding = only::<Tied>(&world).await;
            assert_eq!(finding.kind, FindingKind::UndeclaredAction);
            let says = |event: &str, action: &str| finding.message.contains(&format!("(ON {event} {action})"));
            assert_eq!((says("DELETE", delete), says("UPDATE", update)), (delete != "NO ACTION", update != "RESTRICT"));
            assert!(finding.message.ends_with("the edge does not say so"), "{}", finding.message);
        }
    }

    async fn a_composite_key_is_paired_in_the_order_of_the_primary_key(world) {
        let key = foreign_key("fk_line", "<purchase_id>, <line_no>", "<purchase_lines> (<purchase_id>, <line_no>)", "ON DELETE CASCADE");
        Tables { parts: &key, ..Tables::default() }.create(&world.raw).await;
        let finding = only::<Bare>(&world).await;
        assert_eq!(finding.columns, ["purchase_id", "line_no"]);
        assert!(finding.fix.contains("via(purchase_id, line_no), on_delete = cascade"), "{}", finding.fix);
    }

    async fn a_table_that_refers_to_itself_is_found(world) {
        let key = foreign_key("fk_parent", "<parent_id>", "<nodes> (<id>)", "ON DELETE CASCADE");
        Tables { nodes: &key, ..Tables::default() }.create(&world.raw).await;
        let finding = only::<Bare>(&world).await;
        assert_eq!((finding.kind, finding.tables), (FindingKind::UndeclaredAction, vec!["nodes".into(), "nodes".into()]));
        assert!(finding.fix.contains("super::node::Entity(via = parent_id, on_delete = cascade)"), "{}", finding.fix);
    }

    async fn an_action_from_a_row_of_tables_outside_is_found(world) {
        run(&world.raw, "CREATE TABLE <Regions> (<id> BIGINT PRIMARY KEY)").await;
        let region = foreign_key("fk_region", "<region>", "<Regions> (<id>)", "ON DELETE CASCADE");
        run(&world.raw, &format!("CREATE TABLE <tenants> (<id> BIGINT PRIMARY KEY, <region> BIGINT{region})")).await;
        let tenant = foreign_key("fk_tenant", "<code>", "<tenants> (<id>)", "ON DELETE CASCADE");
        Tables { customers: &tenant, ..Tables::default() }.create(&world.raw).await;
        let finding = only::<Tied>(&world).await;
        assert_eq!(finding.kind, FindingKind::OutsideAction);
        assert_eq!(finding.constraint.as_deref(), name(&world, "fk_tenant"));
        assert_eq!(finding.tables, ["Regions", "tenants", "Customers"]);
        assert!(finding.fix.starts_with("add `tenants`, `Regions` to the schema"), "{}", finding.fix);
    }

    async fn a_relation_to_a_table_outside_is_no_finding(world) {
        run(&world.raw, "CREATE TABLE <tenants> (<id> BIGINT PRIMARY KEY)").await;
        let tenant = foreign_key("fk_tenant", "<code>", "<tenants> (<id>)", "");
        Tables { customers: &tenant, ..Tables::default() }.create(&world.raw).await;
        let log = foreign_key("fk_log", "<customer>", "<Customers> (<id>)", "ON DELETE CASCADE");
        run(&world.raw, &format!("CREATE TABLE <logs> (<id> BIGINT PRIMARY KEY, <customer> BIGINT{log})")).await;
        let report = check::<Tied>(&world).await;
        assert!(report.findings.is_empty(), "{report}");
    }
}

#[tokio::test]
async fn columns_may_be_paired_in_another_order_than_the_edge() {
    for database in [Database::Sqlite, Database::Postgres] {
        let world = World::new(database, tests::Store::Memory).await;
        all_tables(&world, "").await;
        let report = check::<Tied>(&world).await;
        assert!(report.findings.is_empty(), "{report}");
    }
}

#[tokio::test]
async fn a_default_that_is_set_is_found() {
    // InnoDB has no `SET DEFAULT`.
    for database in [Database::Sqlite, Database::Postgres] {
        let world = World::new(database, tests::Store::Memory).await;
        all_tables(&world, "ON DELETE SET DEFAULT").await;
        let report = check::<Tied>(&world).await;
        assert_eq!(
            kinds(&report),
            [FindingKind::UndeclaredAction; 4],
            "{report}"
        );
        assert!(
            report
                .warnings()
                .all(|finding| finding.fix.contains("on_delete = set_default")),
            "{report}"
        );
    }
}
